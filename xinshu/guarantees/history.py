"""How this context writes to the ledger and reads its story back. Of a bid guarantee all stays secret until opening."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from xinshu.core.actors import Actor
from xinshu.core.sm import sm3
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.models.changes import Change
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.work.queries import history_with


def remember(kind: str, guarantee: Guarantee, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record that `kind` happened to `guarantee`."""
    return record(kind, guarantee, by=by, at=at, sealed_until=guarantee.secret_until, **data)


def note(kind: str, change: Change, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record that `kind` happened to a change of a guarantee."""
    data = {"guarantee": change.guarantee.reference, **data}
    return record(kind, change, by=by, at=at, sealed_until=change.secret_until, **data)


def digest_of(values: dict[str, Any]) -> str:
    """Return the SM3 of what a letter says: kept with its delivery, so that nobody can change what is told of it."""
    return sm3(canonical_json(values).encode()).hex()


WORDS = {
    # entry kind                 title shown            tone      also shown to beneficiary and department
    "guarantee.drafted":       (gettext_lazy("开始申请"),     "mute",   False),
    "guarantee.from_award":    (gettext_lazy("由中标动态带入"), "mute", False),
    "guarantee.edited":        (gettext_lazy("修改申请内容"), "mute",   False),
    "guarantee.file_attached": (gettext_lazy("上传材料"),     "mute",   False),
    "guarantee.file_reused":   (gettext_lazy("沿用以前上传的材料"), "mute", False),
    "guarantee.papers_asked":  (gettext_lazy("要求补充材料"), "warn",   False),
    "guarantee.submitted":     (gettext_lazy("提交申请"),     "info",   False),
    "guarantee.referred":      (gettext_lazy("自动审查：转人工审批"), "warn", False),
    "guarantee.approved":      (gettext_lazy("审批通过"),     "ok",     False),
    "guarantee.returned":      (gettext_lazy("退回补正"),     "warn",   False),
    "guarantee.declined":      (gettext_lazy("拒绝承保"),     "danger", False),
    "guarantee.withdrawn":     (gettext_lazy("撤回申请"),     "mute",   False),
    "guarantee.lapsed":        (gettext_lazy("逾期未缴费，申请失效"), "warn", False),
    "guarantee.handed_over":   (gettext_lazy("移交接办人"),   "mute",   False),
    "payment.requested":       (gettext_lazy("发起缴费"),     "info",   False),
    "payment.confirmed":       (gettext_lazy("保费到账"),     "ok",     False),
    "payment.refused":         (gettext_lazy("缴费未成功"),   "danger", False),
    "payment.refunded":        (gettext_lazy("保费已退还"),   "mute",   False),
    "payment.slip_handed_in":  (gettext_lazy("上传转账凭证"), "info",   False),
    "payment.slip_refused":    (gettext_lazy("转账凭证未获确认"), "danger", False),
    "payment.slip_confirmed":  (gettext_lazy("确认转账到账"), "ok",     False),
    "payment.given_back":      (gettext_lazy("登记转账退款"), "info",   False),
    "payment.arrived_late":    (gettext_lazy("保费迟到，需人工退还"), "danger", False),
    "guarantee.cancelled":     (gettext_lazy("退费终止"),     "danger", False),
    "guarantee.issued":        (gettext_lazy("签发"),         "ok",     True),
    "guarantee.delivered":     (gettext_lazy("签章并送达"),   "ok",     True),
    "guarantee.acknowledged":  (gettext_lazy("受益人签收函件"), "ok",   True),
    "guarantee.released":      (gettext_lazy("解除担保"),     "mute",   True),
    "guarantee.expired":       (gettext_lazy("到期"),         "mute",   True),
    "guarantee.amendment_proposed": (gettext_lazy("申请修改"), "info", False),
    "guarantee.renewal_begun": (gettext_lazy("开始续保"),     "info",   False),
    "guarantee.amended":       (gettext_lazy("修改生效"),     "ok",     True),
    "guarantee.reduced":       (gettext_lazy("减额"),         "info",   True),
    "guarantee.reduction_asked": (gettext_lazy("申请减额"),   "info",   True),
    "guarantee.contract_changed": (gettext_lazy("登记主合同变更"), "warn", True),
    "guarantee.prolonged":     (gettext_lazy("不可抗力展期"), "warn",   True),
    "guarantee.surrender_asked": (gettext_lazy("申请退保"),   "info",   True),
    "guarantee.line_restored": (gettext_lazy("恢复额度"),     "mute",   False),
    "guarantee.reserved":      (gettext_lazy("收到索赔，预留款项"), "warn", True),
    "guarantee.freed":         (gettext_lazy("索赔了结，预留解除"), "mute", True),
    "guarantee.paid":          (gettext_lazy("索赔付款"),     "warn",   True),
    "guarantee.exhausted":     (gettext_lazy("付尽"),         "mute",   True),
    "guarantee.extended":      (gettext_lazy("应展期要求展期"), "info", True),
    "approval.started":        (gettext_lazy("进入审批"),     "info",   False),
    "approval.signed":         (gettext_lazy("签署审批意见"), "info",   False),
    "approval.signer_added":   (gettext_lazy("加签"),         "info",   False),
    "approval.level_returned": (gettext_lazy("退回上级"),     "warn",   False),
    "approval.resubmitted":    (gettext_lazy("重新进入审批"), "info",   False),
    "approval.clock_stopped":  (gettext_lazy("暂停计时"),     "warn",   False),
    "approval.clock_resumed":  (gettext_lazy("恢复计时"),     "info",   False),
    "approval.escalated":      (gettext_lazy("超时升级"),     "danger", False),
}  # fmt: skip
CHANGES = {  # entries about amendments, reductions, surrenders: title, tone, also shown to who stands outside
    "amendment.proposed":      (gettext_lazy("提出修改"),     "info",   False),
    "amendment.agreed":        (gettext_lazy("保证人同意修改"), "ok",   False),
    "amendment.declined":      (gettext_lazy("保证人不同意修改"), "danger", False),
    "amendment.withdrawn":     (gettext_lazy("撤回修改"),     "mute",   False),
    "amendment.fee_requested": (gettext_lazy("发起补缴"),     "info",   False),
    "amendment.fee_paid":      (gettext_lazy("补缴到账"),     "ok",     False),
    "amendment.fee_refused":   (gettext_lazy("补缴未成功"),   "danger", False),
    "amendment.fee_late":      (gettext_lazy("补缴迟到，需人工退还"), "danger", False),
    "amendment.issued":        (gettext_lazy("签发修改函"),   "ok",     True),
    "amendment.offered":       (gettext_lazy("修改函签章并送达受益人"), "ok", True),
    "amendment.accepted":      (gettext_lazy("受益人接受修改"), "ok",   True),
    "amendment.extended":      (gettext_lazy("应索赔要求展期，修改即时生效"), "ok", True),
    "amendment.lettered":      (gettext_lazy("展期的修改函签章送达"), "ok", True),
    "amendment.rejected":      (gettext_lazy("受益人不接受修改"), "danger", True),
    "amendment.lapsed":        (gettext_lazy("修改失效"),     "mute",   True),
    "reduction.planned":       (gettext_lazy("约定减额"),     "info",   True),
    "reduction.asked":         (gettext_lazy("申请减额"),     "info",   True),
    "reduction.done":          (gettext_lazy("减额"),         "ok",     True),
    "reduction.declined":      (gettext_lazy("受益人未确认减额"), "danger", True),
    "reduction.withdrawn":     (gettext_lazy("撤回减额"),     "mute",   True),
    "reduction.lapsed":        (gettext_lazy("减额失效"),     "mute",   True),
    "contract_change.reported": (gettext_lazy("登记主合同变更"), "warn", True),
    "contract_change.consented": (gettext_lazy("保证人书面同意合同变更"), "ok", True),
    "contract_change.refused": (gettext_lazy("保证人不同意合同变更"), "danger", True),
    "contract_change.withdrawn": (gettext_lazy("撤回合同变更登记"), "mute", True),
    "contract_change.lapsed":  (gettext_lazy("合同变更未答复，保函已结束"), "mute", True),
    "contract_change.answered": (gettext_lazy("复函签章送达"), "ok",    True),
    "surrender.asked":         (gettext_lazy("申请退保"),     "info",   True),
    "surrender.supplied":      (gettext_lazy("补充后重新提交"), "info", True),
    "surrender.agreed":        (gettext_lazy("受益人同意退保"), "ok",   True),
    "surrender.objected":      (gettext_lazy("受益人提出异议"), "danger", True),
    "surrender.returned":      (gettext_lazy("退回补充"),     "warn",   True),
    "surrender.approved":      (gettext_lazy("监管核准，出具回执"), "ok", True),
    "surrender.refused":       (gettext_lazy("不予退保"),     "danger", True),
    "surrender.withdrawn":     (gettext_lazy("撤回退保"),     "mute",   True),
    "surrender.lapsed":        (gettext_lazy("退保失效"),     "mute",   True),
    "fee_return.asked":        (gettext_lazy("按签发时的费率算出退费"), "info", False),
    "fee_return.stated":       (gettext_lazy("另定退费金额"), "warn",   False),
    "fee_return.sent_back":    (gettext_lazy("退回重定退费金额"), "warn", False),
    "fee_return.approved":     (gettext_lazy("核定退费"),     "ok",     False),
    "fee_return.dropped":      (gettext_lazy("决定不退费"),   "mute",   False),
    "fee_return.retried":      (gettext_lazy("再次退款"),     "info",   False),
    "fee_return.failed":       (gettext_lazy("退款未成功"),   "danger", False),
    "fee_return.paid":         (gettext_lazy("保费已部分退还"), "ok",   False),
}  # fmt: skip
# What the guarantor's people write to each other is not the applicant's to read; the outcome is.
AMONG_SIGNERS = frozenset(
    {"approval.started", "approval.signed", "approval.signer_added", "approval.level_returned", "approval.resubmitted",
     "approval.escalated"}
)  # fmt: skip
# Another entry says the same to people: guarantee.state_told says without names, for strangers, what an act led to.
TOLD_ONCE = frozenset({"approval.returned", "approval.withdrawn", "guarantee.state_told"})


def timeline_of(case: Guarantee | Change, sides: set[str]) -> list[dict[str, Any]]:
    """Return the story of a guarantee, or of a change of it, as told on `sides`, newest first.

    All of it to applicant and guarantor, the outer to others; a reviewer's opinion stays in the guarantor's house.
    """
    inside = bool(sides & {"applicant", "guarantor"})
    told = []
    words = {**WORDS, **CHANGES}
    for entry in history_with(case):
        title, tone, public = words.get(entry.kind, (entry.kind, "mute", False))
        if entry.kind in TOLD_ONCE or (entry.kind in AMONG_SIGNERS and "guarantor" not in sides):
            continue
        if inside or public:
            opinion = entry.data.get("opinion") if "guarantor" in sides else ""
            detail = entry.data.get("reason") or opinion or entry.data.get("title") or ""
            if entry.data.get("level"):
                detail = "：".join(filter(None, (entry.data["level"], detail)))
            told.append(
                {"title": title, "by": entry.actor_label, "at": entry.at, "text": detail, "tone": tone, "entry": entry}
            )
    return told
