"""`seal` a letter for an organisation, `keep_sealed` what came of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.composed import composed
from xinshu.core.sm import sm3
from xinshu.core.statements import insert
from xinshu.documents.models import SealedDocument
from xinshu.documents.sealing.keys import authority
from xinshu.documents.uploads import file_of


@dataclass(frozen=True)
class Sealed:
    """A signed PDF and its SM2 signature. All in hex but the content."""

    content: bytes
    organisation: Organisation
    sm3: str
    sm2_signature: str
    sm2_public: str
    certificate_serial: str
    sealed_at: datetime


def seal(pdf: bytes, organisation: Organisation, *, at: datetime) -> Sealed:
    """Sign `pdf` for `organisation` at the moment `at`. Stores nothing; sealing again gives another, equally good."""
    house = authority()
    signer = house.signer_of(organisation)
    from xinshu.documents.sealing import pades  # pyHanko takes half a second to load: only who seals shall pay it

    content = pades.sign(pdf, signer, house.timestamps, name=organisation.name, at=at)
    digest = sm3(content)
    return Sealed(
        content=content,
        organisation=organisation,
        sm3=digest.hex(),
        sm2_signature=signer.sign_sm2(digest).hex(),
        sm2_public=signer.sm2_public,
        certificate_serial=f"{signer.certificate.serial_number:x}",
        sealed_at=at,
    )


@transaction.atomic
def keep_sealed(
    sealed: Sealed,
    name: str,
    *,
    subject: models.Model | None,
    at: datetime,
    by: Actor = SYSTEM,
    sealed_until: datetime | None = None,
) -> SealedDocument:
    """Store a sealed PDF as a file of its signer, and remember what makes it genuine.

    `name` is the file's name with its ending ("履约保函 YZLG2026-0318-0064.pdf"). Safe to run twice with the same
    `sealed`.
    """
    if kept := _kept.first(sealed.sm3):
        return kept
    file = file_of(
        sealed.content, name, "application/pdf", sealed.organisation, by, at, subject=subject, sealed_until=sealed_until
    )
    document = SealedDocument(
        file=file,
        organisation=sealed.organisation,
        pdf_sm3=sealed.sm3,
        sm2_signature=sealed.sm2_signature,
        sm2_public=sealed.sm2_public,
        certificate_serial=sealed.certificate_serial,
        sealed_at=sealed.sealed_at,
        subject_type=file.subject_type,
        subject_id=file.subject_id,
    )
    insert(document)
    return document


@composed
def _kept(digest: str) -> models.QuerySet[SealedDocument]:
    return SealedDocument.objects.filter(pdf_sm3=digest).order_by("pk")[:1]
