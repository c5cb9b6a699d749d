"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "approval.started": _("进入审批"),
        "approval.signed": _("签署审批意见"),
        "approval.signer_added": _("加签"),
        "approval.level_returned": _("退回上级"),
        "approval.returned": _("审批退回申请人"),
        "approval.resubmitted": _("重新进入审批"),
        "approval.withdrawn": _("审批撤回"),
        "approval.clock_stopped": _("暂停计时"),
        "approval.clock_resumed": _("恢复计时"),
        "approval.stand_in_appointed": _("指定代签人"),
        "approval.signer_lifted": _("撤销加签"),
        "approval.facts_changed": _("要素变化，重排审批"),
        "approval.escalated": _("超时升级"),
        "plan.set_up": _("平台设置审批方案"),
        "plan.drafted": _("起草审批方案"),
        "plan.edited": _("修改审批方案"),
        "plan.activated": _("启用审批方案"),
        "plan.discarded": _("放弃审批方案草稿"),
        "delegation.given": _("委托代签"),
        "delegation.ended": _("终止委托"),
        "calendar.day_set": _("设置本机构工作日"),
    }
)
name_reactions(
    {
        "xinshu.work.tasks.tell_the_next": _("通知下一位审批人"),
        "xinshu.work.tasks.tell_who_is_missing": _("通知缺少签署人"),
        "xinshu.work.tasks.look_who_is_there": _("人员变动后重排审批"),
        "xinshu.work.tasks.remind_and_escalate": _("审批催办与升级"),
    }
)
