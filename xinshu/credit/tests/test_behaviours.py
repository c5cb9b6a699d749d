"""Stories: behaviours come in once, are never changed, are corrected visibly, and the score follows both ways."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction

from xinshu.core.clock import moment
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.credit.actions.behaviours import Seen, correct_behaviour, note_behaviour, record_behaviour, record_of
from xinshu.credit.kinds import APPLICANT, GUARANTOR, SIDES, kinds_by_hand
from xinshu.credit.models import Behaviour, Kept, Record
from xinshu.credit.scores import explain
from xinshu.credit.standard import STANDARD
from xinshu.credit.tests.conftest import PDF, Town
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

YESTERDAY = date(2026, 11, 20)
LATER = timedelta(days=3)
PEOPLE = 4


def an_entry(town: Town) -> Entry:
    with transaction.atomic():
        return record("claim.paid", town.firm, by=town.first, at=town.at)


def seen(town: Town, kind: str = "defaulted") -> Seen:
    return Seen(kind, town.firm, YESTERDAY, "LY20261120-AAAA", town.house)


def test_an_entry_of_the_ledger_is_one_behaviour_however_often_it_is_told(town: Town) -> None:
    town.card()
    entry = an_entry(town)

    first, again = (note_behaviour(seen(town), entry, at=town.at) for _time in range(2))

    assert first == again
    found = Behaviour.objects.get()
    assert (found.kind, found.entry, found.house, found.record.organisation) == (
        "defaulted", entry, town.house, town.firm,
    )  # fmt: skip
    assert town.record.score == 605  # 705 of nothing at all, less 25 of 100 in 40 percent
    assert Entry.objects.filter(kind="credit.recorded").count() == 1


@pytest.mark.req("EP-22")
def test_what_applicants_and_guarantors_do_is_scored_by_the_rules_that_the_operator_set(town: Town) -> None:
    for side in (APPLICANT, GUARANTOR):
        town.card(side=side)
    entry = an_entry(town)

    for one in (seen(town), Seen("paid", town.house, YESTERDAY, "LY20261120-AAAA", town.house)):
        note_behaviour(one, entry, at=town.at)

    house = record_of(town.house, GUARANTOR)
    assert (town.record.score, house.score) == (605, 784)  # 705 - 100, 760 + 24
    assert {row.record for row in Behaviour.objects.filter(entry=entry)} == {town.record, house}
    dearer = deepcopy(STANDARD[APPLICANT])
    dearer["items"][2]["points"] = -50
    town.card(dearer, at=town.at + LATER)
    assert town.record.score is not None
    assert town.record.score < 510
    drain(at=town.at + LATER)
    told = Notice.objects.values_list("member__user__username", "text")
    assert [name for name, text in told if "违约代偿" in text] == ["app"]
    assert not [text for _name, text in told if "按期代偿" in text]  # what speaks for somebody is not news


def test_by_hand_it_takes_the_operator_and_a_document(town: Town) -> None:
    about = town.record

    for by in (town.reviewer, town.applicant):
        with pytest.raises(NotPermitted):
            record_behaviour(about, "false_papers", YESTERDAY, document="判决 7 号", note="", upload=(PDF, "a.pdf"),
                             by=by, at=town.at)  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        record_behaviour(about, "misconduct", date(2027, 1, 1), document="", note="", upload=None, by=town.first,
                         at=town.at)  # fmt: skip

    assert set(refusal.value.fields) == {"kind", "happened_on", "document", "file"}
    assert not Behaviour.objects.exists()


def test_what_comes_by_itself_is_not_entered_by_hand(town: Town) -> None:
    with pytest.raises(Invalid) as refusal:
        town.did("defaulted", YESTERDAY)

    assert set(refusal.value.fields) == {"kind"}
    assert {kind.code for side in SIDES for kind in kinds_by_hand(side)} == {
        "false_papers", "baseless_claim", "contract_honoured", "overturned", "misconduct",
    }  # fmt: skip


def test_a_revocation_keeps_the_day_whatever_was_typed(town: Town) -> None:
    wrong = town.did("false_papers", YESTERDAY)

    right = correct_behaviour(wrong, "", date(2027, 1, 1), reason="文书系伪造", by=town.first, at=town.at)

    assert right.happened_on == YESTERDAY


@pytest.mark.django_db(transaction=True)
def test_of_what_many_record_at_once_the_score_misses_nothing(town: Town) -> None:
    town.card()
    entries = [an_entry(town) for _number in range(PEOPLE)]
    ready = Barrier(PEOPLE)

    def one(entry: Entry) -> None:
        try:
            ready.wait(timeout=20)
            note_behaviour(seen(town, "fee_late"), entry, at=town.at)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as people:
        list(people.map(one, entries))

    found = explain(town.record, town.at)
    assert found is not None
    assert len(found[1].parts[1].lines) == PEOPLE
    assert town.record.score == found[1].score


def test_a_behaviour_is_never_changed_not_even_behind_our_back(town: Town) -> None:
    row = town.did("false_papers", YESTERDAY)
    row.kind = "contract_honoured"

    for forbidden in (row.save, row.delete):
        with pytest.raises(Kept):
            forbidden()
    with pytest.raises(DatabaseError), transaction.atomic():
        Behaviour.objects.filter(pk=row.pk).update(kind="contract_honoured")


@pytest.mark.req("EP-24")
def test_conduct_in_a_claim_changes_the_score_and_a_correction_gives_it_back_both_stay_to_be_seen(town: Town) -> None:
    town.card()
    wrong = note_behaviour(seen(town), an_entry(town), at=town.at)
    after_default = town.record.score

    right = correct_behaviour(wrong, "", None, reason="判决撤销代偿认定", by=town.first, at=town.at + LATER)

    assert (after_default, town.record.score) == (605, 705)
    assert [row.pk for row in Behaviour.objects.order_by("pk")] == [wrong.pk, right.pk]
    assert (right.corrects, wrong.correction, right.house) == (wrong, right, town.house)
    restored = correct_behaviour(
        right, "defaulted", None, reason="再审维持原判", by=town.second, at=town.at + 2 * LATER
    )
    assert restored.corrects == right
    assert town.record.score is not None
    assert town.record.score < 610


def test_the_score_of_a_past_day_is_what_was_known_then_by_the_card_of_then(town: Town) -> None:
    town.card()
    wrong = note_behaviour(seen(town), an_entry(town), at=town.at)
    correct_behaviour(wrong, "fee_late", None, reason="只是迟交了保费", by=town.first, at=town.at + LATER)
    record = town.record

    def score(at: datetime, known: datetime | None = None) -> int | None:
        found = explain(record, at, known=known)
        return found[1].score if found else None

    assert score(town.at - LATER) is None  # no card yet
    assert score(town.at) == 605
    assert score(town.at + LATER) == 691
    assert score(town.at, known=town.at + LATER) == 691  # of then, by what is known now


def test_what_was_corrected_is_not_corrected_again_beside_the_correction(town: Town) -> None:
    wrong = town.did("false_papers", YESTERDAY)
    correct_behaviour(wrong, "", None, reason="文书系伪造", by=town.first, at=town.at)

    with pytest.raises(Changed):
        correct_behaviour(wrong, "baseless_claim", None, reason="另一位也来更正", by=town.second, at=town.at)
    with pytest.raises(Invalid):
        correct_behaviour(wrong, "false_papers", None, reason="和原来一样", by=town.second, at=town.at)
    with pytest.raises(NotPermitted):
        correct_behaviour(wrong, "", None, reason="自己给自己更正", by=town.applicant, at=town.at)


def test_who_reads_whose_record(town: Town) -> None:
    firm, house = town.record, town.did("overturned", YESTERDAY, who=town.house).record

    def full(member: object) -> set[int]:
        return set(Record.objects.in_full_for(member).values_list("pk", flat=True))  # type: ignore[arg-type]

    assert full(town.first) == {firm.pk, house.pk}
    assert full(town.applicant) == {firm.pk}
    assert full(town.reviewer) == {firm.pk, house.pk}  # its customer, itself
    assert full(town.stranger) == set()
    visible = Record.objects.visible_to(town.stranger)
    assert set(visible.values_list("pk", flat=True)) == {house.pk}  # of guarantors the public part
    assert not Behaviour.objects.visible_to(town.stranger).exists()


def test_ages_count_from_the_day_it_happened(town: Town) -> None:
    town.card()
    town.did("contract_honoured", date(2023, 11, 23))

    assert town.record.score == 730
    found = explain(town.record, moment(date(2026, 11, 24)))
    assert found is not None
    assert found[1].score == 705  # its three years are over
