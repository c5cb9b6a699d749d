"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "announcement.taken": _("收到公告"),
        "announcement.edited": _("公告有了新版本"),
        "announcement.unlisted_found": _("补登记公告检索"),
        "announcement.exported": _("导出中标动态"),
        "opportunity.pushed": _("推送中标动态"),
        "opportunity.opened": _("查看中标动态"),
        "opportunity.followed": _("跟进中标动态"),
        "opportunity.set_aside": _("标为不相关"),
        "opportunity.taken_back": _("撤回“不相关”"),
        "opportunity.begun": _("由中标动态发起申请"),
        "opportunity.submitted": _("由中标动态发起的申请已提交"),
        "opportunity.issued": _("中标动态转化为保函"),
        "opportunity.exported": _("导出转化漏斗"),
    }
)
name_reactions(
    {
        "xinshu.tenders.tasks.match_announcement": _("匹配公告里的单位"),
        "xinshu.tenders.tasks.look_for_unlisted": _("查找没有登记检索的公告"),
        "xinshu.tenders.tasks.list_what_is_missing": _("补登记公告检索"),
        "xinshu.tenders.tasks.push_opportunity": _("推送中标动态"),
    }
)
