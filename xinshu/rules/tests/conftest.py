"""A house with somebody who writes and somebody who activates, and ways to write what they write."""

# ruff: noqa: E501  (contents are read across)

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import local_day, moved_to
from xinshu.rules.actions import Draft, activate_version, write_rules
from xinshu.rules.engine.facts import Fact, Facts
from xinshu.rules.models import RuleVersion, Run
from xinshu.rules.running import Subject, keep_run

USCC = "91990100MADEM00K08"
RULES: dict[str, Any] = {
    "form": "conditions",
    "rules": [
        {"name": "负债率", "weight": "stop", "note": "负债过高", "join": "all", "on": True,
         "conditions": [{"fact": "debt_ratio", "op": "le", "values": ["70"]}]},
        {"name": "登记状态", "weight": "stop", "note": "", "on": True, "expression": '登记状态 = "存续" 且 非 失信被执行人'},
    ],
}  # fmt: skip
TABLE: dict[str, Any] = {
    "form": "table", "hit": "unique", "inputs": ["debt_ratio", "dishonest"],
    "rows": [
        {"cells": [{"op": "le", "values": ["70"]}, {"op": "eq", "values": [False]}], "outcome": "meets", "label": "甲档"},
        {"cells": [{"op": "gt", "values": ["70"]}, {"op": "eq", "values": [False]}], "outcome": "ask", "label": "乙档"},
        {"cells": [None, {"op": "eq", "values": [True]}], "outcome": "fails", "label": ""},
    ],
}  # fmt: skip


def facts(debt: int | None = 60, standing: str | None = "存续", dishonest: bool | None = False) -> Facts:
    return {
        "debt_ratio": Fact(Decimal(debt) if debt is not None else None, "sandbox_tax", "2026-11-20"),
        "standing": Fact(standing, "sandbox_registry", "2026-11-20"),
        "dishonest": Fact(dishonest, "sandbox_courts", "2026-11-20"),
    }


class House:
    """A guarantor's people and their rules."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.organisation = Organisation.objects.create(
            name="云州融信融资担保有限公司", kind="guarantor", verified=True
        )
        self.writer, self.second = self.member("writer", "reviewer"), self.member("second", "signer")

    def member(self, name: str, role: str, organisation: Organisation | None = None) -> Member:
        user = User.objects.create(username=name, name=f"经办{name}")
        return Member.objects.create(user=user, organisation=organisation or self.organisation, roles=[role])

    def draft(self, content: dict[str, Any] = RULES, name: str = "企业初筛规则", **more: Any) -> RuleVersion:
        draft = Draft(content, local_day(self.at), **more)
        return write_rules(name, "firm_screening", content["form"], draft, by=self.writer, at=self.at)

    def active(self, content: dict[str, Any] = RULES, name: str = "企业初筛规则", **more: Any) -> RuleVersion:
        return activate_version(self.draft(content, name, **more), by=self.second, at=self.at)

    def run(self, version: RuleVersion, known: Facts, name: str = "云州大山建设有限公司") -> Run:
        return keep_run(version, known, Subject(USCC, name), by=self.writer, at=self.at)


@pytest.fixture
def house(db: None, at: datetime) -> House:
    return House(at)


@pytest.fixture
def browser_of(sign_in: Callable[[Member], Client], at: datetime) -> Iterator[Callable[[Member], Client]]:
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
