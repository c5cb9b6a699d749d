"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "line.granted": _("核定额度"),
        "capital.reported": _("登记净资产"),
        "limits.changed": _("限额随规定调整"),
        "capacity.thresholds": _("修改责任余额提醒线"),
        "group.founded": _("建立集团客户"),
        "group.joined": _("归入集团客户"),
        "group.left": _("移出集团客户"),
        "hold.expired": _("预占到期释放"),
        "books.exported": _("导出额度资料"),
        "books.reconciled": _("额度对账"),
        "difference.found": _("发现对账差异"),
        "difference.gone": _("对账差异消除"),
    }
)
name_reactions(
    {
        "xinshu.books.tasks.release_due_holds": _("释放到期预占"),
        "xinshu.books.tasks.follow_dated_rules": _("限额随规定调整"),
        "xinshu.books.tasks.watch_totals": _("责任余额提醒与留存"),
        "xinshu.books.tasks.reconcile_books": _("额度对账"),
    }
)
