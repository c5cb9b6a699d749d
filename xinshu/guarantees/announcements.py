"""Who is told what, in which words, by which channels: one table. Before bid opening (开标前保密) only applicant and
guarantor appear in it, and what leaves the house for them is sealed until the opening.
"""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.core.money import yuan
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import awaited_house
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import CRITICAL, HIGH, NORMAL
from xinshu.messaging.notices import notify_members

ANNOUNCEMENTS = (
    #            after what             whom         who of them           tone      channels priority what they read
    Announcement("guarantee.referred",  "guarantor", "guarantees.review", "warn",   "WP",   NORMAL,   gettext_lazy("%(applicant)s的%(kind)s待审批，金额 %(amount)s 元。")),
    Announcement("guarantee.approved",  "applicant", "guarantees.pay",    "ok",     "SMWP", HIGH,     gettext_lazy("%(kind)s已通过审批，保费 %(fee)s 元，请缴费。")),
    Announcement("guarantee.returned",  "applicant", "guarantees.apply",  "warn",   "SMWP", HIGH,     gettext_lazy("%(kind)s需要补正：%(reason)s")),
    Announcement("guarantee.papers_asked", "applicant", "guarantees.apply", "warn", "SMWP", HIGH,    gettext_lazy("%(kind)s的审批人%(reason)s")),
    Announcement("guarantee.declined",  "applicant", "guarantees.apply",  "danger", "SMWP", HIGH,     gettext_lazy("%(kind)s未获承保：%(reason)s")),
    Announcement("guarantee.cancelled", "applicant", "guarantees.apply",  "danger", "SMWP", HIGH,     gettext_lazy("%(kind)s不再签发，保费退还：%(reason)s")),
    Announcement("guarantee.lapsed",    "applicant", "guarantees.apply",  "warn",   "SMWP", HIGH,     gettext_lazy("%(kind)s逾期未缴费，申请已失效，预占额度已释放。需要时可以重新申请。")),
    Announcement("guarantee.lapsed",    "guarantor", "guarantees.review", "info",   "WP",   NORMAL,   gettext_lazy("%(applicant)s的%(kind)s逾期未缴费，申请已失效，预占额度已释放。")),
    Announcement("payment.arrived_late", "guarantor", "guarantees.issue", "danger", "MWP",  HIGH,     gettext_lazy("%(applicant)s的%(kind)s有一笔迟到的保费，请核对并退还。")),
    Announcement("payment.confirmed",   "guarantor", "guarantees.issue",  "warn",   "WP",   NORMAL,   gettext_lazy("%(applicant)s的%(kind)s保费已到账，待签发。")),
    Announcement("payment.refused",     "applicant", "guarantees.pay",    "danger", "SMWP", CRITICAL, gettext_lazy("%(kind)s保费没有付成：%(reason)s。可以换个账户再付。")),
    Announcement("guarantee.delivered", "applicant", "guarantees.view",   "ok",     "SMWP", HIGH,     gettext_lazy("%(kind)s %(number)s 已签发，可以下载电子函。")),
    Announcement("guarantee.released",  "applicant", "guarantees.view",   "info",   "MWP",  NORMAL,   gettext_lazy("%(kind)s %(number)s 的担保责任已解除。")),
    Announcement("guarantee.released",  "guarantor", "guarantees.view",   "info",   "MWP",  NORMAL,   gettext_lazy("%(kind)s %(number)s 的担保已解除。")),
    Announcement("guarantee.expired",   "applicant", "guarantees.view",   "info",   "SMWP", HIGH,     gettext_lazy("%(kind)s %(number)s 已到期，%(outcome)s。")),
    Announcement("guarantee.line_restored", "applicant", "guarantees.view", "ok",   "WP",   NORMAL,   gettext_lazy("%(kind)s %(number)s 占用的额度已恢复。")),
    Announcement("guarantee.line_restored", "guarantor", "guarantees.view", "info", "WP",   NORMAL,   gettext_lazy("%(applicant)s的%(kind)s %(number)s 占用的额度已恢复。")),
    Announcement("guarantee.expired",   "guarantor", "guarantees.view",   "info",   "MWP",  NORMAL,   gettext_lazy("%(kind)s %(number)s 已到期，%(outcome)s。索赔尾期过后恢复额度。")),
    Announcement("guarantee.prolonged", "applicant", "guarantees.view", "warn", "SMWP", HIGH, gettext_lazy("%(kind)s %(number)s %(reason)s。")),
    Announcement("guarantee.prolonged", "beneficiary", "guarantees.view", "warn", "SMWP", HIGH, gettext_lazy("%(kind)s %(number)s %(reason)s。")),
)  # fmt: skip
RECEIVED = Announcement(
    "guarantee.received", "beneficiary", "guarantees.view", "info", "SMWP", HIGH,
    gettext_lazy("收到%(applicant)s的%(kind)s %(number)s，金额 %(amount)s 元，请查收。"),
)  # fmt: skip
SAMPLES = {
    "applicant": "云州恒达路桥工程有限公司",
    "kind": "履约保函",
    "number": "LY20261121-8K3M7Q2P",
    "amount": "4,862,000.00",
    "fee": "12,155.00",
    "reason": "缺少中标通知书",
    "outcome": "担保责任自动解除",
}

