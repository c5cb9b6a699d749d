"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "certification.read": _("查看企业认证"),
        "certification.submitted": _("提交企业认证"),
        "certification.cleared": _("自动通过企业认证"),
        "certification.referred": _("企业认证转人工审核"),
        "certification.item_accepted": _("认证核验项通过"),
        "certification.item_rejected": _("认证核验项退回"),
        "certification.approved": _("通过企业认证"),
        "certification.returned": _("退回企业认证"),
        "certification.withdrawn": _("撤回企业认证"),
        "certification.revoked": _("撤销企业认证"),
        "certification.replaced": _("企业认证被新的替代"),
        "firm_transfer.ordered": _("发起打款认证"),
        "firm_transfer.sent": _("认证款已打出"),
        "firm_transfer.failed": _("认证款没有打出"),
        "firm_transfer.read_wrong": _("回填打款金额不对"),
        "firm_transfer.lapsed": _("打款认证过期"),
    }
)
name_reactions(
    {
        "xinshu.certification.tasks.check_with_register": _("企业认证与登记机关核对"),
        "xinshu.certification.tasks.fill_record": _("认证结果写入企业资料"),
        "xinshu.certification.tasks.tell_outcome": _("企业认证结果通知"),
        "xinshu.certification.tasks.pay_small_amount": _("打出认证款"),
        "xinshu.certification.tasks.lapse_small_transfers": _("清理过期的打款认证"),
    }
)
