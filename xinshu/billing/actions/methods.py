"""Setting how a house sets aside reserves."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.billing.models import ReserveMethod
from xinshu.billing.reserves import Method
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.ledger.recording import record


@transaction.atomic
def set_method(method: Method, *, valid_from: date, by: Member, at: datetime) -> ReserveMethod:
    """Write another version of the house's method; earlier ones stay for their days. Raises NotPermitted, Invalid."""
    if not by.can("billing.reserve"):
        raise NotPermitted(_("您没有设定准备金方法的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    if method.claims_rate > method.claims_cap:
        raise Invalid(_("没有设定：担保赔偿准备的比例高于上限。"), fields={"claims": _("高于上限")})
    made = ReserveMethod.objects.create(
        house=by.organisation, unearned_rate=method.unearned_rate, claims_rate=method.claims_rate,
        claims_cap=method.claims_cap, opening_amount=method.opening, minimum_at_once=method.at_once,
        source=method.source, valid_from=valid_from, set_by=by.actor_label, set_at=at,
    )  # fmt: skip
    record(
        "reserves.method_set", made, by=by, at=at, valid_from=valid_from.isoformat(), source=method.source,
        unearned=str(method.unearned_rate), claims=str(method.claims_rate), cap=str(method.claims_cap),
        opening=method.opening, at_once=method.at_once,
    )  # fmt: skip
    return made
