"""Prices, names, days and dates as notices write them: one value out of a few words, sure or unsure."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from xinshu.core.capitals import read_capitals
from xinshu.core.refusals import Invalid
from xinshu.tenders.reading.labels import NOTHING, read_winners

MOST = 10**15  # 分: ten trillion yuan; a figure beyond is a number of something else
NAME = re.compile(
    r"(?:公司|集团|研究院|设计院|勘察院|规划院|学院|大学|事务所|研究所|设计所|厂|合作社|中心|总队|大队|工程队|院|所|"
    r"商行|经营部|合伙企业|服务部|协会|学校|医院|局|站|联合社|工作室|门市部|店|企业)(?:[（(][^（()）]{1,20}[)）])?$"
)
_ROLES = re.compile(r"[:：，。；\n\t]|(?:招标|投标|采购|中标)人|供应商|评标委员会|评审")
_PLAIN = re.compile(r"[¥￥]?\s*\d[\d,]*(?:\.\d+)?")
_UNIT = r"亿元|万元|亿|万(?![\d千平立米吨人套台件只亩株])|元|%|‰"
_FOREIGN = re.compile(r"美元|欧元|日元|港[元币]|英镑|USD|EUR|HKD|外币")
_FIGURE = re.compile(rf"(?<![\d.A-Za-z])[¥￥]?\s*(\d[\d,]*(?:\.\d+)?)\s*(?:人民币)?\s*[（(]?({_UNIT})?")
_PER = re.compile(r"^\s*(?:/|每|∕)\s*\S|^\s*[（(]?(?:含税)?单价")
_CAPITALS = re.compile(
    r"[零壹贰叁肆伍陆柒捌玖拾佰仟万萬亿億两一二三四五六七八九十百千]{2,}(?:[元圆][零壹贰叁肆伍陆柒捌玖拾角分整正]*)"
)
_WHOLE = re.compile(r"([^（(，,；;]+)[（(，,；;]\s*其中")  # 100万元（其中设计费5万元）
_TOTAL = re.compile(r"(?:总价|总金额|总报价|合计|总计|总额|中标价|中标金额|成交金额|投标总价)[^\d，,。；;]{0,14}$")
_PART = re.compile(r"(?:费|单价|暂列金额|暂估价|控制价|限价|税|预算)[^\d，,。；;]{0,14}$")
_RATE = re.compile(r"(?:费率|下浮|折扣|系数|优惠率|比例|%|‰|％|计取)")
_RANGE = re.compile(
    r"[¥￥]?\s*(\d[\d,]*(?:\.\d+)?)\s*(亿元|万元|元)?\s*(?:-|—|–|~|～|至|到)\s*[¥￥]?\s*(\d[\d,]*(?:\.\d+)?)\s*(亿元|万元|元)"
)
SCALES = {
    "元": 100, "千元": 100_000, "万": 1_000_000, "万元": 1_000_000, "百万元": 100_000_000, "千万元": 1_000_000_000,
    "亿": 10_000_000_000, "亿元": 10_000_000_000,
}  # fmt: skip
DIFFERING = "?"  # a unit that is told in two ways
_DAY = re.compile(r"(20\d\d)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")


@dataclass(frozen=True)
class Price:
    """What a price says. `fen`: one amount; `lowest`, `highest`: a range; `rate`: a share as a decimal fraction."""

    fen: int | None = None
    lowest: int | None = None
    highest: int | None = None
    rate: Decimal | None = None
    sure: bool = True
    note: str = ""


def plain(words: str) -> str:
    """Return `words` in half-width figures and signs, of the same length: places stay."""
    return words.translate(_WIDTHS)


def _half(sign: str) -> str:
    if sign in "，。；：（）、？！":
        return "," if sign == "，" else sign
    half = unicodedata.normalize("NFKC", sign)
    return half if len(half) == 1 else sign


class _Widths(dict[int, str]):
    """Every sign that was met, in half width."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, _half(chr(code)))


_WIDTHS = _Widths()


