"""The people around a project: two bidders, their guarantor, the buyer, the department of the city and of another."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.tests.browsers import signed_in
from xinshu.projects.actions import register_project
from xinshu.projects.models import Project

Kind = Organisation.Kind


def member_at(name: str, kind: str, role: str, region: str = "") -> Member:
    organisation = Organisation.objects.create(name=name, kind=kind, region_code=region, verified=True)
    username = f"{role}-{organisation.pk}"
    user = User.objects.create_user(username, "xinshu-demo", name=username)
    return Member.objects.create(user=user, organisation=organisation, roles=[role])


@pytest.fixture
def bidder(db: None) -> Member:
    return member_at("云州恒达路桥工程有限公司", Kind.ENTERPRISE, "applicant")


@pytest.fixture
def rival(db: None) -> Member:
    return member_at("江北宏远市政建设有限公司", Kind.ENTERPRISE, "applicant")


@pytest.fixture
def manager(db: None) -> Member:
    return member_at("云州融信融资担保有限公司", Kind.GUARANTOR, "manager")


@pytest.fixture
def buyer(db: None) -> Member:
    return member_at("云州临港新区建设管理中心", Kind.INSTITUTION, "beneficiary")


@pytest.fixture
def department(db: None) -> Member:
    return member_at("云州市住房和城乡建设局", Kind.DEPARTMENT, "department", region="990100")


@pytest.fixture
def other_department(db: None) -> Member:
    return member_at("江北市住房和城乡建设局", Kind.DEPARTMENT, "department", region="990200")


@pytest.fixture
def register(at: datetime) -> Callable[..., Project]:
    """Register a project of the new district; `facts` say what differs."""

    def make(by: Member, **facts: Any) -> Project:
        usual: dict[str, Any] = {
            "name": "临港新区海棠大道二期市政工程",
            "buyer": "云州临港新区建设管理中心",
            "number": "YZ2026-0117-01",
            "kind": "municipal",
            "region_code": "990103",
            "estimate_amount": 52_180_000_00,
            "estimate_source": "招标公告",
        }
        return register_project(**(usual | facts), by=by, at=facts.pop("at", at))

    return make


@pytest.fixture
def browser_of(client: Client) -> Callable[[Member], Client]:
    """Sign somebody in, in the test's one browser."""
    return partial(signed_in, browser=client)
