"""Stopping the clock of an approval on evidence: the file is kept with the case, where the applicant can read it."""

from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.models import Guarantee
from xinshu.work.actions.clock import stop_clock
from xinshu.work.models import Approval, StoppedClock


@transaction.atomic
def stop_on_evidence(
    approval: Approval, guarantee: Guarantee, *, reason: str, note: str, content: bytes, name: str, by: Member,
    at: datetime,
) -> StoppedClock:  # fmt: skip
    """Keep the evidence and let the time limit of the open level stand still."""
    file = keep_file(content, name, guarantee.guarantor, by, at, subject=guarantee, sealed_until=guarantee.secret_until)
    return stop_clock(
        approval, guarantee, reason=reason, note=note, evidence_name=file.name, evidence_reference=file.reference,
        evidence_sm3=file.blob.sm3, by=by, at=at,
    )  # fmt: skip
