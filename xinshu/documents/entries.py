"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds

name_kinds(
    {
        "file.kept": _("保存文件"),
        "file.read": _("查阅文件"),
        "template.drafted": _("起草模板"),
        "template.edited": _("修改模板"),
        "template.activated": _("启用模板"),
    }
)
may_expire(PERSONAL_MONTHS, "file.read")
