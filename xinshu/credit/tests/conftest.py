"""A firm, its guarantor, another guarantor, and two of the operator who keep the libraries."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import moved_to
from xinshu.credit.actions.behaviours import record_behaviour, record_of
from xinshu.credit.actions.cards import activate_card, write_card
from xinshu.credit.effects import measure
from xinshu.credit.kinds import APPLICANT, KINDS
from xinshu.credit.models import Behaviour, Card, Record
from xinshu.credit.standard import STANDARD
from xinshu.enterprises.models import Enterprise, Relation

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


class Town:
    """Organisations and people of a small town."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.firm = self.organisation("云州大山建设有限公司", "enterprise")
        self.house = self.organisation("云州融信融资担保有限公司", "guarantor")
        self.other_house = self.organisation("江北担保有限公司", "guarantor")
        self.platform = self.organisation("云州信枢运营有限公司", "operator")
        self.applicant = self.member("app", self.firm, "applicant")
        self.manager = self.member("man", self.house, "manager")
        self.reviewer, self.director = (
            self.member("rev", self.house, "reviewer"), self.member("dir", self.house, "director"),
        )  # fmt: skip
        self.stranger = self.member("str", self.other_house, "reviewer")
        self.first, self.second = (self.member(name, self.platform, "operator") for name in ("op1", "op2"))
        self.enterprise = Enterprise.objects.create(organisation=self.firm)
        Relation.objects.create(guarantor=self.house, enterprise=self.enterprise, manager=self.manager, since=at)

    def organisation(self, name: str, kind: str) -> Organisation:
        return Organisation.objects.create(name=name, kind=kind, verified=True)

    def member(self, name: str, house: Organisation, *roles: str) -> Member:
        user = User.objects.create(username=name, name=f"经办{name}")
        return Member.objects.create(user=user, organisation=house, roles=list(roles))

    @property
    def record(self) -> Record:
        return record_of(self.firm, APPLICANT)

    def did(self, kind: str, on: date, *, who: Organisation | None = None, at: datetime | None = None) -> Behaviour:
        """Enter a behaviour of the firm by hand, by the first of the operator's people."""
        return record_behaviour(
            record_of(who or self.firm, KINDS[kind].side), kind, on, document="（2026）云01民初7号", note="",
            upload=(PDF, "判决书.pdf"), by=self.first, at=at or self.at,
        )  # fmt: skip

    def card(self, content: Any = None, side: str = APPLICANT, *, at: datetime | None = None) -> Card:
        """Let a card hold."""
        at = at or self.at
        card = write_card(side, content or STANDARD[side], by=self.first, at=at)
        measure(card, by=self.first, at=at)
        return activate_card(card, by=self.second, at=at)


@pytest.fixture
def town(db: None, at: datetime) -> Town:
    return Town(at)


@pytest.fixture
def browser_of(sign_in: Callable[[Member], Client], at: datetime) -> Iterator[Callable[[Member], Client]]:
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
