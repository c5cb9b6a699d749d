"""The city of the guarantees' tests, and two receiving systems on this machine that belong to its department."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.core.sm import Sm2Key
from xinshu.exchange.destinations import exchange_key
from xinshu.exchange.models import Submission
from xinshu.exchange.sandbox.centre import Centre
from xinshu.exchange.sandbox.server import serving
from xinshu.guarantees.tests.city import City
from xinshu.ledger.worker import drain

KEY = Sm2Key(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
USCC = "11990100MBDEM00444"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    cache.clear()


@pytest.fixture
def city(db: None, at: datetime) -> City:
    return City(at)


@pytest.fixture
def clock(at: datetime) -> Iterator[None]:
    with moved_to(at + timedelta(hours=1)):
        yield


@pytest.fixture
def browser_of(clock: None, sign_in: Callable[[Member], Client]) -> Callable[[Member], Client]:
    return sign_in


class Receivers:
    """The department's systems: `iso` and `bank` are the two centres, `work` lets the worker do all that is due."""

    def __init__(self, city: City, settings: Any) -> None:
        self.city, self.settings = city, settings
        self.moment = city.at + timedelta(minutes=30)
        self.iso, self.bank = (Centre(KEY, exchange_key().public_hex, clock=lambda: self.moment) for _which in range(2))
        house = city.department.organisation
        house.uscc = USCC
        house.save(update_fields=["uscc"])

    @contextmanager
    def open(self, *which: str, sealed: bool = True, delay: float = 0.0) -> Iterator["Receivers"]:
        with serving(self.iso, delay=delay) as iso, serving(self.bank, delay=delay) as bank:
            told = {"iso20022": (iso, False), "bank_bid": (bank, sealed)}
            self.settings.EXCHANGE = [
                {"code": name.replace("_", "-"), "name": "云州监管平台", "uscc": USCC, "adapter": name,
                 "url": told[name][0], "public_key": KEY.public_hex, "sealed": told[name][1]}
                for name in which or told
            ]  # fmt: skip
            yield self

    def work(self, minutes: float = 30) -> int:
        self.moment = self.city.at + timedelta(minutes=minutes)
        return drain(at=self.moment)

    def all(self, **narrowed: Any) -> list[Submission]:
        return list(Submission.objects.filter(**narrowed).order_by("guarantee", "destination", "number"))


@pytest.fixture
def receivers(city: City, settings: Any) -> Receivers:
    return Receivers(city, settings)
