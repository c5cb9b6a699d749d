"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "subscription.written": _("新建订阅"),
        "subscription.edited": _("修改订阅"),
        "subscription.off": _("停用订阅"),
        "subscription.on": _("启用订阅"),
        "subscription.exported": _("导出订阅"),
        "announcement.compared": _("公告与订阅比对"),
        "announcement.judged": _("评价订阅命中的公告"),
        "announcement.led": _("订阅命中的公告已转化"),
    }
)
name_reactions(
    {
        "xinshu.subscriptions.tasks.compare_announcement": _("公告与订阅比对"),
        "xinshu.subscriptions.tasks.tell_subscribers": _("通知订阅人"),
        "xinshu.subscriptions.tasks.count_converted": _("订阅命中的公告转化"),
        "xinshu.subscriptions.tasks.keep_ninety_days": _("整理订阅试用的公告"),
    }
)
may_expire(PERSONAL_MONTHS, "subscription.exported")
