"""Topics (主题): people decide about a handful of topics, not about two hundred kinds. Every notice belongs to one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xinshu.messaging.kinds import MAIL, SMS, kind_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PROGRESS = "progress"  # whatever no other topic claims


@dataclass(frozen=True)
class Topic:
    """What is told under it. `begins`: how codes of kinds (or keys, where a notice has no kind) of this topic begin.

    Of a topic with scores a person may want the best only; `floors` say from which score a channel is used by default.
    """

    label: "StrOrPromise"
    about: "StrOrPromise"
    begins: tuple[str, ...] = ()
    scored: bool = False
    floors: Mapping[str, int] = field(default_factory=dict)


TOPICS: dict[str, Topic] = {
    "award": Topic(
        _("中标动态"), _("客户或本单位中标，可以办保函"), ("opportunity.", "announcement:"), scored=True,
        floors={SMS: 80, MAIL: 60},
    ),
    "subscription": Topic(
        _("订阅"), _("新公告符合您的订阅"), ("subscription",), scored=True, floors={SMS: 90, MAIL: 60}
    ),
    PROGRESS: Topic(_("办理进度"), _("申请、审批、签发、变更、解保")),
    "claim": Topic(_("索赔"), _("索赔的提交、审核、付款和追偿"), ("claim.", "recourse")),
    "expiry": Topic(
        _("到期与时限"), _("保函到期、办理超时、资质和材料到期"),
        ("guarantee.ending", "guarantee.expired", "guarantee.limit:", "guarantee.prolonged", "claim.limit:",
         "approval.", "qualification.ending", "enterprise.parts_due", "watch_case.limit:", "credit_appeal.due:"),
    ),
    "money": Topic(
        _("费用与发票"), _("保费、退费、发票和对账"),
        ("payment.", "fee_return.", "amendment.fee_", "invoice", "statement", "bank_line"),
    ),
    "risk": Topic(
        _("风险与信用"), _("风险案件、信用档案、名单、额度预警"), ("watch_", "credit", "capacity:", "limit.", "tie")
    ),
    "account": Topic(_("账号与安全"), _("登录、密码、注册、认证"), ("account.", "address.", "certification")),
    "platform": Topic(
        _("平台运行"), _("模型、数据报送、接口和采集"),
        ("scoring.", "submission.", "supervision.", "archive.", "subscription.paused", "project_record.", "difference:",
         "collecting", "source"),
    ),
}  # fmt: skip


def topic_of(kind: str, key: str = "") -> str:
    """Return the topic of a notice: as its kind says, else by the longest beginning of the kind's code or the key."""
    declared = kind_of(kind) if kind else None
    if declared is not None and declared.topic:
        return declared.topic
    code = kind or key
    fitting = [(len(begin), name) for name, topic in TOPICS.items() for begin in topic.begins if code.startswith(begin)]
    return max(fitting)[1] if fitting else PROGRESS
