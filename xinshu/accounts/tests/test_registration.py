"""Stories of registration: who asks, who is let in, and what is refused."""

import pytest
from django.contrib.auth.hashers import check_password

from xinshu.accounts.actions.registration import approve_registration, refuse_registration, register
from xinshu.accounts.actions.sessions import NotYetOpen, WrongPassword, sign_in
from xinshu.accounts.kinds import DOORS
from xinshu.accounts.models import Member, Organisation, Registration, User
from xinshu.accounts.tests.conftest import NOW, PASSWORD, code, member_with, registration, wish
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


def kinds_of_entries() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("kind", flat=True))


def test_a_firm_registers_and_is_recorded_without_its_password() -> None:
    case = registration(username="LiXinhe", phone="123 0000 1234", uscc=code(900001).lower())

    entry = Entry.objects.get()
    assert (case.state, case.username, case.phone, case.uscc) == ("submitted", "lixinhe", "12300001234", code(900001))
    assert check_password(PASSWORD, case.password)
    assert PASSWORD not in case.password
    assert (entry.kind, entry.actor_key, entry.at) == ("registration.submitted", "stranger", NOW)
    assert entry.data == {
        "side": "applicant",
        "organisation_kind": "enterprise",
        "organisation": "云州新禾建设有限公司",
        "agreement": "",
    }


@pytest.mark.req("EP-34")
def test_an_account_works_only_after_approval(operator: Member) -> None:
    case = registration()

    with pytest.raises(NotYetOpen, match="注册申请还在审核"):
        sign_in("lixinhe", PASSWORD, address="192.0.2.1", at=NOW)
    approve_registration(case, by=operator, at=NOW)
    member = sign_in("lixinhe", PASSWORD, address="192.0.2.1", at=NOW)

    assert (member.user.username, member.organisation.name, member.roles) == (
        "lixinhe",
        "云州新禾建设有限公司",
        ["applicant"],
    )


@pytest.mark.req("EP-34")
def test_a_refused_registration_opens_nothing_and_may_be_made_again(operator: Member) -> None:
    case = registration()

    refuse_registration(case, reason="  执照照片不清  ", by=operator, at=NOW)

    case.refresh_from_db()
    assert (case.state, case.reason, case.password, case.decided_by) == ("refused", "执照照片不清", "", operator)
    with pytest.raises(WrongPassword):
        sign_in("lixinhe", PASSWORD, address="192.0.2.1", at=NOW)
    again = registration()
    assert again.reference != case.reference
    assert approve_registration(again, by=operator, at=NOW).state == "approved"


def test_approval_makes_organisation_account_and_membership_and_says_so(operator: Member) -> None:
    case = registration()

    approve_registration(case, by=operator, at=NOW)

    case.refresh_from_db()
    organisation = Organisation.objects.get(uscc=case.uscc)
    assert case.member is not None
    assert case.member.organisation == organisation
    assert (organisation.name, organisation.kind, organisation.verified) == (
        "云州新禾建设有限公司",
        "enterprise",
        False,
    )
    assert case.member.user.phone == "12300001234"
    assert (case.password, case.decided_at) == ("", NOW)
    assert kinds_of_entries() == [
        "registration.submitted",
        "organisation.created",
        "account.opened",
        "member.joined",
        "registration.approved",
    ]


def test_approval_joins_the_organisation_that_has_the_code(operator: Member) -> None:
    colleague = member_with("applicant", kind="enterprise")
    case = registration(uscc=str(colleague.organisation.uscc), organisation_name="写法不同的名称")

    approve_registration(case, by=operator, at=NOW)

    assert colleague.organisation.members.count() == 2
    assert not Organisation.objects.filter(name="写法不同的名称").exists()


def test_approval_claims_the_record_that_an_award_notice_left(operator: Member) -> None:
    imported = Organisation.objects.create(name="云州新禾建设有限公司", kind="enterprise")
    case = registration()

    approve_registration(case, by=operator, at=NOW)

    imported.refresh_from_db()
    assert (imported.uscc, imported.members.count()) == (case.uscc, 1)
    assert Entry.objects.get(kind="organisation.code_given").data == {"uscc": case.uscc}


def test_of_two_records_of_the_same_name_none_is_claimed(operator: Member) -> None:
    for _times in range(2):
        Organisation.objects.create(name="云州新禾建设有限公司", kind="enterprise")
    case = registration()

    approve_registration(case, by=operator, at=NOW)

    assert Organisation.objects.filter(name="云州新禾建设有限公司").count() == 3


@pytest.mark.parametrize(("side", "kind", "role"), [(d.side, k, r) for d in DOORS.values() for k, r in d.roles.items()])
def test_every_side_and_kind_gets_the_role_of_the_table(side: str, kind: str, role: str, operator: Member) -> None:
    case = registration(side=side, kind=kind)

    approve_registration(case, by=operator, at=NOW)

    case.refresh_from_db()
    assert case.member is not None
    assert (case.member.roles, case.member.organisation.kind) == ([role], kind)


