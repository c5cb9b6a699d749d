"""Stories: filed by one, confirmed by a second person of the operator, replaced by versions, never edited."""

from datetime import date, timedelta
from typing import Any

import pytest

from xinshu.accounts.models import Organisation
from xinshu.books.limits import report_capital
from xinshu.books.lines import grant_line, reserve
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import moment
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.guarantors.actions import (
    confirm_filing,
    discard_filing,
    edit_filing,
    end_filing,
    file_qualification,
    file_scope,
)
from xinshu.guarantors.capacity import capacities
from xinshu.guarantors.lifecycle import LIFECYCLE
from xinshu.guarantors.models import Qualification, Scope
from xinshu.guarantors.standing import Business, disqualified, obstacles, out_of_scope
from xinshu.guarantors.tasks import remind_of_qualifications
from xinshu.guarantors.tests.conftest import LICENCE, SCOPE, Town
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Notice

ON = date(2026, 11, 21)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"


def licensed(town: Town, **changes: Any) -> Qualification:
    filed = file_qualification(town.house, LICENCE | changes, by=town.reviewer, at=town.at)
    return confirm_filing(filed, by=town.second, at=town.at)


def scoped(town: Town, **changes: Any) -> Scope:
    filed = file_scope(town.house, SCOPE | changes, by=town.first, at=town.at)
    return confirm_filing(filed, by=town.second, at=town.at)


def test_whoever_filed_it_does_not_confirm_it_and_the_house_never_does(town: Town) -> None:
    filed = file_qualification(town.house, LICENCE, by=town.first, at=town.at)

    for by in (town.first, town.reviewer):
        with pytest.raises(NotPermitted):
            confirm_filing(filed, by=by, at=town.at)
    confirmed = confirm_filing(filed, by=town.second, at=town.at)

    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", town.at)
    assert list(Entry.objects.filter(subject_type="guarantors.qualification").values_list("kind", flat=True)) == [
        "qualification.filed", "qualification.confirmed",
    ]  # fmt: skip


def test_a_stranger_files_nothing_for_a_house(town: Town) -> None:
    other = town.member("other", town.organisation("江北担保有限公司", "guarantor"), "reviewer")

    with pytest.raises(NotPermitted):
        file_qualification(town.house, LICENCE, by=other, at=town.at)
    with pytest.raises(Invalid):
        file_scope(town.organisation("云州建设有限公司", "enterprise"), SCOPE, by=town.first, at=town.at)


def test_a_new_version_replaces_the_old_which_stays(town: Town) -> None:
    old = licensed(town)
    new = file_qualification(
        town.house, LICENCE | {"valid_from": date(2027, 1, 1), "valid_until": date(2029, 12, 31)}, by=town.reviewer,
        at=town.at, replaces=old, upload=(PDF, "许可证.pdf"),
    )  # fmt: skip

    assert Qualification.objects.get(pk=old.pk).state == "confirmed"
    confirm_filing(new, by=town.first, at=town.at)

    old.refresh_from_db()
    assert (old.state, old.certificate, old.valid_until) == ("replaced", "云融担证 0001 号", date(2026, 12, 31))
    assert new.file is not None
    for on in (ON, date(2026, 12, 31), date(2027, 1, 1)):  # the old one until the new begins
        assert disqualified([town.house], on) == {}


def test_a_version_that_was_replaced_meanwhile_is_not_replaced_again(town: Town) -> None:
    old = licensed(town)
    one, other = (
        file_qualification(town.house, LICENCE, by=town.reviewer, at=town.at, replaces=old) for _n in range(2)
    )
    confirm_filing(one, by=town.first, at=town.at)

    with pytest.raises(NotNow):
        confirm_filing(other, by=town.first, at=town.at)
    with pytest.raises(NotNow):
        file_qualification(town.house, LICENCE, by=town.reviewer, at=town.at, replaces=old)


def test_whoever_saw_an_older_draft_does_not_confirm_the_newer(town: Town) -> None:
    filed = file_qualification(town.house, LICENCE, by=town.reviewer, at=town.at)
    edit_filing(filed, LICENCE | {"certificate": "云融担证 0002 号"}, by=town.reviewer, at=town.at)

    with pytest.raises(Changed):
        confirm_filing(filed, by=town.first, at=town.at)


ACTS = {
    "edit": lambda row, town: edit_filing(row, LICENCE, by=town.first, at=town.at),
    "confirm_filing": lambda row, town: confirm_filing(row, by=town.second, at=town.at),
    "discard_filing": lambda row, town: discard_filing(row, by=town.first, at=town.at, reason="填错了。"),
    "end_filing": lambda row, town: end_filing(row, by=town.first, at=town.at, reason="机构停业。"),
}


@pytest.mark.parametrize("state", LIFECYCLE.states)
@pytest.mark.parametrize("action", ACTS)
def test_each_act_happens_only_where_the_table_says(town: Town, state: str, action: str) -> None:
    row = file_qualification(town.house, LICENCE, by=town.reviewer, at=town.at)
    Qualification.objects.filter(pk=row.pk).update(state=state, confirmed_at=town.at)
    row.refresh_from_db()
    before = Entry.objects.count()

    if any(state in line.sources for line in LIFECYCLE.rows if line.action == action):
        ACTS[action](row, town)
        row.refresh_from_db()
        assert row.state in {line.target for line in LIFECYCLE.rows if line.action == action}
        return
    with pytest.raises(NotNow):
        ACTS[action](row, town)
    row.refresh_from_db()
    assert (row.state, Entry.objects.count()) == (state, before)


