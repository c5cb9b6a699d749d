"""From a page as received (HTML, or text with tabs) to one plain text, and where in it cells and rows stand.

Spans are (start, end) in `Page.text`; whatever is read later points there, so that a person can check it.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml import html as lxml_html

Span = tuple[int, int]
Tables = list[list[list[Span]]]  # of each table its rows, as spans
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p",
    "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
SILENT = frozenset({"script", "style", "head", "title", "noscript", "template", "svg", "object", "iframe", "select"})
DEEPEST = 200  # nesting that no notice has; what lies deeper is told as text
WIDEST = 40  # columns that a colspan may claim
_MARKUP = re.compile(
    r"<\s*(?:html|body|table|div|p|span|br|td|tr|h\d|ul|ol|li|dl|section|article|font|strong)\b[^>]*>", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t\r\f\v\xa0\u3000\u200b\ufeff]+")
_COLUMNS = re.compile(r"\t|[ \u3000]{3,}|\s*[|｜│]\s*")


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its words and where they stand."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass
class Page:
    """The text of a notice, and its tables as rows of cells (a cell that spans columns stands once per row)."""

    text: str = ""
    tables: list[list[list[Cell]]] = field(default_factory=list)


def is_markup(source: str) -> bool:
    """Tell whether `source` is HTML rather than plain text."""
    return _MARKUP.search(source) is not None


def page_of(source: str) -> Page:
    """Return the page that `source` holds. Anything can be read: what is no HTML is taken for text."""
    if is_markup(source):
        with suppress(etree.ParserError, ValueError, RecursionError):
            return _of_html(source)
    return _of_text(source)


def headed(page: Page, title: str) -> Page:
    """Return the page beginning with its title, where it does not print it: what the title tells has a place then."""
    title = " ".join(title.split())
    if not title or not page.text.strip() or title in page.text:
        return page
    by = len(title) + 1
    tables = [[[Cell(cell.text, cell.start + by) for cell in row] for row in table] for table in page.tables]
    return Page(f"{title}\n{page.text}", tables)


def _of_text(source: str) -> Page:
    text = "\n".join(line.strip() for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    page, place = Page(text), 0
    rows: list[list[Cell]] = []
    for line in text.split("\n"):
        cells: list[Cell] = []
        at = 0
        for gap in (*_COLUMNS.finditer(line), None):
            upto = gap.start() if gap else len(line)
            if words := line[at:upto].strip():
                cells.append(Cell(words, place + at + line[at:upto].index(words[0])))
            at = gap.end() if gap else upto
        if len(cells) > 1:
            rows.append(cells)
        elif rows:
            page.tables.append(rows)
            rows = []
        place += len(line) + 1
    if rows:
        page.tables.append(rows)
    return page


class _Writer:
    """Writes the text of elements one after another, without losing track of where it is."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def say(self, words: str) -> None:
        words = _SPACES.sub(" ", words.replace("\n", " "))
        if not self.length or self.parts[-1].endswith(("\n", " ", "\t")):
            words = words.lstrip(" ")
        if words:
            self.parts.append(words)
            self.length += len(words)

    def end(self, mark: str) -> None:
        if self.parts and self.parts[-1] != mark:
            self.parts.append(mark)
            self.length += 1


def _of_html(source: str) -> Page:
    root = lxml_html.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", source))
    writer, page = _Writer(), Page()
    places: Tables = []
    _write(root, writer, places, 0)
    text = "".join(writer.parts)
    page.text = text
    for rows in places:
        table = []
        for row in rows:
            cells = []
            for start, end in row:
                words = text[start:end]
                lead = len(words) - len(words.lstrip())
                cells.append(Cell(words.strip(), start + lead))
            table.append(cells)
        page.tables.append(table)
    return page


def _write(node: Any, writer: _Writer, places: Tables, depth: int) -> None:
    tag = node.tag if isinstance(node.tag, str) else ""
    if tag in SILENT or not tag:
        return
    if depth > DEEPEST:
        writer.say(" ".join(node.itertext()))
        return
    if tag == "table":
        writer.end("\n")
        _write_table(node, writer, places, depth)
        writer.end("\n")
        return
    if tag in BLOCKS:
        writer.end("\n")
    writer.say(node.text or "")
    for child in node:
        _write(child, writer, places, depth + 1)
        writer.say(child.tail or "")
    if tag in BLOCKS:
        writer.end("\n")


def _write_table(table: Any, writer: _Writer, places: Tables, depth: int) -> None:
    rows: list[list[tuple[int, int]]] = []
    places.append(rows)
    for caption in table.iterchildren("caption"):
        writer.say(" ".join(caption.itertext()))
        writer.end("\n")
    held: dict[int, tuple[int, tuple[int, int]]] = {}  # column: rows still to go, span (rowspan)
    for row in table.iter("tr"):
        if next(row.iterancestors("table"), None) is not table:
            continue
        cells: list[tuple[int, int]] = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            _fill(cells, held)
            begin = writer.length
            writer.say(cell.text or "")
            for child in cell:
                _write(child, writer, places, depth + 1)
                writer.say(child.tail or "")
            span = (begin, writer.length)
            writer.end("\t")
            down, across = _number(cell.get("rowspan")), min(_number(cell.get("colspan")), WIDEST)
            for _column in range(across):
                if down > 1:
                    held[len(cells)] = (down - 1, span)
                cells.append(span)
        _fill(cells, held)
        writer.end("\n")
        rows.append(cells)


def _fill(cells: list[tuple[int, int]], held: dict[int, tuple[int, tuple[int, int]]]) -> None:
    """Put in what hangs down from rows above."""
    while (waiting := held.get(len(cells))) is not None:
        left, span = waiting
        if left == 1:
            del held[len(cells)]
        else:
            held[len(cells)] = (left - 1, span)
        cells.append(span)


def _number(told: str | None) -> int:
    return int(told) if told and told.isascii() and told.isdecimal() and 0 < len(told) < 4 and int(told) else 1
