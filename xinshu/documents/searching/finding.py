"""Asking: which files that somebody may open hold what was typed, and on which page and line?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from xinshu.accounts.models import Member
from xinshu.core.grams import looked_up, normalise, terms_of
from xinshu.core.pieces import holding
from xinshu.documents.models import File, FileText
from xinshu.documents.searching.keeping import Pages, keyed, pages_in
from xinshu.documents.visibility import is_visible, perhaps_visible

AT_ONCE = 24  # candidates that are opened together
MOST = 600  # candidates that are opened at all: what is older is found with another word


Lit = list[tuple[str, bool]]  # a line in pieces; True: what was looked for


@dataclass(frozen=True)
class Found:
    """A file that holds what was looked for. `page` 0: its name holds it; `line` is cut short around it."""

    file: File
    page: int
    line: Lit
    pages: int  # on how many pages


def find_files(asked: str, member: Member, at: datetime, *, limit: int, page: int = 1) -> tuple[list[Found], bool]:
    """Return one page of the files meant, newest first, and whether there are more.

    Pieces find candidates, the text decides, and the door of every file (`visibility.is_visible`) is asked last.
    """
    terms = terms_of(asked)
    if not terms:
        return [], False
    wanted, found = limit * page + 1, list[Found]()
    candidates = _candidates(terms, member, at)
    for first in range(0, MOST, AT_ONCE):
        lot = list(candidates[first : first + AT_ONCE])
        texts = FileText.objects.select_related("file__blob", "file__owner").in_bulk(lot)
        for text in (texts[pk] for pk in lot if pk in texts):
            hit = hit_in(text, terms)
            if hit is not None and is_visible(text.file, member, at):
                found.append(hit)
                if len(found) == wanted:
                    return found[limit * (page - 1) : -1], True
        if len(lot) < AT_ONCE:
            break
    return found[limit * (page - 1) :], False


def _candidates(terms: list[str], member: Member, at: datetime) -> QuerySet[FileText, int]:
    pieces = keyed(list(dict.fromkeys(gram for term in terms for gram in looked_up(term))))
    found = FileText.objects.filter(perhaps_visible(member, at))
    if not pieces:  # words that stand in nearly every text are compared only
        return found.filter(~Q(grams="")).order_by("-file_id").values_list("file_id", flat=True)
    found = holding(found, "documents_filegrams", pieces, streamed=True)
    if connection.vendor == "postgresql":
        return found.order_by("-file_id").values_list("file_id", flat=True)
    return found.extra(order_by=["-documents_filegrams.rowid"]).values_list("file_id", flat=True)


def hit_in(text: FileText, terms: Sequence[str]) -> Found | None:
    """Return where a text holds all the terms, None where it does not: pieces may stand apart, a term together."""
    pages = pages_in(text)
    name = normalise(text.file.name)
    compared = [normalise("".join(page)) for page in pages]
    if not all(term in name or any(term in page for page in compared) for term in terms):
        return None
    held = [sum(term in page for term in terms) for page in compared]
    if not any(held):
        return Found(text.file, 0, lit(text.file.name, terms), 0)
    best = held.index(max(held))
    lines = lines_lit(pages[best], terms)
    line = max(lines, key=_tells, default=[])
    return Found(text.file, best + 1, around(line), sum(map(bool, held)))


def _tells(line: Lit) -> tuple[int, int]:
    """Return how much a line tells of why a file was found: how many terms, then how much around them."""
    return len({part for part, shown in line if shown}), sum(len(part) for part, _shown in line)


def pages_lit(pages: Pages, terms: Sequence[str]) -> list[list[Lit]]:
    """Return every line of every page with what was looked for lit."""
    return [lines_lit(page, terms) for page in pages]


def lines_lit(lines: list[str], terms: Sequence[str]) -> list[Lit]:
    """Return the lines of a page with the terms lit, also where a term goes on in the next line."""
    signs, places = _signs(lines)
    marked = set[tuple[int, int]]()
    for term in terms:
        start = signs.find(term)
        while start >= 0:
            marked.update(places[start : start + len(term)])
            start = signs.find(term, start + 1)
    return [_cut(line, {at for number, at in marked if number == row}) for row, line in enumerate(lines)]


def lit(line: str, terms: Sequence[str]) -> Lit:
    """Return one line with the terms lit."""
    return lines_lit([line], terms)[0]


def _signs(lines: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return a page as it is compared, and of every sign the line and place that it stands at."""
    signs, places = list[str](), list[tuple[int, int]]()
    for row, line in enumerate(lines):
        for at, sign in enumerate(line):
            same = normalise(sign)
            signs.append(same)
            places += [(row, at)] * len(same)
    return "".join(signs), places


def _cut(line: str, marked: set[int]) -> Lit:
    """Return the line in pieces. Marks between two lit signs are lit with them."""
    parts: Lit = []
    for at, sign in enumerate(line):
        between = at - 1 in marked and not normalise(sign) and any(at + more in marked for more in (1, 2))
        shown = at in marked or between
        if between:
            marked.add(at)
        if parts and parts[-1][1] == shown:
            parts[-1] = (parts[-1][0] + sign, shown)
        else:
            parts.append((sign, shown))
    return parts


def around(line: Lit, room: int = 60) -> Lit:
    """Return a long line cut to what stands around its first lit piece."""
    if sum(len(part) for part, _shown in line) <= 2 * room:
        return line
    first = next((at for at, (_part, shown) in enumerate(line) if shown), 0)
    before = "".join(part for part, _shown in line[:first])
    kept: Lit = [("…" + before[-room // 2 :], False)] if len(before) > room // 2 else [(before, False)]
    left = room
    for part, shown in line[first:]:
        if left <= 0:
            break
        kept.append((part if len(part) <= left else part[:left] + "…", shown))
        left -= len(part)
    return [piece for piece in kept if piece[0]]
