"""提醒线: from which shares of its total a house wants to be told, and telling it once when one is passed."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.limits import USED, total_of
from xinshu.books.models import Account, TotalDay, TotalLimit
from xinshu.core.actors import Actor
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid
from xinshu.ledger.recording import record
from xinshu.messaging.notices import notify

RIGHT = "books.limits"


@transaction.atomic
def set_thresholds(issuer: Organisation, warn_at: int, alarm_at: int, *, by: Actor, at: datetime) -> TotalLimit:
    """Say from which shares of the total (in percent) the house's people want to be told."""
    if not 1 <= warn_at < alarm_at <= 100:
        raise Invalid(
            _("提醒线没有修改：两条线都在 1 到 100 之间，第二条要高于第一条。"),
            advice=_("原来的提醒线不变。"),
            fields={"alarm_at": _("应高于第一条，不超过 100")},
        )
    total = TotalLimit.objects.select_for_update().get(pk=total_of(issuer).pk)
    total.warn_at, total.alarm_at, total.told = warn_at, alarm_at, 0
    total.save(update_fields=["warn_at", "alarm_at", "told"])
    record("capacity.thresholds", issuer, by=by, at=at, warn_at=warn_at, alarm_at=alarm_at)
    return total


def passed(total: TotalLimit) -> int:
    """Return the highest threshold (percent) that the use has reached; 0 when none, or no limit is known."""
    if total.ceiling is None:
        return 0
    reached = [share for share in (total.warn_at, total.alarm_at) if total.used * 100 >= total.ceiling * share]
    return max(reached, default=0)


def tell_of_use(total: TotalLimit, at: datetime) -> bool:
    """Tell the house's people once when a threshold was passed upwards; forget it when use has fallen below.

    Whoever is second finds the row told already. True when people were told.
    """
    reached = passed(total)
    if reached == total.told:
        return False
    with transaction.atomic():
        if not TotalLimit.objects.filter(pk=total.pk, told=total.told).update(told=reached) or reached < total.told:
            return False
        assert total.ceiling is not None
        text = _("责任余额已达到上限的 %(share)s%%：已用 %(used)s 元，上限 %(ceiling)s 元，剩余 %(free)s 元。") % {
            "share": reached, "used": yuan(total.used), "ceiling": yuan(total.ceiling), "free": yuan(total.room or 0),
        }  # fmt: skip
        notify(
            total.issuer, text, link=reverse("books:limits"), permission=RIGHT, subject=total.issuer, at=at,
            tone="danger" if reached == total.alarm_at else "warn", key=f"capacity:{total.pk}:{reached}:{at:%Y%m%d}",
        )  # fmt: skip
    return True


def keep_day(on: date) -> int:
    """Write down how every issuer's total stands at the end of `on`; once a day. Returns for how many."""
    sums = {
        row["holder"]: (row["reserved"], row["occupied"])
        for row in Account.objects.filter(purpose=USED, unit=Account.Unit.LINE)
        .values("holder")
        .annotate(reserved=Sum("credits_pending"), occupied=Sum(F("credits_posted") - F("debits_posted")))
    }
    days = [
        TotalDay(issuer_id=total.issuer_id, on=on, reserved=reserved, occupied=occupied, ceiling=total.ceiling)
        for total in TotalLimit.objects.filter(Q(used__gt=0) | Q(ceiling__isnull=False))
        for reserved, occupied in [sums.get(total.issuer_id, (0, 0))]
    ]
    TotalDay.objects.bulk_create(days, ignore_conflicts=True)
    return len(days)
