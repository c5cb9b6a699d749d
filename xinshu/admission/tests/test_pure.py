"""What needs no database: answers as they are typed, how near a condition is, when a round is due."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from xinshu.admission.nearest import ways_of
from xinshu.admission.questions import BadAnswer, Question, numbered, problems_of, value_of
from xinshu.admission.tasks import due_cause
from xinshu.rules.engine.facts import AMOUNT, DAY, NUMBER, TEXT, Fact, FactType

TODAY = date(2026, 11, 21)
TYPES = {
    one.code: one
    for one in (
        FactType("capital", "注册资本", AMOUNT, "record"),
        FactType("ratio", "负债率", NUMBER, "record", "%"),
        FactType("since", "成立日期", DAY, "record"),
        FactType("grade", "等级", TEXT, "tax", choices=("A", "B", "C")),
    )
}
SINGLE = Question("k1", "接受抽查", "single", ("接受", "不接受"), required=True)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("number", "12.50", "12.50"),
        ("amount", "50万元", 50_000_000),
        ("day", "2026-02-28", "2026-02-28"),
        ("words", " 桥梁 ", "桥梁"),
        ("several", ["公路", "市政"], "市政、公路"),
        ("file", "ABCDEFGH2345", True),
        ("words", "", None),
        ("several", [], None),
    ],
)
def test_an_answer_becomes_a_fact_of_the_type_of_its_question(kind: str, typed: Any, value: Any) -> None:
    assert value_of(Question("k1", "题目", kind, ("市政", "公路")), typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("number", "十二"), ("amount", "很多"), ("day", "2026-02-30"), ("single", "其他"), ("several", ["其他"])],
)
def test_an_answer_that_cannot_be_read_is_refused_in_words(kind: str, typed: Any) -> None:
    with pytest.raises(BadAnswer, match=r"。$"):
        value_of(Question("k1", "题目", kind, ("市政", "公路")), typed)


def test_what_must_be_answered_cannot_be_left_empty() -> None:
    with pytest.raises(BadAnswer):
        value_of(SINGLE, "")


def test_a_question_keeps_its_code_and_a_new_one_gets_one_that_none_ever_had() -> None:
    before = [Question("k1", "旧题", "words"), Question("k7", "删掉的题", "words")]

    found = numbered([before[0], Question("", "新题", "words")], before)

    assert [one.code for one in found] == ["k1", "k8"]


@pytest.mark.parametrize(
    ("questions", "many"),
    [([], 1), ([Question("", "题", "words")], 1), ([Question("", "接受吗", "single", ("是",))], 1), ([SINGLE], 0),
     ([SINGLE, SINGLE], 1)],
)  # fmt: skip
def test_what_is_wrong_with_a_draft_is_said_per_question(questions: list[Question], many: int) -> None:
    assert len(problems_of(questions)) == many


def _ways(facts: dict[str, Any], *rows: dict[str, Any], join: str = "all") -> list[tuple[str, bool]]:
    known = {code: Fact(value, "record") for code, value in facts.items()}
    return [(way.words, way.missing) for way in ways_of({"join": join, "conditions": rows}, known, TYPES, TODAY)]


def _row(fact: str, op: str, *values: Any, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "values": list(values), **more}


@pytest.mark.parametrize(
    ("facts", "row", "words"),
    [
        ({"capital": 2_000_000_00}, _row("capital", "ge", 3_000_000_00), "还差 1,000,000.00 元"),
        ({"ratio": Decimal("71.8")}, _row("ratio", "le", "70"), "超出 1.8%"),
        ({"ratio": Decimal(70)}, _row("ratio", "lt", "70"), "须小于 70%"),
        ({"ratio": Decimal(5)}, _row("ratio", "between", "10", "20"), "还差 5%"),
        ({"since": date(2024, 1, 1)}, _row("since", "older_days", "1095"), "再过 41 天（2027-01-01）满足"),
        ({"since": date(2026, 1, 1)}, _row("since", "within_days", "90"), "已超过 234 天，需要更新"),
        ({"grade": "C"}, _row("grade", "in", "A", "B"), "应为：等级是 A、B 之一"),
        ({"grade": "C"}, _row("grade", "eq", "C", **{"not": True}), "应为：并非（等级是 C）"),
        ({}, _row("grade", "eq", "A"), "请提供“等级”"),
    ],
)
def test_the_nearest_way_says_how_much_is_missing_or_what_to_tell(
    facts: dict[str, Any], row: dict[str, Any], words: str
) -> None:
    assert _ways(facts, row) == [(words, words.startswith("请提供"))]


def test_of_rows_of_which_one_is_enough_the_nearest_is_told() -> None:
    rows = (_row("capital", "ge", 10_000_000_00), _row("ratio", "le", "70"))

    found = _ways({"capital": 1_000_000_00, "ratio": Decimal(71)}, *rows, join="any")

    assert found == [("超出 1%", False)]


@pytest.mark.parametrize(
    ("rhythm", "day", "cause"),
    [("daily", 5, "daily"), ("monthly", 1, "monthly"), ("monthly", 2, None), ("change", 1, None), ("", 1, None)],
)
def test_rounds_are_due_by_the_rhythm_of_the_tag(rhythm: str, day: int, cause: str | None) -> None:
    assert due_cause(rhythm, date(2026, 11, day)) == cause
