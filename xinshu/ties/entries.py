"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "tie.told": _("登记关联关系"),
        "tie.corrected": _("更正关联关系"),
        "tie.withdrawn": _("撤销关联关系"),
        "tie.asked": _("向登记机关查询关联关系"),
        "tie.answered": _("登记机关答复关联关系"),
        "tie.read": _("查看关联图谱"),
        "tie.exported": _("导出关联关系"),
    }
)
name_reactions({"xinshu.ties.tasks.ask_register": _("向登记机关查询关联关系")})
may_expire(PERSONAL_MONTHS, "tie.read", "tie.exported")
