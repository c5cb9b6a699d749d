"""`record`: the one door by which anything enters the ledger, inside the transaction of the act itself."""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.transaction import TransactionManagementError

from xinshu.core import tracing
from xinshu.core.actors import Actor
from xinshu.core.sm import hmac_sm3
from xinshu.core.statements import insert, insert_all
from xinshu.ledger import gates, reactions
from xinshu.ledger.canonical import must_be_exact, without_id
from xinshu.ledger.models import Delivery, Entry


def record(
    kind: str,
    subject: models.Model,
    *,
    by: Actor,
    at: datetime,
    sealed_until: datetime | None = None,
    **data: Any,
) -> Entry:
    """Write that `kind` happened to `subject`, and one delivery per reaction that waits for it.

    `data` must be JSON: ints for 分, ISO strings for days and moments; floats are refused (TypeError): not every reader
    writes them back to the same bytes. Raises TransactionManagementError outside a transaction: an entry without its
    change would be a lie; and whatever Refusal a gate has for this act (ledger/gates.py).
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError(f"{kind} is recorded outside the transaction of its act.")
    must_be_exact(data)
    if (question := gates.questions.get(kind)) is not None:
        question(kind, by, at, data)
    entry = Entry(
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        actor_key=by.actor_key,
        actor_label=by.actor_label,
        at=at,
        recorded_at=datetime.now(UTC),
        sealed_until=sealed_until,
        data=data,
        salt=secrets.token_bytes(16),
        trace=tracing.current() or None,
    )
    entry.mac = hmac_sm3(bytes.fromhex(settings.LEDGER_KEY), without_id(entry.parts))
    insert(entry)
    waiting = reactions.by_kind.get(kind)
    if waiting:
        # An act may be dated ahead or back (demo, tests); what follows from it is due at once in either case.
        due_at = min(entry.at, entry.recorded_at)
        insert_all(
            [Delivery(entry=entry, reaction=reaction.name, lane=entry.subject, due_at=due_at) for reaction in waiting]
        )
    return entry
