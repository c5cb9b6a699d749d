"""Renewing (续保, BH-25): a new guarantee that names its predecessor, filled with everything that one had.

A renewal is no amendment: an instrument that ended never comes back to life (domain.md 3.2).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.guarantees.actions.application import edit_application, start_application
from xinshu.guarantees.extras import read
from xinshu.guarantees.history import remember
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Attachment, Guarantee
from xinshu.guarantees.terms_now import values_now

RENEWABLE = ("in_force", "expired")


@transaction.atomic
def renew_guarantee(guarantee: Guarantee, *, by: Member, at: datetime) -> Guarantee:
    """Begin the draft of a successor: same parties, project, amount and material; the term follows the old one.

    Asked twice, the draft that is under way already is returned.
    """
    if "applicant" not in guarantee.sides_of(by) or not by.can("guarantees.apply"):
        raise NotPermitted(_("您没有为这笔保函办理续保的权限。"))
    if guarantee.state not in RENEWABLE:
        state = LIFECYCLE.states[guarantee.state].label
        raise NotNow(_("这笔保函现在是“%(state)s”，不能续保。") % {"state": state}, advice=_("可以申请新的保函。"))
    if guarantee.kind in SECRET:
        raise NotNow(_("投标保函开标后不能再出具新函。"), advice=_("需要延长的，请对这份保函申请修改到期日。"))
    begun = guarantee.successors.exclude(state__in=("declined", "withdrawn", "lapsed")).order_by("-pk").first()
    if begun is not None:
        return begun
    renewal = start_application(
        kind=guarantee.kind, project=guarantee.project, applicant=guarantee.applicant, guarantor=guarantee.guarantor,
        by=by, at=at,
    )  # fmt: skip
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    start = max(guarantee.expires_on, local_day(at)) + timedelta(days=1)
    renewal = edit_application(
        renewal, by=by, at=at, amount=guarantee.amount or guarantee.first_amount or 1, effective_on=start,
        expires_on=start + (guarantee.expires_on - guarantee.effective_on),
        extras=read(renewal.type.fields, guarantee.extras)[0],  # what today's version of the type still asks for
    )  # fmt: skip
    Attachment.objects.bulk_create(
        Attachment(guarantee=renewal, file_id=row.file_id, title=row.title)
        for row in guarantee.attachments.order_by("pk")
    )
    renewal.change(at=at, predecessor=guarantee)
    remember("guarantee.renewal_begun", renewal, by=by, at=at, predecessor=guarantee.number)
    return renewal


def against_predecessor(renewal: Guarantee) -> list[tuple[str, str, str]]:
    """Return (label, old, new) of every term of a renewal beside that of its predecessor, equal ones too."""
    old = renewal.predecessor
    if old is None or old.amount is None:
        return []
    before = values_now(old)
    return [
        (_("保函金额"), before["amount"], _yuan(renewal.amount)),
        (_("生效日"), before["effective_on"], _day(renewal.effective_on)),
        (_("到期日"), before["expires_on"], _day(renewal.expires_on)),
        (_("申请人"), before["applicant"], renewal.applicant.name),
        (_("受益人"), before["beneficiary"], renewal.beneficiary.name),
        (_("项目"), before["project"], renewal.project.name),
    ]


def _yuan(fen: int | None) -> str:
    return "" if fen is None else yuan(fen)


def _day(day: object) -> str:
    return "" if day is None else str(day)
