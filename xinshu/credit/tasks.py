"""What follows: those concerned are told; every night scores fade, lists end, appeals are reminded of."""

from contextlib import suppress
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.calendar import default_calendar
from xinshu.core.clock import now
from xinshu.core.refusals import Changed, NotNow
from xinshu.credit.actions.behaviours import record_of
from xinshu.credit.actions.lists import end_entry
from xinshu.credit.announcements import KINDS_ANNOUNCED, announce, operators
from xinshu.credit.kinds import APPLICANT, GUARANTOR, SIDES
from xinshu.credit.lifecycle import HOLDS
from xinshu.credit.models import Appeal, ListEntry
from xinshu.credit.scores import open_records, refresh, refresh_all
from xinshu.enterprises.models import Enterprise
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.messaging.notices import notify


@reacts_to(*KINDS_ANNOUNCED)
def tell_those_concerned(entry: Entry) -> None:
    """Put a notice before everybody whom the table names."""
    announce(entry)


@reacts_to("enterprise.customer_taken")
def open_for_customer(entry: Entry) -> None:
    """Open the record of a firm that has become somebody's customer."""
    enterprise = Enterprise.objects.select_related("organisation").get(pk=entry.subject_id)
    refresh(record_of(enterprise.organisation, APPLICANT), now())


@every_night
def reckon_all_scores(on: date, at: datetime) -> None:
    """Open the records that are missing and bring every score to the day: what fades, fades by the day."""
    firms = Enterprise.objects.exclude(organisation__credit_records__side=APPLICANT)
    houses = Organisation.objects.filter(kind__in=Organisation.ISSUERS).exclude(credit_records__side=GUARANTOR)
    open_records(APPLICANT, list(firms.values_list("organisation", flat=True)))
    open_records(GUARANTOR, list(houses.values_list("pk", flat=True)))
    for side in SIDES:
        with transaction.atomic():
            refresh_all(side, at)


@every_night
def end_lists(on: date, at: datetime) -> None:
    """End the entries whose last day has passed. What is being changed just now waits a night."""
    for entry in ListEntry.objects.filter(state__in=HOLDS, valid_until__lt=on).order_by("pk").iterator():
        with suppress(Changed, NotNow):
            end_entry(entry, at=at)


@every_night
def remind_of_appeals(on: date, at: datetime) -> None:
    """Remind the operator of appeals two working days before they are due, on the day, and once they are late."""
    houses = operators()
    for appeal in Appeal.objects.filter(state="open").select_related("record__organisation").order_by("pk"):
        left = default_calendar().between(on, appeal.due_on)
        if left > 2:
            continue
        when = _("已逾期") if on > appeal.due_on else _("最后一天") if on == appeal.due_on else _("即将到期")
        text = _("%(when)s：%(firm)s的信用异议应在 %(day)s 前决定。") % {
            "when": when, "firm": appeal.record.organisation.name, "day": appeal.due_on.isoformat(),
        }  # fmt: skip
        stage = "late" if on > appeal.due_on else on.isoformat()
        for house, right in houses:
            notify(
                house, text, link=reverse("credit:appeal", args=[appeal.reference]), permission=right, tone="warn",
                subject=appeal, key=f"credit_appeal.due:{appeal.pk}:{stage}", at=at,
            )  # fmt: skip
