"""The pure engine: laws of the unknown, budgets, tables held against brute force."""

# ruff: noqa: E501  (contents are read across)

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.rules.engine.answers import ASK, FAILS, MEETS, Problems
from xinshu.rules.engine.deciding import prepare
from xinshu.rules.engine.expressions import BadExpression, read_expression
from xinshu.rules.engine.facts import (
    AMOUNT,
    DAY,
    NUMBER,
    TEXT,
    TRUTH,
    Fact,
    Facts,
    FactType,
    facts_as_json,
    facts_from_json,
)
from xinshu.rules.engine.gaps import check
from xinshu.rules.engine.kleene import all_of, any_of, negated
from xinshu.rules.engine.patterns import BadPattern, pattern_of
from xinshu.rules.engine.tables import read_table

TODAY = date(2026, 11, 22)
TYPES = {
    code: FactType(code, label, kind, "registry", unit)
    for code, label, kind, unit in (
        ("debt", "资产负债率", NUMBER, "%"), ("net", "净资产", AMOUNT, ""), ("grade", "纳税等级", TEXT, ""),
        ("listed", "失信被执行人", TRUTH, ""), ("founded", "成立日期", DAY, ""), ("a", "甲", NUMBER, ""),
        ("b", "乙", NUMBER, ""), ("c", "丙", TRUTH, ""),
    )
}  # fmt: skip
TRUTHS = st.sampled_from([True, False, None])


def facts(**values: Any) -> Facts:
    return {code: Fact(Decimal(v) if type(v) is int and code != "net" else v, "registry") for code, v in values.items()}


@given(st.lists(TRUTHS, max_size=5))
def test_and_and_or_mirror_each_other_and_the_order_does_not_matter(truths: list[bool | None]) -> None:
    mirrored = [negated(one) for one in truths]

    assert negated(all_of(truths)) == any_of(mirrored)
    assert all_of(truths) == all_of(reversed(truths))
    assert any_of(truths) == any_of(reversed(truths))


@given(st.lists(TRUTHS, max_size=5))
def test_a_decided_and_or_or_is_what_every_way_of_learning_the_unknown_gives(truths: list[bool | None]) -> None:
    for joined, plain in ((all_of, all), (any_of, any)):
        ways = {plain(way) for way in product(*([one] if one is not None else [True, False] for one in truths))}

        assert joined(truths) == (ways.pop() if len(ways) == 1 else None)


def sums(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["a", "b", "0", "1", "2"])
    return st.recursive(
        leaf, lambda s: st.tuples(s, st.sampled_from("+-*/"), s).map(lambda t: f"({' '.join(t)})"), max_leaves=depth
    )


def conditions() -> st.SearchStrategy[str]:
    compare = st.tuples(sums(3), st.sampled_from(["<", "<=", "=", "!=", ">"]), sums(3)).map(" ".join)
    leaf = st.one_of(compare, st.sampled_from(["c", "true", "a in (0, b, 2)", "if(c, a, b) > 0"]))
    return st.recursive(
        leaf,
        lambda s: st.one_of(
            st.tuples(s, st.sampled_from(["and", "or"]), s).map(lambda t: f"({' '.join(t)})"),
            s.map(lambda one: f"not ({one})"),
        ),
        max_leaves=6,
    )


