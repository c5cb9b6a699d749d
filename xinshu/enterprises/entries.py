"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds

name_kinds(
    {
        "enterprise.fields_entered": _("更新企业资料"),
        "enterprise.customer_taken": _("登记客户"),
        "enterprise.read": _("查看企业资料"),
        "enterprise.customer_handed_over": _("移交客户"),
    }
)