def test_a_natural_person_registers_without_a_code(operator: Member) -> None:
    case = registration(side="beneficiary", kind="person", organisation_name="填了也不算", uscc="填了也不算")

    approve_registration(case, by=operator, at=NOW)

    person = Organisation.objects.get(kind="person")
    assert (case.organisation_name, case.uscc, person.name, person.uscc) == ("李新禾", "", "李新禾", None)


def test_two_natural_persons_of_one_name_are_two(operator: Member) -> None:
    for number in (1, 2):
        case = registration(kind="person", username=f"person{number}", phone=f"1230000000{number}")
        approve_registration(case, by=operator, at=NOW)

    assert Organisation.objects.filter(kind="person", name="李新禾").count() == 2


def test_an_issuer_cannot_be_joined_as_an_applicant(operator: Member) -> None:
    issuer = member_with("manager", kind="guarantor").organisation
    case = registration(uscc=str(issuer.uscc))

    with pytest.raises(NotNow, match="是担保公司，不能以申请人身份注册"):
        approve_registration(case, by=operator, at=NOW)

    case.refresh_from_db()
    assert (case.state, issuer.members.count(), kinds_of_entries()) == ("submitted", 1, ["registration.submitted"])


def test_a_suspended_organisation_takes_nobody_in(operator: Member) -> None:
    closed = member_with("applicant", kind="enterprise").organisation
    Organisation.objects.filter(pk=closed.pk).update(active=False)
    case = registration(uscc=str(closed.uscc))

    with pytest.raises(NotNow, match="已被停用"):
        approve_registration(case, by=operator, at=NOW)


def test_a_user_name_that_is_gone_meanwhile_leaves_nothing_half_done(operator: Member) -> None:
    case = registration()
    User.objects.create_user("lixinhe", PASSWORD, name="另一位")

    with pytest.raises(NotNow, match="已被使用"):
        approve_registration(case, by=operator, at=NOW)

    case.refresh_from_db()
    assert case.state == "submitted"
    assert not Organisation.objects.filter(uscc=case.uscc).exists()
    assert kinds_of_entries() == ["registration.submitted"]


def test_a_refusal_needs_a_reason(operator: Member) -> None:
    case = registration()

    with pytest.raises(Invalid):
        refuse_registration(case, reason="  ", by=operator, at=NOW)

    case.refresh_from_db()
    assert case.state == "submitted"


def test_a_taken_user_name_is_refused_without_regard_to_case() -> None:
    User.objects.create_user("lixinhe", PASSWORD, name="另一位")

    with pytest.raises(Invalid) as refused:
        registration(username="LIXINHE")

    assert refused.value.fields == {"username": "用户名已被使用，请换一个"}


@pytest.mark.parametrize("same", ["username", "phone"])
def test_a_user_name_or_person_that_waits_already_is_refused(same: str) -> None:
    registration()
    other = {"username": "another", "phone": "12399990000"}
    del other[same]

    with pytest.raises(NotNow, match="已有一份注册申请在审核"):
        registration(**other)

    assert Registration.objects.count() == 1
    assert kinds_of_entries() == ["registration.submitted"]


def test_the_same_registration_sent_twice_is_one() -> None:
    first, second = registration(), registration()

    assert first == second
    assert kinds_of_entries() == ["registration.submitted"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"uscc": ""}, "uscc", "请填写统一社会信用代码"),
        ({"uscc": "91350100M000100Y4Z"}, "uscc", "第 18 位“Z”"),
        ({"uscc": "91350100MOOO1OOY43"}, "uscc", "您要填的是不是 91350100M000100Y43？"),
        ({"organisation_name": " "}, "organisation_name", "机构全称"),
        ({"contact_name": ""}, "contact_name", "请填写姓名"),
        ({"phone": "1230000123"}, "phone", "手机号是 11 位数字"),
        ({"phone": "22300001234"}, "phone", "以 1 开头"),
        ({"username": "小李"}, "username", "用户名是 4 至 30 位"),
        ({"username": "abc"}, "username", "用户名是 4 至 30 位"),
        ({"side": "operator"}, "side", "请选择注册身份"),
        ({"side": "applicant", "kind": "bank"}, "kind", "不能选这类机构"),
        ({"side": "guarantor", "kind": "operator"}, "kind", "不能选这类机构"),
        ({"kind": "nonsense"}, "kind", "不能选这类机构"),
    ],
)
def test_what_does_not_hold_is_refused_beside_its_field(typed: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        registration(**typed)

    assert words in refused.value.fields[field]
    assert not Registration.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "密码至少 10 位。"),
        ("short-1", "密码至少 10 位。"),
        ("83920175640183", "密码不能全是数字。"),
        ("lixinhe-2026", "密码与用户名、姓名或手机号太像。"),
        ("qwertyuiop", "这个密码太常见，容易被猜中。"),
    ],
)
def test_a_weak_password_is_refused_in_chinese(password: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        register(wish(username="lixinhe.2026"), password, agreed=True, at=NOW)

    assert refused.value.fields == {"password": words}


def test_without_the_agreement_nobody_registers() -> None:
    with pytest.raises(Invalid) as refused:
        register(wish(), PASSWORD, agreed=False, at=NOW)

    assert list(refused.value.fields) == ["agreed"]