def read_price(words: str, unit: str = "") -> Price | None:
    """Return the price in `words`; `unit` is what the label or column says (元, 万元, %). None: there is no price.

    An amount is sure when it is the only total that is told, in figures or in words or in both alike.
    """
    words = re.sub(r"RMB|CNY", "¥", plain(words)).replace("¥¥", "¥").strip()
    if words in NOTHING or not words:
        return None
    if _FOREIGN.search(unit) or _FOREIGN.search(words):
        return Price(sure=False, note=_("外币，没有折算"))
    if (whole := _WHOLE.match(words)) and (price := read_price(whole[1], unit)) is not None and price.fen is not None:
        return price
    if found := _RANGE.search(words):
        low, high = (_fen(found[n], found[n + 1] or found[4]) for n in (1, 3))
        if low is not None and high is not None and low < high:
            return Price(lowest=low, highest=high)
    if _PLAIN.fullmatch(words):
        return _bare(words.strip("¥￥ "), unit, marked=words[0] in "¥￥")
    figures, rates, parts = _figures_in(words, unit)
    capitals = {fen for fen in (_capitals(said) for said in _CAPITALS.findall(words)) if fen is not None}
    totals = {fen for fen, total in figures if total} or ({fen for fen, _total in figures} if not parts else set())
    if len(capitals) == 1:
        said = capitals.pop()
        told = {fen for fen, _total in figures}
        if said in told or not told:
            return Price(said, sure=not rates or said in totals)
        return Price(said, sure=False, note=_("大写与小写不一致"))
    if len(totals) == 1 and not rates:
        return Price(totals.pop())
    if len(totals) == 1 and {fen for fen, total in figures if total}:  # a total beside rates may be that of one part
        return Price(totals.pop(), sure=False, note=_("另有费率，核对是不是全部价款"))
    if len(rates) == 1 and not figures and not parts:
        return Price(rate=rates.pop())
    if figures or rates or parts:
        return Price(sure=False, note=_("读不出唯一的总价"))
    return None


def _bare(words: str, unit: str, *, marked: bool) -> Price | None:
    if unit in ("%", "‰", "元/%") and not marked:
        value = _decimal(words)
        if unit == "元/%" and value is not None and value > 1000:
            return Price(_fen(words, "元"))
        if unit == "元/%":
            return Price(sure=False, note=_("没有写明是金额还是费率"))
        return None if value is None else Price(rate=value / (100 if unit == "%" else 1000))
    if unit == DIFFERING:
        return Price(sure=False, note=_("表内外写的单位不一致"))
    fen = _fen(words, unit or "元")
    if fen is None or fen == 0:
        return None
    return Price(fen, sure=bool(unit) or marked, note="" if unit or marked else _("没有写明单位，按元理解"))


def _figures_in(words: str, unit: str) -> tuple[list[tuple[int, bool]], set[Decimal], bool]:
    """Return amounts (each with whether it is called a total), rates, and whether parts of a price were met."""
    figures: list[tuple[int, bool]] = []
    rates: set[Decimal] = set()
    parts = False
    for found in _FIGURE.finditer(words):
        value, said = found[1], found[2] or ""
        before, after = words[max(0, found.start() - 20) : found.start()], words[found.end() :]
        if said in ("%", "‰"):
            number = _decimal(value)
            if "税" in before[-8:]:
                continue
            if number is not None:
                rates.add(number / (100 if said == "%" else 1000))
            continue
        if not said and not found[0].strip().startswith(("¥", "￥")):
            continue
        if _PER.search(after):
            parts = parts or not _TOTAL.search(before)
            continue
        fen = _fen(value, said or "元")
        if fen is None or not fen:
            continue
        total = bool(_TOTAL.search(before))
        if not total and _PART.search(before):
            parts = True
            continue
        figures.append((fen, total))
    return figures, rates, parts


def _fen(value: str, unit: str) -> int | None:
    number = _decimal(value)
    if number is None or unit not in SCALES or not 0 <= (fen := number * SCALES[unit]) < MOST:
        return None
    return int(fen.quantize(Decimal(1)))