@pytest.mark.parametrize(
    ("says", "field"),
    [
        (LICENCE | {"kind": "driving"}, "kind"),
        (LICENCE | {"certificate": " "}, "certificate"),
        (LICENCE | {"authority": "局"}, "authority"),
        (LICENCE | {"valid_until": date(2020, 1, 1)}, "valid_until"),
    ],
)
def test_what_is_no_qualification_is_refused_at_its_field(town: Town, says: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        file_qualification(town.house, says, by=town.first, at=town.at)

    assert field in refusal.value.fields
    assert not Qualification.objects.exists()


# what it means


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"valid_until": None}, ""),
        ({"valid_until": ON}, ""),
        ({"valid_until": date(2026, 11, 20)}, "融资担保业务经营许可证已于 2026-11-20 到期"),
        ({"valid_from": date(2026, 12, 1)}, "融资担保业务经营许可证自 2026-12-01 起才有效"),
        ({"kind": "record", "valid_until": date(2025, 1, 1)}, ""),  # not the one that is required
    ],
)
def test_a_required_licence_that_does_not_hold_stops(town: Town, changes: dict[str, Any], why: str) -> None:
    licensed(town, **changes)

    assert disqualified([town.house], ON).get(town.house.pk, "") == why


def test_a_licence_that_was_ended_stops_and_one_never_filed_does_not(town: Town) -> None:
    assert disqualified([town.house], ON) == {}
    end_filing(licensed(town), by=town.first, at=town.at, reason="机构停业。")

    assert disqualified([town.house], ON) == {town.house.pk: "融资担保业务经营许可证已停用"}


def test_what_nobody_has_confirmed_means_nothing(town: Town) -> None:
    file_qualification(town.house, LICENCE | {"valid_until": date(2025, 1, 1)}, by=town.reviewer, at=town.at)
    file_scope(town.house, SCOPE, by=town.reviewer, at=town.at)

    assert obstacles(town.house, Business("bid", "100000", 10**12), ON) == []


@pytest.mark.parametrize(
    ("business", "why"),
    [
        (Business("performance", "990103", 500_000_00), ""),
        (Business("performance", "", None), ""),
        (Business("performance", "990103", 500_000_01), "单笔最高 500,000.00 元"),
        (Business("performance", "990203", 1), "业务范围不含项目所在地区"),
        (Business("bid", "990103", 1), "业务范围不含投标保函"),
    ],
)
def test_a_business_outside_the_filed_scope_is_said_why(town: Town, business: Business, why: str) -> None:
    scoped(town)

    assert out_of_scope([town.house], business, ON).get(town.house.pk, "") == why


def test_several_scopes_add_up_and_one_that_is_over_counts_no_more(town: Town) -> None:
    scoped(town)
    scoped(town, kind="", region_code="", most_amount=100_00, valid_until=date(2026, 12, 31))

    assert out_of_scope([town.house], Business("bid", "110000", 100_00), ON) == {}
    assert out_of_scope([town.house], Business("bid", "110000", 100_00), date(2027, 1, 1))
    assert out_of_scope([town.house], Business("performance", "990103", 400_00), date(2027, 1, 1)) == {}


@pytest.mark.parametrize(("ahead", "told"), [(31, 0), (30, 1), (29, 0), (15, 1), (7, 1), (1, 1), (0, 0)])
def test_an_ending_licence_is_reminded_of_on_its_days_once_each(town: Town, ahead: int, told: int) -> None:
    licensed(town)
    on = LICENCE["valid_until"] - timedelta(days=ahead)

    for _night in range(2):
        remind_of_qualifications(on, moment(on, 0, 5))

    assert Notice.objects.filter(member=town.reviewer).count() == told
    assert Notice.objects.filter(member=town.first).count() == told


def test_a_replaced_licence_is_not_reminded_of(town: Town) -> None:
    new = file_qualification(
        town.house, LICENCE | {"valid_until": None}, by=town.reviewer, at=town.at, replaces=licensed(town)
    )
    confirm_filing(new, by=town.first, at=town.at)

    remind_of_qualifications(date(2026, 12, 1), moment(date(2026, 12, 1), 0, 5))

    assert not Notice.objects.exists()


def test_capacity_is_what_is_taken_up_against_ten_times_the_net_assets(town: Town) -> None:
    firm = town.organisation("云州恒达路桥工程有限公司", Organisation.Kind.ENTERPRISE)
    grant_line(town.house, firm, 100_00, by=SYSTEM, at=town.at, key="line:1")
    report_capital(town.house, 50_000, as_of=date(2025, 12, 31), source="年度审计报告", by=SYSTEM, at=town.at)
    reserve(town.house, firm, 30_00, for_=firm, at=town.at, due_at=None)

    found = capacities([town.house])[town.house.pk]

    assert (found.used, found.most, found.capital) == (30_00, 500_000, 50_000)
