"""The nightly round: what only mattered for minutes is forgotten; passwords that grow too old are told of."""

from datetime import date, datetime, timedelta

from django.db import transaction

from xinshu.accounts.models import FaceCheck, Member, SentCode, SignInAttempt
from xinshu.accounts.passwords import SOON, expires_at
from xinshu.accounts.roles import is_privileged
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night
from xinshu.ledger.recording import record


@every_night
def forget_old_sign_in_attempts(on: date, at: datetime) -> None:
    """Delete the counters of failed sign-ins that are older than a day; the ledger keeps the failures themselves."""
    SignInAttempt.objects.filter(last_failed_at__lt=at - timedelta(days=1)).delete()


@every_night
def forget_old_codes(on: date, at: datetime) -> None:
    """Delete the digests of codes that no limit counts any more."""
    SentCode.objects.filter(sent_at__lt=at - timedelta(days=2)).delete()


@every_night
def forget_old_face_checks(on: date, at: datetime) -> None:
    """Delete face verifications of the day before, decided or not; the ledger keeps how they ended."""
    FaceCheck.objects.filter(begun_at__lt=at - timedelta(days=1)).delete()


@every_night
def tell_of_ageing_passwords(on: date, at: datetime) -> None:
    """Record, a week before and on the day, that a privileged person's password grows too old; they get a notice."""
    for member in Member.objects.acting().order_by("pk"):
        if not is_privileged(member.roles) or (expires := expires_at(member.user)) is None:
            continue
        if local_day(expires) not in (on, on + SOON):
            continue
        day = local_day(expires).isoformat()
        told = Entry.objects.filter(
            kind="account.password_ageing", subject_type="accounts.member", subject_id=member.pk, at__gte=at - SOON
        )
        if any(entry.data == {"expires": day, "on": on.isoformat()} for entry in told):
            continue  # the round goes on where it stopped
        with transaction.atomic():
            record("account.password_ageing", member, by=SYSTEM, at=at, expires=day, on=on.isoformat())
