"""Stories: fields are entered, kept in versions, refused when they cannot be."""

from datetime import datetime, timedelta

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.enterprises.actions import enter_fields, take_customer
from xinshu.enterprises.models import Enterprise, RecordField, Relation
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


def test_several_fields_make_several_versions_and_one_entry(
    enterprise: Enterprise, clerk: Member, at: datetime
) -> None:
    kept = enter_fields(
        enterprise, {"address": " 云州市港城路 188 号 ", "contact_phone": "13800006021"}, by=clerk, at=at
    )

    entry = Entry.objects.get()
    assert [(version.code, version.value, version.source) for version in kept] == [
        ("address", "云州市港城路 188 号", "entered"),
        ("contact_phone", "13800006021", "entered"),
    ]
    assert entry.kind == "enterprise.fields_entered"
    assert entry.data["fields"] == {version.code: version.pk for version in kept}
    assert "13800006021" not in str(entry.data)


def test_only_what_changed_is_kept_and_the_history_stays(enterprise: Enterprise, clerk: Member, at: datetime) -> None:
    enter_fields(enterprise, {"legal_representative": "刘建国", "address": "港城路"}, by=clerk, at=at)

    kept = enter_fields(enterprise, {"legal_representative": "刘恒", "address": "港城路"}, by=clerk, at=at)

    values = RecordField.objects.filter(code="legal_representative").order_by("id").values_list("value", flat=True)
    assert [version.code for version in kept] == ["legal_representative"]
    assert list(values) == ["刘建国", "刘恒"]


def test_nothing_new_is_nothing_recorded(enterprise: Enterprise, clerk: Member, at: datetime) -> None:
    enter_fields(enterprise, {"address": "港城路"}, by=clerk, at=at)

    assert enter_fields(enterprise, {"address": "港城路", "qualification": ""}, by=clerk, at=at) == []
    assert Entry.objects.count() == 1


def test_confirming_an_old_value_makes_it_fresh(enterprise: Enterprise, clerk: Member, at: datetime) -> None:
    enter_fields(enterprise, {"contact_phone": "13800006021"}, by=clerk, at=at - timedelta(days=181))

    kept = enter_fields(enterprise, {"contact_phone": "13800006021"}, by=clerk, at=at)

    assert [version.recorded_at for version in kept] == [at]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("contact_phone", "138"),
        ("contact_phone", "电话"),
        ("uscc", "91330100MA2H123450"),
        ("registered_capital", "-5"),
        ("registered_capital", "0"),
        ("registered_capital", "１２"),
        ("address", "长" * 501),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    enterprise: Enterprise, clerk: Member, at: datetime, code: str, value: str
) -> None:
    with pytest.raises(Invalid) as refused:
        enter_fields(enterprise, {"qualification": "公路工程总承包一级", code: value}, by=clerk, at=at)

    assert list(refused.value.fields) == [code]
    assert not RecordField.objects.exists()
    assert not Entry.objects.exists()


def test_a_required_value_cannot_be_taken_away_but_another_can(
    enterprise: Enterprise, clerk: Member, at: datetime
) -> None:
    enter_fields(enterprise, {"address": "港城路", "bank_account_name": "云州银行"}, by=clerk, at=at)

    with pytest.raises(Invalid):
        enter_fields(enterprise, {"address": ""}, by=clerk, at=at)
    kept = enter_fields(enterprise, {"bank_account_name": ""}, by=clerk, at=at)

    assert [version.value for version in kept] == [""]


def test_whoever_did_not_see_the_newest_version_does_not_overwrite_it(
    enterprise: Enterprise, clerk: Member, at: datetime
) -> None:
    [first] = enter_fields(enterprise, {"address": "港城路"}, by=clerk, at=at, seen=0)
    enter_fields(enterprise, {"address": "海棠大道"}, by=clerk, at=at, seen=first.pk)

    with pytest.raises(Changed) as refused:
        enter_fields(enterprise, {"address": "别处"}, by=clerk, at=at, seen=first.pk)
    kept = enter_fields(enterprise, {"qualification": "一级"}, by=clerk, at=at, seen=first.pk)

    assert "注册地址" in refused.value.message
    assert len(kept) == 1


def test_the_account_manager_enters_and_it_says_so(
    enterprise: Enterprise, customer: None, manager: Member, at: datetime
) -> None:
    [version] = enter_fields(enterprise, {"address": "港城路"}, by=manager, at=at)

    assert (version.get_source_display(), version.recorded_by) == ("客户经理填写", manager.actor_key)


@pytest.mark.parametrize("who", ["colleague", "stranger", "rival"])
def test_nobody_else_enters(
    enterprise: Enterprise, customer: None, at: datetime, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotPermitted):
        enter_fields(enterprise, {"address": "港城路"}, by=request.getfixturevalue(who), at=at)

    assert not RecordField.objects.exists()


def test_a_customer_has_one_manager_per_institution(
    firm: Organisation, customer: None, manager: Member, colleague: Member, stranger: Member, at: datetime
) -> None:
    take_customer(firm, manager=manager, by=SYSTEM, at=at)
    take_customer(firm, manager=stranger, by=SYSTEM, at=at)

    with pytest.raises(Invalid, match="已由"):
        take_customer(firm, manager=colleague, by=SYSTEM, at=at)

    assert Relation.objects.count() == 2
    assert Entry.objects.filter(kind="enterprise.customer_taken").count() == 2
