"""Rule sets as versions: two people, tried on history, in force by their days, replayed byte for byte."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry
from xinshu.rules.actions import (
    Draft,
    activate_version,
    discard_version,
    edit_version,
    switch_off,
    switch_on,
    write_version,
)
from xinshu.rules.engine.facts import Fact
from xinshu.rules.lifecycle import VERSION
from xinshu.rules.models import RuleVersion, Run
from xinshu.rules.replaying import replayed
from xinshu.rules.running import in_force
from xinshu.rules.tests.conftest import RULES, TABLE, House, facts
from xinshu.rules.trying import try_on_history

STRICTER: dict[str, Any] = {**RULES, "rules": [{**RULES["rules"][0], "conditions": [
    {"fact": "debt_ratio", "op": "le", "values": ["50"]}]}, RULES["rules"][1]]}  # fmt: skip


def test_who_wrote_a_version_does_not_activate_it_and_a_second_person_does(house: House) -> None:
    draft = house.draft()
    both = house.member("both", "reviewer")
    edit_version(draft, Draft(RULES, local_day(house.at)), by=both, at=house.at)
    draft.refresh_from_db()

    with pytest.raises(NotPermitted):
        activate_version(draft, by=house.writer, at=house.at)
    active = activate_version(draft, by=house.second, at=house.at)

    assert (active.state, active.number, active.authors) == ("active", 1, sorted([house.writer.user_id, both.user_id]))
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == [
        "rules.written", "rules.edited", "rules.activated",
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "action"), [
    (state, row.action) for row in VERSION.rows for state in VERSION.states if state not in row.sources
])  # fmt: skip
def test_what_the_lifecycle_forbids_changes_and_records_nothing(house: House, state: str, action: str) -> None:
    version = house.draft()
    RuleVersion.objects.filter(pk=version.pk).update(state=state, number=1, activated_at=house.at)
    version.refresh_from_db()
    before = Entry.objects.count()
    acts: dict[str, Any] = {
        "edit": lambda: edit_version(version, Draft(RULES, local_day(house.at)), by=house.writer, at=house.at),
        "try_on_history": lambda: try_on_history(version, by=house.writer, at=house.at),
        "activate_version": lambda: activate_version(version, by=house.second, at=house.at),
        "discard_version": lambda: discard_version(version, by=house.writer, at=house.at, reason="写错了"),
    }

    with pytest.raises(NotNow):
        acts[action]()

    version.refresh_from_db()
    assert (version.state, Entry.objects.count()) == (state, before)


def test_what_cannot_be_asked_is_not_saved_and_says_where(house: House) -> None:
    for content, words in (
        ({**RULES, "rules": []}, "还没有规则"),
        ({**RULES, "rules": [{"name": "x", "weight": "stop", "expression": "资产负债率 >"}]}, "规则 1"),
        ({**TABLE, "rows": [{"cells": [None], "outcome": "meets"}]}, "第 1 行"),
    ):
        with pytest.raises(Invalid) as refused:
            house.draft(content)
        assert words in refused.value.fields["content"]
    with pytest.raises(Invalid) as refused:
        house.draft(valid_until=local_day(house.at) - timedelta(days=1))
    assert set(refused.value.fields) == {"valid_until"}
    house.draft()
    with pytest.raises(Invalid):
        house.draft()  # the same name again


def test_a_version_holds_by_its_days_and_an_ended_one_does_not_bring_the_former_back(house: House) -> None:
    first = house.active()
    today = local_day(house.at)
    following = write_version(
        first.rule_set, Draft(STRICTER, today + timedelta(days=3), today + timedelta(days=5)), by=house.writer,
        at=house.at,
    )  # fmt: skip
    activate_version(following, by=house.second, at=house.at)

    holding = [
        [version.number for version in in_force(house.organisation, "firm_screening", today + timedelta(days=day))]
        for day in (0, 2, 3, 5, 6)
    ]

    assert holding == [[1], [1], [2], [2], []]


@pytest.mark.req("CS-45")
def test_a_set_that_is_off_is_not_asked_until_it_is_on_again(house: House) -> None:
    version = house.active()
    off = switch_off(version.rule_set, by=house.second, at=house.at, reason="数据源核对中")

    assert in_force(house.organisation, "firm_screening", local_day(house.at)) == []
    with pytest.raises(NotPermitted):
        switch_on(off, by=house.writer, at=house.at)
    switch_on(off, by=house.second, at=house.at)
    assert in_force(house.organisation, "firm_screening", local_day(house.at)) == [version]


def test_a_draft_is_tried_on_history_before_it_is_activated_and_names_every_decision_it_changes(house: House) -> None:
    version = house.active()
    kept = [house.run(version, facts(debt=debt), f"企业{debt}") for debt in (40, 60, 80)]
    draft = write_version(version.rule_set, Draft(STRICTER, local_day(house.at)), by=house.writer, at=house.at)
    with pytest.raises(NotNow):
        activate_version(draft, by=house.second, at=house.at)

    trial = try_on_history(draft, by=house.writer, at=house.at)

    assert (trial.runs, trial.changed) == (3, 1)
    assert trial.counts == [["fails", "fails", 1], ["meets", "fails", 1], ["meets", "meets", 1]]
    assert [(line.run, line.before, line.after) for line in trial.lines.all()] == [(kept[1], "meets", "fails")]
    draft.refresh_from_db()
    edited = edit_version(draft, Draft(RULES, local_day(house.at)), by=house.writer, at=house.at)
    with pytest.raises(NotNow):  # a trial is of one content
        activate_version(edited, by=house.second, at=house.at)
    edited.refresh_from_db()
    try_on_history(edited, by=house.second, at=house.at)
    assert activate_version(edited, by=house.second, at=house.at).number == 2
    assert [run.outcome for run in kept] == ["meets", "meets", "fails"]


def test_a_table_with_overlaps_is_not_activated(house: House) -> None:
    rows = [*TABLE["rows"], {"cells": [{"op": "eq", "values": ["10"]}, None], "outcome": "ask", "label": "重"}]
    draft = house.draft({**TABLE, "rows": rows})

    with pytest.raises(NotNow) as refused:
        activate_version(draft, by=house.second, at=house.at)

    assert "重叠" in refused.value.message


@pytest.mark.req("CS-45")
def test_a_run_keeps_its_facts_version_and_evidence_and_replays_byte_for_byte(house: House, capsys: Any) -> None:
    version = house.active()
    known = {**facts(dishonest=None), "dishonest": Fact(None, "sandbox_courts", "", "对方系统返回错误 503")}
    run = house.run(version, known)
    draft = write_version(version.rule_set, Draft(STRICTER, local_day(house.at)), by=house.writer, at=house.at)
    try_on_history(draft, by=house.writer, at=house.at)
    draft.refresh_from_db()
    activate_version(draft, by=house.second, at=house.at)  # the past does not mind

    again = replayed(Run.objects.get(pk=run.pk))

    assert (run.outcome, again.proven, again.text) == ("ask", True, run.result)
    assert '"why":"对方系统返回错误 503"' in run.result
    call_command("replay_rules")
    assert "重放 1 次，1 次逐字节一致" in capsys.readouterr().out


def test_a_kept_run_that_somebody_touched_is_found_by_replay(house: House) -> None:
    run = house.run(house.active(), facts(debt=80))
    Run.objects.filter(pk=run.pk).update(facts=run.facts.replace('"80"', '"60"'))

    touched = replayed(Run.objects.get(pk=run.pk))

    assert (touched.same, touched.intact, touched.proven) == (False, False, False)
    with pytest.raises(CommandError):
        call_command("replay_rules", run.reference)


def test_a_stale_page_and_a_second_draft_are_refused_and_the_database_guards_numbers(house: House) -> None:
    version = house.active()
    draft = write_version(version.rule_set, Draft(RULES, local_day(house.at)), by=house.writer, at=house.at)
    version.rule_set.refresh_from_db()
    with pytest.raises(NotNow):
        write_version(version.rule_set, Draft(RULES, local_day(house.at)), by=house.writer, at=house.at)
    edit_version(draft, Draft(STRICTER, local_day(house.at)), by=house.writer, at=house.at)
    with pytest.raises(Changed):
        discard_version(RuleVersion(pk=draft.pk, version=1, state="draft", rule_set=draft.rule_set),
                        by=house.writer, at=house.at, reason="不要了")  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(number=1)
