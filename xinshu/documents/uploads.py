"""Keeping a file that somebody brings: look at it, store it once, remember it."""

from datetime import datetime
from typing import IO, Protocol

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid
from xinshu.core.statements import insert
from xinshu.documents.blobs import keep_blob
from xinshu.documents.contents import ACCEPTED, check_name, recognise
from xinshu.documents.models import File
from xinshu.ledger.recording import record


class Upload(Protocol):
    """What a form hands over (django's UploadedFile)."""

    name: str | None
    size: int | None
    file: IO[bytes] | None

    def read(self) -> bytes: ...


def read_upload(upload: Upload) -> bytes:
    """Return the bytes of a form's file. Raises Invalid before reading one that is too large."""
    if (upload.size or 0) > settings.UPLOAD_LIMIT:
        message = _("“%(name)s”太大，没有保存。") % {"name": upload.name}
        limit = settings.UPLOAD_LIMIT // 1024 // 1024
        raise Invalid(message, advice=_("单个文件不超过 %(size)d MB。") % {"size": limit}, fields={"file": message})
    return upload.read()


@transaction.atomic
def keep_file(
    content: bytes,
    name: str,
    owner: Organisation,
    by: Actor,
    at: datetime,
    *,
    subject: models.Model | None = None,
    sealed_until: datetime | None = None,
    takes: str = ACCEPTED,
) -> File:
    """Keep what `by` brings for `owner`, as part of the case `subject`. Raises Invalid, saying what is accepted.

    `sealed_until`: as in `record`; what is recorded about the file, then and later, stays sealed until that moment.
    `takes`: which kinds the place where it is brought works with, in words, for who brings another.
    """
    name = check_name(name)
    kind = recognise(content, name, limit=settings.UPLOAD_LIMIT, takes=takes)
    return file_of(content, name, kind.mime, owner, by, at, subject=subject, sealed_until=sealed_until)


def file_of(
    content: bytes,
    name: str,
    mime: str,
    owner: Organisation,
    by: Actor,
    at: datetime,
    *,
    subject: models.Model | None,
    sealed_until: datetime | None,
) -> File:
    """Store bytes that were already looked at, or that the platform made itself. Must run in a transaction."""
    blob = keep_blob(content, mime)
    file = File(
        blob=blob,
        name=name,
        owner=owner,
        uploaded_by=by.actor_key,
        uploaded_at=at,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=subject.pk if subject else None,
        sealed_until=sealed_until,
    )
    insert(file)
    record("file.kept", file, by=by, at=at, sealed_until=sealed_until, name=name, sm3=blob.sm3, size=blob.size)
    return file


def keep_again(
    file: File, by: Actor, at: datetime, *, subject: models.Model, sealed_until: datetime | None = None
) -> File:
    """Name the bytes of `file` once more, as part of another case: nothing is uploaded, nothing stored twice.

    Must run in a transaction. What is recorded does not name the case that the file came from.
    """
    again = File.objects.create(
        blob_id=file.blob_id,
        name=file.name,
        owner_id=file.owner_id,
        uploaded_by=by.actor_key,
        uploaded_at=at,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        sealed_until=sealed_until,
    )
    told = {"name": again.name, "sm3": again.blob.sm3, "size": again.blob.size}
    record("file.kept", again, by=by, at=at, sealed_until=sealed_until, **told)
    return again
