"""Lines to records: "label：value", headings of lots and ranks, and values that stand on the next line."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from xinshu.tenders.reading.layout import Cell, Span
from xinshu.tenders.reading.records import Pair, Record, alone
from xinshu.tenders.reading.words import SEPARATED, label_of, lot_heading, ordinal, unit_of

PARTIES = ("winner", "candidate", "bidder", "party", "member", "lead", "loser", "buyer", "agency")
_STOP = re.compile(r"\n|\t|[；;。]")
_NEXT_LABEL = re.compile(r"[，,](?=\s*\S{2,14}[:：])| {2,}")
_NEXT_LINE = re.compile(r"\s*\n[ \t]*([^\n\t：:]{2,120})(?=\n|\t|$)")
_NOT_OURS = re.compile(r"(?:代表|公章|签字|盖章)\s*$")
_CONTACT = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]{1,2}[)）]?[、.．\s]*)?(采购人|招标人|采购单位|招标单位|采购代理机构|招标代理机构|代理机构)(?:信息|情况)?\s*[:：]?$"
)
_CALLED = re.compile(r"^(?:名\s*称|单位名称)\s*[:：]\s*(\S[^\n\t]*)$")


def records_in(text: str, tabled: Sequence[Span]) -> list[Record]:
    """Return what the lines tell outside the cells that tables have told (`tabled`, in order)."""
    starts = [start for start, _end in tabled]

    def free(place: int) -> bool:
        at = bisect_right(starts, place) - 1
        return at < 0 or place >= tabled[at][1]

    pairs = [pair for pair in (*_separated(text), *_headings(text), *_contacts(text)) if free(pair.value.start)]
    return [alone(pair) for pair in sorted(pairs, key=lambda pair: pair.value.start)]


def _separated(text: str) -> Iterator[Pair]:
    found = list(SEPARATED.finditer(text))
    for place, met in enumerate(found):
        head = label_of(met[1].removeprefix("本项目").removeprefix("本工程").removeprefix("本标段").removeprefix("其"))
        if head is None or head.code in ("other", "item") or _NOT_OURS.search(met[1]):
            continue
        upto = found[place + 1].start() if place + 1 < len(found) else len(text)
        start, words = _value(text, met.end(), upto, head.code)
        if words:
            unit = head.unit or (unit_of(met[2]) if met[2] else "")
            yield Pair(head.code, Cell(words, start), unit, head.firm, head.rank)
        elif head.rank:
            yield Pair("rank_heading", Cell(met[1], met.start(1)), rank=head.rank)


def _value(text: str, start: int, upto: int, code: str) -> tuple[int, str]:
    """Return what stands behind a label, and where: up to the next label, the line's or the sentence's end."""
    value = text[start : min(upto, start + 2000)]
    stop = _STOP.search(value)
    value = value[: stop.start()] if stop else value
    if not value.strip() and stop is not None and stop[0] == "\n":
        below = _NEXT_LINE.match(text, start)
        if below and below.end() <= upto and label_of(below[1]) is None and ordinal(below[1]) is None:
            start, value = below.start(1), below[1]
    if code != "price":
        value = _NEXT_LABEL.split(value)[0]
    if code in PARTIES:
        value = re.split(r"[，,](?!\s*[^，,]{3,40}(?:公司|院|集团)(?:[，,、（(]|$))", value)[0]
    lead = len(value) - len(value.lstrip())
    return start + lead, value.strip().rstrip("，,、（( ")


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
