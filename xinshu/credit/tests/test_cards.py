"""Stories: a draft is measured on all scores, activated by a second person, and every score follows."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest

from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.credit.actions.cards import activate_card, discard_card, edit_card, write_card
from xinshu.credit.effects import measure
from xinshu.credit.kinds import APPLICANT, KINDS
from xinshu.credit.lifecycle import CARD
from xinshu.credit.models import Card, Record
from xinshu.credit.scores import explain, refresh_all
from xinshu.credit.standard import STANDARD
from xinshu.credit.tests.conftest import Town
from xinshu.ledger.models import Entry

STRICTER = deepcopy(STANDARD[APPLICANT])
STRICTER["items"][7]["points"] = -100  # 虚假材料
STRICTER["bands"] = [band | ({"least": 550} if band["label"] == "B" else {}) for band in STRICTER["bands"]]
LATER = timedelta(days=2)


@pytest.mark.req("EP-31")
def test_a_change_of_the_rules_shows_its_effect_on_every_score_before_a_second_person_activates_it(town: Town) -> None:
    town.card()
    town.did("false_papers", date(2026, 11, 1))
    calm = Record.objects.create(organisation=town.organisation("平稳建设有限公司", "enterprise"), side=APPLICANT)
    refresh_all(APPLICANT, town.at)
    draft = write_card(APPLICANT, STRICTER, by=town.first, at=town.at)

    with pytest.raises(NotNow):
        activate_card(draft, by=town.second, at=town.at)
    effect = measure(draft, by=town.first, at=town.at)
    assert (effect.subjects, effect.risen, effect.fallen, effect.moved) == (2, 0, 1, 1)
    assert effect.counts == [["A", "A", 1], ["B", "C", 1]]
    line = effect.lines.get()
    assert (line.record, line.before, line.after, line.before_band, line.after_band) == (
        town.record,
        580,
        505,
        "B",
        "C",
    )
    before = town.record.score
    with pytest.raises(NotPermitted):
        activate_card(draft, by=town.first, at=town.at)
    assert town.record.score == before
    activate_card(draft, by=town.second, at=town.at)

    assert town.record.score == line.after
    calm.refresh_from_db()
    assert (calm.score, calm.card) == (705, draft)


def test_what_was_measured_of_another_content_or_on_another_day_does_not_count(town: Town) -> None:
    draft = write_card(APPLICANT, STANDARD[APPLICANT], by=town.first, at=town.at)
    measure(draft, by=town.first, at=town.at)
    with pytest.raises(NotNow):
        activate_card(draft, by=town.second, at=town.at + LATER)
    edited = edit_card(draft, STRICTER, by=town.second, at=town.at)

    with pytest.raises(NotNow):
        activate_card(edited, by=town.member("op3", town.platform, "operator"), at=town.at)
    with pytest.raises(Changed):
        edit_card(draft, STRICTER, by=town.first, at=town.at)
    measure(edited, by=town.first, at=town.at)
    with pytest.raises(NotPermitted):  # whoever edited it is an author, too
        activate_card(edited, by=town.second, at=town.at)


def test_past_days_keep_the_card_of_then(town: Town) -> None:
    first = town.card()
    second = town.card(STRICTER, at=town.at + LATER)

    def card_of(when: Any) -> Card | None:
        found = explain(town.record, when)
        return found[0] if found else None

    assert [card_of(town.at), card_of(town.at + LATER)] == [first, second]
    assert [card.state for card in Card.objects.order_by("number")] == ["superseded", "active"]


def test_only_the_operator_writes_and_one_draft_at_a_time(town: Town) -> None:
    with pytest.raises(NotPermitted):
        write_card(APPLICANT, STRICTER, by=town.reviewer, at=town.at)
    with pytest.raises(Invalid):
        write_card(APPLICANT, {**STRICTER, "bands": []}, by=town.first, at=town.at)
    write_card(APPLICANT, STRICTER, by=town.first, at=town.at)

    with pytest.raises(NotNow):
        write_card(APPLICANT, STRICTER, by=town.second, at=town.at)


ACTS = {
    "edit": lambda card, town: edit_card(card, STRICTER, by=town.first, at=town.at),
    "measure": lambda card, town: measure(card, by=town.first, at=town.at),
    "activate_card": lambda card, town: activate_card(card, by=town.second, at=town.at),
    "discard_card": lambda card, town: discard_card(card, by=town.first, at=town.at, reason="写错了"),
}


@pytest.mark.parametrize("action", ACTS)
def test_each_act_happens_only_where_the_table_says(town: Town, action: str) -> None:
    card = write_card(APPLICANT, STANDARD[APPLICANT], by=town.first, at=town.at)
    measure(card, by=town.first, at=town.at)
    rows = [row for row in CARD.rows if row.action == action]
    for state in CARD.states:
        Card.objects.filter(pk=card.pk).update(state=state, number=1, activated_at=town.at)
        card.refresh_from_db()
        before = Entry.objects.count()
        if any(state in row.sources for row in rows):
            continue
        with pytest.raises(NotNow):
            ACTS[action](card, town)
        assert (Card.objects.get(pk=card.pk).state, Entry.objects.count()) == (state, before)


def test_the_table_of_kinds_and_the_standard_cards_know_each_other() -> None:
    for side, content in STANDARD.items():
        assert {row["kind"] for row in content["items"]} == {kind.code for kind in KINDS.values() if kind.side == side}
