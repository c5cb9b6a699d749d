"""A house with a committee, and a kind of case that only the tests know."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.work.cases import KINDS
from xinshu.work.tests.house import PAST, TOY, House


@pytest.fixture(autouse=True)
def toy() -> Iterator[None]:
    """Only the tests' own kind is known: what contexts above register is theirs to test."""
    others = dict(KINDS)
    KINDS.clear()
    KINDS["toy"] = TOY
    yield
    PAST.clear()
    KINDS.clear()
    KINDS.update(others)


@pytest.fixture
def house(db: None, at: datetime) -> House:
    return House(at)


@pytest.fixture
def browser_of(at: datetime, sign_in: Callable[[Member], Client]) -> Iterator[Callable[[Member], Client]]:
    """Sign somebody in, an hour after the acts of the house."""

    with moved_to(at + timedelta(hours=1)):
        yield sign_in
