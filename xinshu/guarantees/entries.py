"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.guarantees.history import WORDS
from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds({kind: title for kind, (title, _tone, _public) in WORDS.items() if not kind.startswith("approval.")})
name_kinds(
    {
        "guarantee.read": _("查看保函"),
        "indicators.due": _("待测算辖区指标"),
        "indicators.measured": _("测算辖区指标"),
        "guarantee.exported": _("导出保函台账"),
        "tariff.published": _("发布费率"),
        "authority.set": _("设置审批授权"),
    }
)
name_reactions(
    {
        "xinshu.guarantees.tasks.review_submitted": _("自动审查"),
        "xinshu.guarantees.tasks.charge_fee": _("收取保费"),
        "xinshu.guarantees.tasks.refund_fee": _("退还保费"),
        "xinshu.guarantees.tasks.seal_issued": _("制作并签章电子函"),
        "xinshu.guarantees.tasks.tell_the_parties": _("通知各方"),
        "xinshu.guarantees.tasks.keep_secret_longer": _("延长开标前保密"),
        "xinshu.guarantees.tasks.hand_over": _("移交离职人员的业务"),
        "xinshu.guarantees.tasks.expire_overdue": _("到期失效"),
        "xinshu.guarantees.tasks.remind_of_limits": _("办理时限提醒"),
        "xinshu.guarantees.tasks.announce_opened": _("开标后通知"),
        "xinshu.guarantees.tasks.uncover": _("开标时通知"),
        "xinshu.guarantees.tasks.measure_change": _("保函变动后更新指标"),
        "xinshu.guarantees.tasks.measure_first": _("订阅后发送现有指标"),
        "xinshu.guarantees.tasks.measure": _("测算辖区指标"),
        "xinshu.guarantees.tasks.measure_new_day": _("每日更新指标"),
    }
)
may_expire(PERSONAL_MONTHS, "guarantee.read", "guarantee.exported")