SIDES = {
    "applicant": gettext_lazy("申请人"),
    "guarantor": gettext_lazy("保证人"),
    "beneficiary": gettext_lazy("受益人"),
}
declare((*ANNOUNCEMENTS, RECEIVED), SAMPLES, SIDES, gettext_lazy("收到保函"))
KINDS_ANNOUNCED = tuple(dict.fromkeys(announcement.kind for announcement in ANNOUNCEMENTS))


def announce(entry: Entry, guarantee: Guarantee) -> None:
    """Tell everybody whom the table names for this entry; the beneficiary too, once it may know."""
    secret = guarantee.is_secret(entry.at)
    for announcement in ANNOUNCEMENTS:
        if announcement.kind == entry.kind and not (secret and announcement.side == "beneficiary"):
            announcement.send(
                getattr(guarantee, announcement.side),
                _words(guarantee, entry),
                link=link_to(guarantee),
                subject=guarantee,
                key=f"{announcement.kind}:{announcement.side}:{entry.pk}",
                at=entry.at,
                sealed_until=guarantee.secret_until,
            )
    if entry.kind == "guarantee.delivered" and not secret:
        announce_delivery(guarantee, entry.at)


@transaction.atomic
def announce_delivery(guarantee: Guarantee, at: datetime) -> None:
    """Tell the beneficiary, once, that it holds a guarantee."""
    RECEIVED.send(
        guarantee.beneficiary,
        _words(guarantee),
        link=link_to(guarantee),
        subject=guarantee,
        key=f"guarantee.received:{guarantee.pk}",
        at=at,
        sealed_until=guarantee.secret_until,
    )


def remind(guarantee: Guarantee, last: date, *, over: bool, at: datetime) -> None:
    """Tell whose turn it is of the limit `last`; where it is `over`, also those above them. Each of them once."""
    state = LIFECYCLE.states[guarantee.state]
    row = next(row for row in LIFECYCLE.rows if guarantee.state in row.sources and row.tone == "pri")
    words = {
        "applicant": guarantee.applicant.name,
        "kind": guarantee.get_kind_display(),
        "what": state.awaited,
        "day": f"{last:%m-%d}",
    }
    house = Member.objects.acting().filter(organisation=awaited_house(guarantee))
    theirs = [member for member in house if member.can(row.permission)]
    text = _("%(applicant)s的%(kind)s等您%(what)s，时限 %(day)s。")
    if over:
        text = _("%(applicant)s的%(kind)s已超时限 %(day)s，请尽快%(what)s。")
    key = f"guarantee.limit:{guarantee.pk}:{guarantee.state}:{last}:{over}"
    tone, link = "danger" if over else "warn", link_to(guarantee)
    notify_members(theirs, text % words, link=link, tone=tone, subject=guarantee, key=key, at=at)
    if over:
        awaited = {member.pk for member in theirs}
        above = [member for member in _above(guarantee) if member.pk not in awaited]
        urge = _("%(applicant)s的%(kind)s超过时限 %(day)s，还在等“%(what)s”，请督办。")
        notify_members(above, urge % words, link=link, tone=tone, subject=guarantee, key=f"{key}:above", at=at)


def _above(guarantee: Guarantee) -> list[Member]:
    """Return who hears of an overdue case at the guarantor: its keeper for the applicant's part, else the directors."""
    people = Member.objects.acting().filter(organisation=guarantee.guarantor_id)
    if awaited_house(guarantee) != guarantee.guarantor_id:
        keepers = [member for member in people if member.pk == guarantee.manager_id]
        return keepers or [member for member in people if "manager" in member.roles or member.can("guarantees.apply")]
    both = {"guarantees.review", "work.activate"}  # what a director has, and an own role that stands for one
    return [member for member in people if "director" in member.roles or both <= member.permissions]


def link_to(guarantee: Guarantee) -> str:
    return reverse("guarantees:detail", args=[guarantee.reference])


def _words(guarantee: Guarantee, entry: Entry | None = None) -> dict[str, str]:
    return {
        "applicant": guarantee.applicant.name,
        "kind": str(guarantee.get_kind_display()),
        "number": guarantee.number or guarantee.reference,
        "amount": yuan(guarantee.amount or 0),
        "fee": yuan(guarantee.fee_amount or 0),
        "reason": str(entry.data.get("reason", "")) if entry else "",
        "outcome": _("到期前提交的索赔继续办理，其余责任自动解除")
        if entry and entry.data.get("open_claims")
        else _("担保责任自动解除"),
    }
