"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "credit.recorded": _("记录信用行为"),
        "credit.corrected": _("更正信用行为"),
        "credit.read": _("查看信用档案"),
        "credit.exported": _("导出信用库"),
        "credit_card.written": _("起草评分规则"),
        "credit_card.edited": _("修改评分规则草稿"),
        "credit_card.measured": _("测算评分规则的影响"),
        "credit_card.activated": _("启用评分规则"),
        "credit_card.discarded": _("作废评分规则草稿"),
        "credit_card.exported": _("导出评分影响"),
        "credit_list.proposed": _("提出列入名单"),
        "credit_list.confirmed": _("列入名单"),
        "credit_list.refused": _("不列入名单"),
        "credit_list.lift_asked": _("提出移出名单"),
        "credit_list.lifted": _("移出名单"),
        "credit_list.kept": _("不移出名单"),
        "credit_list.ended": _("名单到期"),
        "credit_list.exported": _("导出名单"),
        "credit_appeal.raised": _("提出信用异议"),
        "credit_appeal.withdrawn": _("撤回信用异议"),
        "credit_appeal.upheld": _("信用异议成立"),
        "credit_appeal.refused": _("信用异议不成立"),
    }
)
name_reactions(
    {
        "xinshu.credit.tasks.tell_those_concerned": _("通知信用变动"),
        "xinshu.credit.tasks.open_for_customer": _("建立信用档案"),
        "xinshu.credit.tasks.reckon_all_scores": _("每日重算信用分"),
        "xinshu.credit.tasks.end_lists": _("名单到期移出"),
        "xinshu.credit.tasks.remind_of_appeals": _("异议期限提醒"),
    }
)
may_expire(PERSONAL_MONTHS, "credit.read", "credit.exported", "credit_card.exported", "credit_list.exported")
