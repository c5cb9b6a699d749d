"""Who is told what of a demand, in which words, by which channels: one table. What leaves the house is sealed with it.

URDG 758 Art. 22: a copy of every demand goes to the instructing party without delay; that row is forwarded by
`forward_copy` (tasks.py), which keeps the proof of it.
"""

# ruff: noqa: E501  (a table is read across)

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.claims.models import Demand
from xinshu.core.money import yuan
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import CRITICAL, HIGH, NORMAL
from xinshu.messaging.notices import notify_members

_l = gettext_lazy
SIDES = {"applicant": _l("申请人"), "guarantor": _l("保证人"), "beneficiary": _l("受益人")}
COPY = Announcement(
    "claim.copied",
    "applicant",
    "claims.view",
    "warn",
    "SMWP",
    CRITICAL,
    _l(
        "%(beneficiary)s 就 %(guarantee)s 提出索赔 %(amount)s 元，副本随此转送。可以在平台表达意见，审核时限不因此延长。"
    ),
)
ANNOUNCEMENTS = (
    #            after what                   whom           who of them        tone      channels priority what they read
    Announcement("claim.presented",          "guarantor",   "claims.examine", "danger", "SMWP", CRITICAL, _l("收到索赔：%(guarantee)s，金额 %(amount)s 元，%(due)s。")),
    Announcement("claim.completed",          "guarantor",   "claims.examine", "danger", "SMWP", CRITICAL, _l("索赔单据已补齐：%(guarantee)s，金额 %(amount)s 元，%(due)s。")),
    Announcement("claim.proposed",           "guarantor",   "claims.decide",  "warn",   "WP",   HIGH,     _l("索赔待复核：%(guarantee)s，金额 %(amount)s 元，%(due)s。")),
    Announcement("claim.sent_back",          "guarantor",   "claims.examine", "warn",   "WP",   HIGH,     _l("索赔审核意见被退回：%(guarantee)s，%(reason)s")),
    Announcement("claim.commented",          "guarantor",   "claims.examine", "info",   "WP",   NORMAL,   _l("申请人对索赔表达了意见：%(guarantee)s。审核时限不因此延长。")),
    Announcement("claim.accepted",           "guarantor",   "claims.pay",     "warn",   "MWP",  HIGH,     _l("索赔已认定相符，待付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.accepted",           "beneficiary", "claims.view",    "ok",     "SMWP", HIGH,     _l("索赔已认定相符，将付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.accepted",           "applicant",   "claims.view",    "danger", "SMWP", HIGH,     _l("索赔已认定相符，保证人将付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.refused",            "beneficiary", "claims.view",    "danger", "SMWP", CRITICAL, _l("索赔被拒付：%(guarantee)s，不符点见拒付通知。保函在保期间可以再次索赔。")),
    Announcement("claim.refused",            "applicant",   "claims.view",    "info",   "SMWP", HIGH,     _l("索赔已拒付：%(guarantee)s，金额 %(amount)s 元。")),
    Announcement("claim.precluded",          "guarantor",   "claims.pay",     "danger", "SMWP", CRITICAL, _l("逾期未发出拒付通知，索赔视为相符，须付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.precluded",          "beneficiary", "claims.view",    "ok",     "SMWP", HIGH,     _l("保证人逾期未拒付，索赔视为相符：%(guarantee)s。")),
    Announcement("claim.precluded",          "applicant",   "claims.view",    "danger", "SMWP", HIGH,     _l("保证人逾期未拒付，索赔视为相符，将付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.suspended",          "beneficiary", "claims.view",    "info",   "SMWP", HIGH,     _l("保证人暂停付款，正在协商展期：%(guarantee)s。")),
    Announcement("claim.suspended",          "applicant",   "claims.view",    "warn",   "SMWP", CRITICAL, _l("受益人要求“展期或付款”：%(guarantee)s，不展期即付款 %(payable)s 元。请尽快与保证人商定。")),
    Announcement("claim.extension_granted",  "beneficiary", "claims.view",    "ok",     "SMWP", HIGH,     _l("保函已展期，索赔视为撤回：%(guarantee)s。")),
    Announcement("claim.extension_granted",  "applicant",   "claims.view",    "ok",     "SMWP", HIGH,     _l("保函已展期，索赔视为撤回：%(guarantee)s。")),
    Announcement("claim.extension_declined", "guarantor",   "claims.pay",     "warn",   "MWP",  HIGH,     _l("不展期，待付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.resumed",            "guarantor",   "claims.pay",     "danger", "SMWP", HIGH,     _l("展期协商期满，须付款 %(payable)s 元：%(guarantee)s。")),
    Announcement("claim.payment_failed",     "guarantor",   "claims.pay",     "danger", "SMWP", CRITICAL, _l("索赔付款没有成功：%(guarantee)s，%(reason)s")),
    Announcement("claim.paid_late",          "guarantor",   "claims.pay",     "danger", "SMWP", CRITICAL, _l("已作废的付款指令又报付款成功：%(guarantee)s，请立即核对。")),
    Announcement("claim.paid",               "beneficiary", "claims.view",    "ok",     "SMWP", HIGH,     _l("索赔款 %(payable)s 元已付出：%(guarantee)s。")),
    Announcement("claim.paid",               "applicant",   "claims.view",    "danger", "SMWP", HIGH,     _l("保证人已代为付款 %(payable)s 元并开始追偿：%(guarantee)s。")),
    Announcement("claim.paid",               "guarantor",   "claims.recover", "warn",   "WP",   NORMAL,   _l("已付款 %(payable)s 元，追偿已立案：%(guarantee)s。")),
    Announcement("claim.withdrawn",          "guarantor",   "claims.view",    "info",   "WP",   NORMAL,   _l("受益人撤回索赔：%(guarantee)s，%(reason)s")),
    Announcement("claim.withdrawn",          "applicant",   "claims.view",    "info",   "MWP",  NORMAL,   _l("受益人撤回索赔：%(guarantee)s。")),
    Announcement("claim.overtime",           "beneficiary", "claims.view",    "danger", "SMWP", HIGH,     _l("索赔在到期前没有补齐，已经失效：%(guarantee)s。")),
)  # fmt: skip
SAMPLES = {
    "beneficiary": "云州临港新区建设管理中心",
    "guarantee": "履约保函 LY20261121-8K3M7Q2P",
    "amount": "500,000.00",
    "payable": "500,000.00",
    "due": "2026-11-27 前答复",
    "reason": "收款账号与户名不符",
}
KINDS_ANNOUNCED = tuple(dict.fromkeys(announcement.kind for announcement in ANNOUNCEMENTS))


declare((*ANNOUNCEMENTS, COPY), SAMPLES, SIDES, _l("索赔"))


def announce(entry: Entry, demand: Demand) -> None:
    """Tell everybody whom the table names for this entry."""
    for announcement in ANNOUNCEMENTS:
        if announcement.kind == entry.kind:
            send(announcement, demand, f"{announcement.code}:{entry.pk}", entry.at, str(entry.data.get("reason", "")))


def send(announcement: Announcement, demand: Demand, key: str, at: datetime, reason: str = "") -> int:
    """Send one row of the table; returns how many people were told."""
    return announcement.send(
        getattr(demand.guarantee, announcement.side),
        _words(demand, reason),
        link=link_to(demand),
        subject=demand,
        key=key,
        at=at,
        sealed_until=demand.secret_until,
    )


def remind(demand: Demand, last: date, right: str, what: str, *, days: int, at: datetime) -> None:
    """Tell those who can still do it of a last day: three days, one day before it, on it, and after it. Once each."""
    words = _words(demand, "") | {"day": last.isoformat(), "what": what, "days": days}
    if days > 0:
        text = _("还有 %(days)d 天：%(guarantee)s 的索赔须在 %(day)s 前%(what)s。")
    elif days == 0:
        text = _("今天是最后一天：%(guarantee)s 的索赔须在今天%(what)s。")
    else:
        text = _("已逾期：%(guarantee)s 的索赔应在 %(day)s 前%(what)s。")
    house = Member.objects.acting().filter(organisation=demand.guarantee.guarantor_id)
    theirs = [member for member in house if member.can(right)]
    notify_members(
        theirs, text % words, link=link_to(demand), tone="danger" if days <= 0 else "warn", subject=demand,
        key=f"claim.limit:{demand.pk}:{demand.state}:{last}:{min(days, 9) if days >= 0 else -1}", at=at,
    )  # fmt: skip


def link_to(demand: Demand) -> str:
    return reverse("claims:detail", args=[demand.reference])


def _words(demand: Demand, reason: str) -> dict[str, str]:
    guarantee = demand.guarantee
    due = _("等受益人补齐单据")
    if demand.due_on is not None:
        due = _("%(day)s 前答复") % {"day": demand.due_on.isoformat()}
    return {
        "beneficiary": guarantee.beneficiary.name,
        "guarantee": f"{guarantee.get_kind_display()} {guarantee.number}",
        "amount": yuan(demand.amount),
        "payable": yuan(demand.payable_amount or 0),
        "due": due,
        "reason": reason,
    }
