"""Reading an award notice (中标公告): from its labels to an award, or a sentence that says why not. No database."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.capitals import read_capitals
from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid

NOTHING = {"", "/", "／", "-", "无", "—"}
_CONSORTIUM = re.compile(r"[（(]?联合体[）)]?$")
_LEAD, _MEMBER = "牵头人|牵头方|牵头单位|主办方|主办人", "成员单位|成员方|成员"
_ROLE = re.compile(
    rf"^[（(]?(?:联合体)?(?:({_LEAD})|{_MEMBER})[）)]?[:：]|^[（(](?:联合体)?(?:({_LEAD})|{_MEMBER})[）)]"
    rf"|[（(](?:联合体)?(?:({_LEAD})|{_MEMBER})[）)]$"
)
_UNKEEPABLE = re.compile(r"\\u0000|[\ud800-\udfff]")  # as JSON writes them: NUL, and halves of a character
_DATE = re.compile(r"20\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?")
_DAYS = re.compile(r"(\d{1,5})\s*(?:个)?\s*(?:日历天|日历日|天|日)(?!\d)")
_WORDS = re.compile(r"大写[:：]?\s*(?:人民币)?([零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]+)")
_FIGURES = re.compile(r"\d[\d,，]*(?:\.\d+)?\s*(?:万元|元)")


class Unreadable(Exception):
    """The notice cannot be read far enough; the message says in Chinese what is wrong with it."""


@dataclass(frozen=True)
class Award:
    """One lot awarded. `winners[0]` leads; amount in 分; days None when the notice states no number of days."""

    notice_id: str
    title: str
    lot_number: str
    lot_name: str
    buyer: str
    agency: str
    winners: tuple[str, ...]
    amount: int
    contract_days: int | None
    site: str
    region_code: str
    published: str
    qualification: str
    safety_licence: str


def read_award(notice: dict[str, Any]) -> Award:
    """Return the award that a notice announces. Raises Unreadable when winner, buyer or amount cannot be read."""
    labels = notice.get("labels")
    if not isinstance(labels, dict):
        raise Unreadable(_("没有字段表"))
    if _UNKEEPABLE.search(json.dumps([notice.get("title"), *labels.values()], ensure_ascii=False, default=str)):
        raise Unreadable(_("含有不能保存的字符"))
    winners = read_winners(_text(labels, "中标人"))
    buyer = _text(labels, "招标人")
    if not buyer:
        raise Unreadable(_("没有招标人"))
    lot_number = _text(labels, "标段(包)编号")
    return Award(
        notice_id=str(notice.get("id", "")),
        title=str(notice.get("title") or "")[:300],
        lot_number=(lot_number or f"NOTICE-{notice.get('id', '')}")[:80],
        lot_name=(_text(labels, "标段(包)名称") or str(notice.get("title") or ""))[:300],
        buyer=buyer[:120],
        agency=_text(labels, "招标机构")[:120],
        winners=winners,
        amount=read_amount(labels),
        contract_days=read_days(_text(labels, "履约期限(天)")),
        site=_text(labels, "建设地点")[:200],
        region_code=str(notice.get("region_code") or "")[:12],
        published=str(notice.get("published") or ""),
        qualification=_text(labels, "资质证书名称及编号"),
        safety_licence=_text(labels, "安全生产许可证名称及编号"),
    )


def read_winners(text: str) -> tuple[str, ...]:
    """Return the winner, or the members of a consortium, the lead first. Raises Unreadable when there is none."""
    parts = [part.strip(" ，,") for part in re.split(r"[、;；\n]+", _CONSORTIUM.sub("", text.strip()))]
    parts.sort(key=lambda part: not _leads(part))  # a lead that is named comes first, wherever it stands
    names = [_CONSORTIUM.sub("", _ROLE.sub("", part).strip(" ，,")).strip() for part in parts]
    names = list(dict.fromkeys(name for name in names if name not in NOTHING))
    if not names:
        raise Unreadable(_("没有中标人"))
    if any(len(name) < 4 or len(name) > 120 for name in names):
        raise Unreadable(_("中标人“%(text)s”无法识别") % {"text": text[:60]})
    return tuple(names)


def _leads(part: str) -> bool:
    role = _ROLE.search(part)
    return role is not None and any(role.groups())


def read_amount(labels: dict[str, Any]) -> int:
    """Return the award amount in 分: the plain figure, else a price in words whose 大写 and figure agree.

    Raises Unreadable for a rate, or for a text in which the total is not beyond doubt.
    """
    plain = _text(labels, "中标价(元)")
    if plain:
        try:
            return _positive(parse_yuan(plain))
        except Invalid as refusal:
            raise Unreadable(
                _("中标价“%(text)s”无法识别：%(why)s") % {"text": plain[:40], "why": refusal.message}
            ) from refusal
    if rate := _text(labels, "中标价(%)"):
        raise Unreadable(_("中标价是费率“%(text)s”，没有金额") % {"text": rate[:40]})
    promise = _text(labels, "中标价(报价承诺)")
    if not promise:
        raise Unreadable(_("没有中标价"))
    if _FIGURES.fullmatch(promise) and (figure := _in_figures(promise)) is not None:
        return _positive(figure)
    in_words = {amount for words in _WORDS.findall(promise) if (amount := _in_words(words)) is not None}
    in_figures = {_in_figures(figure) for figure in _FIGURES.findall(promise)}
    agreed = in_words & in_figures
    if len(agreed) == 1 and len(in_words) == 1:
        return _positive(agreed.pop())
    raise Unreadable(_("报价承诺“%(text)s”里读不出唯一的总价") % {"text": promise[:40]})


def _in_figures(figure: str) -> int | None:
    with suppress(Invalid):
        return parse_yuan(figure.replace("，", ","))
    return None


def _in_words(words: str) -> int | None:
    for written in (words, f"{words}整"):  # prose, not an instrument: the closing 整 is often left out
        with suppress(Invalid):
            return read_capitals(written)
    return None


def _positive(amount: int) -> int:
    if amount <= 0:
        raise Unreadable(_("中标价为零"))
    return amount


def read_days(text: str) -> int | None:
    """Return the number of calendar days that the text states, when it states exactly one; else None.

    Working days (工作日) are none: nobody here knows on which calendar they run.
    """
    text = text.strip()
    found = {int(days) for days in _DAYS.findall(_DATE.sub(" ", text))}
    if not found and text.isdecimal() and len(text) < 6:
        found = {int(text)}
    return found.pop() if len(found) == 1 and 0 < min(found) <= 3650 else None


def _text(labels: dict[str, Any], name: str) -> str:
    value = labels.get(name)
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return "" if text in NOTHING else text
