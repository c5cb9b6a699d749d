"""How this context writes to the ledger and reads its story back, each side its part."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from xinshu.claims.models import Demand, Injunction, Recourse
from xinshu.core.actors import Actor
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.recording import record
from xinshu.work.queries import history_with

Claimed = Demand | Injunction | Recourse
EVERYBODY, PARTIES, HOUSE = "everybody", "parties", "house"


def remember(kind: str, case: Claimed, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record that `kind` happened to `case`, as secret as its guarantee is."""
    guarantee = case.demand.guarantee if isinstance(case, Recourse) else case.guarantee
    return record(kind, case, by=by, at=at, sealed_until=guarantee.secret_until, **data)


_l = gettext_lazy
WORDS = {
    # entry kind                 title shown                    tone      who reads it in the timeline
    "claim.presented":          (_l("提出索赔"),               "warn",   EVERYBODY),
    "claim.file_attached":      (_l("补充单据"),               "info",   PARTIES),
    "claim.completed":          (_l("单据补齐，开始审核"),     "info",   EVERYBODY),
    "claim.copied":             (_l("已将索赔副本转送申请人"), "info",   PARTIES),
    "claim.commented":          (_l("申请人表达意见"),         "info",   HOUSE),
    "claim.marked":             (_l("保存审核记录"),           "mute",   HOUSE),
    "claim.proposed":           (_l("提出审核意见"),           "info",   HOUSE),
    "claim.sent_back":          (_l("复核退回"),               "warn",   HOUSE),
    "claim.accepted":           (_l("认定相符，待付款"),       "ok",     EVERYBODY),
    "claim.refused":            (_l("发出拒付通知"),           "danger", EVERYBODY),
    "claim.precluded":          (_l("逾期未拒付，视为相符"),   "danger", EVERYBODY),
    "claim.suspended":          (_l("暂停付款，协商展期"),     "law",    PARTIES),
    "claim.extension_declined": (_l("不展期，转付款"),         "info",   PARTIES),
    "claim.extension_granted":  (_l("同意展期，索赔视为撤回"), "ok",     EVERYBODY),
    "claim.clock_resumed":      (_l("恢复营业，时限接着计算"), "info",    EVERYBODY),
    "claim.resumed":            (_l("协商期满，转付款"),       "warn",   PARTIES),
    "claim.payment_requested":  (_l("发出付款指令"),           "info",   PARTIES),
    "claim.payment_failed":     (_l("付款未成功"),             "danger", PARTIES),
    "claim.paid":               (_l("已付款"),                 "ok",     EVERYBODY),
    "claim.paid_late":          (_l("已作废的付款指令又报成功，需人工核对"), "danger", HOUSE),
    "claim.withdrawn":          (_l("撤回索赔"),               "mute",   EVERYBODY),
    "claim.overtime":           (_l("到期前未补齐，索赔失效"), "mute",   EVERYBODY),
    "approval.started":         (_l("送交复核"),               "info",   HOUSE),
    "approval.signed":          (_l("签署复核意见"),           "info",   HOUSE),
    "approval.escalated":       (_l("超时升级"),               "danger", HOUSE),
}  # fmt: skip
INJUNCTIONS = {
    "injunction.recorded":  _l("登记止付"),
    "injunction.prolonged": _l("止付续期"),
    "injunction.suit_noted": _l("登记已起诉"),
    "injunction.lifted":    _l("解除止付"),
    "injunction.lapsed":    _l("止付失效"),
}  # fmt: skip
RECOURSES = {
    "recourse.opened":       _l("立案追偿"),
    "recourse.rate_agreed":  _l("约定利率"),
    "recourse.cost_entered": _l("登记追偿费用"),
    "recourse.recovered":    _l("登记收回"),
    "recourse.written_off":  _l("核销"),
    "recourse.settled":      _l("结清"),
}  # fmt: skip


def timeline_of(demand: Demand, sides: set[str]) -> list[dict[str, Any]]:
    """Return the story of `demand` as told on `sides`, newest first: a house's deliberation stays in it."""
    told = []
    for entry in history_with(demand):
        if entry.kind not in WORDS:
            continue
        title, tone, readers = WORDS[entry.kind]
        mine = entry.kind == "claim.commented" and "applicant" in sides
        if not mine and ((readers == HOUSE and "guarantor" not in sides) or (readers == PARTIES and not sides)):
            continue
        text = entry.data.get("reason") or entry.data.get("opinion") or entry.data.get("name") or ""
        told.append(
            {"title": title, "by": entry.actor_label, "at": entry.at, "text": text, "tone": tone, "entry": entry}
        )
    return told


def story_of(case: Recourse) -> list[dict[str, Any]]:
    """Return what happened to a recourse case, newest first."""
    return [
        {"title": RECOURSES.get(entry.kind, entry.kind), "by": entry.actor_label, "at": entry.at,
         "text": entry.data.get("reason") or entry.data.get("note") or "", "tone": "info"}
        for entry in history_of(case).order_by("-pk")
        if entry.kind in RECOURSES
    ]  # fmt: skip
