"""What the fault tests stand on: the guarantees' test city, browsers that never hide a broken page, files apart."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.guarantees.tests.city import City


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Path) -> None:
    """Keep files and the witness's memory of each test apart, and forget the figures of the last one."""
    settings.FILES_ROOT, settings.WITNESS_ROOT = tmp_path / "files", tmp_path / "witness"
    cache.clear()


@pytest.fixture
def city(db: None, at: datetime) -> City:
    return City(at)


@pytest.fixture
def clock(at: datetime) -> Iterator[None]:
    """Let pages, which read the clock, be asked an hour after the acts of the city."""
    with moved_to(at + timedelta(hours=1)):
        yield


@pytest.fixture
def browser_of(clock: None) -> Callable[[Member | None], Client]:
    return browser


def browser(member: Member | None) -> Client:
    """Return a browser in which `member` is signed in (nobody for None); a broken page answers 500 as it would live."""
    client = Client(raise_request_exception=False)
    if member is not None:
        client.force_login(member.user)
        session = client.session
        session[CHOSEN] = member.pk
        session.save()
    return client
