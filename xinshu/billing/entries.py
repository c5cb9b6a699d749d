"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.billing.history import WORDS
from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds({kind: title for kind, (title, _tone) in WORDS.items()})
name_kinds(
    {"invoice.read": _("查看发票"), "invoice.exported": _("导出发票清单"), "statement.exported": _("导出对账单")}
)
name_kinds(
    {
        "transfers.exported": _("导出转账核对"),
        "returns.exported": _("导出退费清单"),
        "bank.imported": _("导入银行流水"),
        "bank.matched": _("自动勾对流水"),
        "bank.confirmed": _("批量确认勾对"),
        "bank.exported": _("导出勾对差异"),
        "reserves.method_set": _("设定准备金方法"),
        "earnings.exported": _("导出保费收入明细"),
        "statistics.exported": _("导出明细统计"),
        "match.made": _("人工勾对"),
        "match.confirmed": _("确认勾对"),
        "match.undone": _("撤销勾对"),
    }
)
name_reactions(
    {
        "xinshu.billing.tasks.ask_for_invoice": _("向电子发票渠道申请开票"),
        "xinshu.billing.tasks.ask_for_red_letter": _("向电子发票渠道申请红冲"),
        "xinshu.billing.tasks.reverse_refunded": _("退费后红冲发票"),
        "xinshu.billing.tasks.reduce_returned": _("提前解保退费后部分红冲发票"),
        "xinshu.billing.tasks.tell_of_invoice": _("开票结果通知"),
    }
)
may_expire(
    PERSONAL_MONTHS,
    "invoice.read",
    "invoice.exported",
    "statement.exported",
    "bank.exported",
    "earnings.exported",
    "returns.exported",
    "statistics.exported",
)
