"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.claims.history import INJUNCTIONS, RECOURSES, WORDS
from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds({kind: title for kind, (title, _tone, _who) in WORDS.items() if kind.startswith("claim.")})
name_kinds({**INJUNCTIONS, **RECOURSES})
name_kinds(
    {
        "claim.read": _("查看索赔"),
        "claim.exported": _("导出索赔台账"),
        "recourse.read": _("查看追偿"),
        "recourse.exported": _("导出追偿明细"),
    }
)
name_reactions(
    {
        "xinshu.claims.behaviours.tell_credit_of_claim": _("索赔记入信用行为"),
        "xinshu.claims.behaviours.tell_credit_of_recourse": _("追偿记入信用行为"),
        "xinshu.claims.tasks.resume_after_closure": _("停业恢复后接着计时"),
        "xinshu.claims.tasks.forward_copy": _("索赔副本转送申请人"),
        "xinshu.claims.tasks.tell_the_parties": _("索赔通知各方"),
        "xinshu.claims.tasks.pay_out": _("索赔付款"),
        "xinshu.claims.tasks.end_incomplete": _("保函结束后清理未补齐的索赔"),
        "xinshu.claims.tasks.follow_the_clocks": _("索赔时限"),
        "xinshu.claims.tasks.remind_of_claims": _("索赔时限提醒"),
        "xinshu.claims.tasks.lapse_injunctions": _("止付失效"),
    }
)
may_expire(PERSONAL_MONTHS, "claim.read", "claim.exported", "recourse.read", "recourse.exported")
