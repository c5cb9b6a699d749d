"""Asking: which files that somebody may open hold what was typed, and on which page and line?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice

from django.db import connection
from django.db.models import F, Q, QuerySet

from xinshu.accounts.models import Member
from xinshu.core.grams import looked_up, normalise, terms_of
from xinshu.core.pieces import holding
from xinshu.documents.models import File, FileText
from xinshu.documents.searching.keeping import Pages, keyed, pages_in
from xinshu.documents.visibility import is_visible, perhaps_visible, visible_among

INDEX = "documents_filegrams"
CASE = ("file_id", "file__owner_id", "file__subject_type", "file__subject_id")
LOTS = (24, 200, 2000)  # candidates that are asked of the index one after the other; then only who may see them
AT_ONCE = 24  # of those that may be seen, so many are opened together
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
    candidates = islice(_candidates(terms, member, at), MOST)
    while lot := list(islice(candidates, AT_ONCE)):
        texts = FileText.objects.select_related("file__blob", "file__owner").in_bulk(lot)
        for text in (texts[pk] for pk in lot if pk in texts):
            hit = hit_in(text, terms)
            if hit is not None and is_visible(text.file, member, at):
                found.append(hit)
                if len(found) == wanted:
                    return found[limit * (page - 1) : -1], True
    return found[limit * (page - 1) :], False


def _candidates(terms: list[str], member: Member, at: datetime) -> Iterator[int]:
    """Yield the files that hold the pieces and may exist for `member`, newest first.

    The index hands out the newest whoever may see them, and the few are sieved: mostly that fills a page. Where others'
    files crowd, the index is asked with the condition on what exists for `member`, which costs more to ask.
    """
    last = None
    for size in LOTS:
        lot = list(_newest(terms, last).values_list(*CASE)[:size])
        among = visible_among(lot, member, at)
        yield from (row[0] for row in lot if row[0] in among)
        if len(lot) < size:
            return
        last = lot[-1][0]
    rest = _newest(terms, last).filter(perhaps_visible(member, at)).values_list("file_id", flat=True)
    yield from rest[:MOST]


def _newest(terms: list[str], before: int | None) -> QuerySet[FileText]:
    """Return the texts that hold the pieces of all terms, of files older than `before`, newest first."""
    pieces = keyed(list(dict.fromkeys(gram for term in terms for gram in looked_up(term))))
    found = FileText.objects.all() if before is None else FileText.objects.filter(file_id__lt=before)
    if not pieces:  # words that stand in nearly every text are compared only
        return found.filter(~Q(grams="")).order_by("-file_id")
    if connection.vendor == "postgresql":  # all that hold them, then sorted: their rows are short, the texts lie apart
        return holding(found, INDEX, pieces).order_by((F("file_id") + 0).desc())
    found = holding(found, INDEX, pieces, streamed=True)
    if before is not None:
        found = found.extra(where=[f"{INDEX}.rowid < %s"], params=[before])  # noqa: S610 (bound)
    return found.extra(order_by=[f"-{INDEX}.rowid"])


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


_sign = lru_cache(maxsize=20_000)(normalise)  # the same few thousand come again and again


def _signs(lines: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return a page as it is compared, and of every sign the line and place that it stands at."""
    signs, places = list[str](), list[tuple[int, int]]()
    for row, line in enumerate(lines):
        for at, sign in enumerate(line):
            same = _sign(sign)
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
