"""What the fault tests stand on: the guarantees' test city, browsers that never hide a broken page, files apart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings

from faults.world import World, build
from xinshu.accounts.models import Member
from xinshu.accounts.tests.browsers import signed_in
from xinshu.core.clock import moved_to
from xinshu.guarantees.tests.city import City
from xinshu.web import shell

# Headers of one who prefers JSON. It changes nothing but how a refusal is told (xinshu/web/refusals.py): the same words
# without the page around them, in a third of the time.
BRIEFLY = {"accept": "application/json, text/html;q=0.9"}


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Path) -> None:
    """Keep files and the witness's memory of each test apart, and forget the figures of the last one."""
    settings.FILES_ROOT, settings.WITNESS_ROOT = tmp_path / "files", tmp_path / "witness"
    cache.clear()


@pytest.fixture
def city(db: None, at: datetime) -> City:
    return City(at)


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: Any, at: datetime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Path]]:
    """The world of all tests of one file, and the folder that holds its files and what the witness remembers."""
    place = tmp_path_factory.mktemp("world")
    with (
        django_db_blocker.unblock(),
        override_settings(FILES_ROOT=place / "files", WITNESS_ROOT=place / "witness"),
        transaction.atomic(),
    ):
        yield build(City(at)), place
        transaction.set_rollback(True)


@pytest.fixture
def world(built: tuple[World, Path], db: None, settings: Any) -> World:
    """The world as it was built: a test works in a savepoint, on copies of its own."""
    world, place = built
    copytree(place / "files", settings.FILES_ROOT, dirs_exist_ok=True)
    copytree(place / "witness", settings.WITNESS_ROOT, dirs_exist_ok=True)
    return deepcopy(world)


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
    return signed_in(member, client) if member is not None else client


@contextmanager
def counting_once() -> Iterator[None]:
    """Count what waits for a member once, not on every page they open: for pages between which nothing changes."""
    badges = dict(shell._badges)
    shell._badges.update({name: _remembering(count) for name, count in badges.items()})
    try:
        yield
    finally:
        shell._badges.update(badges)


def _remembering(count: shell.Count) -> shell.Count:
    known: dict[int, int] = {}

    def remembered(member: Member) -> int:
        if member.pk not in known:
            known[member.pk] = count(member)
        return known[member.pk]

    return remembered
