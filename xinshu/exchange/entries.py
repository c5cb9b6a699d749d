"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "supervision.drafted": _("起草归口方案"),
        "supervision.edited": _("修改归口方案"),
        "supervision.submitted": _("提交归口方案"),
        "supervision.approved": _("批准归口方案"),
        "supervision.refused": _("不批准归口方案"),
        "supervision.withdrawn": _("撤回归口方案"),
        "supervision.exported": _("导出归口影响清单"),
        "submission.queued": _("生成报送"),
        "submission.due": _("待送出的报送"),
        "submission.sent": _("报送送达，待回执"),
        "submission.receipted": _("报送回执"),
        "submission.filed": _("报送备案"),
        "submission.returned": _("报送被退回"),
        "submission.resent": _("重新报送"),
        "submission.dropped": _("不再报送"),
        "submission.exported": _("导出报送记录"),
        "project_record.taken": _("收到项目同步"),
        "project_record.overtaken": _("收到较旧的项目版本"),
        "project_record.conflicting": _("收到同版本不同内容的项目"),
        "project_record.dismissed": _("弃用一份项目来文"),
        "project_sync.exported": _("导出项目同步"),
        "difference.found": _("发现项目信息差异"),
        "difference.taken": _("采用对方的项目信息"),
        "difference.kept": _("保留本单位的项目信息"),
        "difference.settled": _("项目信息已无差异"),
        "difference.ruled": _("设定项目信息取用规则"),
        "project_message.queued": _("生成项目推送"),
        "project_message.due": _("待送出的项目推送"),
        "project_message.sent": _("项目推送送达，待回执"),
        "project_message.receipted": _("项目推送回执"),
        "project_message.filed": _("项目推送备案"),
        "project_message.returned": _("项目推送被退回"),
        "project_message.resent": _("重新推送项目"),
        "project_message.dropped": _("不再推送项目"),
        "verification.made": _("批量查验"),
        "verification.exported": _("导出批量查验结果"),
    }
)
name_reactions(
    {
        "xinshu.exchange.tasks.commit_sealed": _("密文登记投标保函"),
        "xinshu.exchange.tasks.submit": _("生成监管报送"),
        "xinshu.exchange.tasks.submit_claim": _("生成索赔报送"),
        "xinshu.exchange.tasks.submit_amendment": _("生成变更报送"),
        "xinshu.exchange.tasks.submit_prolonging": _("生成不可抗力展期报送"),
        "xinshu.exchange.tasks.submit_reduction": _("生成减额报送"),
        "xinshu.exchange.tasks.send_submission": _("送出报送"),
        "xinshu.exchange.tasks.warn_of_return": _("报送被退回的提醒"),
        "xinshu.exchange.tasks.keep_submissions_secret": _("延长报送的开标前保密"),
        "xinshu.exchange.tasks.tell_departments": _("通知归口变化"),
        "xinshu.exchange.projects.tasks.compare_record": _("比对同步来的项目"),
        "xinshu.exchange.projects.tasks.compare_project": _("比对登记的项目"),
        "xinshu.exchange.projects.tasks.warn_of_conflict": _("同版本不同内容的提醒"),
        "xinshu.exchange.projects.tasks.tell_of_project": _("生成项目推送"),
        "xinshu.exchange.projects.tasks.send_project_message": _("送出项目推送"),
        "xinshu.exchange.projects.tasks.warn_of_returned_project": _("项目推送被退回的提醒"),
        "xinshu.exchange.projects.tasks.warn_of_silent_projects": _("项目推送没有回执的提醒"),
        "xinshu.exchange.tasks.submit_opened": _("开标后补报送"),
        "xinshu.exchange.tasks.warn_of_silence": _("没有回执的提醒"),
        "xinshu.exchange.tasks.forget_envelopes": _("清理收过的信封编号"),
    }
)
