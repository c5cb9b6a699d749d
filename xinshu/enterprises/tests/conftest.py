"""An enterprise with its clerk, and a guarantor with the account manager, a colleague and a signer."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.tests.browsers import signed_in
from xinshu.core.actors import SYSTEM
from xinshu.enterprises.actions import enterprise_of, take_customer
from xinshu.enterprises.models import Enterprise

Kind = Organisation.Kind


def member_of(organisation: Organisation, role: str) -> Member:
    username = f"{role}-{organisation.pk}-{organisation.members.count()}"
    user = User.objects.create_user(username, "xinshu-demo", name=username)
    return Member.objects.create(user=user, organisation=organisation, roles=[role])


@pytest.fixture
def firm(db: None) -> Organisation:
    return Organisation.objects.create(name="云州恒达路桥工程有限公司", kind=Kind.ENTERPRISE, uscc="91330100MA2H12345X")


@pytest.fixture
def guarantor(db: None) -> Organisation:
    return Organisation.objects.create(name="云州融信融资担保有限公司", kind=Kind.GUARANTOR)


@pytest.fixture
def enterprise(firm: Organisation) -> Enterprise:
    return enterprise_of(firm)


@pytest.fixture
def clerk(firm: Organisation) -> Member:
    return member_of(firm, "applicant")


@pytest.fixture
def manager(guarantor: Organisation) -> Member:
    return member_of(guarantor, "manager")


@pytest.fixture
def colleague(guarantor: Organisation) -> Member:
    return member_of(guarantor, "manager")


@pytest.fixture
def stranger(db: None) -> Member:
    return member_of(Organisation.objects.create(name="云州银行股份有限公司", kind=Kind.BANK), "manager")


@pytest.fixture
def rival(db: None) -> Member:
    return member_of(Organisation.objects.create(name="江北宏远市政建设有限公司", kind=Kind.ENTERPRISE), "applicant")


@pytest.fixture
def customer(firm: Organisation, manager: Member, at: datetime) -> None:
    take_customer(firm, manager=manager, by=SYSTEM, at=at)


@pytest.fixture
def browser_of(client: Client) -> Callable[[Member], Client]:
    """Sign somebody in, in the test's one browser."""
    return partial(signed_in, browser=client)
