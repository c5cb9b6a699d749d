"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds

name_kinds(
    {
        "project.registered": _("登记项目"),
        "project.amended": _("修改项目"),
        "project.awarded": _("登记中标结果"),
        "project.file_attached": _("上传项目材料"),
    }
)