@settings(max_examples=150, deadline=None)
@given(conditions(), st.sampled_from(["a", "b", "c"]), st.integers(-1, 2), st.integers(-1, 2), st.booleans())
def test_learning_a_fact_never_turns_a_decided_expression_over(
    text: str, missing: str, a: int, b: int, c: bool
) -> None:
    expression = read_expression(text, TYPES)
    whole = facts(a=a, b=b, c=c)

    without = expression.holds({**whole, missing: Fact(None, "registry", why="数据源没有答复")}, TODAY)

    assert without is None or without == expression.holds(whole, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("资产负债率 <= 70 且 净资产 >= 300万元", True),
        ("grade in (\"A\", \"B\")", None),
        ("debt > 90 and grade = \"A\"", False),
        ("net / 0元 > 1", None),
        ("net / 0元 > 1 or debt < 70", True),
        ("today - founded >= 365 * 3", True),
        ("if(grade = \"A\", 1, 1) = 1", True),
        ("founded + 99999999 > today", None),
        ("min(net, 1亿元) = net and not listed", True),
        ("not (debt * net > 1元)", False),
    ],
)  # fmt: skip
def test_expressions_count_with_money_days_and_the_unknown(text: str, expected: bool | None) -> None:
    known = facts(debt=60, net=500_000_000, grade=None, listed=False, founded=date(2020, 1, 1))

    assert read_expression(text, TYPES).holds(known, TODAY) is expected


@pytest.mark.parametrize(
    "text",
    [
        "", "debt", "debt + net > 1", "net * net > 1元", "debt > grade", "__import__(\"os\")", "a.b", "a ** 2 > 1",
        "matches(grade, grade)", "(" * 40 + "c" + ")" * 40, "not " * 300 + "c", "c or " * 300 + "c", "a" * 2_000,
        "date(\"2026-13-01\") = today", "debt > 999999999999999999999999", "grade < \"A\"", "c in (1)", "min(a) > 1",
        "eval(1)", "a[0]", "lambda", "debt > 1 1", "“a”", "- - - - " * 60 + "a > 1",
    ],
)  # fmt: skip
def test_what_is_not_of_the_language_or_over_the_budget_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(BadExpression) as refused:
        read_expression(text, TYPES)

    assert str(refused.value)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abc01 ()<>=+-*/.,\"'与且或not andif元%", max_size=60))
def test_whatever_is_typed_is_read_or_refused_and_never_breaks(text: str) -> None:
    try:
        expression = read_expression(text, TYPES)
    except BadExpression:
        return
    assert expression.holds(facts(a=10**20, b=0), TODAY) in (True, False, None)
    assert expression.parts <= 200


PIECES = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d"]),
    lambda s: st.one_of(
        st.tuples(s, s).map("".join), st.tuples(s, s).map(lambda t: f"({t[0]}|{t[1]})"),
        st.tuples(s, st.sampled_from(["*", "+", "?", "{2}", "{0,2}"])).map(lambda t: f"({t[0]}){t[1]}"),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(PIECES, st.text(alphabet="ab1", max_size=6))
def test_patterns_match_what_regular_expressions_match(pattern: str, text: str) -> None:
    try:
        own = pattern_of(pattern)
    except BadPattern:
        return  # too many states
    assert own.matches(text) == bool(re.fullmatch(pattern, text))


def test_a_pattern_that_would_backtrack_for_ever_looks_at_each_character_once() -> None:
    class Counted(str):
        looked = 0

        def __iter__(self) -> Iterator[str]:
            for character in super().__iter__():
                Counted.looked += 1
                yield character

    assert pattern_of("(a+)+b").matches(Counted("a" * 2_000)) is False
    assert Counted.looked == 2_000
    for bad in ("(", "a**", "[b-a]", "a{3,1}", "((a{99}){99}){99}", "\\q", "x" * 201, "*", "a{", "(" * 50):
        with pytest.raises(BadPattern):
            pattern_of(bad)


def cell(column: int) -> st.SearchStrategy[Any]:
    number = st.integers(0, 4)
    if column == 2:
        return st.one_of(st.none(), st.booleans().map(lambda v: {"op": "eq", "values": [v]}))
    return st.one_of(
        st.none(),
        st.tuples(st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), number).map(
            lambda t: {"op": t[0], "values": [str(t[1])]}
        ),
        st.tuples(number, number).map(lambda t: {"op": "between", "values": [str(min(t)), str(max(t))]}),
        st.lists(number, min_size=1, max_size=3).map(lambda v: {"op": "not_in", "values": [str(one) for one in v]}),
    )


