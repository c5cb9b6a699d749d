"""指定代签人: where people are missing, the house's administrator appoints a colleague to sign in this one approval."""

from dataclasses import replace
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.work import plan as plans
from xinshu.work.actions.approvals import put, remember, stated
from xinshu.work.lifecycle import APPROVAL
from xinshu.work.models import Approval, Signature
from xinshu.work.runs import save, table_of


@transaction.atomic
def appoint_stand_in(
    approval: Approval, case: models.Model, *, key: str, stand_in: Member, reason: str, by: Member, at: datetime
) -> Approval:
    """Let `stand_in` sign at the level `key` of this approval, for which nobody is left who may.

    Only while people are missing, only somebody who may sign such cases and has no other part in this one, never
    oneself. Raises NotNow when nobody is missing, Invalid when this colleague would not help.
    """
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("appoint", approval, by)
    table = table_of(approval, at)
    run = table.run
    if plans.feasible(run, table.committee):
        raise NotNow(_("这笔审批不缺人，没有指定代签人。"), advice=_("请等现有签署人办理，或由他们加签。"))
    if by.user_id in run.keepers or approval.signatures.filter(hand=by.user_id).exists():
        raise NotPermitted(_("您办理过这笔业务，代签人须由另一位管理员指定。"))
    if stand_in.user_id == by.user_id:
        raise Invalid(_("不能指定自己代签。"), fields={"stand_in": _("请改选另一位同事")})
    level = next((one for one in run.path if one.key == key and not plans.is_finished(run, one)), None)
    if level is None:
        raise Invalid(_("这一级不需要代签人。"), fields={"level": _("请重新选择")})
    if stand_in.organisation_id != approval.organisation_id or stand_in.user_id not in table.committee:
        raise Invalid(_("只能指定本机构有审批权限的人员。"), fields={"stand_in": _("请从名单中选择")})
    after = plans.stood_in(run, level, stand_in.user_id, table.committee)
    if after is None:
        raise Invalid(
            _("指定%(name)s解决不了缺人：此人经办过、已经签署过，或者别的级别离不开此人。")
            % {"name": stand_in.user.name},
            fields={"stand_in": _("请改选另一位同事")},
        )
    reason = stated(reason)
    put(approval, Signature.Act.APPOINT, level, by, at, f"{stand_in.user.name}：{reason}")
    save(approval, replace(table, run=after), at, step)
    remember(
        "approval.stand_in_appointed", approval, case, by=by, at=at,
        level=level.name, stand_in=stand_in.actor_label, reason=reason,
    )  # fmt: skip
    return approval
