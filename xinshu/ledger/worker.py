"""The worker: runs deliveries, seals entries, makes the nightly round; stops cleanly, survives a busy database."""

import os
import secrets
import socket
from contextlib import nullcontext
from datetime import datetime

from xinshu.core import clock
from xinshu.ledger import deliveries


def worker_name() -> str:
    """Return a name that no other worker bears, telling a person where it runs."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(3)}"


def drain(at: datetime | None = None) -> int:
    """Run every delivery that is due at `at` (default: now), and what follows from those, until nothing is due.

    Returns how many were done. Failures are kept for a later try, as in the worker. Inside, the clock reads `at`.
    """
    name, done = worker_name(), 0
    with nullcontext() if at is None else clock.moved_to(at):
        while claimed := deliveries.claim(name, clock.now()):
            done += sum(deliveries.run(delivery, name, clock.now()) for delivery in claimed)
    return done
