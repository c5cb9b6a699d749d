"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "enterprise.fields_entered": _("更新企业资料"),
        "enterprise.customer_taken": _("登记客户"),
        "enterprise.read": _("查看企业资料"),
        "enterprise.customer_handed_over": _("移交客户"),
    }
)
name_reactions(
    {
        "xinshu.enterprises.tasks.hand_over_customers": _("移交离职人员的客户"),
    }
)
may_expire(PERSONAL_MONTHS, "enterprise.read")
