"""Headlines as tables of pure functions: what they say of whom, whether they were told before, what they weigh."""

from datetime import date, timedelta

import pytest

from xinshu.watch.levels import level_of, weight
from xinshu.watch.reading.classifying import classify
from xinshu.watch.reading.likeness import alike, distance, first_alike, simhash
from xinshu.watch.tests.measuring import measured

FIRM = "云州大山建设有限公司"
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("title", "kind", "risk"),
    [
        ("大山建设被列为失信被执行人", "credit", True),
        ("大山建设未被列为失信被执行人", "credit", False),
        ("大山建设被冻结的账户已解除", "lawsuit", False),
        ("大山建设起诉业主违约", "opinion", False),
        ("华信建材公司被列为失信被执行人，曾与大山建设合作", "credit", False),
        ("大山建设荣获鲁班奖", "opinion", False),
        ("", "opinion", False),
        ("大山建设" * 40 + "坍塌", "opinion", True),
        ("大山建设零星工程拖欠材料款", "opinion", True),
        ("大山建设无锡项目坍塌", "opinion", True),
        ("大山建设无锡停工", "opinion", True),
        ("大山建设解除合同拖欠工程款", "opinion", True),
        ("大山建设全年零事故、无拖欠、无任何欠税", "opinion", False),
        ("大山建设账户已获解除冻结", "lawsuit", False),
    ],
)
def test_what_a_headline_says(title: str, kind: str, risk: bool) -> None:
    read = classify(title, FIRM)

    assert (read.kind, read.is_risk) == (kind, risk)


@pytest.mark.parametrize(
    ("title", "told", "risk"),
    [
        ("（2026）云0103执612号", "lawsuit", True),
        ("信用信息公示第 612 号", "credit", True),
        ("（2026）云0103执612号", "", False),
        ("登记事项公示第 612 号", "registration", False),
        ("大山建设未被列为失信被执行人", "credit", False),
    ],
)
def test_a_court_s_or_register_s_row_without_a_word_to_read_is_bad(title: str, told: str, risk: bool) -> None:
    assert classify(title, FIRM, told).is_risk is risk


def test_the_held_out_half_is_read_well_enough() -> None:
    score = measured("b")

    assert score.number >= 40
    assert (score.precision >= 0.85, score.recall >= 0.9, score.kinds >= 0.9) == (True, True, True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("（2026）云01民初88号：合同纠纷", "大山建设被诉，案号(2026)云01民初88号", True),
        ("（2026）云01民初88号：合同纠纷", "（2026）云01民初89号：合同纠纷", False),
        ("大山建设因拖欠工资被通报", "大山建设因拖欠工资，被通报！", True),
        ("大山建设项目停工，供应商讨薪", "突发：大山建设项目停工 供应商讨薪", True),
        ("大山建设被行政处罚", "大山建设荣获优质工程奖", False),
    ],
)
def test_what_tells_the_same(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert (first_alike(one, [(7, other, simhash(other))], simhash(one)) == 7) is same


def test_near_identical_texts_have_near_hashes() -> None:
    near = distance(simhash("大山建设因拖欠工资被住建局通报批评"), simhash("大山建设因拖欠工资被市住建局通报批评"))
    far = distance(simhash("大山建设因拖欠工资被住建局通报批评"), simhash("滨江大桥昨日正式通车，市民自发前往"))

    assert near < 16 < far


@pytest.mark.parametrize(
    ("days", "tenths"), [(0, 600), (-5, 600), (180, 300), (360, 150), (180 * 8, 2), (180 * 8 + 1, 0)]
)
def test_an_event_weighs_half_after_its_half_life(days: int, tenths: int) -> None:
    assert weight("severe", 180, DAY - timedelta(days=days), DAY) == tenths


def test_a_level_is_the_sum_and_names_what_makes_it() -> None:
    level = level_of(
        [("a", "note", 30, DAY), ("b", "severe", 365, DAY), ("old", "warn", 1, DAY - timedelta(days=99))], DAY
    )

    assert (level.points, level.code, [one.what for one in level.made_of]) == ("70.0", "high", ["b", "a"])
    assert level_of((), DAY).code == "calm"
