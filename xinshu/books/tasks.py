"""What the books do by themselves, every night: release holds that are due, follow dated rules, reconcile."""

from datetime import date, datetime, timedelta

from django.db import transaction

from xinshu.accounts.models import Organisation
from xinshu.books.holds import release_due
from xinshu.books.limits import USED, apply_ceilings, ceilings_of, hold_limits
from xinshu.books.models import Account, Capital, CustomerGroup, TotalLimit
from xinshu.books.reconciliation import reconcile
from xinshu.books.thresholds import keep_day, tell_of_use
from xinshu.core.actors import SYSTEM
from xinshu.ledger.reactions import every_night
from xinshu.ledger.recording import record


@every_night
def release_due_holds(on: date, at: datetime) -> None:
    """Give back what was reserved for cases that did not go on in time."""
    release_due(at)


@every_night
def follow_dated_rules(on: date, at: datetime) -> None:
    """Count every issuer's limits anew where a rule begins or ends on this day."""
    for issuer in Organisation.objects.filter(pk__in=Capital.objects.values("issuer")).order_by("pk"):
        with transaction.atomic():
            hold_limits(issuer.pk)
            now = ceilings_of(issuer, on)
            stale = (
                Account.objects.filter(holder=issuer, purpose=USED).exclude(ceiling=now.client),
                CustomerGroup.objects.filter(issuer=issuer).exclude(ceiling=now.group),
                TotalLimit.objects.filter(issuer=issuer).exclude(ceiling=now.total),
            )
            if any(rows.exists() for rows in stale):
                apply_ceilings(issuer, now.client, now.group, now.total)
                record("limits.changed", issuer, by=SYSTEM, at=at, client=now.client, group=now.group, total=now.total)


@every_night
def watch_totals(on: date, at: datetime) -> None:
    """Tell houses whose total came near its limit, and keep how every total stood yesterday for the history."""
    for total in TotalLimit.objects.filter(ceiling__isnull=False).select_related("issuer").order_by("pk"):
        tell_of_use(total, at)
    keep_day(on - timedelta(days=1))


@every_night
def reconcile_books(on: date, at: datetime) -> None:
    """Compare what should agree; differences are kept for people and in the ledger."""
    if Account.objects.exists():
        reconcile(at)
