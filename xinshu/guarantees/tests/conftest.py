"""The city of the tests, its clock, and browsers for its people."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.guarantees.tests.city import City


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture(autouse=True)
def _no_figures_kept() -> None:
    cache.clear()


@pytest.fixture
def city(db: None, at: datetime) -> City:
    return City(at)


@pytest.fixture
def clock(at: datetime) -> Iterator[None]:
    """Let pages, which read the clock, be asked an hour after the acts of the city."""
    from datetime import timedelta

    with moved_to(at + timedelta(hours=1)):
        yield


@pytest.fixture
def browser_of(clock: None, sign_in: Callable[[Member], Client]) -> Callable[[Member], Client]:
    """Sign somebody in, in a browser of their own."""

    return sign_in
