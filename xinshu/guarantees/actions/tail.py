"""The tail (索赔尾期): after an end the line still waits for what is on its way; then it comes back, exactly once."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.lines import restore
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow
from xinshu.guarantees.changing import TAILS, Tail
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import ClaimTail, Guarantee
from xinshu.ledger.recording import record

MOST_DAYS = 365


@transaction.atomic
def restore_line(guarantee: Guarantee, *, at: datetime) -> Guarantee:
    """Give the line back that an ended guarantee still occupies (LineRestored): what was paid is a receivable by now.

    Raises NotNow while a demand is open, while the tail runs, and when it came back already.
    """
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("restore", guarantee, SYSTEM)
    if guarantee.restored_at is not None:
        raise NotNow(_("额度已经恢复过，不能再恢复一次。"))
    if guarantee.reserved_amount:
        raise NotNow(_("还有索赔没有办完，额度继续占用。"))
    if guarantee.tail_until is not None and local_day(at) < guarantee.tail_until:
        raise NotNow(_("索赔尾期到 %(day)s，额度届时恢复。") % {"day": guarantee.tail_until.isoformat()})
    moved = restore(guarantee, at=at)
    guarantee.change(step, at=at, restored_at=at)
    remember(
        "guarantee.line_restored", guarantee, by=SYSTEM, at=at, number=guarantee.number,
        amount=moved.amount if moved else 0,
    )  # fmt: skip
    return guarantee


def tail_of(guarantor: int, kind: str, end: str) -> Tail:
    """Return the days that the line of an ended guarantee waits: the guarantor's own, else the platform's."""
    own = ClaimTail.objects.filter(guarantor=guarantor, kind=kind, end=end).first()
    return Tail(own.days, own.source) if own else TAILS[end]


def tail_end(guarantee: Guarantee, end: str, last: date) -> date:
    """Return the day from which the line may come back, the end having come on `last`."""
    days = tail_of(guarantee.guarantor_id, guarantee.kind, end).days
    return last + timedelta(days=days + (end == "expired"))  # the tail is over when its last day has passed


@transaction.atomic
def set_tail(
    guarantor: Organisation, kind: str, end: str, *, days: int, source: str, by: Actor, at: datetime
) -> ClaimTail:
    """Set a guarantor's own tail for one kind and end. Raises Invalid; guarantees already ended keep theirs."""
    if end not in TAILS or not 0 <= days <= MOST_DAYS:
        raise Invalid(_("索赔尾期应为 0 到 %(most)d 天。") % {"most": MOST_DAYS}, fields={"days": _("超出范围")})
    if not source.strip():
        raise Invalid(_("请写明索赔尾期的依据。"), fields={"source": _("还没有填写")})
    row, _new = ClaimTail.objects.update_or_create(
        guarantor=guarantor, kind=kind, end=end, defaults={"days": days, "source": source.strip()[:120]}
    )
    record(
        "claim_tail.set", row, by=by, at=at, guarantor=guarantor.pk, kind_code=kind, end=end, days=days, source=source
    )
    return row
