"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "bulletin.written": _("起草公告"),
        "bulletin.edited": _("修改公告"),
        "bulletin.file_added": _("添加公告附件"),
        "bulletin.file_removed": _("移除公告附件"),
        "bulletin.published": _("发布公告"),
        "bulletin.taken_down": _("下架公告"),
        "bulletin.deleted": _("删除公告"),
        "bulletin.exported": _("导出公告"),
        "portal.arranged": _("编排门户"),
    }
)
name_reactions({"xinshu.portal.tasks.take_down_ended": _("公告到期下架")})
