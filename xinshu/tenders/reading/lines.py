"""Lines to records: "label：value", headings of lots and ranks, and values that stand on the next line."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from xinshu.tenders.reading.layout import Cell, Span
from xinshu.tenders.reading.records import Pair, Record, alone
from xinshu.tenders.reading.values import NAME, plain
from xinshu.tenders.reading.words import SEPARATED, Label, label_of, lot_heading, ordinal, unit_of

PARTIES = ("winner", "candidate", "bidder", "party", "member", "lead", "loser", "buyer", "agency")
_STOP = re.compile(r"\n|\t|[；;。]")
_STOP_NAMES = re.compile(r"\n|\t|。")
_NEXT_LABEL = re.compile(r"[，,](?=\s*\S{2,14}[:：])| {2,}")
_NEXT_SECTION = re.compile(  # 项目名称：某设备三、投标供应商: the text came without its lines
    r"(?<=[^、，第（(一二三四五六七八九十])[二三四五六七八九十]{1,3}、(?=$|\s*(?:中标|成交|中选|采购|投标|项目|招标|合同|评审|公告|公示|供应商|"
    r"主要|其[他它]|凡|获取|更正|终止|预算|响应|开标|资格|申请|评标|结果))"
)
_NEXT_NAME = re.compile(r"[，,；;](?!\s*[^，,；;]{3,40}(?:公司|院|集团)(?:[，,；;、（(]|$))")
_GLUED = re.compile(
    r"^((?:中标|成交|中选)(?:人|单位|供应商)(?:名称)?|招标人|采购人|(?:招标|采购)?代理机构)(?=[^为是的在应须按与将和及、，:：\s])(.{4,50})$"
)
_PRICED = re.compile(
    r"((?:投标|中标|成交|中选|最终|响应)(?:总)?(?:报价|价格|价|金额)) ?"
    r"([¥￥]? ?\d[\d,，]*(?:\.\d+)? ?(?:亿元|万元|元))(?![/／每])"
)
_NEXT_LINE = re.compile(r"\s*\n[ \t]*([^\n\t：:]{2,120})(?=\n|\t|$)")
_NOT_OURS = re.compile(r"(?:代表|公章|签字|盖章)\s*$")
_CONTACT = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]{1,2}[)）]?[、.．\s]*)?(采购人|招标人|采购单位|招标单位|采购代理机构|招标代理机构|代理机构)(?:信息|情况)?\s*[:：]?$"
)
_CALLED = re.compile(r"^(?:名 *称|单位名称)\s*[:：]\s*(\S[^\n\t]*)$")


def records_in(text: str, tabled: Sequence[Span]) -> list[Record]:
    """Return what the lines tell outside the cells that tables have told (`tabled`, in order)."""
    starts = [start for start, _end in tabled]

    def free(place: int) -> bool:
        at = bisect_right(starts, place) - 1
        return at < 0 or place >= tabled[at][1]

    told = (*_separated(text), *_priced(text), *_headings(text), *_contacts(text), *_unmarked(text))
    pairs = [pair for pair in told if free(pair.value.start)]
    return [alone(pair) for pair in sorted(pairs, key=lambda pair: pair.value.start)]


def _separated(text: str) -> Iterator[Pair]:
    found = list(SEPARATED.finditer(text))
    for place, met in enumerate(found):
        head = label_of(met["label"])
        if head is None or head.code in ("other", "item") or _NOT_OURS.search(met["label"]):
            continue
        if met["lot"]:
            yield Pair("lot_number", Cell(met["lot"], met.start("lot")))
        upto = found[place + 1].start() if place + 1 < len(found) else len(text)
        start, words = _value(text, met.end(), upto, head.code)
        if words:
            unit = head.unit or (unit_of(met["aside"]) if met["aside"] else "")
            yield Pair(head.code, Cell(words, start), unit, head.firm, head.rank)
        elif head.rank:
            yield Pair("rank_heading", Cell(met["label"], met.start("label")), rank=head.rank)


def _value(text: str, start: int, upto: int, code: str) -> tuple[int, str]:
    """Return what stands behind a label, and where: up to the next label, the line's or the sentence's end."""
    value = text[start : min(upto, start + 2000)]
    stop = (_STOP_NAMES if code in PARTIES else _STOP).search(value)
    value = value[: stop.start()] if stop else value
    if not value.strip() and stop is not None and stop[0] == "\n":
        below = _NEXT_LINE.match(text, start)
        if below and below.end() <= upto and label_of(below[1]) is None and ordinal(below[1]) is None:
            start, value = below.start(1), below[1]
    if code != "price":
        value = _NEXT_SECTION.split(_NEXT_LABEL.split(value)[0])[0]
    if code in PARTIES:
        value = _NEXT_NAME.split(value)[0]
    lead = len(value) - len(value.lstrip())
    words = value.strip().rstrip("，,、；;（( ")
    return start + lead, words.rstrip("）)") if _unopened(words) else words


def _unopened(words: str) -> bool:
    return words.count("（") + words.count("(") < words.count("）") + words.count(")")


def _priced(text: str) -> Iterator[Pair]:
    """Yield prices that stand right behind their label: 投标报价100万元."""
    for met in _PRICED.finditer(text):
        if (head := label_of(met[1])) is not None and head.code == "price":
            yield Pair("price", Cell(met[2], met.start(2)), head.unit, head.firm)


def _headings(text: str) -> Iterator[Pair]:
    place = 0
    for line in text.split("\n"):
        words = line.strip()
        if 1 < len(words) <= 60 and "\t" not in line:
            start = place + line.index(words[0])
            if (lot := lot_heading(words)) is not None:
                yield Pair("lot_number", Cell(lot[0], start + lot[1]))
            elif (rank := ordinal(re.sub(r"^[（(]?[一二三四五六七八九十\d]{1,2}[)）]?[、.．]", "", words))) is not None:
                yield Pair("rank_heading", Cell(words, start), rank=rank)
        place += len(line) + 1


def _unmarked(text: str) -> Iterator[Pair]:
    """Yield values that stand right behind their label, or on the line below, without any sign between."""
    place, label = 0, None
    for line in text.split("\n"):
        words = line.strip()
        if words and "\t" not in line and len(words) <= 80:
            start = place + line.index(words[0])
            if label is not None and _answers(label, words):
                yield Pair(label.code, Cell(words, start), label.unit, label.firm, label.rank)
            elif (glued := _GLUED.match(words)) and NAME.search(glued[2]) and (head := label_of(glued[1])):
                yield Pair(head.code, Cell(glued[2], start + glued.start(2)))
            label = label_of(words) if words[-1] not in "：:" else None
        elif words:
            label = None
        place += len(line) + 1


def _answers(label: Label, words: str) -> bool:
    """Tell whether a line is what the label on the line before asks for."""
    if label.code in PARTIES:
        return (
            not re.search(r"[:：]", words)
            and label_of(words) is None
            and ordinal(words) is None
            and NAME.search(words) is not None
        )
    return label.code == "price" and re.fullmatch(r"[¥￥]?\s*[\d,.，]+\s*(?:亿元|万元|元|%)?", plain(words)) is not None


def _contacts(text: str) -> Iterator[Pair]:
    """Yield buyer and agency where a heading (1.采购人信息) says whose name follows."""
    code, place = "", 0
    for line in text.split("\n"):
        words = line.strip()
        if len(words) <= 24 and (met := _CONTACT.match(words)):
            code = "agency" if "代理" in met[1] else "buyer"
        elif code and (name := _CALLED.match(words)):
            yield Pair(code, Cell(name[1].strip(), place + line.index(words[0]) + name.start(1)))
            code = ""
        place += len(line) + 1
