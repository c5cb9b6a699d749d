"""What a reader of any kind is given and returns."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from xinshu.collecting.reading.recipes import Recipe
from xinshu.core.clock import CHINA, moment

_DAY = re.compile(r"((?:19|20)\d\d)\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
YEARS = range(1990, 2101)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]{3,20})""", re.IGNORECASE)


class Unreadable(Exception):
    """A page is not what its recipe expects; the message says in words why."""


@dataclass(frozen=True)
class Page:
    """A page as it came."""

    address: str
    content: bytes
    content_type: str = ""

    @property
    def text(self) -> str:
        """The content in characters: as it says itself, else UTF-8, else the Chinese standard."""
        told = _CHARSET.search(self.content_type.encode()) or _CHARSET.search(self.content[:2048])
        named = told[1].decode().lower() if told else ""
        for encoding in ({"gb2312": "gb18030", "gbk": "gb18030"}.get(named, named), "utf-8-sig", "gb18030"):
            try:
                return self.content.decode(encoding or "utf-8-sig")
            except (UnicodeDecodeError, LookupError):
                continue
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True)
class Listed:
    """One notice as a list tells it. `body`: where the list carries it; else `url` is asked."""

    id: str
    title: str
    url: str = ""
    published_at: datetime | None = None
    region_code: str = ""
    body: str = ""

    @property
    def fingerprint(self) -> str:
        """What changes when the list tells something else of it."""
        told = "\x1f".join((self.title, self.url, str(self.published_at), self.region_code, self.body))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True)
class ListPage:
    """What one page of a list holds. `broken`: rows without title or address; `next`: where the list goes on."""

    listed: tuple[Listed, ...]
    next: str = ""
    broken: int = 0
    undated: int = field(default=0)


class Reader(Protocol):
    """How one kind of source is read."""

    def list_of(self, page: Page, recipe: Recipe) -> ListPage:
        """Return the notices of a page of the list. Raises Unreadable."""

    def body_of(self, page: Page, recipe: Recipe) -> str:
        """Return the text of a notice, as HTML or plain, from its own page. Raises Unreadable."""


def page_of(listed: list[Listed], *, next: str = "", broken: int = 0) -> ListPage:
    """Return a page of what was read, each id once."""
    kept = (replace(one, title=keepable(one.title), body=keepable(one.body)) for one in listed)
    once = tuple({one.id: one for one in kept}.values())
    return ListPage(once, next, broken, sum(one.published_at is None for one in once))


def keepable(text: str) -> str:
    """Return `text` without what no database keeps: NUL, and halves of characters."""
    return _UNKEEPABLE.sub("", text)


def identity(told: str) -> str:
    """Return an id that `tenders` can keep: as told, or its digest where it is too long or holds odd characters."""
    plain = " ".join(told.split())
    if 0 < len(plain) <= 110 and plain.isprintable() and plain.isascii():
        return plain
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:40]


def absolute(base: str, href: str) -> str:
    """Return the address that `href` on the page `base` leads to; "" where it is none that can be asked."""
    try:
        found = urljoin(base, href.strip())
        parts = urlsplit(found)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return re.sub(
        r"[^!-~]",
        lambda met: "".join(f"%{byte:02X}" for byte in met[0].encode("utf-8", "replace")),
        found.partition("#")[0],
    )


def moment_of(text: object) -> datetime | None:
    """Return the moment that a list prints: a day, day and time in China, ISO 8601, RFC 822, or an epoch."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return _of_epoch(float(text))
    told = str(text or "").strip()[:80]
    if re.fullmatch(r"\d{10}(?:\d{3})?", told):
        return _of_epoch(float(told))
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", told):
        try:
            found = datetime.fromisoformat(told)
            return (found if found.tzinfo else found.replace(tzinfo=CHINA)) if found.year in YEARS else None
        except ValueError:
            pass
    if met := _DAY.search(told):
        return _of_day(met, told)
    try:
        found = parsedate_to_datetime(told)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=CHINA)) if found.year in YEARS else None


def _of_day(met: re.Match[str], told: str) -> datetime | None:
    try:
        day = moment(date(int(met[1]), int(met[2]), int(met[3])))
    except ValueError:
        return None
    at = _TIME.search(told, met.end())
    hours = (
        timedelta(hours=int(at[1]), minutes=int(at[2])) if at and int(at[1]) < 24 and int(at[2]) < 60 else timedelta()
    )
    return day + hours


def _of_epoch(seconds: float) -> datetime | None:
    seconds = seconds / 1000 if seconds > 10**11 else seconds
    if not 0 < seconds < 4 * 10**9:
        return None
    return datetime.fromtimestamp(seconds, CHINA)
