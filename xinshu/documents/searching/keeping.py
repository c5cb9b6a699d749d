"""Keeping what is written in a file so that it can be found: read apart, covered, encrypted, cut into keyed pieces.

Of an identity card nothing is kept; numbers of people and accounts are covered in every other text. What lies in the
database is the encrypted text and digests of its pieces under a key made from FILE_KEY: whoever takes the database
away without the key reads neither. Decision 51 says what such digests still tell.
"""

import json
from base64 import b32encode
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from xinshu.core import masking
from xinshu.core.grams import grams_of, normalise
from xinshu.core.sm import Damaged, hmac_sm3, sm4_decrypt, sm4_encrypt
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import File, FileText, Reading
from xinshu.documents.papers.actions import READABLE, TRIES, sheets_of
from xinshu.documents.papers.apart import Crashed, Seen, Unreadable, pages_of
from xinshu.documents.reading.lines import Sheet
from xinshu.documents.reading.office import DOCX, XLSX
from xinshu.documents.reading.readers import conceals
from xinshu.documents.visibility import is_searched

Pages = list[list[str]]  # the lines of each page
LONGEST = 400_000  # signs of one file that are kept; eighty pages of small print have fewer
UNREAD = ("queued", "reading")  # a paper whose text is on its way


Teller = Callable[[File], list[str] | None]
TELLERS: dict[str, Teller] = {}


def tells_text(kind: str) -> Callable[[Teller], Teller]:
    """Have a function say what is written in a file of a case of this kind that the platform wrote itself.

    None: it did not write this one. Thousands of letters a day are not opened again to learn what was put into them.
    """

    def keep_teller(teller: Teller) -> Teller:
        TELLERS[kind] = teller
        return teller

    return keep_teller


@lru_cache(maxsize=4)
def _key(file_key: str) -> bytes:
    return hmac_sm3(bytes.fromhex(file_key), b"xinshu search pieces")


@lru_cache(maxsize=200_000)  # pieces come again and again
def _digest(file_key: str, gram: str) -> str:
    return b32encode(hmac_sm3(_key(file_key), gram.encode())[:5]).decode().lower()


def keyed(grams: Sequence[str] | set[str]) -> list[str]:
    """Return the digests under which these pieces are indexed: 40 bits each, nothing without the key."""
    return [_digest(settings.FILE_KEY, gram) for gram in grams]


def lines_of(sheet: Sheet) -> list[str]:
    """Return a page as people read it; of an identity card nothing, of personal numbers their ends."""
    return [] if conceals(sheet) else [masking.text(" ".join(row.text.split())) for row in sheet.rows]


def pages_in(text: FileText) -> Pages:
    """Return what is kept of a file, page by page. One that does not open (another key) holds nothing."""
    try:
        plain = sm4_decrypt(bytes.fromhex(settings.FILE_KEY), bytes(text.content)) if text.content else b"[]"
    except Damaged:
        return []
    pages: Pages = json.loads(plain)
    return pages


def _sealed(pages: Pages) -> bytes:
    return sm4_encrypt(bytes.fromhex(settings.FILE_KEY), json.dumps(pages, ensure_ascii=False).encode())


def written(file: File, pages: Pages, at: datetime, *, why: str = "", total: int | None = None) -> FileText:
    """Return the whole text of a file, unsaved: findable by its name and its lines."""
    kept, room = [], LONGEST
    for page in pages:
        lines = page if room > 0 else []
        room -= sum(map(len, lines))
        kept.append(lines)
    compared = [normalise(file.name), *(normalise("".join(page)) for page in kept)]
    return FileText(
        file=file, content=_sealed(kept), grams=" ".join(sorted(keyed(grams_of(compared)))),
        pages_total=len(kept) if total is None else total, pages_read=len(kept), why=why, read_at=at,
    )  # fmt: skip


