"""Ending: released by the beneficiary or expired by the calendar. What is undrawn lapses, the line is free again."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.lines import restore
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee


class NotYetOver(Refusal):
    """The last day of the guarantee has not passed."""

    title = "还没有到期"


@transaction.atomic
def release_guarantee(guarantee: Guarantee, *, by: Member, at: datetime, reason: str) -> Guarantee:
    """Let the guarantor go, at the beneficiary's word. The paper need not come back."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("release", guarantee, by)
    lapsed = guarantee.available_amount
    guarantee.change(step, at=at, available_amount=0, lapsed_amount=lapsed, ended_at=at)
    restore(guarantee, at=at)
    remember("guarantee.released", guarantee, by=by, at=at, number=guarantee.number, lapsed=lapsed, reason=reason)
    return guarantee


@transaction.atomic
def expire_guarantee(guarantee: Guarantee, *, on: date, at: datetime) -> Guarantee:
    """End a guarantee whose last day lies before `on`. The day itself still belongs to the beneficiary, to its end."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("expire", guarantee, SYSTEM)
    if guarantee.expires_on is None or guarantee.expires_on >= on:
        raise NotYetOver(_("保函到期日 %(end)s 还没有过去。") % {"end": guarantee.expires_on})
    lapsed = guarantee.available_amount
    guarantee.change(step, at=at, available_amount=0, lapsed_amount=lapsed, ended_at=at)
    restore(guarantee, at=at)
    remember("guarantee.expired", guarantee, by=SYSTEM, at=at, number=guarantee.number, lapsed=lapsed)
    return guarantee
