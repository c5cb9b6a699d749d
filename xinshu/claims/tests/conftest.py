"""The city of the claims tests, its clock, and browsers for its people."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.claims.tests.city import ClaimsCity
from xinshu.core.clock import moved_to
from xinshu.guarantees.tests.city import Kind


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    cache.clear()
    return settings.FILES_ROOT


@pytest.fixture
def city(db: None, at: datetime) -> ClaimsCity:
    return ClaimsCity(at)


@pytest.fixture
def surety(db: None, at: datetime) -> ClaimsCity:
    return ClaimsCity(at, issuer=Kind.GUARANTOR)


@pytest.fixture
def insurer(db: None, at: datetime) -> ClaimsCity:
    return ClaimsCity(at, issuer=Kind.INSURER)


@pytest.fixture
def clock(at: datetime) -> Iterator[None]:
    """Let pages, which read the clock, be asked on Thursday the 26th."""
    from datetime import timedelta

    with moved_to(at + timedelta(days=5)):
        yield


@pytest.fixture
def browser_of(clock: None, sign_in: Callable[[Member], Client]) -> Callable[[Member], Client]:
    return sign_in
