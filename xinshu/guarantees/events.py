"""What other systems can be told of guarantees: a thin word, and only to those for whom the case exists by then."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.integrations.events import Subject, offer
from xinshu.ledger.models import Entry

OUTWARD = {  # what beneficiary and department may be told, too
    "guarantee.delivered": _("保函送达"),
    "guarantee.released": _("担保解除"),
    "guarantee.expired": _("保函到期"),
}
INWARD = {
    "guarantee.submitted": _("申请已提交"),
    "guarantee.referred": _("转人工审批"),
    "guarantee.approved": _("审批通过"),
    "guarantee.returned": _("退回补正"),
    "guarantee.declined": _("拒绝承保"),
    "guarantee.cancelled": _("退费终止"),
    "guarantee.withdrawn": _("申请撤回"),
    "guarantee.lapsed": _("申请失效"),
    "guarantee.issued": _("保函签发"),
    "payment.confirmed": _("保费到账"),
    "payment.refused": _("缴费未成功"),
    "payment.refunded": _("保费已退还"),
}


def tell(entry: Entry, member: Member, at: datetime) -> Subject | None:
    """Return the guarantee of an entry as `member` may hear of it; None where it does not exist for them."""
    guarantee = Guarantee.objects.visible_to(member, at).filter(pk=entry.subject_id).first()
    if guarantee is None:
        return None
    if entry.kind not in OUTWARD and not guarantee.sides_of(member) & {"applicant", "guarantor"}:
        return None
    data = {
        "reference": guarantee.reference,
        "number": guarantee.number,
        "kind": guarantee.kind,
        "state": guarantee.state,
        "state_label": LIFECYCLE.states[guarantee.state].label,
        "version": guarantee.version,
    }
    return Subject(guarantee.reference, f"/api/v1/guarantees/{guarantee.reference}", data)


offer({**OUTWARD, **INWARD}, tell)
