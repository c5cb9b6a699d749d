"""A round is trained by the worker step by step, compared, proposed by one, promoted by another; drift."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from xinshu.accounts.models import Organisation
from xinshu.core.clock import moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.scoring import watching
from xinshu.scoring.actions.data import bring_table, confirm_data, describe_data, drop_data
from xinshu.scoring.actions.scores import Asked, ask_replay, score_case
from xinshu.scoring.actions.versions import (
    begin_training,
    decline_version,
    make_model,
    note_progress,
    promote_version,
    propose_version,
    retire_version,
)
from xinshu.scoring.grading import Flag
from xinshu.scoring.learning.kinds import BOOSTING, Column
from xinshu.scoring.lifecycle import VERSION
from xinshu.scoring.models import ModelVersion, RiskModel, Score
from xinshu.scoring.queries import drift_table, shown_score
from xinshu.scoring.tests.conftest import House, csv_of


def test_a_table_is_described_and_confirmed_before_anything_learns_from_it(house: House) -> None:
    table = house.table(ready=False)
    wrong = [Column(one.name, one.label, one.kind, "feature") for one in table.described]

    with pytest.raises(NotNow):
        begin_training(house.model(), table, by=house.trainer, at=house.at)
    table = describe_data(table, wrong, "1", "去年的业务", by=house.trainer, at=house.at)
    with pytest.raises(Invalid) as refused:
        confirm_data(table, by=house.trainer, at=house.at)

    assert "是否违约" in refused.value.message
    assert table.columns[1]["label"] == "资产负债率"  # a known fact brings its words
    assert drop_data(table, reason="列不对", by=house.trainer, at=house.at).state == "dropped"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"a,b\n", "x.csv", "没有数据"), (b"\xff\xfe\x00", "x.arff", "编码"), (b"%PDF-1.4", "x.xlsx", ""),
     (b"@relation r\n@data\n1\n", "x.arff", "没有读到"), (b"@attribute a numeric\n@data\n\x00\n", "x.arff", "不是文字"),
     (b"@attribute a string\n@data\n" + b"x" * 140_000, "x.arff", "第 3 行读不出来"),
     (b"a\x00b\n1,2", "x.csv", "不是文本")],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_and_nothing_is_kept(
    house: House, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused, transaction.atomic():
        bring_table(content, name, "历史", by=house.trainer, at=house.at)

    assert words in refused.value.message
    assert not Entry.objects.filter(kind="scoring.data_brought").exists()


def test_the_worker_trains_goes_on_after_a_crash_and_the_model_is_the_same(house: House) -> None:
    (version,) = house.training(forms=(BOOSTING,))
    with moved_to(house.at):
        assert drain() > 0
    version.refresh_from_db()
    (second,) = begin_training(
        RiskModel.objects.get(), version.data_set, by=house.trainer, at=house.at, forms=(BOOSTING,)
    )
    from xinshu.scoring.training import take_step

    for _step in range(3):
        take_step(second, at=house.at)
        second.refresh_from_db()
    kept = second.progress["done"]  # the worker dies here
    with moved_to(house.at):
        drain()
    second.refresh_from_db()

    assert version.state in ("challenger", "retired")
    assert (kept, second.state) == (3, "challenger")
    assert second.model_sm3 == version.model_sm3
    assert second.figures == version.figures
    assert len(second.figures["folds"]) == 5
    assert 0.5 < second.figures["cross"]["auc"] <= 1
    assert Notice.objects.filter(key__startswith="scoring.trained").exists()
    assert not Delivery.objects.exclude(state="done").exists()


def test_a_training_that_cannot_work_fails_in_words_and_leaves_what_there_was(house: House) -> None:
    champion = house.champion()
    table = house.table(name="另一份")
    (version,) = house.training(table, forms=(BOOSTING,))
    type(table).objects.filter(pk=table.pk).update(bad_value="没有这个值")

    with moved_to(house.at):
        drain()
    version.refresh_from_db()
    champion.refresh_from_db()

    assert (version.state, champion.state) == ("failed", "champion")
    assert "没有取值“没有这个值”" in version.why
    assert Notice.objects.filter(key__startswith="scoring.training_failed").exists()


def test_promotion_takes_two_people_and_the_former_champion_retires(house: House) -> None:
    first = house.champion()
    version = propose_version(house.challenger(), by=house.trainer, at=house.at)
    alone = house.member("alone", "signer")
    ModelVersion.objects.filter(pk=version.pk).update(hands=[*version.hands, alone.user_id])
    version.refresh_from_db()

    with pytest.raises(NotPermitted, match="另一人"):
        promote_version(version, by=alone, at=house.at)
    with pytest.raises(NotPermitted):
        promote_version(version, by=house.trainer, at=house.at)
    version = decline_version(version, reason="再看一个月", by=house.second, at=house.at)
    version = propose_version(version, by=house.trainer, at=house.at)
    version = promote_version(version, by=house.second, at=house.at)
    first.refresh_from_db()

    assert (version.state, first.state) == ("champion", "retired")
    assert ModelVersion.objects.filter(state="champion").count() == 1
    assert "V2" in first.why


def test_a_challenger_of_a_former_round_makes_way_and_the_ledger_says_so(house: House) -> None:
    first, second = house.challenger(), house.challenger()
    first.refresh_from_db()

    entry = Entry.objects.get(kind="scoring.retired")
    assert (first.state, second.state) == ("retired", "challenger")
    assert (entry.subject_id, entry.data["number"], entry.data["reason"]) == (first.pk, first.number, first.why)


@pytest.mark.parametrize("state", list(VERSION.states))
def test_what_the_table_does_not_allow_changes_nothing(house: House, state: str) -> None:
    version = house.challenger()
    ModelVersion.objects.filter(pk=version.pk).update(state=state)
    version.refresh_from_db()
    before = Entry.objects.count()
    acts: dict[str, Any] = {
        "propose": lambda: propose_version(version, by=house.trainer, at=house.at),
        "promote": lambda: promote_version(version, by=house.second, at=house.at),
        "decline": lambda: decline_version(version, reason="不行", by=house.second, at=house.at),
        "retire": lambda: retire_version(version, reason="旧了", by=house.second, at=house.at),
        "learn": lambda: note_progress(version, {}),
    }
    allowed = {row.action for row in VERSION.rows if state in row.sources}

    for action, act in acts.items():
        if action not in allowed:
            with pytest.raises(NotNow), transaction.atomic():
                act()

    version.refresh_from_db()
    assert (version.state, Entry.objects.count()) == (state, before)


def test_a_house_has_one_model_for_guarantees_and_neighbours_see_none(house: House) -> None:
    house.model()
    other = Organisation.objects.create(name="安平保险", kind="insurer", verified=True)
    stranger = house.member("stranger", "reviewer", other)

    with pytest.raises(Invalid):
        make_model("又一个", "guarantee", by=house.trainer, at=house.at)
    with pytest.raises(NotPermitted):
        begin_training(house.model(), house.table(), by=stranger, at=house.at)
    assert not RiskModel.objects.visible_to(stranger).exists()


def scored(house: House, cause: int | None, debt: float | None = 90.0) -> Score:
    asked = Asked(
        {"debt_ratio": debt, "kind": "履约保函"}, [Flag("资不抵债", "负债高于资产", True)], [], house.at.date()
    )
    with transaction.atomic():
        return score_case(
            house.organisation, house.organisation, "BH-1", "云州大山建设有限公司", asked, cause=cause,
            secret_until=None, by=house.trainer, at=house.at,
        )  # fmt: skip


def test_a_score_keeps_values_and_version_and_replays_to_the_same_bytes(house: House) -> None:
    version = house.champion()
    score = scored(house, 7)
    absent = scored(house, 8, None)
    ask_replay(score, by=house.second, at=house.at)
    with moved_to(house.at):
        drain()
    score.refresh_from_db()
    shown = shown_score(absent)

    assert (score.model_version, score.replay_same, score.state) == (version, True, "kept")
    assert score.probability == Decimal("0.373881")
    assert score.grade == "E"
    assert shown.missing == ("资产负债率",)
    assert "没有当作 0" in next(one.text for one in shown.reasons if one.label == "资产负债率")
    Score.objects.filter(pk=score.pk).update(values=score.values.replace("90", "10"))
    ask_replay(Score.objects.get(pk=score.pk), by=house.second, at=house.at)
    with moved_to(house.at):
        drain()
    assert Score.objects.get(pk=score.pk).replay_same is False


def test_drift_is_measured_by_month_and_the_house_hears_of_it(house: House) -> None:
    version = house.champion()
    month = watching.month_before(house.at.date())
    asked = scored(house, None)
    then = house.at.replace(year=month.year, month=month.month, day=10)
    rows = [
        Score(state="kept", owner=house.organisation, model_version=version, subject_type="x.y", subject_id=n,
              subject_key="k", subject_name="n", values=asked.values, result=asked.result, grade="D",
              probability=asked.probability, sm3="0", asked_by="x", at=then, reference=f"R{n}")
        for n in range(60)
    ]  # fmt: skip
    Score.objects.bulk_create(rows[:40])

    too_few = watching.measure_all(house.at.date(), house.at)
    Score.objects.bulk_create(rows[40:])
    once, twice = (watching.measure_all(house.at.date(), house.at) for _n in range(2))
    with moved_to(house.at):
        drain()
    months, cases, table = drift_table(version)

    assert (too_few, once, twice) == (0, 1, 0)
    assert (months, cases) == ([month], [60])
    assert [row.label for row in table] == ["模型评分", "资产负债率", "保函类型"]
    assert table[0].cells[0][1] == "danger"
    assert Notice.objects.filter(key__startswith="scoring.drifted").exists()


def test_the_monthly_round_learns_from_a_newer_table_and_not_twice_from_the_same(house: House) -> None:
    house.champion()
    first = date(2026, 12, 1)

    same = watching.retrain_due(first, house.at)
    house.table(seed=9, name="新的一份")
    later = house.at + timedelta(days=1)
    other_day, due, again = (watching.retrain_due(day, later) for day in (date(2026, 12, 2), first, first))

    assert (same, other_day, due, again) == (0, 0, 1, 0)
    assert set(ModelVersion.objects.filter(round=2).values_list("state", "form")) == {
        ("training", "boosting"), ("training", "scorecard"),
    }  # fmt: skip


def test_the_challenger_card_is_learned_by_optimal_binning_and_orders_the_cases() -> None:
    from xinshu.scoring.learning import figures, preparing, reading
    from xinshu.scoring.learning.scorecard import Scorecard, fit_scorecard

    sheet = reading.sheet_of([line.split(",") for line in csv_of().decode().splitlines()])
    columns = [
        Column(
            name, name, told.kind, "target" if name == "default" else "ignore" if name == "applied_on" else "feature"
        )
        for name, told in zip(sheet.names, reading.look_at(sheet), strict=True)
        if name in ("debt_ratio", "years", "kind", "default", "applied_on")
    ]
    places = [sheet.names.index(one.name) for one in columns]
    short = reading.Sheet([one.name for one in columns], [[row[place] for place in places] for row in sheet.rows])
    frame, y = preparing.frame_of(short, columns), preparing.outcomes_of(short, columns, "1")

    card = fit_scorecard(frame, y)

    assert figures.auc(y, card.probabilities(frame)) > 0.65
    assert Scorecard.from_json(card.as_json()) == card
    assert float(card.probabilities(frame).mean()) == pytest.approx(float(y.mean()), abs=0.02)
