"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

CASE_WORDS = {
    # entry kind                 title shown            tone
    "watch_case.opened":        (_("发现异常，立案"),     "warn"),
    "watch_case.joined":        (_("又发现同样的情况"),   "warn"),
    "watch_case.frozen":        (_("冻结"),               "danger"),
    "watch_case.taken":         (_("接手处置"),           "info"),
    "watch_case.handed_over":   (_("移交经办"),           "info"),
    "watch_case.dismissed":     (_("排除"),               "mute"),
    "watch_case.referred":      (_("移交"),               "info"),
    "watch_case.thaw_proposed": (_("申请解冻"),           "info"),
    "watch_case.thaw_refused":  (_("不同意解冻"),         "danger"),
    "watch_case.thawed":        (_("解冻"),               "ok"),
    "approval.signed":          (_("签署复核意见"),       "info"),
    "watch_alert.raised":       (_("预警"),               "warn"),
    "watch_alert.acknowledged": (_("确认预警"),           "info"),
    "watch_alert.handled":      (_("处理完毕"),           "ok"),
    "watch_alert.set_aside":    (_("标为误报"),           "mute"),
}  # fmt: skip
name_kinds({kind: words for kind, (words, _tone) in CASE_WORDS.items() if not kind.startswith("approval.")})
name_kinds(
    {
        "watch_case.exported": _("导出风险案件"),
        "watch_alert.exported": _("导出预警"),
        "watch_level.exported": _("导出企业风险等级"),
        "watch_screening.asked": _("发起风险初筛"),
        "watch_screening.exported": _("导出风险初筛"),
        "watch_rule.written": _("起草监测规则"),
        "watch_rule.edited": _("修改监测规则草稿"),
        "watch_rule.activated": _("启用监测规则"),
        "watch_rule.discarded": _("作废监测规则草稿"),
        "watch_rule.exported": _("导出监测规则"),
        "risk_event.taken": _("收到风险事件"),
    }
)
name_reactions(
    {
        "xinshu.watch.tasks.propose_abnormal": _("按登记机关数据提出异常企业"),
        "xinshu.watch.tasks.judge_submitted": _("检查申请有无异常"),
        "xinshu.watch.tasks.judge_payment": _("检查付款有无异常"),
        "xinshu.watch.tasks.reveal_at_opening": _("开标后公开投标人之间的异常"),
        "xinshu.watch.tasks.tell_case": _("通知风险案件"),
        "xinshu.watch.tasks.raise_for": _("按风险事件预警"),
        "xinshu.watch.tasks.tell_alert": _("通知预警"),
        "xinshu.watch.tasks.hand_over": _("移交离职人员的风险案件"),
        "xinshu.watch.tasks.look_over_everything": _("异常监测"),
        "xinshu.watch.tasks.reveal_opened_bids": _("公开已开标项目的异常"),
        "xinshu.watch.tasks.ask_feeds": _("询问风险事件"),
        "xinshu.watch.tasks.remind_of_limits": _("风险案件时限提醒"),
    }
)
may_expire(
    PERSONAL_MONTHS,
    "watch_case.exported",
    "watch_alert.exported",
    "watch_level.exported",
    "watch_screening.exported",
    "watch_rule.exported",
)
