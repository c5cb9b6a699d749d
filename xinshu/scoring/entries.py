"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "scoring.data_brought": _("上传训练数据"),
        "scoring.data_built": _("用历史保函生成训练数据"),
        "scoring.data_described": _("修改列字典"),
        "scoring.data_confirmed": _("确认训练数据"),
        "scoring.data_dropped": _("作废训练数据"),
        "scoring.model_made": _("新建模型"),
        "scoring.training_begun": _("开始训练模型"),
        "scoring.trained": _("模型训练完成"),
        "scoring.training_failed": _("模型训练失败"),
        "scoring.proposed": _("申请模型升为冠军"),
        "scoring.declined": _("不同意模型升级"),
        "scoring.promoted": _("模型升为冠军"),
        "scoring.retired": _("模型退役"),
        "scoring.switched_on": _("启用模型"),
        "scoring.switched_off": _("停用模型"),
        "scoring.scored": _("评定风险等级"),
        "scoring.replay_asked": _("要求重放评分"),
        "scoring.replayed": _("重放评分"),
        "scoring.drifted": _("模型漂移超过界限"),
        "scoring.exported": _("导出模型指标"),
        "scoring.scores_exported": _("导出评分"),
        "scoring.card_taken": _("下载模型卡"),
    }
)
name_reactions(
    {
        "xinshu.scoring.tasks.train": _("训练模型"),
        "xinshu.scoring.tasks.tell_the_house": _("通知模型的变化"),
        "xinshu.scoring.tasks.replay": _("重放评分"),
        "xinshu.scoring.tasks.watch_drift": _("计算模型漂移"),
        "xinshu.scoring.tasks.retrain_monthly": _("每月训练一轮"),
    }
)
may_expire(PERSONAL_MONTHS, "scoring.exported", "scoring.scores_exported", "scoring.card_taken")
