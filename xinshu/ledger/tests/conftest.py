"""What the ledger's tests stand on: a subject, a register of reactions of their own, a witness without memories."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models, transaction

from xinshu.core.actors import SYSTEM
from xinshu.ledger import reactions
from xinshu.ledger.models import Entry, Worker
from xinshu.ledger.recording import record


@pytest.fixture(autouse=True)
def forgetful_witness(settings: Any, tmp_path: Path) -> None:
    """Each test begins with an empty ledger, so its witness must not remember the one before."""
    settings.WITNESS_ROOT = tmp_path / "witness"


@pytest.fixture(autouse=True)
def own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test register reactions and rounds that no other test sees."""
    monkeypatch.setattr(reactions, "by_kind", {})
    monkeypatch.setattr(reactions, "by_name", {})
    monkeypatch.setattr(reactions, "nightly", {})


@pytest.fixture
def subject(at: datetime) -> Worker:
    """Something that things can happen to."""
    return Worker.objects.create(name="subject", started_at=at, seen_at=at)


@pytest.fixture
def happens(subject: Worker, at: datetime) -> Callable[..., Entry]:
    """Record something in a transaction of its own."""

    def happens(kind: str = "test.happened", about: models.Model = subject, **options: Any) -> Entry:
        with transaction.atomic():
            return record(kind, about, **{"by": SYSTEM, "at": at, **options})

    return happens


def tamper(statement: str, *values: Any) -> None:
    """Do with the database what nobody may do, past every door."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
