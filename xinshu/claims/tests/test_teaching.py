"""Stories: what a house's past teaches: the label is a claim paid within a year, and no feature knows the future."""

from datetime import date, timedelta

import pytest

from xinshu.claims.models import Payout
from xinshu.claims.teaching import columns, past_cases
from xinshu.claims.tests.city import ClaimsCity
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.credit.models import Behaviour, Record
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of
from xinshu.enterprises.queries import record_of
from xinshu.guarantees.models import Guarantee

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-31")]
LATER = date(2028, 6, 1)  # a year after everything here
NAMES = [column.name for column in columns()]


def row_of(house, guarantee):
    rows = [dict(zip(NAMES, row, strict=True)) for row in past_cases(house, LATER).rows]
    return next(row for row in rows if row["number"] == guarantee.number)


def enter(city, at, **values):
    enter_fields(enterprise_of(city.applicant.organisation), values, by=SYSTEM, at=at, origin=Origin("statement"))


@pytest.fixture
def city(at):
    return ClaimsCity(at)


def test_a_guarantee_paid_within_a_year_is_a_default_and_one_paid_later_is_none(city):
    quiet = city.in_force()
    paid = city.paid()
    house = quiet.guarantor

    told = past_cases(house, LATER)

    assert (len(told.rows), told.bad, told.good, told.enough) == (2, 1, 1, False)
    assert row_of(house, quiet)["default"] == "0"
    assert row_of(house, paid.guarantee)["default"] == "1"
    late = paid.guarantee.issued_at + timedelta(days=365, minutes=1)
    Payout.objects.update(settled_at=late)
    assert past_cases(house, LATER).bad == 0
    assert past_cases(house, local_day(quiet.issued_at)).rows == []  # its year has not passed: nobody can say


def test_no_feature_knows_what_came_after_the_issue(city):
    enter(city, city.at - timedelta(days=300), total_assets="100000000", total_liabilities="40000000")
    case = city.in_force()
    house, before = case.guarantor, row_of(case.guarantor, case)
    assert before["debt_ratio"] == "40.0"
    assert before["amount"] == str(case.first_amount / 1_000_000)

    later = case.issued_at + timedelta(days=40)
    newer = city.in_force()
    Guarantee.objects.filter(pk=newer.pk).update(issued_at=later)
    enter(city, later, total_liabilities="99000000", staff_count="7")  # a year of losses
    # entered later, said to be true since long before: nobody knew it at the issue
    enter_fields(enterprise_of(case.applicant), {"total_assets": "1"}, by=SYSTEM, at=later,
                 origin=Origin("statement", valid_from=date(2020, 1, 1)))  # fmt: skip
    record, _new = Record.objects.get_or_create(organisation=case.applicant, side="applicant")
    Behaviour.objects.create(record=record, kind="defaulted", happened_on=local_day(case.issued_at - timedelta(days=9)),
                             house=house, recorded_at=later, recorded_by="system", recorded_label="平台")  # fmt: skip
    Guarantee.objects.filter(pk=case.pk).update(
        amount=case.first_amount + 5, increased_amount=5, available_amount=case.available_amount + 5,
        expires_on=case.expires_on + timedelta(days=400),
    )  # fmt: skip
    city.paid(case=Guarantee.objects.get(pk=case.pk))

    after = row_of(house, case)

    assert {name for name in NAMES if before[name] != after[name]} == {"default"}
    newest = past_cases(house, LATER).rows[0]
    assert dict(zip(NAMES, newest, strict=True))["earlier_guarantees"] == "1.0"


def test_conduct_counts_as_it_stood_then_and_only_in_the_own_business(city):
    record, _new = Record.objects.get_or_create(organisation=city.applicant.organisation, side="applicant")
    then = {"record": record, "happened_on": local_day(city.at), "recorded_by": "system", "recorded_label": "平台"}
    day = city.at - timedelta(days=200)
    wrong = Behaviour.objects.create(kind="fee_late", recorded_at=day, **then)
    case = city.in_force()
    other = city.rival.organisation
    Behaviour.objects.create(kind="defaulted", recorded_at=day, house=other, **then)  # another's business
    assert row_of(case.guarantor, case)["bad_conduct"] == "1.0"

    Behaviour.objects.create(kind="", corrects=wrong, recorded_at=case.issued_at + timedelta(days=3), **then)
    assert row_of(case.guarantor, case)["bad_conduct"] == "1.0"  # revoked later: then it stood
    next_one = city.in_force()
    Guarantee.objects.filter(pk=next_one.pk).update(issued_at=case.issued_at + timedelta(days=9))
    assert row_of(case.guarantor, next_one)["bad_conduct"] == "0.0"


def test_the_record_is_read_by_the_rule_of_the_record(city):
    enter(
        city, city.at - timedelta(days=300), total_assets="100000000", staff_count="31", last_year_revenue="500000000"
    )
    enter(city, city.at - timedelta(days=100), staff_count="28")
    case = city.in_force()

    told, view = row_of(case.guarantor, case), record_of(case.applicant, local_day(case.issued_at))

    stands = {one.code: one.value for one in view}
    assert (told["staff_count"], stands["staff_count"]) == ("28.0", "28")
    assert float(told["total_assets"]) * 1_000_000 == int(stands["total_assets"])


def test_the_past_takes_as_many_questions_for_thirty_as_for_one(city, django_assert_num_queries):
    house = city.in_force().guarantor
    with django_assert_num_queries(5):
        past_cases(house, LATER)
    city.in_force()
    with django_assert_num_queries(5):
        past_cases(house, LATER)
