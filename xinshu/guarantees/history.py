"""How this context writes to the ledger and reads its story back. Of a bid guarantee all stays secret until opening."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from xinshu.core.actors import Actor
from xinshu.core.sm import sm3
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.work.queries import history_with


def remember(kind: str, guarantee: Guarantee, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record that `kind` happened to `guarantee`."""
    return record(kind, guarantee, by=by, at=at, sealed_until=guarantee.secret_until, **data)


def digest_of(values: dict[str, Any]) -> str:
    """Return the SM3 of what a letter says: kept with its delivery, so that nobody can change what is told of it."""
    return sm3(canonical_json(values).encode()).hex()


WORDS = {
    # entry kind                 title shown            tone      also shown to beneficiary and department
    "guarantee.drafted":       (gettext_lazy("开始申请"),     "mute",   False),
    "guarantee.edited":        (gettext_lazy("修改申请内容"), "mute",   False),
    "guarantee.file_attached": (gettext_lazy("上传材料"),     "mute",   False),
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
    "payment.arrived_late":    (gettext_lazy("保费迟到，需人工退还"), "danger", False),
    "guarantee.cancelled":     (gettext_lazy("退费终止"),     "danger", False),
    "guarantee.issued":        (gettext_lazy("签发"),         "ok",     True),
    "guarantee.delivered":     (gettext_lazy("签章并送达"),   "ok",     True),
    "guarantee.released":      (gettext_lazy("解除担保"),     "mute",   True),
    "guarantee.expired":       (gettext_lazy("到期"),         "mute",   True),
    "approval.started":        (gettext_lazy("进入审批"),     "info",   False),
    "approval.signed":         (gettext_lazy("签署审批意见"), "info",   False),
    "approval.signer_added":   (gettext_lazy("加签"),         "info",   False),
    "approval.level_returned": (gettext_lazy("退回上级"),     "warn",   False),
    "approval.resubmitted":    (gettext_lazy("重新进入审批"), "info",   False),
    "approval.clock_stopped":  (gettext_lazy("暂停计时"),     "warn",   False),
    "approval.clock_resumed":  (gettext_lazy("恢复计时"),     "info",   False),
    "approval.escalated":      (gettext_lazy("超时升级"),     "danger", False),
}  # fmt: skip
# What the guarantor's people write to each other is not the applicant's to read; the outcome is.
AMONG_SIGNERS = frozenset(
    {"approval.started", "approval.signed", "approval.signer_added", "approval.level_returned", "approval.resubmitted",
     "approval.escalated"}
)  # fmt: skip
TOLD_ONCE = frozenset({"approval.returned", "approval.withdrawn"})  # the guarantee's own entry says the same


def timeline_of(guarantee: Guarantee, sides: set[str]) -> list[dict[str, Any]]:
    """Return the story of `guarantee` as told on `sides`, newest first.

    All of it to applicant and guarantor, the outer to others; a reviewer's opinion stays in the guarantor's house.
    """
    inside = bool(sides & {"applicant", "guarantor"})
    told = []
    for entry in history_with(guarantee):
        title, tone, public = WORDS.get(entry.kind, (entry.kind, "mute", False))
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
