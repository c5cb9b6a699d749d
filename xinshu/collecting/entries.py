"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "collecting.written": _("新建采集来源"),
        "collecting.edited": _("修改采集来源"),
        "collecting.tried": _("试采"),
        "collecting.switched_on": _("启用采集来源"),
        "collecting.switched_off": _("停用采集来源"),
        "collecting.planned": _("安排采集"),
        "collecting.alarmed": _("采集告警"),
        "collecting.recovered": _("采集恢复正常"),
        "collecting.exported": _("导出采集来源"),
        "collecting.swept": _("清理采集记录"),
    }
)
name_reactions(
    {
        "xinshu.collecting.tasks.collect": _("采集公告"),
        "xinshu.collecting.tasks.tell_of_alarm": _("通知采集告警"),
        "xinshu.collecting.tasks.sweep_records": _("清理到期的采集记录"),
        "xinshu.collecting.tasks.look_after_runs": _("清理留存页面、续上中断的采集"),
    }
)
may_expire(PERSONAL_MONTHS, "collecting.exported")
