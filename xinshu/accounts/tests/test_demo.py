"""Stories of the demo city's people, and of the first accounts in production."""

from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from xinshu.accounts.actions.sessions import sign_in
from xinshu.accounts.demo import ENTERPRISE, GUARANTOR, ORGANISATIONS, PASSWORD, PEOPLE, create_demo_people
from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.roles import ROLES
from xinshu.accounts.tests.conftest import NOW, code
from xinshu.core.uscc import problems, warning
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("organisation", ORGANISATIONS, ids=lambda organisation: organisation.name)
def test_every_demo_organisation_has_a_valid_code(organisation: object) -> None:
    assert problems(organisation.uscc) == []  # type: ignore[attr-defined]
    assert warning(organisation.uscc) == ""  # type: ignore[attr-defined]


def test_there_is_one_demo_account_per_role_and_all_sign_in() -> None:
    organisations = create_demo_people(NOW)

    assert [username for username, *_rest in PEOPLE] == list(ROLES)
    assert organisations[ENTERPRISE].kind == "enterprise"
    for username in ROLES:
        assert sign_in(username, PASSWORD, address="192.0.2.1", at=NOW).roles == [username]


def test_the_manager_stands_in_two_organisations_and_starts_in_the_first() -> None:
    create_demo_people(NOW)

    assert sign_in("manager", PASSWORD, address="192.0.2.1", at=NOW).organisation.name == GUARANTOR
    assert Member.objects.filter(user__username="manager").count() == 2


def test_a_second_run_creates_nothing() -> None:
    first = create_demo_people(NOW)
    before = [model.objects.count() for model in (Organisation, User, Member, Entry)]

    second = create_demo_people(NOW)

    assert second == first
    assert [model.objects.count() for model in (Organisation, User, Member, Entry)] == before


@override_settings(PRODUCTION=True)
def test_production_refuses_demo_people() -> None:
    with pytest.raises(ImproperlyConfigured):
        create_demo_people(NOW)

    assert not User.objects.exists()


def open_first(role: str, username: str, **changes: str) -> str:
    said = StringIO()
    options = {"name": "何以宁", "organisation": "云州信枢运营有限公司", "uscc": code(1), **changes}
    call_command("createoperator", role, username, stdout=said, **options)
    return said.getvalue()


def test_the_first_accounts_of_the_operator_are_opened_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINSHU_PASSWORD", "long-and-odd-42")

    said = [open_first(role, f"{role}-1") for role in ("operator", "sysadmin", "secadmin", "auditor")]

    member = sign_in("sysadmin-1", "long-and-odd-42", address="192.0.2.1", at=NOW)
    assert (member.organisation.kind, member.roles) == ("operator", ["sysadmin"])
    assert Organisation.objects.count() == 1
    assert "long-and-odd-42" not in "".join(said)
    assert Entry.objects.filter(kind="account.opened").count() == 4


@pytest.mark.parametrize(
    ("username", "password", "changes", "words"),
    [
        ("opera", "short", {}, "密码至少 10 位"),
        ("9x", "long-and-odd-42", {}, "user name"),
        ("taken", "long-and-odd-42", {}, "已被使用"),
        ("opera", "long-and-odd-42", {"uscc": "91350100M000100Y4Z"}, "第 18 位"),
        ("opera", "long-and-odd-42", {"uscc": code(2)}, "something else"),
    ],
)
def test_the_command_says_what_is_wrong_and_opens_nothing(
    username: str, password: str, changes: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("taken", name="另一位")
    Organisation.objects.create(name="云州乙有限公司", kind="enterprise", uscc=code(2))
    monkeypatch.setenv("XINSHU_PASSWORD", password)

    with pytest.raises(CommandError, match=words):
        open_first("operator", username, **changes)

    assert (User.objects.count(), Organisation.objects.count(), Entry.objects.count()) == (1, 1, 0)


@override_settings(PASSWORD_HASHERS=["xinshu.accounts.passwords.TunedArgon2"])
def test_passwords_are_hashed_with_argon2id_at_the_recommended_cost() -> None:
    hashed = make_password(PASSWORD)

    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(PASSWORD, hashed)