def keep(texts: Sequence[FileText]) -> None:
    """Write texts, new or in place of what there was."""
    FileText.objects.bulk_create(
        texts, update_conflicts=True, unique_fields=["file"], batch_size=200,
        update_fields=["content", "grams", "pages_total", "pages_read", "tries", "why", "read_at"],
    )  # fmt: skip


def keep_paper(reading: Reading, at: datetime) -> None:
    """Keep what was read of a paper, from its pages as they were kept: covered where they show an identity card.

    What a card covers here is covered in every other file of the same bytes.
    """
    pages = list(reading.pages.order_by("number"))
    shown = [[] if page.concealed else lines_of(sheet) for page, sheet in zip(pages, sheets_of(pages), strict=True)]
    files = [reading.file]
    if any(page.concealed for page in pages):
        files += File.objects.filter(blob=reading.file.blob_id, reading=None, text__isnull=False)
    keep([written(file, shown, at) for file in files])


def forget(file: File, at: datetime) -> None:
    """Let a file be found no longer, and keep nothing of what is written in it."""
    keep([FileText(file=file, why="withdrawn", read_at=at)])


def read_on(file: File, seconds: float, at: datetime) -> bool:
    """Read a file for a while and say whether it is through. What was read is kept page by page, so a crash costs one.

    Files that cannot be read are found by their names. The same bytes are read once.
    """
    text = FileText.objects.filter(file=file).first() or FileText(file=file)
    if text.read_at is not None:
        return True
    reading = Reading.objects.filter(file=file).select_related("file").first()
    if reading is not None:
        return _of_paper(reading, at)
    if file.blob.mime not in (*READABLE, DOCX, XLSX) or not is_searched(file):
        keep([written(file, [], at, why="kind" if is_searched(file) else "personal")])
        return True
    if _keep_told(file, at):
        return True
    twin = FileText.objects.filter(file__blob=file.blob_id, read_at__isnull=False, why="").first()
    if twin is not None:
        keep([written(file, pages_in(twin), at)])
        return True
    pages = pages_in(text)
    try:
        for seen in pages_of(read_blob(file.blob), file.blob.mime, set(range(1, len(pages) + 1)), seconds,
                             pictures=False):  # fmt: skip
            if isinstance(seen, Seen):
                pages.append(lines_of(seen.sheet))
            else:
                text.pages_total = seen
    except Unreadable as why:
        keep([written(file, [], at, why=why.code)])
        return True
    except (Crashed, Damaged, FileNotFoundError):
        return _count_crash(text, pages, at)
    if len(pages) < text.pages_total:
        _keep_part(text, pages)
        return False
    keep([written(file, pages, at)])
    return True


def keep_what_is_told(at: datetime) -> None:
    """Let every letter that the platform wrote be found now: no file is opened for it."""
    for file in File.objects.filter(text=None, subject_type__in=TELLERS):
        _keep_told(file, at)


def _keep_told(file: File, at: datetime) -> bool:
    teller = TELLERS.get(file.subject_type)
    told = teller(file) if teller is not None else None
    if told is not None:
        keep([written(file, [[masking.text(line) for line in told]], at)])
    return told is not None


def _of_paper(reading: Reading, at: datetime) -> bool:
    """Take a paper's text from its reading: nothing is read twice."""
    if reading.state in UNREAD:
        return True  # it comes when the paper has been read
    if reading.state == "withdrawn":
        forget(reading.file, at)
    else:
        keep_paper(reading, at)
    return True


def _keep_part(text: FileText, pages: Pages) -> None:
    text.content, text.pages_read = _sealed(pages), len(pages)
    with transaction.atomic():
        keep([text])


def _count_crash(text: FileText, pages: Pages, at: datetime) -> bool:
    """Note that the reader crashed; after TRIES of them the file is found by its name and what was read so far."""
    text.tries += 1
    if text.tries < TRIES:
        _keep_part(text, pages)
        return False
    keep([written(text.file, pages, at, why="crashed", total=text.pages_total)])
    return True
