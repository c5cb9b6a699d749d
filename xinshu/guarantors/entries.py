"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "qualification.filed": _("登记保证人资质"),
        "qualification.edited": _("修改保证人资质登记"),
        "qualification.confirmed": _("确认保证人资质"),
        "qualification.discarded": _("作废保证人资质登记"),
        "qualification.ended": _("停用保证人资质"),
        "scope.filed": _("登记业务范围"),
        "scope.edited": _("修改业务范围登记"),
        "scope.confirmed": _("确认业务范围"),
        "scope.discarded": _("作废业务范围登记"),
        "scope.ended": _("停用业务范围"),
        "net_assets.filed": _("登记净资产"),
        "net_assets.edited": _("修改净资产登记"),
        "net_assets.confirmed": _("确认净资产"),
        "net_assets.discarded": _("作废净资产登记"),
        "guarantors.exported": _("导出保证人机构"),
        "terms.written": _("起草保证人条款"),
        "terms.edited": _("修改保证人条款草稿"),
        "terms.activated": _("启用保证人条款"),
        "terms.discarded": _("作废保证人条款草稿"),
        "terms.exported": _("导出保证人条款"),
    }
)
name_reactions({"xinshu.guarantors.tasks.remind_of_qualifications": _("资质到期提醒")})
may_expire(PERSONAL_MONTHS, "guarantors.exported", "terms.exported")
