"""What segments, proposals and figures do and refuse, through the acts and functions themselves."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.credit.models import Record
from xinshu.guarantees.favour.tiers import OVERDUE, Standing, Tier, standing_of
from xinshu.guarantees.favour.tiers import Fact as Told
from xinshu.guarantees.models import CustomerTier
from xinshu.guarantees.queries import register
from xinshu.guarantees.views.register import read_filters
from xinshu.insights.actions import (
    Wanted,
    adopt_discount,
    close_segment,
    decline_discount,
    edit_segment,
    propose_discount,
    recall_discount,
    reopen_segment,
    write_segment,
)
from xinshu.insights.lifecycle import PROPOSAL, SEGMENT
from xinshu.insights.loyalty import candidates, next_tier, reasons_for
from xinshu.insights.models import Proposal, Segment
from xinshu.insights.segments import content_of, crowd_of
from xinshu.insights.tests.conftest import LADDER, House
from xinshu.insights.volumes import DIMENSIONS, Asked, Line, board
from xinshu.ledger.models import Entry
from xinshu.rules.engine.facts import Fact

pytestmark = pytest.mark.django_db
A, B = LADDER
GOOD = {"biz_year_count": Decimal(3), "biz_kept": Decimal("100.0"), "biz_paid": Decimal(0), "biz_year_amount": 5}
CLEAN = standing_of({OVERDUE: Told(0, "台账")}, LADDER)
OWES = standing_of({OVERDUE: Told(1, "台账")}, LADDER)
SILENT = standing_of({OVERDUE: Told(None, "台账")}, LADDER)


@pytest.mark.parametrize(
    ("facts", "score", "standing", "sentences"),
    [
        (GOOD, 600, CLEAN, 4),
        (GOOD | {"biz_year_count": Decimal(2)}, 600, CLEAN, 0),
        (GOOD | {"biz_kept": Decimal("99.9")}, 600, CLEAN, 0),
        (GOOD | {"biz_kept": None}, 600, CLEAN, 0),  # nothing ended yet: nobody knows
        (GOOD | {"biz_paid": Decimal(1)}, 600, CLEAN, 0),
        (GOOD, 599, CLEAN, 0),
        (GOOD, None, CLEAN, 0),
        (GOOD, 600, OWES, 0),
        (GOOD, 600, SILENT, 0),
        (GOOD, 600, Standing(None), 0),
    ],
)
def test_a_discount_needs_every_reason(
    facts: dict[str, Any], score: int | None, standing: Standing, sentences: int
) -> None:
    business = {code: Fact(value, "business") for code, value in facts.items()}

    assert len(reasons_for(business, score, standing)) == sentences


@pytest.mark.parametrize(
    ("ladder", "present", "found"),
    [
        ([A, B], None, B),
        ([A, B], B, A),
        ([A, B], A, None),
        ([], None, None),
        ([Tier("A", "A", Decimal(0), 0)], None, None),  # a tier without a discount is no favour
        ([Tier("A", "A", Decimal("0.1"), 0), B], B, None),
    ],
)
def test_the_next_tier_is_one_step_up_and_gives_more(
    ladder: list[Tier], present: Tier | None, found: Tier | None
) -> None:
    assert next_tier(ladder, present) == found


def _wanted(fact: str = "biz_count", least: str = "1", name: str = "老客户") -> Wanted:
    return Wanted(name, "", {"join": "all", "conditions": [{"fact": fact, "op": "ge", "values": [least]}]})


ASKS: tuple[tuple[str, str, list[Any], int, int], ...] = (
    # fact                 operator       values     in it, nobody can say
    ("biz_year_count",     "ge",          ["3"],     1, 0),
    ("biz_year_amount",    "ge",          [10**17],  0, 0),
    ("biz_live",           "eq",          ["2"],     1, 0),
    ("biz_idle",           "le",          ["1"],     1, 2),
    ("biz_last",           "within_days", ["2"],     1, 2),
    ("biz_kept",           "ge",          ["100"],   1, 2),
    ("biz_paid",           "eq",          ["0"],     3, 0),
    ("credit_score",       "ge",          ["821"],   0, 2),
    ("customer_days",      "ge",          ["0"],     3, 0),
    ("registered_capital", "ge",          [1],       3, 0),
    ("src_tax_grade",      "in",          ["A"],     0, 3),  # nobody has asked the source
)  # fmt: skip


def test_a_segment_asks_business_score_record_and_sources(house: House) -> None:
    for fact, op, values, size, unknown in ASKS:
        rule = {"join": "all", "conditions": [{"fact": fact, "op": op, "values": values}]}

        found = crowd_of(house.house, content_of(rule), house.at)

        assert (fact, found.looked, found.size, found.unknown) == (fact, 3, size, unknown)
        assert not size or house.firm.pk in found.firms


def test_a_segment_keeps_its_versions_and_can_be_closed_and_opened(house: House) -> None:
    segment = write_segment(_wanted(), by=house.writer, at=house.at)
    with pytest.raises(Invalid):
        write_segment(_wanted(), by=house.writer, at=house.at)  # the same name
    with pytest.raises(Invalid):
        write_segment(_wanted(fact="no such fact", name="另一个"), by=house.writer, at=house.at)
    with pytest.raises(NotPermitted):
        write_segment(_wanted(name="经理的"), by=house.manager, at=house.at)

    seen = Segment.objects.get()
    edited = edit_segment(segment, _wanted(name="老朋友"), by=house.writer, at=house.at)
    assert [one.number for one in edited.versions.all()] == [1]  # the same rule is the same version
    edited = edit_segment(edited, _wanted(least="9"), by=house.writer, at=house.at)
    with pytest.raises(Changed):
        edit_segment(seen, _wanted(), by=house.writer, at=house.at)
    closed = close_segment(edited, reason="不再使用", by=house.writer, at=house.at)
    with pytest.raises(NotNow):
        edit_segment(closed, _wanted(), by=house.writer, at=house.at)
    assert reopen_segment(closed, by=house.writer, at=house.at).state == "on"

    assert [(one.number, one.size) for one in segment.versions.order_by("number")] == [(1, 1), (2, 0)]
    kinds = Entry.objects.filter(kind__startswith="segment.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["segment.written", "segment.edited", "segment.edited", "segment.closed", "segment.reopened"]


def _proposed(house: House) -> Proposal:
    until = local_day(house.at) + timedelta(days=300)
    return propose_discount(house.firm, note="往来最多的客户", until=until, by=house.writer, at=house.at)


def test_nothing_is_proposed_without_a_plan_a_right_or_a_reason(house: House) -> None:
    with pytest.raises(NotNow):
        _proposed(house)  # no plan
    house.plan()
    until = local_day(house.at) + timedelta(days=30)
    with pytest.raises(NotPermitted):
        propose_discount(house.firm, note="往来最多的客户", until=until, by=house.manager, at=house.at)
    for note, last in (("", until), ("往来最多", local_day(house.at)), ("往来最多", date(2099, 1, 1))):
        with pytest.raises(Invalid):
            propose_discount(house.firm, note=note, until=last, by=house.writer, at=house.at)
    Record.objects.update(score=599)
    with pytest.raises(NotNow):
        _proposed(house)
    assert not Proposal.objects.exists()


def test_a_proposal_is_adopted_once_by_the_account_manager_only(house: House) -> None:
    house.plan()
    proposal = _proposed(house)
    with pytest.raises(NotNow):
        _proposed(house)  # one is open
    colleague = house.city.colleague(house.manager, "manager")
    for by in (house.writer, colleague, house.city.applicant):
        with pytest.raises(NotPermitted):
            adopt_discount(proposal, by=by, at=house.at)

    adopted = adopt_discount(proposal, by=house.manager, at=house.at)

    assert (adopted.state, adopted.decided_by) == ("adopted", house.manager)
    assert "往来最多的客户" in CustomerTier.objects.get().reason
    with pytest.raises(NotNow):
        adopt_discount(adopted, by=house.manager, at=house.at)
    plan, found = candidates(house.house, house.at)
    assert plan is not None
    assert [one.tier.code for one in found] == ["A"]


def test_a_proposal_lapses_with_what_it_stood_on(house: House) -> None:
    house.plan()
    proposal = _proposed(house)
    Record.objects.update(score=100)

    with pytest.raises(NotNow):
        adopt_discount(proposal, by=house.manager, at=house.at)
    assert not CustomerTier.objects.exists()
    declined = decline_discount(proposal, reason="信用分下降了", by=house.manager, at=house.at)
    assert (declined.state, declined.outcome) == ("declined", "信用分下降了")


def test_a_proposal_is_taken_back_by_those_who_propose(house: House) -> None:
    house.plan()
    proposal = _proposed(house)
    with pytest.raises(NotPermitted):
        recall_discount(proposal, reason="提错了企业", by=house.manager, at=house.at)

    assert recall_discount(proposal, reason="提错了企业", by=house.writer, at=house.at).state == "recalled"


def test_what_the_table_forbids_changes_nothing(house: House) -> None:
    house.plan()
    proposal = _proposed(house)
    acts: dict[str, Any] = {"adopt": adopt_discount, "decline": decline_discount, "recall": recall_discount}
    for state in set(PROPOSAL.states) - {"proposed"}:
        Proposal.objects.update(state=state)
        proposal.refresh_from_db()
        before = Entry.objects.count()
        for action, act in acts.items():
            more = {} if action == "adopt" else {"reason": "写明了原因"}
            with pytest.raises(NotNow):
                act(proposal, by=house.writer if action == "recall" else house.manager, at=house.at, **more)

        assert (Entry.objects.count(), Proposal.objects.get().state) == (before, state)


def test_segments_and_proposals_are_drawn_from_their_tables() -> None:
    assert {row.action for row in SEGMENT.rows} == {"edit_segment", "close_segment", "reopen_segment"}
    assert {row.side for row in PROPOSAL.rows} == {"manager", "house"}


def _asked(house: House, **more: Any) -> Asked:
    today = local_day(house.at)
    return Asked(today - timedelta(days=100), today, **more)


def _row(lines: list[Line], label: str) -> tuple[int, int, int, int]:
    line = next(one for one in lines if one.label == label)
    return line.number, line.begun, line.approved, line.issued


def test_figures_count_what_the_house_issued_decided_and_was_asked_for(house: House) -> None:
    house.city.draft()  # begun by the firm and not submitted: the house does not see it
    declined = house.city.declined()
    assert declined.decided_at is None or declined.state == "declined"
    month = f"{local_day(house.at):%Y-%m}"

    lines, total = board(house.house, _asked(house, by="month"))

    assert _row(lines, month) == (3, 4, 3, 3)
    assert total.amount == sum(one.amount or 0 for one in [house.one, *house.in_force])
    assert total.conversion == "75.0%"
    assert total.hours is not None
    assert 0 < total.hours < 1
    assert board(house.house, _asked(house, kind="wage"))[1].number == 0


def test_behind_every_number_stand_the_registers_rows(house: House, rf: Any) -> None:
    house.city.declined()
    for by in DIMENSIONS:
        lines, total = board(house.house, _asked(house, by=by))

        for line in (*lines, total):
            numbers = {"volume": line.number, "decided": line.decided, "begun": line.begun}
            numbers |= {"submitted": line.submitted, "approved": line.approved, "issued": line.issued}
            for key, number in numbers.items():
                form, filters = read_filters(rf.get(line.urls[key]))
                assert not form.errors
                assert (by, key, register(house.manager, house.at, filters).count()) == (by, key, number)
        assert sum(line.number for line in lines) == total.number == 3
