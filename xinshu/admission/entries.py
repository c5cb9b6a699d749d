"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "tag.written": _("新建标签"),
        "tag.edited": _("修改标签"),
        "tag.round": _("更新标签"),
        "tag.given": _("打上标签"),
        "tag.taken": _("取下标签"),
        "tag.switched_on": _("启用标签"),
        "tag.switched_off": _("停用标签"),
        "tag.exported": _("导出标签"),
        "questionnaire.written": _("起草问卷"),
        "questionnaire.edited": _("修改问卷草稿"),
        "questionnaire.activated": _("启用问卷"),
        "questionnaire.discarded": _("作废问卷草稿"),
        "questionnaire.closed": _("停用问卷"),
        "questionnaire.reopened": _("重新启用问卷"),
        "questionnaire.exported": _("导出问卷答案"),
        "sheet.sent": _("发送问卷"),
        "sheet.begun": _("开始填写问卷"),
        "sheet.kept": _("暂存问卷"),
        "sheet.handed_in": _("提交问卷"),
        "sheet.recalled": _("撤回问卷"),
        "sheet.read": _("查看问卷答案"),
        "gate.written": _("起草准入方案"),
        "gate.edited": _("修改准入方案"),
        "gate.put_on": _("启用准入方案"),
        "gate.taken_off": _("停用准入方案"),
        "gate.exported": _("导出准入核对记录"),
    }
)
name_reactions(
    {
        "xinshu.admission.tasks.follow_record": _("按资料变动更新标签"),
        "xinshu.admission.tasks.mark_customer": _("为新客户计算标签"),
        "xinshu.admission.tasks.follow_sources": _("按数据源答复更新标签"),
        "xinshu.admission.tasks.follow_answers": _("按问卷答案更新标签"),
        "xinshu.admission.tasks.tell_of_sheet": _("通知企业填写问卷"),
        "xinshu.admission.tasks.tell_of_answers": _("通知问卷已提交"),
        "xinshu.admission.tasks.refresh_tags": _("定期更新标签"),
    }
)
may_expire(PERSONAL_MONTHS, "tag.exported", "questionnaire.exported", "gate.exported", "sheet.read")
