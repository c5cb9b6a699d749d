"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "rules.written": _("起草规则集"),
        "rules.edited": _("修改规则草稿"),
        "rules.tried": _("用历史试跑规则"),
        "rules.activated": _("启用规则版本"),
        "rules.discarded": _("作废规则草稿"),
        "rules.switched_on": _("打开规则集"),
        "rules.switched_off": _("停用规则集"),
        "rules.asked": _("发起规则核查"),
        "rules.decided": _("规则得出结论"),
        "rules.exported": _("导出规则"),
        "rules.log_exported": _("导出规则日志"),
    }
)
name_reactions({"xinshu.rules.tasks.answer": _("询问数据源，得出规则结论")})
may_expire(PERSONAL_MONTHS, "rules.exported", "rules.log_exported")
