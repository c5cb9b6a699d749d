"""Who is told what, in which words: one table. Before bid opening only applicant and guarantor appear in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.core.money import yuan
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.models import Entry
from xinshu.messaging.notices import notify

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Announcement:
    """One line: after `kind`, members of `side` who hold `permission` read `text`."""

    kind: str
    side: str
    permission: str
    tone: str
    text: "StrOrPromise"


ANNOUNCEMENTS = (
    #            after what             whom         who of them           tone      what they read
    Announcement("guarantee.referred",  "guarantor", "guarantees.review", "warn",   gettext_lazy("%(applicant)s的%(kind)s待审批，金额 %(amount)s 元。")),
    Announcement("guarantee.approved",  "applicant", "guarantees.pay",    "ok",     gettext_lazy("%(kind)s已通过审批，保费 %(fee)s 元，请缴费。")),
    Announcement("guarantee.returned",  "applicant", "guarantees.apply",  "warn",   gettext_lazy("%(kind)s需要补正：%(reason)s")),
    Announcement("guarantee.declined",  "applicant", "guarantees.apply",  "danger", gettext_lazy("%(kind)s未获承保：%(reason)s")),
    Announcement("guarantee.cancelled", "applicant", "guarantees.apply",  "danger", gettext_lazy("%(kind)s不再签发，保费退还：%(reason)s")),
    Announcement("payment.arrived_late", "guarantor", "guarantees.issue", "danger", gettext_lazy("%(applicant)s的%(kind)s有一笔迟到的保费，请核对并退还。")),
    Announcement("payment.confirmed",   "guarantor", "guarantees.issue",  "warn",   gettext_lazy("%(applicant)s的%(kind)s保费已到账，待签发。")),
    Announcement("payment.refused",     "applicant", "guarantees.pay",    "danger", gettext_lazy("%(kind)s保费没有付成：%(reason)s。可以换个账户再付。")),
    Announcement("guarantee.delivered", "applicant", "guarantees.view",   "ok",     gettext_lazy("%(kind)s %(number)s 已签发，可以下载电子函。")),
    Announcement("guarantee.released",  "applicant", "guarantees.view",   "info",   gettext_lazy("受益人已解除%(kind)s %(number)s 的担保责任。")),
    Announcement("guarantee.released",  "guarantor", "guarantees.view",   "info",   gettext_lazy("%(kind)s %(number)s 已由受益人解除，额度已恢复。")),
    Announcement("guarantee.expired",   "applicant", "guarantees.view",   "info",   gettext_lazy("%(kind)s %(number)s 已到期，担保责任终止。")),
    Announcement("guarantee.expired",   "guarantor", "guarantees.view",   "info",   gettext_lazy("%(kind)s %(number)s 已到期，额度已恢复。")),
)  # fmt: skip
KINDS_ANNOUNCED = tuple(dict.fromkeys(announcement.kind for announcement in ANNOUNCEMENTS))


def announce(entry: Entry, guarantee: Guarantee) -> None:
    """Tell everybody whom the table names for this entry; the beneficiary too, once it may know."""
    for announcement in ANNOUNCEMENTS:
        if announcement.kind == entry.kind:
            notify(
                getattr(guarantee, announcement.side),
                announcement.text % _words(guarantee, entry),
                link=link_to(guarantee),
                permission=announcement.permission,
                tone=announcement.tone,
                subject=guarantee,
                key=f"{announcement.kind}:{announcement.side}:{entry.pk}",
                at=entry.at,
            )
    if entry.kind == "guarantee.delivered" and not guarantee.is_secret(entry.at):
        announce_delivery(guarantee, entry.at)


def announce_delivery(guarantee: Guarantee, at: datetime) -> None:
    """Tell the beneficiary, once, that it holds a guarantee."""
    notify(
        guarantee.beneficiary,
        _("收到%(applicant)s的%(kind)s %(number)s，金额 %(amount)s 元，请查收。") % _words(guarantee),
        link=link_to(guarantee),
        permission="guarantees.view",
        tone="info",
        subject=guarantee,
        key=f"guarantee.received:{guarantee.pk}",
        at=at,
    )


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
    }
