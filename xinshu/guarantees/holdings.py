"""What the books are told of guarantees: how a case is called, what it holds of a line, how it ends when unpaid."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.books.subjects import OCCUPIED, RESERVED, Claim, Subject, SubjectKind, register
from xinshu.guarantees.actions.approval import lapse_application
from xinshu.guarantees.models import Guarantee

HOLDS = {"fee_due": RESERVED, "to_issue": RESERVED, "issuing": OCCUPIED, "in_force": OCCUPIED}


def subjects(ids: Iterable[int], member: Member, at: datetime) -> Mapping[int, Subject]:
    """Return what those of the guarantees are called that exist for `member`."""
    found = Guarantee.objects.visible_to(member, at).filter(pk__in=list(ids))
    rows = found.values_list("pk", "number", "reference")
    return {
        pk: Subject(number or reference, reverse("guarantees:detail", args=[reference]))
        for pk, number, reference in rows
    }


def claims() -> Iterator[Claim]:
    """Give what every case holds of its applicant's line, by its own word, in the order of their ids."""
    rows = Guarantee.objects.filter(state__in=HOLDS).order_by("pk")
    wanted = rows.values_list("pk", "guarantor", "applicant", "state", "amount")
    for pk, guarantor, applicant, state, amount in wanted.iterator(chunk_size=5000):
        yield Claim(pk, guarantor, applicant, HOLDS[state], amount or 0)


def lapse(pk: int, at: datetime) -> bool:
    """End a case whose reservation is due."""
    return lapse_application(Guarantee.objects.select_related("project").get(pk=pk), at=at)


def sealed_until(pk: int) -> datetime | None:
    """Return until when nobody but the two parties may know of the case."""
    return Guarantee.objects.select_related("project").get(pk=pk).secret_until


register(SubjectKind("guarantees.guarantee", subjects, claims, lapse, sealed_until))
