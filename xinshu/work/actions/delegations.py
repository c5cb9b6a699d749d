"""Delegating: for a time another signs in the own name, on behalf of."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.ledger.recording import record
from xinshu.work.cases import KINDS
from xinshu.work.lifecycle import DELEGATION
from xinshu.work.models import Delegation

LONGEST = timedelta(days=90)


@transaction.atomic
def delegate_signing(
    delegate: Member, *, kinds: Sequence[str], starts_on: date, ends_on: date, reason: str, by: Member, at: datetime
) -> Delegation:
    """Let a colleague sign for `by` from `starts_on` to `ends_on`. What is delegated cannot be delegated on."""
    if not by.can("work.sign"):
        raise NotPermitted(_("您没有签署权限，没有可以委托的事项。"))
    if delegate.organisation_id != by.organisation_id or delegate.pk == by.pk or not delegate.active:
        raise Invalid(_("只能委托本机构的另一位同事。"), fields={"delegate": _("请从名单中选择")})
    kinds = sorted({kind for kind in kinds if kind in KINDS})
    if not kinds:
        raise Invalid(_("请选择委托哪些业务。"), fields={"kinds": _("至少选一类")})
    for kind in kinds:
        if not (by.can(KINDS[kind].signs) and delegate.can(KINDS[kind].signs)):
            raise Invalid(
                _("“%(kind)s”只能在有审批权限的人员之间委托。") % {"kind": KINDS[kind].label},
                fields={"delegate": _("此人没有审批权限")},
            )
    if starts_on < local_day(at) or ends_on < starts_on or ends_on - starts_on > LONGEST:
        raise Invalid(
            _("委托从今天或以后开始，最长 %(n)d 天。") % {"n": LONGEST.days}, fields={"ends_on": _("请核对起止日期")}
        )
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明委托原因。"), fields={"reason": _("例如：出差、休假")})
    delegation = Delegation.objects.create(
        organisation_id=by.organisation_id,
        principal=by,
        delegate=delegate,
        kinds=kinds,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip()[:200],
        state="given",
        given_at=at,
    )
    record(
        "delegation.given", delegation, by=by, at=at,
        delegate=delegate.actor_label, kinds=kinds, starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat(),
        reason=delegation.reason,
    )  # fmt: skip
    return delegation


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: Member, at: datetime) -> Delegation:
    """Take a delegation back. What was signed under it stands."""
    delegation = Delegation.objects.locked(delegation)
    step = DELEGATION.step("end", delegation, by)
    delegation.change(step, ended_at=at)
    record("delegation.ended", delegation, by=by, at=at)
    return delegation
