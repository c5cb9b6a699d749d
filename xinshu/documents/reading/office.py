"""Text of Word and Excel files (ECMA-376), in the process apart: lines of pages, never more than there is room for.

A package is a stranger's zip of XML. Members are unpacked as a stream and counted as they come, whatever sizes the zip
declares; no document type, no entity, nothing fetched; elements are let go of as soon as they were read. What is longer
than the limits is read as far as they reach. Pages are those that Word noted when it saved, a sheet of Excel each
begins one; a page holds LINES at most.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX = f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet"
UNPACKED = 60 * 1024 * 1024  # bytes of all members that are read
PARTS = 2_000_000  # elements
LINES = 200  # of a page
PAGES = 80
LONGEST = 2_000  # signs of a line
SHARED = 200_000  # strings that cells share
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DAYS = frozenset((14, 15, 16, 17, 22, 27, 30, 31, 36, 50, 52, 55, 57))  # built-in formats of days (18.8.30)
FIRST_DAY = date(1899, 12, 30)  # of Excel's serial numbers from March 1900 on
Pages = list[list[str]]


# What zipfile and values raise over a file that is none: RuntimeError for one with a password.
_WRONG = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip


class Broken(Exception):
    """It is no such file, or one that unpacks to more than there is room for."""


class _Room:
    """What may still be unpacked and read of one file."""

    def __init__(self) -> None:
        self.bytes, self.parts = UNPACKED, PARTS


class _Bounded(io.RawIOBase):
    """A member as a stream that ends the reading where it unpacks to more than is left."""

    def __init__(self, stream: Any, room: _Room) -> None:
        self.stream, self.room = stream, room

    def read(self, size: int = -1) -> bytes:
        found: bytes = self.stream.read(min(size, 65_536) if size >= 0 else 65_536)
        self.room.bytes -= len(found)
        if self.room.bytes < 0:
            raise Broken("unpacks to too much")
        return found


def pages_of(content: bytes, mime: str) -> Pages:
    """Return the lines of each page. Raises Broken."""
    try:
        package, room = zipfile.ZipFile(io.BytesIO(content)), _Room()
        found = _word(package, room) if mime == DOCX else _excel(package, room)
        pages, last = Pages(), 0
        for number, line in found:
            if not pages or number != last or len(pages[-1]) >= LINES:
                if len(pages) >= PAGES:
                    break
                pages.append([])
            last = number
            pages[-1].append(line[:LONGEST])
    except _WRONG as why:
        raise Broken(str(why)) from why
    return pages or [[]]


def _elements(package: zipfile.ZipFile, member: str, room: _Room, *ends: str) -> Iterator[Any]:
    """Yield the elements named `ends` as they end. What stands before them is forgotten."""
    from lxml import etree

    try:
        with package.open(member) as stream:
            walk = etree.iterparse(
                _Bounded(stream, room), events=("start", "end"), resolve_entities=False, no_network=True,
                load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
            )  # fmt: skip
            wanted, inside = frozenset(ends), 0
            for event, element in walk:
                if event == "start":
                    room.parts -= 1
                    if room.parts < 0:
                        return
                    if element.getparent() is None and element.getroottree().docinfo.doctype:
                        raise Broken("has a document type")
                    inside += element.tag in wanted
                    continue
                if element.tag in wanted:
                    inside -= 1
                    yield element
                if not inside:
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except etree.XMLSyntaxError as why:
        raise Broken(str(why)) from why


def _word(package: zipfile.ZipFile, room: _Room) -> Iterator[tuple[int, str]]:
    names = package.namelist()
    others = sorted(name for name in names if re.fullmatch(r"word/(header|footer|footnotes|comments)\d*\.xml", name))
    page = 1
    for member in ["word/document.xml", *others]:
        for paragraph in _elements(package, member, room, f"{WORD}p"):
            text = ""
            for piece in paragraph.iter(f"{WORD}t", f"{WORD}tab", f"{WORD}br", f"{WORD}lastRenderedPageBreak"):
                if piece.tag == f"{WORD}t":
                    text += piece.text or ""
                elif piece.tag == f"{WORD}lastRenderedPageBreak" or piece.get(f"{WORD}type") == "page":
                    if text.strip():
                        yield page, _line(text)
                    text, page = "", page + 1
                else:
                    text += " "
            if text.strip():
                yield page, _line(text)
        page += 1


def _excel(package: zipfile.ZipFile, room: _Room) -> Iterator[tuple[int, str]]:
    names = set(package.namelist())
    related = "xl/_rels/workbook.xml.rels"
    targets = {one.get("Id"): str(one.get("Target", "")) for one in _elements(package, related, room, _ANY)}
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        for one in _elements(package, "xl/sharedStrings.xml", room, f"{SHEET}si"):
            shared.append(_texts(one))
            if len(shared) >= SHARED:
                break
    days = _day_styles(package, room) if "xl/styles.xml" in names else frozenset()
    sheets = [(str(one.get("name", "")), one.get(f"{RELATED}id")) for one in
              _elements(package, "xl/workbook.xml", room, f"{SHEET}sheet")]  # fmt: skip
    for number, (name, key) in enumerate(sheets, 1):
        target = targets.get(key, "")
        member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if member not in names:
            continue
        yield number, _line(name)
        for row in _elements(package, member, room, f"{SHEET}row"):
            cells = (_cell(cell, shared, days) for cell in row.iter(f"{SHEET}c"))
            if line := _line(" ".join(filter(None, cells))):
                yield number, line


_ANY = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def _texts(element: Any) -> str:
    """Return the text of an element without what says how it is pronounced (rPh)."""
    phonetic = f"{SHEET}rPh"
    return "".join(one.text or "" for one in element.iter(f"{SHEET}t") if one.getparent().tag != phonetic)[:LONGEST]


def _cell(cell: Any, shared: list[str], days: frozenset[int]) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(f"{SHEET}v") or ""
    if kind == "inlineStr":
        return _texts(cell)
    if kind == "s":
        return shared[int(value)] if value.isascii() and value.isdecimal() and int(value) < len(shared) else ""
    if kind == "n" and value:
        style = cell.get("s", "")
        return _number(value, style.isascii() and style.isdecimal() and int(style) in days)
    return value if kind == "str" else ""


def _number(value: str, is_day: bool) -> str:
    try:
        number = float(value)
    except ValueError:
        return ""
    if is_day and 1 <= number < 2_958_466:  # 9999-12-31
        return (FIRST_DAY + timedelta(days=int(number))).isoformat()
    return str(int(number)) if number.is_integer() and abs(number) < 10**15 else f"{number:.15g}"


def _day_styles(package: zipfile.ZipFile, room: _Room) -> frozenset[int]:
    """Return the numbers of the cell formats that show a day."""
    own, found = set(DAYS), set()
    for one in _elements(package, "xl/styles.xml", room, f"{SHEET}numFmt", f"{SHEET}cellXfs"):
        if one.tag == f"{SHEET}numFmt":
            said = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", str(one.get("formatCode", ""))).lower()
            if "y" in said or "d" in said:
                own.add(int(one.get("numFmtId", "-1")))
            continue
        for place, format_ in enumerate(one.iter(f"{SHEET}xf")):
            if int(format_.get("numFmtId", "0")) in own:
                found.add(place)
    return frozenset(found)


def _line(text: str) -> str:
    """Return a line without what no database keeps and without blanks twice."""
    return " ".join(text.replace("\0", "").split())
