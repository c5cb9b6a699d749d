"""A house, its people, and two of the operator who file and confirm."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import moved_to

LICENCE: dict[str, Any] = {
    "kind": "guaranty", "certificate": "云融担证 0001 号", "authority": "云州市地方金融管理局",
    "valid_from": date(2024, 1, 1), "valid_until": date(2026, 12, 31),
}  # fmt: skip
SCOPE: dict[str, Any] = {
    "kind": "performance", "region_code": "9901", "most_amount": 500_000_00, "annual_rate": None,
    "valid_from": date(2024, 1, 1), "valid_until": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


class Town:
    """Organisations and people, made when they are asked for."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.house = self.organisation("云州融信融资担保有限公司", "guarantor")
        self.platform = self.organisation("云州信枢运营有限公司", "operator")
        self.first, self.second = (self.member(name, self.platform, "operator") for name in ("op1", "op2"))
        self.reviewer = self.member("rev", self.house, "reviewer")

    def organisation(self, name: str, kind: str) -> Organisation:
        return Organisation.objects.create(name=name, kind=kind, verified=True)

    def member(self, name: str, house: Organisation, *roles: str) -> Member:
        user = User.objects.create(username=name, name=f"经办{name}")
        return Member.objects.create(user=user, organisation=house, roles=list(roles))


@pytest.fixture
def town(db: None, at: datetime) -> Town:
    return Town(at)


@pytest.fixture
def browser_of(sign_in: Callable[[Member], Client], at: datetime) -> Any:
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
