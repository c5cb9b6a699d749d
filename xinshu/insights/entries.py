"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "segment.written": _("新建客群"),
        "segment.edited": _("修改客群"),
        "segment.closed": _("停用客群"),
        "segment.reopened": _("启用客群"),
        "segment.exported": _("导出客群"),
        "discount.proposed": _("提出优惠建议"),
        "discount.adopted": _("核定优惠建议"),
        "discount.declined": _("不采纳优惠建议"),
        "discount.recalled": _("撤回优惠建议"),
        "discount.exported": _("导出优惠建议"),
        "insights.exported": _("导出经营分析"),
        "needs.exported": _("导出产品推荐"),
    }
)
name_reactions({"xinshu.insights.tasks.tell_of_proposal": _("通知优惠建议")})
may_expire(PERSONAL_MONTHS, "segment.exported", "discount.exported", "insights.exported", "needs.exported")
