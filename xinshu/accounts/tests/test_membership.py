"""Stories of organisations, members, and who meets whom."""

import pytest

from xinshu.accounts.actions.accounts import lock_user, unlock_user
from xinshu.accounts.actions.membership import create_organisation, give_code, join_organisation, open_account
from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.tests.conftest import NOW, code, member_with
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


def test_an_organisation_comes_onto_the_platform_once_per_code() -> None:
    made = create_organisation("云州甲有限公司", "enterprise", code=code(1), by=SYSTEM, at=NOW)

    with pytest.raises(NotNow, match="已在平台上"):
        create_organisation("云州乙有限公司", "enterprise", code=code(1), by=SYSTEM, at=NOW)

    assert list(Organisation.objects.all()) == [made]
    assert Entry.objects.get().data == {"name": "云州甲有限公司", "organisation_kind": "enterprise", "uscc": code(1)}


def test_a_wrong_code_is_refused() -> None:
    with pytest.raises(Invalid):
        create_organisation("云州甲有限公司", "enterprise", code="91350100M000100Y4Z", by=SYSTEM, at=NOW)

    assert not Organisation.objects.exists()


def test_a_code_is_given_once() -> None:
    imported = create_organisation("云州甲有限公司", "enterprise", code=None, by=SYSTEM, at=NOW)
    other = create_organisation("云州乙有限公司", "enterprise", code=None, by=SYSTEM, at=NOW)
    give_code(imported, code(1), by=SYSTEM, at=NOW)

    with pytest.raises(NotNow, match="已有统一社会信用代码"):
        give_code(imported, code(2), by=SYSTEM, at=NOW)
    with pytest.raises(NotNow, match="已在平台上"):
        give_code(other, code(1), by=SYSTEM, at=NOW)

    imported.refresh_from_db()
    assert imported.uscc == code(1)


def test_somebody_joins_once_and_with_roles_that_exist() -> None:
    organisation = create_organisation("云州甲有限公司", "enterprise", code=code(1), by=SYSTEM, at=NOW)
    user = open_account("zhangsan", "!", name="张三", by=SYSTEM, at=NOW)
    member = join_organisation(user, organisation, ["applicant"], by=SYSTEM, at=NOW)

    with pytest.raises(NotNow, match="已是云州甲有限公司的成员"):
        join_organisation(user, organisation, ["beneficiary"], by=SYSTEM, at=NOW)
    with pytest.raises(Invalid, match="root"):
        join_organisation(user, organisation, ["root"], by=SYSTEM, at=NOW)

    member.refresh_from_db()
    assert (member.roles, member.role_names) == (["applicant"], "企业经办")


def test_locking_is_recorded_with_its_reason_and_takes_one(sysadmin: Member) -> None:
    user = member_with("applicant", kind="enterprise").user

    with pytest.raises(Invalid):
        lock_user(user, reason=" ", by=sysadmin, at=NOW)
    lock_user(user, reason="离职", by=sysadmin, at=NOW)
    unlock_user(user, reason="返聘", by=sysadmin, at=NOW)

    user.refresh_from_db()
    assert user.is_active
    assert [(entry.kind, entry.data) for entry in Entry.objects.order_by("pk")] == [
        ("account.locked", {"reason": "离职"}),
        ("account.unlocked", {"reason": "返聘"}),
    ]


def test_nobody_locks_their_own_account(sysadmin: Member) -> None:
    with pytest.raises(NotPermitted, match="不能办理自己的账号"):
        lock_user(sysadmin.user, reason="试试", by=sysadmin, at=NOW)

    assert User.objects.get(pk=sysadmin.user_id).is_active


@pytest.fixture
def city(db: None) -> dict[str, Member]:
    """One member in an organisation of each kind."""
    roles = {"operator": "operator", "guarantor": "manager", "bank": "bank", "insurer": "insurer"}
    return {kind: member_with(roles.get(kind, "applicant"), kind=kind) for kind in Organisation.Kind.values}


@pytest.mark.parametrize(
    ("who", "meets"),
    [
        ("enterprise", {"enterprise", "guarantor", "bank", "insurer", "institution", "department"}),
        ("person", {"person", "guarantor", "bank", "insurer", "institution", "department"}),
        ("institution", {"guarantor", "bank", "insurer", "institution", "department"}),
        ("guarantor", {"enterprise", "guarantor", "bank", "insurer", "institution", "department"}),
        ("operator", set(Organisation.Kind.values)),
    ],
)
def test_organisations_exist_for_whom_they_concern(who: str, meets: set[str], city: dict[str, Member]) -> None:
    seen = Organisation.objects.visible_to(city[who])

    assert {organisation.kind for organisation in seen} == meets
    assert city[who].organisation in seen


def test_a_firm_does_not_meet_other_firms_or_persons(city: dict[str, Member]) -> None:
    other = member_with("applicant", kind="enterprise").organisation

    assert other not in Organisation.objects.visible_to(city["enterprise"])
    assert not Organisation.objects.visible_to(None).exists()


def test_users_exist_for_colleagues_and_administrators(city: dict[str, Member], sysadmin: Member) -> None:
    colleague = member_with("applicant", organisation=city["enterprise"].organisation)

    assert set(User.objects.visible_to(colleague)) == {colleague.user, city["enterprise"].user}
    assert User.objects.visible_to(sysadmin).count() == User.objects.count()
    assert not User.objects.visible_to(None).exists()