ROWS = st.lists(
    st.tuples(cell(0), cell(1), cell(2), st.sampled_from([MEETS, FAILS, ASK])).map(
        lambda t: {"cells": list(t[:3]), "outcome": t[3], "label": t[3]}
    ),
    min_size=1, max_size=5,
)  # fmt: skip
HALVES = [Decimal(n) / 2 for n in range(-2, 11)]  # every bound of `cell`, what lies between and beyond


@settings(max_examples=120, deadline=None)
@given(ROWS, st.sampled_from(["unique", "any", "first"]))
def test_the_check_of_a_table_finds_gaps_and_overlaps_exactly_where_brute_force_does(rows: Any, hit: str) -> None:
    table = read_table({"form": "table", "hit": hit, "inputs": ["a", "b", "c"], "rows": rows}, TYPES)
    gap = overlap = False
    for a, b, c in product(HALVES, HALVES, (True, False)):
        fits = table.fits(facts(a=a, b=b, c=c), TODAY)
        applies = [row.output for row, fit in zip(table.rows, fits, strict=True) if fit]
        gap = gap or not applies
        overlap = overlap or (hit == "unique" and len(applies) > 1) or (hit == "any" and len(set(applies)) > 1)

    found = check(table, TYPES)

    assert (bool(found.gaps), bool(found.overlaps), found.why) == (gap, overlap, "")


@settings(max_examples=80, deadline=None)
@given(ROWS, st.sampled_from(["unique", "any", "first", "collect"]), st.sampled_from(["a", "b", "c"]))
def test_what_a_table_decides_without_a_fact_it_decides_with_it_too(rows: Any, hit: str, missing: str) -> None:
    decide = prepare({"form": "table", "hit": hit, "inputs": ["a", "b", "c"], "rows": rows}, TYPES).decide
    for known in ({"a": a, "b": b, "c": c} for a, b, c in product((0, 2, 4), (0, 3), (True, False))):
        without = decide(facts(**{**known, missing: None}), TODAY)
        if not without.why:
            whole = decide(facts(**known), TODAY)
            assert (without.outcome, without.label) == (whole.outcome, whole.label)


CARD: dict[str, Any] = {
    "form": "scorecard", "base": 50,
    "items": [
        {"name": "负债", "fact": "debt", "bins": [
            {"test": {"op": "le", "values": ["50"]}, "points": 30, "reason": ""},
            {"test": {"op": "le", "values": ["70"]}, "points": 10, "reason": "负债偏高"},
            {"test": None, "points": -20, "reason": "负债过高"}]},
        {"name": "失信", "fact": "listed", "bins": [
            {"test": {"op": "eq", "values": [True]}, "points": -60, "reason": "列入失信名单"},
            {"test": None, "points": 0, "reason": ""}]},
    ],
    "bands": [{"least": 0, "label": "C", "outcome": FAILS}, {"least": 40, "label": "B", "outcome": ASK},
              {"least": 60, "label": "A", "outcome": MEETS}],
}  # fmt: skip


def test_a_scorecard_tells_its_band_only_where_the_unknown_cannot_move_it() -> None:
    decide = prepare(CARD, TYPES).decide

    known, unsure, lost = (
        decide(facts(debt=debt, listed=listed), TODAY) for debt, listed in ((40, False), (60, None), (None, True))
    )

    assert (known.outcome, known.label, known.score) == (MEETS, "A", (80, 80))
    assert (unsure.outcome, unsure.label, unsure.score, unsure.why) == (ASK, "", (0, 60), "open")
    assert (lost.outcome, lost.label, lost.score) == (FAILS, "C", (-30, 20))
    assert lost.answers[0].note == "列入失信名单"


