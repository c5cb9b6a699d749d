"""`record`: the one door by which anything enters the ledger, inside the transaction of the act itself."""

from datetime import datetime
from typing import Any

from django.db import models

from xinshu.core.actors import Actor
from xinshu.ledger.models import Entry


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

    `data` must be JSON: ints for 分, ISO strings for days and moments. Raises TransactionManagementError outside a
    transaction: an entry without its change would be a lie.
    """
    raise NotImplementedError
