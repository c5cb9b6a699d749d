"""What the books are told of guarantees: how a case is called, what it holds of a line, how it ends when unpaid."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.subjects import OCCUPIED, RESERVED, Claim, Subject, SubjectKind, register
from xinshu.guarantees.actions.amendments import lapse_amendment
from xinshu.guarantees.actions.approval import lapse_application
from xinshu.guarantees.changing import AMENDMENT_OPEN
from xinshu.guarantees.models import Amendment, Guarantee, Payment
from xinshu.guarantees.models.changes import WITH_PARTIES

BEFORE_ISSUE = ("fee_due", "to_issue")  # reserved; from the issue on occupied, until the line is restored


def subjects(ids: Iterable[int], member: Member, at: datetime) -> Mapping[int, Subject]:
    """Return what those of the guarantees are called that exist for `member`."""
    found = Guarantee.objects.visible_to(member, at).filter(pk__in=list(ids))
    rows = found.values_list("pk", "number", "reference")
    return {
        pk: Subject(number or reference, reverse("guarantees:detail", args=[reference]))
        for pk, number, reference in rows
    }


def claims() -> Iterator[Claim]:
    """Give what every case holds of its applicant's line, by its own word, in the order of their ids.

    What was paid is a receivable and holds no line; what lapsed holds it until the claim tail is over.
    """
    holding = Q(state__in=BEFORE_ISSUE) | Q(issued_at__isnull=False, restored_at=None, amount__gt=F("paid_amount"))
    rows = Guarantee.objects.filter(holding).order_by("pk")
    wanted = rows.values_list("pk", "guarantor", "applicant", "state", "amount", "paid_amount")
    for pk, guarantor, applicant, state, amount, paid in wanted.iterator(chunk_size=5000):
        yield Claim(pk, guarantor, applicant, RESERVED if state in BEFORE_ISSUE else OCCUPIED, (amount or 0) - paid)


def lapse(pk: int, at: datetime) -> bool:
    """End a case whose reservation is due."""
    return lapse_application(Guarantee.objects.select_related("project").get(pk=pk), at=at)


def sealed_until(pk: int) -> datetime | None:
    """Return until when nobody but the two parties may know of the case."""
    return Guarantee.objects.select_related("project").get(pk=pk).secret_until


def amendment_subjects(ids: Iterable[int], member: Member, at: datetime) -> Mapping[int, Subject]:
    """Return what those of the amendments are called that exist for `member`."""
    found = Amendment.objects.visible_to(member, at).filter(pk__in=list(ids))
    return {
        row.pk: Subject(
            _("%(number)s 的修改") % {"number": row.guarantee.number},
            reverse("guarantees:amendment", args=[row.reference]),
        )
        for row in found.select_related("guarantee")
    }


def amendment_claims() -> Iterator[Claim]:
    """Give what increases that are agreed and not yet accepted have reserved."""
    rows = Amendment.objects.filter(
        state__in=AMENDMENT_OPEN, decided_at__isnull=False, new_amount__gt=F("old_amount")
    ).select_related("guarantee")
    for row in rows.order_by("pk").iterator(chunk_size=5000):
        yield Claim(row.pk, row.guarantee.guarantor_id, row.guarantee.applicant_id, RESERVED, row.extra)


def amendment_lapse(pk: int, at: datetime) -> bool:
    """End an amendment whose difference was not paid in time; False while a payment is under way."""
    row = Amendment.objects.select_related(*WITH_PARTIES).get(pk=pk)
    if row.payments.exclude(state=Payment.State.REFUSED).exists():
        return False
    lapse_amendment(row, at=at, reason=_("逾期没有补缴保费。"))
    return True


def amendment_sealed_until(pk: int) -> datetime | None:
    """Return until when nobody but the two parties may know of an amendment."""
    return Amendment.objects.select_related("guarantee__project").get(pk=pk).secret_until


register(SubjectKind("guarantees.guarantee", subjects, claims, lapse, sealed_until))
register(
    SubjectKind("guarantees.amendment", amendment_subjects, amendment_claims, amendment_lapse, amendment_sealed_until)
)
