"""Units of money that are told once for a whole table: above it, in its caption or a row of its own, in a note below.

采购单位：… names a body and 单位：台 counts goods: neither is a unit of money. Two that differ, or a cell that says
another, make every bare figure of the table doubtful (`DIFFERING`).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from xinshu.tenders.reading.layout import Cell, Page
from xinshu.tenders.reading.records import Record
from xinshu.tenders.reading.values import DIFFERING, SCALES

ABOVE, BELOW = 160, 80  # signs around a table that may speak of it
_UNIT = (
    r"[（(]?(?:人民币)?[\s/／]*((?:百万|千万|十万|亿|万|千)?(?:[美日欧港]元|元)"
    r"(?:\s*[/／、或]\s*[^\s，。；,;）)】\]]{1,4})?)"
)
_END = r"(?:[（(]人民币[)）])?(?=$|[\s，。；、,;）)】\]|]|计|为单位|表示)"
_SAYS = r"\s*(?:均?为|是|[:：]|(?=[（(]))\s*"
_WORD = r"(?:(?:金额|货币|计价|价格|报价|价款|币种|计量)的?单位|(?<![\u4e00-\u9fff])(?:[本上下]表)?单位)"
_TOLD = re.compile(
    rf"{_WORD}{_SAYS}{_UNIT}{_END}"
    rf"|(?:均|金额|报价|价格|价款)[^，。；：:\n]{{0,4}}以\s*{_UNIT}\s*(?:为单位|计(?!算))"
    r"|(?:表|情况|一览|明细|结果|报价|金额|价)\s*[（(](?:人民币)?((?:百万|千万|亿|万|千)?元)[）)]\s*$",
    re.MULTILINE,
)
_WIDE = re.compile(r"(?:本公[告示]|以下|全部|所有|文中)[^，。；\n]{0,12}$")
_FIGURE = re.compile(r"\d\s*((?:百万|千万|亿|万|千)?元)")
_NOTE = re.compile(r"^\s*(?:[（(]?(?:备?注|说明)|以上|上表)")
_CALLED = re.compile(r"(?:金额|货币|计价|价格|报价|计量)?单位[:：]?")


def with_units(page: Page, records: Sequence[Sequence[Record]]) -> list[list[Record]]:
    """Return the records of each table of the page, their bare prices in the unit that is told for their table."""
    return [
        list(_taken(told, unit)) if (unit := _agreed(units)) else list(told)
        for told, units in zip(records, _scopes(page), strict=True)
    ]


def _scopes(page: Page) -> Iterator[set[str]]:
    """Yield the units that are told for each table."""
    spans = [_span(table) for table in page.tables]
    ends, starts = sorted(end for _start, end in spans), sorted(start for start, _end in spans)
    wide: dict[str, int] = {}  # what is said of all tables, and from where on
    for met in _TOLD.finditer(page.text):
        if _WIDE.search(page.text[max(0, met.start() - 20) : met.start()]):
            wide.setdefault(_said(met), met.start())
    for table, (start, end) in zip(page.tables, spans, strict=True):
        before = bisect_right(ends, start)
        above = page.text[max(ends[before - 1] if before else 0, start - ABOVE) : start]
        after = bisect_right(starts, end)
        below = page.text[end : min(starts[after] if after < len(starts) else end + BELOW, end + BELOW)]
        near = {_said(met) for words in (above, *_captions(table)) for met in _TOLD.finditer(words)}
        if _NOTE.match(below):
            near |= {_said(met) for met in _TOLD.finditer(below)}
        yield near or {unit for unit, place in wide.items() if place < start}


def _span(table: Sequence[Sequence[Cell]]) -> tuple[int, int]:
    cells = [cell for row in table for cell in row if cell.text]
    return (min(cell.start for cell in cells), max(cell.end for cell in cells)) if cells else (0, 0)


def _captions(table: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """Yield what speaks of the whole table from within: rows of one cell, a cell of its own, 单位 beside 万元."""
    for row in table:
        words = [text for _start, text in dict.fromkeys((cell.start, cell.text) for cell in row if cell.text)]
        if len(words) == 1:
            yield words[0]
        yield from (text for text in words if len(text) < 20 and _TOLD.fullmatch(text.strip("（()） ")))
        for label, value in pairwise(words):
            if _CALLED.fullmatch(label) and value in SCALES:
                yield f"单位：{value}"


def _said(met: re.Match[str]) -> str:
    words = re.sub(r"\s", "", met[1] or met[2] or met[3])
    return words if words in SCALES else DIFFERING  # 元/吨, 万美元, 万元或%: none that a bare figure is in


def _agreed(units: set[str]) -> str:
    return next(iter(units)) if len(units) == 1 else DIFFERING if units else ""


def _taken(records: Iterable[Record], unit: str) -> Iterator[Record]:
    """Yield the records with `unit` for bare figures; where a cell or a head contradicts it, it is the unit of none."""
    records = list(records)
    prices = [pair for record in records for pair in record.pairs if pair.code in ("price", "budget")]
    said = {pair.unit for pair in prices} | {unit for pair in prices for unit in _FIGURE.findall(pair.value.text)}
    unit = DIFFERING if said & (set(SCALES) - {unit}) else unit
    for record in records:
        yield replace(
            record,
            pairs=tuple(
                replace(pair, unit=unit, outside=True)
                if pair.code in ("price", "budget") and (not pair.unit or (unit == DIFFERING and pair.unit in SCALES))
                else pair
                for pair in record.pairs
            ),
        )
