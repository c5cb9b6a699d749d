"""Whether two notices of different sources tell the same: one award is one piece of business, however often it is told.

Precision first: one project, by number or title, is not enough. Something else must agree, nothing may contradict.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

APART = timedelta(days=10)  # between the days of two notices that tell the same
_LEAD = re.compile(r"^(?:[【\[〔(][^】\]〕)]{1,16}[】\]〕)])*(?:关于)?")
_TAIL = re.compile(
    r"的?(?:(?:中标|成交|中选|采购|评标|招标|交易)(?:候选人|结果)?)*(?:结果)?(?:公告|公示|公布|通知书?|信息)*$"
)
_NUMBERS = str.maketrans("一二三四五六七八九十", "123456789X")
_LOT = re.compile(r"(?:第)?([0-9X]{1,3})(?:标段|包|标包)|(?:标段|标包|包)(?:号)?[:：]?([0-9X]{1,3})")


@dataclass(frozen=True)
class Told:
    """What a notice tells, as far as two of them are compared by it."""

    source: str
    kind: str
    title: str
    number: str  # of the project
    buyer: str
    winners: frozenset[str]
    amount: int | None
    at: datetime


def plain(text: str) -> str:
    """Return `text` without widths, spaces and marks, in small letters."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def plain_title(title: str) -> str:
    """Return the project's part of a title: without the platform's brackets, and without what kind of notice it is."""
    told = unicodedata.normalize("NFKC", title).replace(" ", "")
    return plain(_TAIL.sub("", _LEAD.sub("", told)))


def keys_of(title: str, number: str) -> tuple[str, str]:
    """Return by what notices that may tell the same are found: of the title and of the number, "" where too short."""
    of_title, of_number = plain_title(title), plain(number)
    digest = hashlib.sha256(of_title.encode("utf-8", "replace")).hexdigest()[:32] if len(of_title) > 5 else ""
    return digest, of_number[:80] if len(of_number) > 4 and re.search(r"\d", of_number) else ""


def same(one: Told, other: Told) -> bool:
    """Tell whether two notices tell the same thing, from different sources."""
    if one.source == other.source or one.kind != other.kind or abs(one.at - other.at) > APART:
        return False
    keys = zip(keys_of(one.title, one.number), keys_of(other.title, other.number), strict=True)
    if not any(mine and mine == theirs for mine, theirs in keys) or _lots(one.title) != _lots(other.title):
        return False
    winners, others = _names(one.winners), _names(other.winners)
    if winners and others and winners.isdisjoint(others):
        return False
    if one.amount is not None and other.amount is not None and one.amount != other.amount:
        return False
    agree = (
        bool(winners & others), one.amount is not None and one.amount == other.amount,
        bool(one.buyer) and plain(one.buyer) == plain(other.buyer),
    )  # fmt: skip
    return any(agree)


def _names(names: frozenset[str]) -> frozenset[str]:
    return frozenset(filter(None, map(plain, names)))


def _lots(title: str) -> frozenset[str]:
    told = unicodedata.normalize("NFKC", title).translate(_NUMBERS)
    return frozenset(met[1] or met[2] for met in _LOT.finditer(told))
