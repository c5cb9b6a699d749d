"""The gate: while a case about a firm is frozen at a house, the house takes on and issues nothing for it."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.core.composed import composed
from xinshu.guarantees.gates import ISSUE, register_gate
from xinshu.guarantees.models import Guarantee
from xinshu.watch.lifecycle import STOPPING
from xinshu.watch.models import WatchCase


@register_gate
def not_frozen(guarantee: Guarantee, act: str, at: datetime) -> str | None:
    """Return why `act` must wait; the applicant reads it, so it says nothing of what was found or with whom."""
    if not _stopped(guarantee.guarantor_id, guarantee.applicant_id):
        return None
    if act == ISSUE:
        return _("申请人的业务正在核查，解冻前不能签发。请在“风险案件”里查看。")
    return _("保证人正在核查贵单位的业务，暂时不受理新的申请。请联系您的客户经理。")


@composed
def _stopped(house: int, firm: int) -> "QuerySet[WatchCase, int]":
    cases = WatchCase.objects.filter(house=house, state__in=STOPPING, evidence__firm=firm)
    return cases.values_list("pk", flat=True)[:1]
