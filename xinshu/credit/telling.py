"""What other rooms' entries say about conduct comes in here: rooms above credit call it from their own reactions."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from xinshu.core.clock import now
from xinshu.credit.actions.behaviours import Seen, note_behaviour
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later

ASK_AGAIN = timedelta(days=1)  # an opening may be moved, a demand decided, earlier or later


def tell(entry: Entry, seen: Iterable[Seen], *, secret_until: datetime | None) -> None:
    """Record what `entry` says about conduct, once. While it is secret nothing is recorded: raises Later.

    So of a bid guarantee before the opening (开标前保密) there is no behaviour, no score that moved, nothing to count.
    """
    at, seen = now(), list(seen)
    if seen and secret_until is not None and at < secret_until:
        raise Later(min(secret_until, at + ASK_AGAIN))
    for one in seen:
        note_behaviour(one, entry, at=at)
