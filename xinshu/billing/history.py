"""How billing writes to the ledger and reads an invoice's story back, as secret as the guarantee is."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinshu.billing.models import Invoice
from xinshu.core.actors import Actor
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.recording import record

WORDS = {
    # entry kind                 title shown            tone
    "invoice.requested":       (_("申请开票"),           "info"),
    "invoice.corrected":       (_("更正后重新申请开票"), "info"),
    "invoice.issued":          (_("发票已开具"),         "ok"),
    "invoice.refused":         (_("开票未成功"),         "danger"),
    "invoice.reversal_asked":  (_("申请红冲"),           "warn"),
    "invoice.reduced":         (_("部分红字发票已开具"), "mute"),
    "invoice.reversed":        (_("红字发票已开具"),     "mute"),
    "invoice.reversal_failed": (_("红冲未成功"),         "danger"),
}  # fmt: skip


def remember(kind: str, invoice: Invoice, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record that `kind` happened to `invoice`, as secret as its guarantee is."""
    return record(kind, invoice, by=by, at=at, sealed_until=invoice.guarantee.secret_until, **data)


def story_of(invoice: Invoice) -> list[dict[str, Any]]:
    """Return what happened to an invoice, newest first, for `ui.timeline`."""
    return [
        {"title": WORDS[entry.kind][0], "by": entry.actor_label, "at": entry.at, "tone": WORDS[entry.kind][1],
         "text": entry.data.get("reason") or entry.data.get("number") or ""}
        for entry in history_of(invoice).order_by("-pk")
        if entry.kind in WORDS
    ]  # fmt: skip
