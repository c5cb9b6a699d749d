"""Stories of levels: which act asks for what, proposed by one, approved by another, asked at one place."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.actions.levels import (
    approve_levels,
    changes,
    install_levels,
    propose_levels,
    refuse_levels,
    withdraw_levels,
)
from xinshu.accounts.assurance.acts import ACTS, BY_KIND
from xinshu.accounts.assurance.figures import uses
from xinshu.accounts.assurance.gate import LevelTooLow
from xinshu.accounts.assurance.holding import firms_by_level, held_by, level_of, users_by_level
from xinshu.accounts.assurance.methods import FIRM, METHODS, PERSON
from xinshu.accounts.assurance.settings import Settings, in_force, shipped
from xinshu.accounts.models import IdentityCheck, LevelTable, Member, SecondFactor, User
from xinshu.accounts.tests.conftest import NOW, member_with
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted, Refusal
from xinshu.ledger.kinds import named_kinds
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record

pytestmark = [pytest.mark.django_db, pytest.mark.req("CS-45")]
WHY = "签发要求更强的认证"


@pytest.fixture
def secadmin(db: None) -> Member:
    return member_with("secadmin")


def prove(subject: Any, method: str, at: Any = NOW, outcome: str = "passed") -> IdentityCheck:
    link = "user" if isinstance(subject, User) else "organisation"
    return IdentityCheck.objects.create(
        **{link: subject}, method=method, outcome=outcome, source="测试", at=at - timedelta(hours=1)
    )


def strong(*members: Member) -> None:
    for member in members:
        SecondFactor.objects.create(user=member.user, secret=b"", confirmed_at=NOW - timedelta(days=9))


def act(kind: str, by: Any, **data: Any) -> None:
    with transaction.atomic():
        record(kind, by.organisation if isinstance(by, Member) else member_with().organisation, by=by, at=NOW, **data)


def table(**acts: tuple[int, int, int]) -> dict[str, Any]:
    content = shipped()
    for row in content["acts"].values():
        row |= {"person": 0, "firm": 0, "days": 0}
    for code, (person, firm, days) in acts.items():
        content["acts"][code] = {"person": person, "firm": firm, "days": days}
    return content


def enforce(**acts: tuple[int, int, int]) -> LevelTable:
    return LevelTable.objects.create(number=1, content=table(**acts), state="active", reason="", proposed_at=NOW)


def test_every_act_names_entries_that_there_are_and_ships_with_a_level_that_can_be_reached() -> None:
    known = {kind for kind, _name in named_kinds()}

    assert set(BY_KIND) <= known
    settings = Settings(shipped())
    assert all(one.person <= settings.highest(PERSON) and one.firm <= settings.highest(FIRM) for one in ACTS.values())


def test_without_a_table_in_force_nothing_is_asked(operator: Member) -> None:
    act("guarantee.issued", operator)

    assert Entry.objects.filter(kind="guarantee.issued").exists()


def test_an_act_is_refused_below_its_level_and_goes_through_once_the_person_has_proven_more() -> None:
    enforce(issue=(3, 0, 0))
    signer = member_with("signer", kind="guarantor")

    with pytest.raises(LevelTooLow, match="“签发保函”要求本人认证达到三级；您现在是一级") as refused:
        act("guarantee.issued", signer)
    assert refused.value.way
    assert refused.value.way[0] == "accounts:identity"
    assert "实名三要素、动态口令" in refused.value.advice
    assert not Entry.objects.exists()
    prove(signer.user, "real_name_3")
    act("guarantee.issued", signer)

    assert Entry.objects.get().kind == "guarantee.issued"


def test_what_a_firm_has_proven_is_asked_of_firms_and_not_of_departments() -> None:
    enforce(issue=(0, 3, 0))
    firm, department = member_with("signer", kind="guarantor"), member_with("department", kind="department")

    with pytest.raises(LevelTooLow, match="机构认证达到三级") as refused:
        act("guarantee.issued", firm)
    act("guarantee.issued", department)

    assert refused.value.way
    assert refused.value.way[0] == "certification:proofs"


def test_a_proof_that_is_too_old_or_taken_back_or_failed_does_not_count() -> None:
    enforce(issue=(3, 0, 30))
    signer = member_with("signer", kind="guarantor")
    old = prove(signer.user, "real_name_3", NOW - timedelta(days=40))
    prove(signer.user, "real_name_3", outcome="failed")

    with pytest.raises(LevelTooLow, match="30 天内认证过；您现在是三级（实名三要素，40 天前）"):
        act("guarantee.issued", signer)
    fresh = prove(signer.user, "real_name_3")
    act("guarantee.issued", signer)
    IdentityCheck.objects.filter(pk__in=[old.pk, fresh.pk]).update(ended_at=NOW)

    with pytest.raises(LevelTooLow):
        act("guarantee.issued", signer)


def test_a_switched_off_method_does_not_count() -> None:
    version = enforce(issue=(2, 0, 0))
    signer = member_with("signer", kind="guarantor")
    prove(signer.user, "sms")
    act("guarantee.issued", signer)

    version.content["methods"]["sms"]["on"] = False
    version.save()

    with pytest.raises(LevelTooLow):
        act("guarantee.issued", signer)


def test_only_the_fields_that_an_act_names_make_it_that_act() -> None:
    enforce(account=(3, 0, 0))
    clerk = member_with("applicant", kind="enterprise")

    act("enterprise.fields_entered", clerk, fields={"contact_name": 1})

    with pytest.raises(LevelTooLow, match="变更银行账户"):
        act("enterprise.fields_entered", clerk, fields={"contact_name": 1, "bank_account_name": 2})


def test_the_system_and_level_one_are_never_stopped(operator: Member) -> None:
    enforce(terms=(1, 0, 0), issue=(4, 0, 0))

    act("guarantee.issued", SYSTEM)
    act("consent.given", operator)

    assert Entry.objects.count() == 2


def test_an_act_that_no_table_names_costs_no_query_and_one_that_it_does_costs_few(operator: Member) -> None:
    enforce(issue=(3, 0, 0))
    strong(operator)
    with CaptureQueriesContext(connection) as plain:
        act("account.reviewed", operator)
    with CaptureQueriesContext(connection) as asked:
        act("guarantee.issued", operator)

    assert len(asked) - len(plain) <= 4


def test_a_table_takes_two_people_and_then_holds(sysadmin: Member, secadmin: Member) -> None:
    strong(sysadmin, secadmin)
    install_levels(at=NOW)
    content = shipped()
    content["acts"]["claim"]["person"] = 3

    proposed = propose_levels(content, reason=WHY, by=sysadmin, at=NOW)
    assert changes(proposed.content) == ["提出索赔·个人：二级 → 三级"]
    with pytest.raises(NotPermitted):
        approve_levels(proposed, by=sysadmin, at=NOW)
    approve_levels(proposed, by=secadmin, at=NOW)

    held = in_force()
    assert held is not None
    assert held.asked(ACTS["claim"]).person == 3
    assert [one.state for one in LevelTable.objects.order_by("number")] == ["superseded", "active"]
    kinds = Entry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["levels.installed", "levels.proposed", "levels.approved"]


def test_a_proposal_is_withdrawn_refused_with_a_reason_and_one_at_a_time(sysadmin: Member, secadmin: Member) -> None:
    proposed = propose_levels(shipped(), reason=WHY, by=sysadmin, at=NOW)

    with pytest.raises(NotNow, match="等待批准"):
        propose_levels(table(issue=(1, 0, 0)), reason=WHY, by=sysadmin, at=NOW)
    withdraw_levels(proposed, by=sysadmin, at=NOW)
    second = propose_levels(shipped(), reason=WHY, by=sysadmin, at=NOW)
    with pytest.raises(Invalid):
        refuse_levels(second, reason=" ", by=secadmin, at=NOW)
    refuse_levels(second, reason="再议", by=secadmin, at=NOW)
    second.version = 1
    with pytest.raises(Changed):
        approve_levels(second, by=secadmin, at=NOW)

    assert in_force() is None


def test_a_level_that_nobody_could_reach_or_change_back_is_refused(sysadmin: Member, secadmin: Member) -> None:
    content = table(levels=(3, 0, 0))
    proposed = propose_levels(content, reason=WHY, by=sysadmin, at=NOW)

    with pytest.raises(NotNow, match="谁也改不回来"):
        approve_levels(proposed, by=secadmin, at=NOW)
    strong(sysadmin, secadmin)
    approve_levels(proposed, by=secadmin, at=NOW)
    content["acts"]["issue"]["person"] = 4
    content["methods"]["face"]["on"] = False

    with pytest.raises(Invalid, match="最高只到三级"):
        propose_levels(content, reason=WHY, by=sysadmin, at=NOW)


@pytest.mark.parametrize("value", [-1, 9, "三", True, 10**12, None, 2.5])
def test_nonsense_is_refused(sysadmin: Member, value: Any) -> None:
    content = shipped()
    content["acts"]["issue"]["person"] = value

    with pytest.raises(Refusal):
        propose_levels(content, reason=WHY, by=sysadmin, at=NOW)

    assert not LevelTable.objects.exists()


def test_who_may_not_propose_is_told_so(operator: Member, secadmin: Member) -> None:
    for one in (operator, secadmin):
        with pytest.raises(NotPermitted):
            propose_levels(shipped(), reason=WHY, by=one, at=NOW)


def test_the_shipped_table_is_installed_once(operator: Member) -> None:
    assert install_levels(at=NOW) is not None
    assert install_levels(at=NOW) is None

    assert LevelTable.objects.get().content == shipped()


def test_what_many_hold_is_counted_as_what_one_holds(operator: Member) -> None:
    settings = Settings(shipped())
    people = [member_with("signer", kind="guarantor") for _number in range(4)]
    strong(people[0])
    prove(people[1].user, "sms")
    prove(people[2].user, "real_name_3", NOW - timedelta(days=4000))

    counted = users_by_level(settings, NOW)

    one_by_one = [level_of(held_by(one.user, settings, NOW), NOW) for one in (*people, operator)]
    assert counted == {level: sum(found >= level for found in one_by_one) for level in (2, 3, 4)}
    assert set(firms_by_level(settings, NOW)) == {1, 2, 3, 4}


def test_uses_are_counted_over_ninety_days_with_their_rate(operator: Member) -> None:
    for outcome in ("passed", "passed", "failed", "open"):
        prove(operator.user, "sms", outcome=outcome)
    prove(operator.user, "sms", NOW - timedelta(days=91))

    found = uses(NOW)["sms"]

    assert (found.uses, found.passed, found.rate) == (3, 2, 67)
    assert uses(NOW)["password"].rate is None
    assert set(uses(NOW)) == set(METHODS)