def test_rules_stop_ask_or_pass_and_each_answer_names_its_evidence() -> None:
    content = {"form": "conditions", "rules": [
        {"name": "负债率", "weight": "stop", "note": "先降负债", "conditions": [{"fact": "debt", "op": "le", "values": ["70"]}]},
        {"name": "成立年限", "weight": "ask", "join": "any", "conditions": [
            {"fact": "founded", "op": "older_days", "values": ["730"]}, {"fact": "net", "op": "ge", "values": [100_000_000]}]},
        {"name": "不在名单", "weight": "stop", "conditions": [{"fact": "listed", "op": "eq", "values": [True], "not": True}]},
        {"name": "停用的", "weight": "stop", "on": False, "expression": "false"},
    ]}  # fmt: skip
    decide = prepare(content, TYPES).decide
    good = facts(debt=60, founded=TODAY - timedelta(days=731), net=None, listed=False)

    passed, asked, failed = decide(good, TODAY), decide({**good, "listed": Fact(None, "x")}, TODAY), decide(
        {**good, "debt": Fact(Decimal(80), "registry", "2026-09-30"), "listed": Fact(None, "x")}, TODAY
    )  # fmt: skip

    assert [one.outcome for one in (passed, asked, failed)] == [MEETS, ASK, FAILS]
    assert [answer.truth for answer in failed.answers] == [False, True, None]
    assert failed.as_json()["answers"][0] == {
        "name": "负债率", "truth": False, "note": "先降负债", "points": None,
        "evidence": [{"fact": "debt", "value": "80", "source": "registry", "as_of": "2026-09-30", "why": ""}],
    }  # fmt: skip
    assert [answer.reads for answer in passed.answers] == [
        "资产负债率不超过 70%", "成立日期早于 730 天前 或 净资产不低于 1,000,000.00 元", "失信被执行人：否",
    ]  # fmt: skip


def test_facts_come_back_from_json_as_they_were_and_a_wrong_type_is_not_known() -> None:
    given_facts = facts(debt=Decimal("61.50"), net=1, grade="A", listed=True, founded=TODAY)

    assert facts_from_json(facts_as_json(given_facts), TYPES) == given_facts
    wrong = facts_from_json({"net": {"value": "1"}, "debt": {"value": "1e999"}, "listed": {"value": 1}}, TYPES)
    assert {code: (fact.value, bool(fact.why)) for code, fact in wrong.items()} == dict.fromkeys(
        ["debt", "net", "listed"], (None, True)
    )


@pytest.mark.parametrize(
    "content",
    [
        {}, {"form": "conditions"}, {"form": "conditions", "rules": []}, {"form": "conditions", "rules": [7]},
        {"form": "conditions", "rules": [{"name": "x", "weight": "stop", "conditions": [{"fact": "no"}]}]},
        {"form": "conditions", "rules": [{"name": "x", "weight": "stop", "expression": "1 +"}]},
        {"form": "conditions", "rules": [{"name": "x", "weight": "stop", "on": False, "expression": "c"}]},
        {"form": "table", "inputs": ["a", "a"], "hit": "first", "rows": []},
        {"form": "table", "inputs": ["grade"], "hit": "first",
         "rows": [{"cells": [{"op": "lt", "values": ["A"]}], "outcome": MEETS}]},
        {"form": "table", "inputs": ["grade"], "hit": "first",
         "rows": [{"cells": [{"op": "matches", "values": ["(a"]}], "outcome": MEETS}]},
        {**CARD, "bands": []}, {**CARD, "base": 1.5}, {**CARD, "items": [{"fact": "debt", "bins": [{"points": 1}, {"points": 2}]}]},
        {**CARD, "bands": [{"least": 1, "label": "A", "outcome": MEETS}] * 2},
    ],
)  # fmt: skip
def test_content_that_cannot_be_asked_is_refused_whole(content: dict[str, Any]) -> None:
    with pytest.raises(Problems) as refused:
        prepare(content, TYPES)

    assert refused.value.found
