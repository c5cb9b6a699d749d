"""The guarantees' test city with two bidders on one device, and ways to let time and the worker go on."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from xinshu.accounts.models import Member, SignInSession
from xinshu.core.clock import moved_to
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City, Kind
from xinshu.ledger.worker import drain
from xinshu.watch.actions.rules import Wish, activate_rule, write_rule
from xinshu.watch.models import WatchCase, WatchRule
from xinshu.watch.patterns import PATTERNS


class WatchCity(City):
    """The city, its risk officer (reviewer) and whoever checks them (signer, director)."""

    def rule(self, code: str, *, by: Member | None = None, second: Member | None = None, **told: Any) -> WatchRule:
        """Put a rule in force for the guarantor: what `told` leaves out is as shipped."""
        pattern = PATTERNS[code]
        limits = {name: told.pop(name, limit.usual) for name, limit in pattern.limits.items()}
        wish = Wish(**({"on": True, "grade": pattern.grade, "blocks": pattern.blocks, "limits": limits} | told))
        draft = write_rule(code, wish, by=by or self.reviewer, at=self.at)
        return activate_rule(draft, by=second or self.signer, at=self.at)

    def seated(self, member: Member, device: str = "d1", address: str = "192.0.2.1") -> Member:
        """Let somebody sit at a device behind an address."""
        SignInSession.objects.create(
            user=member.user, how="password", device="Chrome", device_key=device, address=address,
            started_at=self.at - timedelta(hours=1), last_seen_at=self.at,
        )  # fmt: skip
        return member

    def bidders(self, *, opens_at: datetime | None = None) -> tuple[Guarantee, Guarantee]:
        """Let two firms bid for one lot, each from its own registration of it, at one device."""
        cases = []
        for who in (self.applicant, self.rival):
            self.seated(who)
            facts = {"opens_at": opens_at} if opens_at else {}
            cases.append(self.in_force("bid", by=who, project=self.lot(who, number="YZ2026-SAME", **facts)))
        self.work()
        return cases[0], cases[1]

    def work(self, after: timedelta = timedelta(minutes=20)) -> None:
        """Let the worker do what is due `after` the city's moment."""
        with moved_to(self.at + after):
            drain(at=self.at + after)

    def case(self, **narrowed: Any) -> WatchCase:
        return WatchCase.objects.select_related("house", "firm").get(**narrowed)


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    cache.clear()


@pytest.fixture
def city(db: None, at: datetime) -> WatchCity:
    city = WatchCity(at)
    assert city.guarantor
    assert city.reviewer  # in business, with somebody who looks
    return city


@pytest.fixture
def director(city: WatchCity) -> Member:
    return city.member(city.guarantor.name, Kind.GUARANTOR, "director")


@pytest.fixture
def browser_of(sign_in: Callable[[Member], Client], at: datetime) -> Iterator[Callable[[Member], Client]]:
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
