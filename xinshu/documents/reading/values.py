"""What a field says: amounts, days, codes, names. What cannot be confirmed is told unsure, an amount above all."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from xinshu.core import masking, resident_id, uscc
from xinshu.core.capitals import read_capitals
from xinshu.core.refusals import Invalid
from xinshu.documents.reading.lines import Box, Line, Sheet, around, bare

TEXT, NAME, PERSON, USCC, MONEY, DAY, NUMBER, COUNT, RESIDENT, ACCOUNT, CELL, UNIT = (
    "text", "name", "person", "uscc", "money", "day", "number", "count", "resident", "account", "cell", "unit",
)  # fmt: skip
SURE = 0.93  # words read with less are put before the person
CHECKED = 0.995  # what a check digit or a sum confirms; it fails: DENIED
DENIED = 0.4
_DAY = re.compile(r"((?:19|20)\d\d)[年./-](\d{1,2})[月./-](\d{1,2})日?")
_LOOSE_DAY = re.compile(r"((?:19|20)\d\d)\s*[年./-]?\s*(\d{1,2})\s*[月./ -]\s*(\d{1,2})")
UNITS = {
    "元": 100, "千元": 100_000, "万元": 1_000_000, "万": 1_000_000, "百万元": 100_000_000, "亿元": 10_000_000_000,
    "亿": 10_000_000_000,
}  # fmt: skip
_UNIT = r"百万元|[千万亿]?元|[万亿]"
_FIGURE = re.compile(rf"(-|\()?[¥Y]?(-)?(\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.(\d{{1,8}}))?(\))?({_UNIT})?")
# in a sentence: no part of a longer word, no other currency, no percentage
_NAMED = re.compile(
    rf"(?<![A-Za-z$€£\d.,])([¥Y])?(\d[\d,]*(?:\.\d+)?)({_UNIT})?(?![\d%‰]|\.\d|[美港欧日英加澳]|USD|EUR|HKD)"
)
CAPITALS = re.compile(r"[零〇壹贰貳叁參叄肆伍陆陸柒捌玖拾佰仟万萬亿億]{2,}[元圆圓][零壹贰貳叁肆伍陆柒捌玖角分整正]*")


@dataclass(frozen=True)
class Value:
    """One field as it was read. `value`: as kept (分, ISO days, bare names); `raw`: as it stands on the page.

    `sure`: nobody needs to look. `depends`: it will be, as soon as a person has decided on the cells beside it that do
    not fit. `proposed`: what it should be by sums or check digits, where that is something else.
    """

    code: str
    value: str
    sure: bool
    confidence: float
    page: int = 1
    box: Box | None = None
    note: str = ""
    raw: str = ""
    proposed: str = ""
    depends: bool = False


@dataclass(frozen=True)
class Found:
    """What stands behind a label: the words, and the lines that they are from."""

    text: str
    lines: tuple[Line, ...]
    start: tuple[int, int]  # left edge and middle of the label, in thousandths
    unit: str = "元"  # of figures without one of their own: the label says it (中标价（万元）)

    @property
    def page(self) -> int:
        return self.lines[0].page


def spaced(label: str) -> str:
    """Return a pattern for a label that is set with gaps ("名    称"), or printed over several lines of a row."""
    return r"\s*".join(re.escape(sign) for sign in label)


def labelled(
    sheets: Iterable[Sheet], labels: Iterable[str], stops: Iterable[str] = (), *, anywhere: bool = False
) -> Iterator[Found]:
    """Yield what stands behind any of the labels, in reading order: beside it up to the next label, else below it.

    `anywhere`: a label with a colon counts in the middle of words, too (a seal wrote before it).
    """
    wanted = "|".join(spaced(label) for label in labels)
    if anywhere:
        wanted = rf"(?:{wanted})(?=\s*[::])"
    begins = "" if anywhere else r"(?:^|(?<=[\t\s。;,:)])|(?<=\d\.))"
    label = re.compile(rf"{begins}(?:{wanted})(?:\s*\(([^()\t]{{1,8}})\))?\s*[::]?\s*")
    others = re.compile(
        "|".join(rf"(?:^|(?<=[\t\s。;,)(])){spaced(stop)}\s*(?:[::]|\t|$)" for stop in stops) or r"(?!)"
    )
    for sheet in sheets:
        for number, row in enumerate(sheet.rows):
            for found in label.finditer(row.text):
                end = others.search(row.text, found.end())
                upto = end.start() if end else len(row.text)
                words = row.text[found.end() : upto]
                head = row.at(found.start(), found.end())
                if not head:
                    continue
                start = (head[0].box[0], round(head[0].middle))
                said = re.search(r"百万元|[千万亿]元", found[1] or "")
                unit = said[0] if said else "元"
                if words.strip():
                    first = found.end() + len(words) - len(words.lstrip())
                    yield Found(words.strip(), row.at(first, found.end() + len(words.rstrip())), start, unit)
                elif below := _below(sheet, number, head):
                    yield Found(bare(below.text), (below,), start, unit)


def _below(sheet: Sheet, number: int, head: tuple[Line, ...]) -> Line | None:
    left, right = head[0].box[0], head[-1].box[2]
    for row in sheet.rows[number + 1 : number + 2]:
        for line in row.lines:
            if line.box[0] < right and line.box[2] > left and ":" not in line.text and "：" not in line.text:
                return line
    return None


def first(sheets: Iterable[Sheet], labels: Iterable[str], stops: Iterable[str] = ()) -> Found | None:
    """Return the first of `labelled`."""
    return next(labelled(sheets, labels, stops), None)


# one value out of a few words


def as_value(code: str, kind: str, found: Found | None, *, printed: bool = False) -> Value | None:
    """Return the value of a field of `kind`; None where nothing was found. Amounts are sure only where printed."""
    if found is None:
        return None
    lines = found.lines[:1] if kind in (TEXT, NAME, PERSON, NUMBER) else found.lines  # these end with their cell
    trust = min((line.confidence for line in lines), default=0.0)
    base = Value(code, "", False, trust, found.page, around(lines), raw=found.text[:200])
    match kind:
        case "money":
            return _money(base, found, printed)
        case "day":
            return _dated(base, found)
        case "uscc":
            return _code(base, lines, found.text)
        case "count":
            days = re.search(r"\d{1,6}", found.text)
            return replace(base, value=days[0], sure=trust >= SURE) if days else None
        case "number":
            number = re.match(r"[0-9A-Za-z〔〕\[\]()第号\u4e00-\u9fff/_-]+", bare(found.text.split("\t")[0]))
            return _worded(base, number[0], lines, strict=True) if number else None
        case "account":
            digits = re.search(r"\d{8,30}", bare(found.text))
            return replace(base, value=masking.account(digits[0]), sure=trust >= SURE, raw="") if digits else None
    words = bare(found.text.split("\t")[0])
    words = words.strip(":;,。、_-")
    if kind == NAME:
        words = re.sub(r"\((?:公章|盖章|签章|盖单位章|单位盖章|全称)\)|\(以下简称.*", "", words)
    if kind == PERSON:
        words = re.split(r"[^\u4e00-\u9fff·]", words)[0]
    return _worded(base, words, lines) if words else None


def _worded(base: Value, words: str, lines: tuple[Line, ...], *, strict: bool = False) -> Value:
    doubted = any(_differs(line, strict) for line in lines)
    limit = 0.96 if strict else SURE
    return replace(base, value=words, sure=base.confidence >= limit and not (doubted and base.confidence < 0.985))


def _differs(line: Line, strict: bool) -> bool:
    own = re.sub(r"[^0-9A-Za-z\u4e00-\u9fff]", "", bare(line.text))
    return any(re.sub(r"[^0-9A-Za-z\u4e00-\u9fff]", "", bare(other)) != own for other in line.also)


def read_fen(text: str, unit: str = "元") -> int | None:
    """Return the amount that a text is, and nothing but that, in 分; None for what is none. Brackets are a minus."""
    words = bare(text).replace(",", ",").replace("。", ".").strip("*:;")
    words = re.sub(r"^(人民币|RMB|CNY|小写|\(小写\))+:?", "", words)
    if re.fullmatch(r"-?[\d,]+,\d{2}", words) and "." not in words:  # a full stop that was read as a comma
        words = f"{words[:-3]}.{words[-2:]}"
    if words.count(".") > 1 and re.fullmatch(r"-?\d{1,3}(?:[.,]\d{3})+\.\d{2}", words):  # or the other way round
        words = f"{words[:-3].replace('.', ',')}{words[-3:]}"
    found = _FIGURE.fullmatch(words)
    if found is None or (found[1] == "(") != bool(found[5]):
        return None
    whole, part, each = found[3].replace(",", ""), found[4] or "", UNITS[found[6] or unit]
    if len(whole) > 15 or (len(part) > 2 and each == UNITS["元"]):
        return None
    fen, rest = divmod(int(whole + part) * each, 10 ** len(part))
    return None if rest else -fen if found[1] or found[2] else fen


def figures_in(text: str, unit: str = "元") -> list[int]:
    """Return every amount with two decimals, a currency sign or a unit that a text names, in 分.

    `unit` is that of figures without one of their own.
    """
    found = []
    for one in _NAMED.finditer(re.sub("RMB|CNY|人民币", "¥", bare(text))):
        sign, figure, own = one.groups()
        told = (own or "").endswith("元") or sign or (not own and re.search(r"\.\d{2}$", figure))
        if told and (fen := read_fen(f"{figure}{own or ''}", unit)) is not None:
            found.append(fen)
    return found


def capitals_in(text: str) -> int | None:
    """Return the one amount that a text writes in capitals, in 分; None for none, several or a faulty one."""
    found = set()
    for words in CAPITALS.findall(bare(text)):
        for written in (words, f"{words}整"):
            with suppress(Invalid):
                found.add(read_capitals(written))
                break
    return found.pop() if len(found) == 1 else None


def _money(base: Value, found: Found, printed: bool) -> Value | None:
    whole = read_fen(found.text, found.unit)
    figures = [whole] if whole is not None else figures_in(found.text, found.unit)
    if not figures:
        words = re.split(r"[\t ]+", found.text)
        figures = [fen for fen in (read_fen(word, found.unit) for word in words) if fen is not None]
    spelled = capitals_in(found.text)
    if spelled is not None and spelled in figures:
        return replace(base, value=str(spelled), sure=True, confidence=max(base.confidence, CHECKED))
    if spelled is not None and figures:
        return replace(base, value=str(spelled), confidence=DENIED, note=_("大写与小写不一致，请核对。"))
    if spelled is None and not figures:
        return None
    fen = spelled if spelled is not None else figures[0]
    if len(set(figures)) > 1:
        return replace(base, value=str(fen), confidence=DENIED, note=_("这里写明了不止一个金额，请核对。"))
    return replace(base, value=str(fen), sure=printed, note="" if printed else _("只有一处写明金额，请核对。"))


def _dated(base: Value, found: Found) -> Value | None:
    text = bare(found.text)
    if base.code == "valid_until" and (ends := list(_DAY.finditer(text))):  # from one day to another, or for good
        rest = text[ends[-1].end() :]
        if re.match(r"[-—–~至到]*长期", rest):
            return replace(base, value="长期", sure=base.confidence >= SURE)
        if re.match(r"[-—–~至到]", rest):
            return replace(base, value="", confidence=DENIED, note=_("只读到起始日期，请核对有效期至哪一天。"))
        text = ends[-1][0]
    match = _DAY.search(text) or _LOOSE_DAY.search(found.text.replace("\t", " "))
    if match is None:
        long = "长期" in text
        return replace(base, value="长期", sure=base.confidence >= SURE) if long else None
    try:
        on = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return replace(base, value="", confidence=DENIED, note=_("日期读不清楚，请核对。"))
    return replace(base, value=on.isoformat(), sure=base.confidence >= SURE)


def days_in(text: str) -> list[str]:
    """Return the days that a text names, as ISO."""
    found = []
    for one in _DAY.finditer(bare(text)):
        with suppress(ValueError):
            found.append(date(int(one[1]), int(one[2]), int(one[3])).isoformat())
    return found


def _code(base: Value, lines: tuple[Line, ...], words: str) -> Value | None:
    """Return a credit code: confirmed by its check digits, or unsure with the one likely correction as proposal."""
    seen = [
        candidate for text in (words, *(other for line in lines for other in line.also)) for candidate in _codes(text)
    ]
    if not seen:
        return None
    for code in seen:
        if not uscc.problems(code):
            first_look = code == seen[0]
            return replace(
                base, value=code, sure=first_look or not uscc.warning(code), confidence=max(base.confidence, CHECKED)
            )
    hinted = re.search(r"[0-9A-Z]{18}", uscc.hint(seen[0]))
    return replace(base, value=seen[0], confidence=min(base.confidence, DENIED), note=_("校验位不对，可能有一位读错。"),
                   proposed=hinted[0] if hinted else "")  # fmt: skip


def _codes(text: str) -> list[str]:
    words = uscc.normalise(text).replace("O", "0").replace("I", "1")
    return re.findall(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])", words) or re.findall(r"[0-9A-Z]{15,20}", words)


def resident_number(line: Line) -> Value | None:
    """Return the number on an identity card, covered: only its check character decides whether it was read right."""
    for text in (line.text, *line.also):
        if found := re.search(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])", bare(text)):
            number = resident_id.normalise(found[0])
            holds = not resident_id.problems(number)
            return Value("number", masking.id_number(number), holds, CHECKED if holds else DENIED, line.page, line.box,
                         note="" if holds else _("身份证号码校验位不对，请对照原件。"))  # fmt: skip
    return None
