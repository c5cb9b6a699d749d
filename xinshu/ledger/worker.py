"""The worker: runs deliveries, seals entries, makes the nightly round; stops cleanly, survives a busy database."""

import logging
import os
import secrets
import socket
import threading
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from xinshu.core import clock
from xinshu.ledger import deliveries, nightly
from xinshu.ledger.models import Worker
from xinshu.ledger.sealing import seal

log = logging.getLogger(__name__)

SHORTEST, LONGEST = 0.05, 0.25  # seconds between looks for work: short after work, longer the longer there is none
SEAL_EVERY, NIGHTLY_EVERY = 1.0, 20.0
BEAT_EVERY = min(5.0, deliveries.LEASE.total_seconds() / 6)


def worker_name() -> str:
    """Return a name that no other worker bears, telling a person where it runs."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(3)}"


def drain(at: datetime | None = None) -> int:
    """Run every delivery that is due at `at` (default: now), and what follows from those, until nothing is due.

    Returns how many were done. Failures are kept for a later try, as in the worker. Inside, the clock reads `at`.
    """
    name, done, patience = worker_name(), 0, 10
    with nullcontext() if at is None else clock.moved_to(at):
        while True:
            try:
                claimed = deliveries.claim(name, clock.now())
                if not claimed:
                    return done
                for delivery in claimed:
                    done += deliveries.run(delivery, name, clock.now())
            except OperationalError as error:  # another writer kept SQLite for longer than we wait
                patience -= 1
                if not patience or not deliveries.is_busy(error) or connection.in_atomic_block:
                    raise
                deliveries.release(name)


def run_nightly(at: datetime) -> int:
    """Make the nightly round as far as it is due at `at` (missed days included). Returns how many functions ran."""
    with clock.moved_to(at):
        return nightly.run_due(worker_name(), at)


def run_once() -> int:
    """Do everything that is due now: nightly round, deliveries, sealing. Returns how many deliveries were done."""
    nightly.run_due(worker_name(), clock.now())
    done = drain()
    seal(clock.now())
    return done


def run(stop: threading.Event) -> None:
    """Work until `stop` is set, then finish the delivery at hand, give the others back and leave."""
    _Loop(stop).go()


class _Loop:
    """One worker at work."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop, self.name = stop, worker_name()
        self.next_seal = self.next_nightly = 0.0
        self.interrupted = False

    def go(self) -> None:
        heart = threading.Thread(target=_beat, args=(self.name, self.stop), name="heartbeat", daemon=True)
        heart.start()
        rest = SHORTEST
        try:
            while not self.stop.is_set():
                try:
                    close_old_connections()
                    self.tidy_up()
                    rest = SHORTEST if self.turn() else min(rest * 1.5, LONGEST)
                except (OperationalError, InterfaceError) as error:
                    self.interrupted, rest = True, _survive(error)
                self.stop.wait(rest)
        finally:
            heart.join(timeout=BEAT_EVERY)
            self.leave()

    def tidy_up(self) -> None:
        """Give back what was claimed when the database failed us, or it would stay ours for as long as we live."""
        if self.interrupted:
            deliveries.release(self.name)
            self.interrupted = False

    def turn(self) -> bool:
        """Look once for everything; return whether there was something to do."""
        at = clock.now()
        claimed = deliveries.claim(self.name, at)
        for number, delivery in enumerate(claimed):
            if self.stop.is_set() and number:
                break
            deliveries.run(delivery, self.name, clock.now())
            self.seal_when_due()
        self.seal_when_due()
        if time.monotonic() >= self.next_nightly and not self.stop.is_set():
            self.next_nightly = time.monotonic() + NIGHTLY_EVERY
            nightly.run_due(self.name, clock.now())
        return bool(claimed)

    def seal_when_due(self) -> None:
        if time.monotonic() < self.next_seal:
            return
        try:
            seal(clock.now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a damaged tree is for `verify` to name; the business must go on meanwhile
            log.exception("Sealing failed.")
        self.next_seal = time.monotonic() + SEAL_EVERY

    def leave(self) -> None:
        try:
            deliveries.release(self.name)
            Worker.objects.filter(name=self.name).update(stopped_at=datetime.now(UTC))
        except (OperationalError, InterfaceError) as error:
            log.warning("Could not take leave, the leases will run out by themselves: %s", error)


def _beat(name: str, stop: threading.Event) -> None:
    """Say every few seconds that this worker lives, and keep its leases, in a thread with a connection of its own."""
    started = datetime.now(UTC)
    try:
        while True:
            try:
                Worker.objects.filter(seen_at__lt=started - timedelta(days=7)).delete()
                moment = datetime.now(UTC)
                Worker.objects.update_or_create(
                    name=name, defaults={"seen_at": moment}, create_defaults={"started_at": started, "seen_at": moment}
                )
                deliveries.renew(name)
                nightly.renew(name)
            except (OperationalError, InterfaceError) as error:
                _survive(error)
            if stop.wait(BEAT_EVERY):
                return
    finally:
        connection.close()


def _survive(error: Exception) -> float:
    """Return how long to wait after the database was busy or away; the lost connection is opened anew."""
    if not deliveries.is_busy(error):
        log.warning("The database is away: %s", error)
        connection.close()
        return 2.0
    return LONGEST
