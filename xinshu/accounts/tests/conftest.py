"""Who the tests of accounts are about."""

from datetime import datetime

import pytest

from xinshu.accounts.actions.registration import Wish, register
from xinshu.accounts.models import Member, Organisation, Registration, User
from xinshu.core.clock import CHINA
from xinshu.core.uscc import check_digit, organisation_check_digit

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
PASSWORD = "long-and-odd-42"


def code(number: int) -> str:
    """Return the valid invented 统一社会信用代码 of this number."""
    body = f"MA{number:06d}"
    front = f"91339900{body}{organisation_check_digit(body)}"
    return front + check_digit(front)


def member_with(
    *roles: str, kind: str = "operator", username: str = "", organisation: Organisation | None = None
) -> Member:
    """Make a user with `roles` in an organisation (a new one of `kind` unless given)."""
    count = Organisation.objects.count() + User.objects.count()
    if organisation is None:
        organisation = Organisation.objects.create(name=f"云州第{count}有限公司", kind=kind, uscc=code(count))
    username = username or f"user{count}"
    user = User.objects.create_user(username, PASSWORD, name=f"张{count}", phone=f"123000{count:05d}")
    return Member.objects.create(user=user, organisation=organisation, roles=list(roles))


def wish(**changes: str) -> Wish:
    """Return what a firm's clerk types into the registration form."""
    typed = {
        "side": "applicant",
        "kind": "enterprise",
        "organisation_name": "云州新禾建设有限公司",
        "uscc": code(900001),
        "contact_name": "李新禾",
        "phone": "12300001234",
        "username": "lixinhe",
    }
    return Wish(**{**typed, **changes})


def registration(**changes: str) -> Registration:
    """Register as `wish` says."""
    return register(wish(**changes), PASSWORD, agreed=True, at=NOW)


@pytest.fixture
def operator(db: None) -> Member:
    return member_with("operator", username="opera")


@pytest.fixture
def sysadmin(db: None) -> Member:
    return member_with("sysadmin", username="admin")
