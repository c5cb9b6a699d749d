"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds

name_kinds(
    {
        "portrait.read": _("查看企业画像"),
        "portrait.reported": _("出具企业报告"),
        "portraits.exported": _("导出企业报告出具记录"),
    }
)
