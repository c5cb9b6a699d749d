"""What the documents do by themselves: read what was brought; every night, where files lie in two places, mend them."""

import logging
import time
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.documents.announcements import ask_the_owner, tell_of_batch, tell_the_keeper
from xinshu.documents.blobs import read_blob
from xinshu.documents.mending import mend
from xinshu.documents.models import File, Reading
from xinshu.documents.papers.actions import begin, count_crash, finish, keep_page, refuse
from xinshu.documents.papers.apart import Crashed, Unreadable, pages_of
from xinshu.documents.searching.keeping import UNREAD, forget, keep_paper, read_on
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.ledger.recording import record

log = logging.getLogger(__name__)


class FilesLost(Exception):
    """Files that the database names lie whole in neither place; they must come from a backup."""


@every_night
def mend_second_copies(on: date, at: datetime) -> None:
    """Copy what one place missed while it was away. Fails, to be tried again, while one is still away."""
    if not settings.FILES_PLACES:
        return
    found = mend()
    for name, count in found.copied.items():
        if count:
            log.warning("Storage %s missed %d files, copied there.", name, count)
    if found.lost:
        raise FilesLost(f"{len(found.lost)} files are whole in neither place: {', '.join(found.lost[:5])}")


AT_ONCE = 200  # files looked at in one turn
TURN = 8.0  # seconds of reading after which a long file lets others' work go first; the page at hand is finished


@reacts_to("reading.queued", together=False)
def read_paper(entry: Entry) -> None:
    """Read a file page by page, for a while at a time; after a crash it goes on with the pages that are missing."""
    reading = Reading.objects.select_related("file__blob").filter(pk=entry.subject_id).first()
    if reading is None or reading.state not in ("queued", "reading"):
        return
    reading = begin(reading, at=now())
    done = set(reading.pages.values_list("number", flat=True))
    try:
        for told in pages_of(read_blob(reading.file.blob), reading.file.blob.mime, done, TURN):
            if isinstance(told, int):
                Reading.objects.filter(pk=reading.pk).update(pages_total=told)
                reading.pages_total = told
            else:
                done.add(keep_page(reading, told).number)
    except Unreadable as why:
        refuse(reading, why, at=now())
        return
    except Crashed as error:
        log.warning("Reading of %s crashed: %s", reading.reference, error)
        if count_crash(reading, at=now()).state == "reading":
            raise Later(now() + timedelta(seconds=15)) from error
        return
    if len(done) < reading.pages_total:
        raise Later(now())
    finish(reading, at=now())


@reacts_to("reading.read", "reading.kind_said", "reading.withdrawn")
def find_paper(entry: Entry) -> None:
    """Let a paper be found by what was read of it and is not covered; one that was taken back no longer."""
    reading = Reading.objects.select_related("file").get(pk=entry.subject_id)
    if reading.state == "withdrawn":
        forget(reading.file, now())
    elif reading.state in ("read", "confirmed"):
        keep_paper(reading, now())


@reacts_to("file.kept", together=False)
def find_file(entry: Entry) -> None:
    """Read what is written in a file, for a while at a time, so that it is found by it."""
    if not settings.READ_FILES:
        return
    file = File.objects.select_related("blob").filter(pk=entry.subject_id).first()
    if file is not None and not read_on(file, TURN, now()):
        raise Later(now())


@every_night
def look_for_unread_files(on: date, at: datetime) -> None:
    """Where files came before they were read for search, or were missed, have them read: no file, no entry."""
    missing = unread().order_by("-pk").first()
    if missing is not None and settings.READ_FILES:
        with transaction.atomic():
            record("file.unread_found", missing, by=SYSTEM, at=at, sealed_until=missing.sealed_until)


@reacts_to("file.unread_found", together=False)
def read_unread_files(entry: Entry) -> None:
    """Read what is missing, newest first, a while at a time; each file is a row, so it goes on where it stopped."""
    until = time.monotonic() + TURN
    for file in unread().select_related("blob").order_by("-pk")[:AT_ONCE]:
        read_on(file, TURN, now())
        if time.monotonic() > until:
            break
    if unread().exists():
        raise Later(now())


def unread() -> QuerySet[File]:
    """Return the files that nobody has read to the end for search; papers on their way come by themselves."""
    papers = Reading.objects.filter(state__in=UNREAD).values("file")
    return File.objects.filter(Q(text=None) | Q(text__read_at=None)).exclude(pk__in=papers)


@reacts_to("reading.read", "reading.refused", "reading.failed")
def tell_when_batch_is_read(entry: Entry) -> None:
    """Tell who brought the files, once all of one upload are through."""
    tell_of_batch(entry)


@reacts_to("reading.offered")
def ask_owner(entry: Entry) -> None:
    """Ask the customer to confirm what its account manager brought."""
    ask_the_owner(entry)


@reacts_to("reading.returned", "reading.confirmed")
def tell_keeper(entry: Entry) -> None:
    """Tell the account manager that the customer confirmed or sent back."""
    tell_the_keeper(entry)
