"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "guarantee.state_told": _("公示保函状态"),
        "archive.asked": _("申请归档"),
        "archive.sealed": _("封存归档案卷"),
        "archive.read": _("查看归档案卷"),
        "archive.taken": _("下载归档文件"),
        "archive.exported": _("导出归档清单"),
        "archive.export_asked": _("批量导出案卷"),
        "archive.export_ready": _("批量导出已准备好"),
    }
)
name_reactions(
    {
        "xinshu.archive.tasks.tell_of_end": _("公示保函状态"),
        "xinshu.archive.tasks.archive_ended": _("结束后自动归档"),
        "xinshu.archive.tasks.archive_afterwards": _("结束后的新材料归档"),
        "xinshu.archive.tasks.make_dossier": _("封存归档案卷"),
        "xinshu.archive.tasks.make_export": _("准备批量导出"),
        "xinshu.archive.tasks.forget_exports": _("清除过期的批量导出"),
        "xinshu.archive.tasks.keep_dossiers_secret_longer": _("延长归档案卷的开标前保密"),
    }
)
