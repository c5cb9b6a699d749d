"""A worker process for test_worker.py: it says a line for each delivery that it runs, and leaves one row each."""

import threading

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command

from xinshu.core.clock import now
from xinshu.ledger.models import Entry, Worker


def leave_effect(entry: Entry) -> None:
    """Leave exactly one row: a second one is refused by the database."""
    Worker.objects.create(name=f"effect of {entry.pk}", started_at=now(), seen_at=now())


def say_and_leave_effect(entry: Entry) -> None:
    """Leave the row, then say so, so that the test can kill this process between that and the commit."""
    leave_effect(entry)
    print(entry.pk, flush=True)  # noqa: T201
    threading.Event().wait(0.002)


if __name__ == "__main__":
    from xinshu.ledger import reactions

    reactions.by_kind.clear()
    reactions.by_name.clear()
    reactions.nightly.clear()
    name = "xinshu.ledger.tests.working.leave_effect"
    reactions.by_name[name] = reactions.Reaction(name, say_and_leave_effect)
    call_command("work", skip_checks=True)
