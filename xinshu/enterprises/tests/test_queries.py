"""The record as it stands on a day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.enterprises.actions import enter_fields, enterprise_of
from xinshu.enterprises.fields import FIELDS
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.queries import FieldView, record_of

ON = date(2026, 11, 21)


def view_of(firm: Organisation, code: str, on: date = ON) -> FieldView:
    return next(view for view in record_of(firm, on) if view.code == code)


@pytest.mark.django_db
def test_an_empty_record_has_every_field_and_knows_name_and_code_from_registration(firm: Organisation) -> None:
    record = record_of(firm, ON)

    assert [view.code for view in record] == list(FIELDS)
    assert {view.code: view.value for view in record if view.state == "reused"} == {
        "legal_name": firm.name,
        "uscc": firm.uscc,
    }
    assert {view.state for view in record} == {"reused", "missing"}


@pytest.mark.django_db
def test_a_fresh_value_is_reused_with_its_source(enterprise: Enterprise, firm: Organisation, at: datetime) -> None:
    enter_fields(
        enterprise,
        {"registered_capital": "5000000000"},
        by=SYSTEM,
        at=at,
        source="licence",
        source_label="营业执照 2026-10-09",
        confidence=Decimal("0.991"),
    )

    view = view_of(firm, "registered_capital")

    assert (view.state, view.value, view.shown, view.source) == (
        "reused",
        "5000000000",
        "50,000,000.00",
        "营业执照 2026-10-09",
    )
    assert (view.recorded_at, view.confidence) == (at, "99.1%")


@pytest.mark.django_db
def test_a_changed_value_names_the_old_one_for_thirty_days(
    enterprise: Enterprise, firm: Organisation, at: datetime
) -> None:
    enter_fields(enterprise, {"contact_phone": "13900004410"}, by=SYSTEM, at=at - timedelta(days=60))
    enter_fields(enterprise, {"contact_phone": "13800006021"}, by=SYSTEM, at=at)

    now, later = view_of(firm, "contact_phone"), view_of(firm, "contact_phone", ON + timedelta(days=31))

    assert (now.state, now.shown, now.shown_old) == ("changed", "138****6021", "139****4410")
    assert (later.state, later.old) == ("reused", "")


@pytest.mark.django_db
def test_a_value_grows_stale_with_its_days_or_at_its_end(
    enterprise: Enterprise, firm: Organisation, at: datetime
) -> None:
    enter_fields(enterprise, {"contact_phone": "13800006021"}, by=SYSTEM, at=at)
    enter_fields(enterprise, {"safety_licence": "(云)JZ安许证字"}, by=SYSTEM, at=at, valid_until=ON + timedelta(days=9))

    states = [
        (
            view_of(firm, "contact_phone", ON + timedelta(days=days)).state,
            view_of(firm, "safety_licence", ON + timedelta(days=days)).state,
        )
        for days in (0, 9, 10, 180, 181)
    ]

    assert states == [
        ("reused", "reused"),
        ("reused", "reused"),
        ("reused", "stale"),
        ("reused", "stale"),
        ("stale", "stale"),
    ]


@pytest.mark.django_db
def test_the_record_can_be_read_as_it_stood_on_an_earlier_day(
    enterprise: Enterprise, firm: Organisation, at: datetime
) -> None:
    enter_fields(enterprise, {"address": "旧址"}, by=SYSTEM, at=at - timedelta(days=40))
    enter_fields(enterprise, {"address": "新址"}, by=SYSTEM, at=at)

    assert view_of(firm, "address", ON - timedelta(days=1)).value == "旧址"
    assert view_of(firm, "address", ON - timedelta(days=41)).state == "missing"


@pytest.mark.django_db
def test_a_value_taken_away_is_missing(enterprise: Enterprise, firm: Organisation, clerk: Member, at: datetime) -> None:
    enter_fields(enterprise, {"bank_account_name": "云州银行"}, by=clerk, at=at)
    enter_fields(enterprise, {"bank_account_name": ""}, by=clerk, at=at)

    assert view_of(firm, "bank_account_name").state == "missing"


@pytest.mark.django_db
def test_the_whole_record_takes_one_query(
    enterprise: Enterprise, firm: Organisation, at: datetime, django_assert_num_queries
) -> None:
    for number in range(30):
        enter_fields(enterprise, {"address": f"港城路 {number} 号", "qualification": f"{number} 级"}, by=SYSTEM, at=at)

    with django_assert_num_queries(1):
        record_of(firm, ON)


class AnyHistory(TestCase):
    """For any history of entries, the latest one up to the day is the value."""

    @settings(max_examples=50, deadline=None)
    @given(
        entries=st.lists(
            st.tuples(st.integers(0, 20), st.sampled_from(["address", "qualification"]), st.sampled_from("甲乙丙")),
            max_size=12,
        ).map(lambda found: sorted(found, key=lambda entry: entry[0])),
        asked=st.integers(0, 21),
    )
    def test_the_latest_version_up_to_the_day_is_the_value(self, entries: list, asked: int) -> None:
        firm = Organisation.objects.create(name="企业", kind=Organisation.Kind.ENTERPRISE)
        enterprise, begun, expected = enterprise_of(firm), moment(ON, 9), {}

        for day, code, value in entries:
            enter_fields(enterprise, {code: value}, by=SYSTEM, at=begun + timedelta(days=day))
            if day <= asked:
                expected[code] = value

        record = {view.code: view for view in record_of(firm, local_day(begun + timedelta(days=asked)))}
        assert {code: record[code].value for code in ("address", "qualification") if record[code].value} == expected
        assert all(record[code].state in ("reused", "changed") for code in expected)
