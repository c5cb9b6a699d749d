"""A guarantor with who writes and who activates, its manager, a customer firm with a clerk, and ways to make things."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.admission.actions.questionnaires import activate_version, write_questionnaire
from xinshu.admission.actions.tags import Wanted, write_tag
from xinshu.admission.models import Questionnaire, Tag
from xinshu.admission.purposes import PURPOSES
from xinshu.admission.questions import Question
from xinshu.admission.shelves import SHELVES, Shelf, Ware, register_shelf
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moved_to
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.rules.actions import Draft, write_rules
from xinshu.rules.actions import activate_version as activate_rules
from xinshu.rules.models import RuleSet

WAN = 1_000_000  # 分
PRODUCT = "PRODUCT23456"


class Place:
    """The people of one house and one firm."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.house = Organisation.objects.create(name="云州融信融资担保有限公司", kind="guarantor", verified=True)
        self.firm = Organisation.objects.create(
            name="云州恒达路桥工程有限公司", kind="enterprise", uscc="91990100MADEM00380", verified=True
        )
        self.writer, self.second = self.member("writer", "reviewer"), self.member("second", "signer")
        self.manager = self.member("manager", "manager")
        self.clerk = self.member("clerk", "applicant", self.firm)
        take_customer(self.firm, manager=self.manager, by=SYSTEM, at=at)

    def member(self, name: str, role: str, organisation: Organisation | None = None) -> Member:
        user = User.objects.create(username=name, name=f"经办{name}")
        return Member.objects.create(user=user, organisation=organisation or self.house, roles=[role])

    def tell(self, at: datetime | None = None, **values: str) -> None:
        enter_fields(enterprise_of(self.firm), values, by=SYSTEM, at=at or self.at, source="licence")

    def tag(self, name: str = "大企业", rhythm: str = "change", days: int | None = None, **rule: Any) -> Tag:
        rows = rule or {"join": "all", "conditions": [at_least("registered_capital", 3_000 * WAN)]}
        return write_tag(Wanted(name, "", self.writer, rhythm, rows, days), by=self.writer, at=self.at)

    def asked(self, *questions: Question, subject: str = "firm", name: str = "补充信息") -> Questionnaire:
        version = write_questionnaire(name, subject, questions, by=self.writer, at=self.at)
        return activate_version(version, by=self.second, at=self.at).questionnaire

    def rules(self, *rules: dict[str, Any], subject: str = "firm", name: str = "准入规则") -> RuleSet:
        draft = Draft({"form": "conditions", "rules": list(rules)}, local_day(self.at))
        version = write_rules(name, PURPOSES[subject].code, "conditions", draft, by=self.writer, at=self.at)
        return activate_rules(version, by=self.second, at=self.at).rule_set


def at_least(fact: str, *values: Any, op: str = "ge") -> dict[str, Any]:
    return {"fact": fact, "op": op, "values": list(values)}


def rule(name: str, *rows: dict[str, Any], weight: str = "stop", join: str = "all") -> dict[str, Any]:
    return {"name": name, "weight": weight, "on": True, "join": join, "conditions": list(rows)}


@pytest.fixture
def place(db: None, at: datetime) -> Place:
    return Place(at)


@pytest.fixture
def ware(place: Place) -> Iterator[Ware]:
    """One product on a shelf of its own."""
    one = Ware(PRODUCT, place.house, "快保", "/products/", True)
    register_shelf(Shelf("toys", "玩具", lambda house, at: [one] if house == place.house else [],
                         lambda reference, member, at: one if reference == PRODUCT else None))  # fmt: skip
    yield one
    del SHELVES["toys"]


@pytest.fixture
def browser_of(sign_in: Callable[[Member], Client], at: datetime) -> Iterator[Callable[[Member], Client]]:
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
