"""Stories: lists take two people and end by themselves; an appeal is decided by who did not record it, with reasons."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from xinshu.core.clock import local_day, moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.credit.actions.appeals import Remedy, raise_appeal, refuse_appeal, uphold_appeal, withdraw_appeal
from xinshu.credit.actions.behaviours import correct_behaviour
from xinshu.credit.actions.lists import (
    Wanted,
    ask_to_lift,
    confirm_entry,
    end_entry,
    keep_entry,
    lift_entry,
    propose_entry,
    refuse_entry,
)
from xinshu.credit.kinds import APPLICANT, GUARANTOR
from xinshu.credit.lifecycle import APPEAL, LISTED
from xinshu.credit.models import Appeal, Behaviour, ListEntry, Record
from xinshu.credit.queries import lists_on
from xinshu.credit.tasks import end_lists, remind_of_appeals
from xinshu.credit.tests.conftest import Town
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

DAY = timedelta(days=1)
WHY = "经二审判决撤销，原记录没有依据"


def wanted(town: Town, **changes: Any) -> Wanted:
    today = local_day(town.at)
    usual = Wanted(town.firm, APPLICANT, "black", "block", "投标材料造假", "云建罚决 8 号", today, today + 30 * DAY)
    return replace(usual, **changes)


def listed(town: Town, **changes: Any) -> ListEntry:
    return confirm_entry(propose_entry(wanted(town, **changes), by=town.first, at=town.at), by=town.second, at=town.at)


def told(town: Town) -> list[tuple[str, str]]:
    drain(at=town.at)
    return [
        (row.member.user.username, row.text) for row in Notice.objects.select_related("member__user").order_by("pk")
    ]


@pytest.mark.req("RC-24")
def test_a_list_entry_has_reason_days_and_effect_and_takes_two_people_on_and_off(town: Town) -> None:
    entry = propose_entry(wanted(town), by=town.first, at=town.at)
    on = local_day(town.at)
    assert lists_on([town.firm.pk], APPLICANT, town.house.pk, on) == {}
    with pytest.raises(NotPermitted):
        confirm_entry(entry, by=town.first, at=town.at)
    entry = confirm_entry(entry, by=town.second, at=town.at)

    assert lists_on([town.firm.pk], APPLICANT, town.house.pk, on) == {town.firm.pk: [entry]}
    entry = ask_to_lift(entry, reason="处罚已撤销", by=town.second, at=town.at)
    assert lists_on([town.firm.pk], APPLICANT, None, on + 30 * DAY) == {town.firm.pk: [entry]}  # holds meanwhile
    assert lists_on([town.firm.pk], APPLICANT, None, on + 31 * DAY) == {}  # over, whatever the night did
    with pytest.raises(NotPermitted):
        lift_entry(entry, by=town.second, at=town.at)
    lift_entry(entry, by=town.first, at=town.at)

    assert lists_on([town.firm.pk], APPLICANT, town.house.pk, on) == {}
    kinds = Entry.objects.filter(subject_type="credit.listentry").values_list("kind", flat=True)
    assert list(kinds) == [f"credit_list.{kind}" for kind in ("proposed", "confirmed", "lift_asked", "lifted")]
    assert [text.split("，")[0] for name, text in told(town) if name == "app"] == [
        "您已被列入黑名单",
        "您已被移出黑名单。",
    ]


def test_a_house_has_a_list_of_its_own_of_which_nobody_else_learns(town: Town) -> None:
    entry = propose_entry(wanted(town, colour="grey", effect="ask"), by=town.reviewer, at=town.at)
    entry = confirm_entry(entry, by=town.director, at=town.at)

    on = local_day(town.at)
    assert lists_on([town.firm.pk], APPLICANT, town.house.pk, on) == {town.firm.pk: [entry]}
    assert lists_on([town.firm.pk], APPLICANT, town.other_house.pk, on) == {}
    for member, sees in ((town.manager, True), (town.applicant, False), (town.stranger, False), (town.first, False)):
        assert ListEntry.objects.visible_to(member).exists() is sees, member
    assert {name for name, _text in told(town)} <= {"rev", "dir"}
    with pytest.raises(NotPermitted):
        lift_entry(entry, by=town.stranger, at=town.at)


def test_an_entry_ends_by_itself_the_day_after_its_last(town: Town) -> None:
    entry = listed(town)

    end_lists(entry.valid_until, town.at)
    assert ListEntry.objects.get().state == "standing"
    end_lists(entry.valid_until + DAY, town.at + 31 * DAY)

    assert ListEntry.objects.get().state == "ended"
    assert not ListEntry.objects.on(entry.valid_until).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"side": GUARANTOR}, "side"),
        ({"effect": "favour"}, "effect"),
        ({"colour": "blue"}, "colour"),
        ({"reason": "坏"}, "reason"),
        ({"evidence": ""}, "evidence"),
        ({"valid_from": date(2026, 11, 20)}, "valid_from"),
        ({"valid_until": date(2026, 11, 20)}, "valid_until"),
        ({"valid_until": date(2036, 11, 20)}, "valid_until"),
    ],
)
def test_what_is_no_entry_is_refused_at_its_field(town: Town, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        propose_entry(wanted(town, **changes), by=town.first, at=town.at)

    assert field in refusal.value.fields
    assert not ListEntry.objects.exists()


def test_a_record_is_opened_by_the_second_person_not_by_a_proposal(town: Town) -> None:
    entry = propose_entry(wanted(town, organisation=town.other_house, side=GUARANTOR), by=town.first, at=town.at)
    assert not Record.objects.exists()

    confirm_entry(entry, by=town.second, at=town.at)

    assert Record.objects.get().organisation == town.other_house
    with pytest.raises(Invalid):
        propose_entry(wanted(town, organisation=town.other_house), by=town.first, at=town.at)


def test_nobody_is_twice_on_one_list(town: Town) -> None:
    listed(town)

    with pytest.raises(Invalid):
        propose_entry(wanted(town), by=town.second, at=town.at)
    assert propose_entry(wanted(town), by=town.reviewer, at=town.at).owner == town.house


LIST_ACTS = {
    "confirm": lambda row, town: confirm_entry(row, by=town.second, at=town.at),
    "refuse": lambda row, town: refuse_entry(row, reason="依据不足", by=town.second, at=town.at),
    "ask_to_lift": lambda row, town: ask_to_lift(row, reason="已经改正", by=town.second, at=town.at),
    "lift": lambda row, town: lift_entry(row, by=town.second, at=town.at),
    "keep": lambda row, town: keep_entry(row, reason="还没改正", by=town.second, at=town.at),
    "end": lambda row, town: end_entry(row, at=town.at),
}


@pytest.mark.parametrize("action", LIST_ACTS)
def test_each_act_on_a_list_happens_only_where_the_table_says(town: Town, action: str) -> None:
    row = propose_entry(wanted(town), by=town.first, at=town.at)
    rows = [line for line in LISTED.rows if line.action == action]
    for state in LISTED.states:
        if any(state in line.sources for line in rows):
            continue
        ListEntry.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        before = Entry.objects.count()
        with pytest.raises(NotNow):
            LIST_ACTS[action](row, town)
        assert (ListEntry.objects.get().state, Entry.objects.count()) == (state, before)


def test_an_appeal_is_upheld_by_a_correction_that_somebody_else_enters_and_both_are_told(town: Town) -> None:
    town.card()
    row = town.did("baseless_claim", date(2026, 11, 1))
    below = town.record.score
    appeal = raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)

    assert (appeal.due_on, appeal.score) == (date(2026, 12, 4), below)
    with pytest.raises(NotPermitted):  # recorded it
        uphold_appeal(appeal, Remedy(row, ""), reason="判决撤销", by=town.first, at=town.at)
    with pytest.raises(NotPermitted):
        refuse_appeal(appeal, reason="不用看了", by=town.first, at=town.at)
    appeal = uphold_appeal(appeal, Remedy(row, ""), reason="判决撤销", by=town.second, at=town.at)

    assert (appeal.state, appeal.outcome.corrects) == ("upheld", row)  # type: ignore[union-attr]
    assert below is not None
    assert (town.record.score or 0) > below
    assert Behaviour.objects.filter(pk=row.pk).exists()
    texts = told(town)
    assert any(name == "app" and text.startswith("您的异议成立") for name, text in texts)
    assert any(name == "op1" and "提出异议" in text for name, text in texts)


def test_a_refused_appeal_says_why_and_leaves_the_score(town: Town) -> None:
    town.card()
    row = town.did("baseless_claim", date(2026, 11, 1))
    before = town.record.score
    appeal = raise_appeal(row.record, None, text="分数整体偏低，请重新核对。", by=town.applicant, at=town.at)

    refuse_appeal(appeal, reason="核对后没有漏记", by=town.first, at=town.at)

    assert town.record.score == before
    assert any(name == "app" and "核对后没有漏记" in text for name, text in told(town))


def test_of_the_score_as_a_whole_the_decider_names_the_behaviour_that_was_wrong(town: Town) -> None:
    row = town.did("baseless_claim", date(2026, 11, 1))
    elsewhere = town.did("overturned", date(2026, 11, 1), who=town.house)
    appeal = raise_appeal(row.record, None, text="分数整体偏低，请重新核对。", by=town.applicant, at=town.at)

    with pytest.raises(Invalid):
        uphold_appeal(appeal, Remedy(elsewhere, ""), reason="记错了", by=town.second, at=town.at)
    with pytest.raises(NotPermitted):
        uphold_appeal(appeal, Remedy(row, ""), reason="记错了", by=town.first, at=town.at)
    done = uphold_appeal(appeal, Remedy(row, "fee_late"), reason="原来记错了", by=town.second, at=town.at)

    assert (done.outcome.kind, done.outcome.corrects) == ("fee_late", row)  # type: ignore[union-attr]


def test_only_the_subject_objects_once_at_a_time_and_not_to_what_is_corrected(town: Town) -> None:
    row = town.did("baseless_claim", date(2026, 11, 1))
    for by in (town.reviewer, town.first):
        with pytest.raises(NotPermitted):
            raise_appeal(row.record, row, text=WHY, by=by, at=town.at)
    first = raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)
    with pytest.raises(NotNow):
        raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)
    uphold_appeal(first, Remedy(row, ""), reason="判决撤销", by=town.second, at=town.at)

    with pytest.raises(NotNow):
        raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)


def test_against_the_score_too_one_objects_once_at_a_time(town: Town) -> None:
    first = raise_appeal(town.record, None, text=WHY, by=town.applicant, at=town.at)
    with pytest.raises(NotNow):
        raise_appeal(town.record, None, text=WHY, by=town.applicant, at=town.at)
    withdraw_appeal(first, by=town.applicant, at=town.at)

    assert raise_appeal(town.record, None, text=WHY, by=town.applicant, at=town.at).state == "open"


def test_what_is_objected_to_is_corrected_in_the_appeal_alone(town: Town) -> None:
    row = town.did("baseless_claim", date(2026, 11, 1))
    appeal = raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)
    whole = raise_appeal(row.record, None, text=WHY, by=town.applicant, at=town.at)

    with pytest.raises(NotNow):
        correct_behaviour(row, "", None, reason="判决撤销", by=town.second, at=town.at)
    with pytest.raises(NotNow):
        uphold_appeal(whole, Remedy(row, ""), reason="判决撤销", by=town.second, at=town.at)
    uphold_appeal(appeal, Remedy(row, ""), reason="判决撤销", by=town.second, at=town.at)

    assert Behaviour.objects.get(corrects=row).kind == ""


def test_the_operator_is_reminded_before_the_last_day_on_it_and_once_after_it(town: Town) -> None:
    row = town.did("baseless_claim", date(2026, 11, 1))
    appeal = raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)
    for ahead in (-9, -1, 0, 3, 4):
        remind_of_appeals(appeal.due_on + ahead * DAY, town.at)

    notices = Notice.objects.filter(key__startswith="credit_appeal.due", member=town.first)
    assert [text[:4] for text in notices.order_by("pk").values_list("text", flat=True)] == [
        "即将到期",
        "最后一天",
        "已逾期：",
    ]


@pytest.mark.parametrize("state", [state.code for state in APPEAL.states.values() if state.final])
def test_a_decided_appeal_is_closed(town: Town, state: str) -> None:
    row = town.did("baseless_claim", date(2026, 11, 1))
    appeal = raise_appeal(row.record, row, text=WHY, by=town.applicant, at=town.at)
    other = town.did("false_papers", date(2026, 11, 1))
    Appeal.objects.filter(pk=appeal.pk).update(state=state, outcome=other)
    appeal.refresh_from_db()

    with moved_to(town.at):
        for act in (
            lambda: withdraw_appeal(appeal, by=town.applicant, at=town.at),
            lambda: refuse_appeal(appeal, reason="不成立的", by=town.second, at=town.at),
            lambda: uphold_appeal(appeal, Remedy(row, ""), reason="成立的", by=town.second, at=town.at),
        ):
            with pytest.raises(NotNow):
                act()