def _decimal(value: str) -> Decimal | None:
    with suppress(InvalidOperation):
        return Decimal(value.replace(",", ""))
    return None


def _capitals(words: str) -> int | None:
    words = words.replace("萬", "万").replace("億", "亿").replace("圆", "元")
    for written in (words, f"{words}整", re.sub(r"[一二三四五六七八九十百千两]", lambda m: _FORMAL[m[0]], words)):
        with suppress(Invalid):
            return read_capitals(written)
    return None


_FORMAL = dict(zip("一二三四五六七八九十百千两", "壹贰叁肆伍陆柒捌玖拾佰仟贰", strict=True))


def read_names(words: str) -> tuple[tuple[str, ...], bool, str]:
    """Return (names, the lead first; whether they are sure; why not) of who won. Raises Unreadable without any."""
    words = re.sub(r"[（(](?:联合体)?(?:主体|盖章|公章)[)）]|^[（(]排名不分先后[)）][:：]?", "", words.strip())
    together = re.search(r"联合体|牵头|成员|(?<=公司)联合|(?<=院)联合", words) is not None
    if together:
        words = _apart(words)
    names = read_winners(words)
    unlike = [name for name in names if not NAME.search(name) or _ROLES.search(name)]
    if unlike:
        return names, False, _("不像单位全称：%(name)s") % {"name": "、".join(unlike)[:60]}
    if len(names) > 1 and not together:
        return names, False, _("列了多家，没有写明是联合体")
    return names, True, ""


def _apart(words: str) -> str:
    """Return the names of a consortium with 、 between them, however the notice binds them together."""
    words = re.sub(r"^联合体[:：]\s*|[)）]?组成的?联合体$", "", words)
    words = re.sub(
        r"[（(](?:联合体)?成员(?:单位|方)?[:：]([^（()）]+(?:[（(][^（()）]+[)）][^（()）]*)*)[)）]",
        r"、成员：\1",
        words,
    )
    return re.sub(r"(?<=公司|[研计察划究]院)(?:联合(?!体)|与|和|及|[/／&＆+＋])(?=\S{4,})", "、", words)


def listed(words: str) -> list[tuple[str, int, int]]:
    """Return (name, place, rank) of each where `words` list several that are no consortium; rank 0 without numbers."""
    if re.search(r"联合体|牵头|成员", words):
        return []
    parts = [met for met in re.finditer(r"[^、，,；;\s]+", words) if not re.fullmatch(r"[（(]?\d[)）]?[.．]?", met[0])]
    numbers = [int(met[1]) for met in re.finditer(r"(?:^|[；;，,、\s])[（(]?(\d)[)）]?[、.．)）]", words)]
    found = []
    for place, part in enumerate(parts):
        lead = re.match(r"[（(]?\d[)）]?[.．、)）]?(?=\D)", part[0])
        start = lead.end() if lead else 0
        if not NAME.search(part[0][start:]):
            return []
        rank = numbers[place] if len(numbers) == len(parts) else 0
        found.append((part[0][start:], part.start() + start, rank))
    return found if len(found) > 1 else []


def unquoted(words: str) -> str:
    """Return `words` without the quotes that stand around all of them."""
    inner = words[1:-1]
    return inner if len(words) > 2 and words[0] in '“"' and words[-1] in '”"' and not set(inner) & set('“”"') else words


def one_name(words: str) -> str:
    """Return the organisation that `words` name, without what stands around it; "" for none."""
    name = words.strip().strip("：:,，。;； ")
    name = re.split(r"[\n\t]|\s{2,}|(?:联系人|地址|电话|联系方式)[:：]", name)[0].strip()
    return "" if name in NOTHING or not 4 <= len(name) <= 120 else name


def read_day(words: str) -> date | None:
    """Return the first day that `words` tell, else None."""
    for found in _DAY.finditer(plain(words)):
        with suppress(ValueError):
            return date(int(found[1]), int(found[2]), int(found[3]))
    return None
