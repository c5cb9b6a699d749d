"""Receipts (回执): what a provider reports about a message, in any order, any number of times, even early."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from xinshu.core.actors import SYSTEM
from xinshu.ledger.recording import record
from xinshu.messaging.lifecycle import MESSAGE
from xinshu.messaging.models import Message, Receipt


@dataclass(frozen=True)
class Report:
    """One report: about which message, whether it arrived, in which words."""

    serial: str
    our_reference: str
    delivered: bool
    code: str


@transaction.atomic
def take_report(provider: str, report: Report, *, at: datetime) -> Receipt:
    """Keep one report and let its message follow. One that comes again is counted, nothing else."""
    key = {
        "provider": provider,
        "serial": report.serial[:80],
        "our_reference": report.our_reference[:16],
        "delivered": report.delivered,
        "code": report.code[:80],
    }
    receipt, new = Receipt.objects.get_or_create(**key, defaults={"at": at})
    if not new:
        Receipt.objects.filter(pk=receipt.pk).update(times=F("times") + 1)
        return receipt
    about = Q(reference=report.our_reference) if report.our_reference else Q(serial=report.serial)
    message = Message.objects.select_for_update(of=("self",)).filter(about, provider=provider).first()
    if message is not None:
        _apply(receipt, message)
    return receipt


def apply_waiting(message: Message) -> None:
    """Apply reports that came before the provider's own answer. In the caller's transaction."""
    about = Q(our_reference=message.reference)
    if message.serial:
        about |= Q(serial=message.serial)
    for receipt in Receipt.objects.filter(about, provider=message.provider, message=None).order_by("pk"):
        _apply(receipt, message)


def _apply(receipt: Receipt, message: Message) -> None:
    if message.serial and receipt.serial and message.serial != receipt.serial:
        return  # of an earlier sending of the same message
    if message.state == "sending":
        return  # kept until the provider's answer is known
    receipt.message = message
    receipt.save(update_fields=["message"])
    if receipt.delivered and message.state in {"sent", "unknown", "failed"}:
        serial = message.serial or receipt.serial
        message.change(MESSAGE.step("deliver", message, SYSTEM), delivered_at=receipt.at, serial=serial, reason="")
    elif not receipt.delivered and message.state in {"sent", "unknown"}:
        reason = f"运营商或收件方没有收到（{receipt.code}）"
        message.change(MESSAGE.step("fail", message, SYSTEM), reason=reason)
        sealed = message.sealed_until
        record("message.failed", message, by=SYSTEM, at=receipt.at, sealed_until=sealed, reason=reason)
