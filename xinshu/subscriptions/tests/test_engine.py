"""Recall and precision are 1: the fast matcher finds exactly what the rule, applied one by one, finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.subscriptions.engine.index import Index
from xinshu.subscriptions.engine.language import AND, OR, Join, Node, Not, Word, holds, parse
from xinshu.subscriptions.engine.segments import build, merge
from xinshu.subscriptions.engine.truth import cover_of
from xinshu.subscriptions.engine.wanted import Notice, Wanted, look
from xinshu.subscriptions.engine.words import normalise

pytestmark = pytest.mark.req("BH-14")
KINDS = ("award", "tender", "plan")
SIGNS = "道路桥梁ab"
words = st.text(SIGNS, min_size=2, max_size=3)
nodes: st.SearchStrategy[Node] = st.recursive(
    words.map(Word),
    lambda inner: st.one_of(
        inner.map(Not),
        st.builds(Join, st.sampled_from((AND, OR)), st.lists(inner, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=9,
)  # fmt: skip
regions = st.sampled_from(("", "33", "3301", "330102", "42", "4205"))
trades = st.sampled_from(("", "E", "E48", "E481", "I65"))
amounts = st.none() | st.integers(0, 50)
some = lambda values: st.frozensets(values.filter(bool), max_size=2)  # noqa: E731


def subscriptions(number: int) -> st.SearchStrategy[Wanted]:
    return st.builds(
        Wanted, id=st.just(number), expression=st.none() | nodes, qualifications=st.lists(words, max_size=2).map(tuple),
        kinds=st.frozensets(st.sampled_from(KINDS), max_size=2), regions=some(regions), trades=some(trades),
        tags=st.frozensets(st.integers(1, 3), max_size=2), least_amount=amounts, most_amount=amounts,
        least_score=st.sampled_from((0, 50, 60, 75)), unsure=st.booleans(),
    )  # fmt: skip


crowds = st.integers(0, 12).flatmap(lambda size: st.tuples(*(subscriptions(100 + n) for n in range(size))))
notices = st.builds(
    Notice, title=st.text(SIGNS, max_size=6), body=st.text(SIGNS + "\n", max_size=25),
    kind=st.sampled_from((*KINDS, "other")), region=regions, trade=trades, amount=amounts,
    tags=st.frozensets(st.integers(1, 4), max_size=2),
)  # fmt: skip


def one_by_one(crowd: tuple[Wanted, ...], notice: Notice) -> dict[int, int]:
    return {one.id: found.score for one in crowd if (found := look(one, notice))}


def scores(hits: object) -> dict[int, int]:
    ids, points = hits.ids.tolist(), hits.scores.tolist()  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids)), "a subscription is found once"
    return dict(zip(ids, points, strict=True))


@settings(max_examples=120, deadline=None)
@given(crowds, st.lists(notices, min_size=1, max_size=4))
def test_the_matcher_finds_exactly_what_the_rule_finds(crowd: tuple[Wanted, ...], told: list[Notice]) -> None:
    segment = build(crowd, KINDS, [told[0].body])

    for notice in told:
        assert scores(segment.match(notice)) == one_by_one(crowd, notice)


@settings(max_examples=60, deadline=None)
@given(crowds, crowds, st.sets(st.integers(100, 112)), notices)
def test_what_is_merged_finds_what_its_parts_found(
    first: tuple[Wanted, ...], second: tuple[Wanted, ...], gone: set[int], notice: Notice
) -> None:
    second = tuple(Wanted(one.id + 50, one.expression, one.qualifications, one.kinds, one.regions) for one in second)
    parts = [build(first, KINDS), build(second, KINDS)]
    parts[0].drop(gone)

    left = tuple(one for one in first + second if one.id not in gone)
    assert scores(merge(parts).match(notice)) == one_by_one(left, notice)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(crowds, st.sets(st.integers(100, 112), max_size=3)), max_size=6), notices)
def test_whatever_changes_in_whatever_order_the_index_finds_what_stands(
    changes: list[tuple[tuple[Wanted, ...], set[int]]], notice: Notice
) -> None:
    index, stands = Index(KINDS), {}

    for crowd, gone in changes:
        gone -= {one.id for one in crowd}
        index.change(crowd, gone)
        stands = {key: one for key, one in stands.items() if key not in gone} | {one.id: one for one in crowd}

    index.settle()
    assert len(index) == len(stands)
    assert scores(index.match(notice)) == one_by_one(tuple(stands.values()), notice)


@given(nodes, st.sets(words))
def test_an_expression_holds_only_where_a_word_of_its_cover_occurs(node: Node, found: set[str]) -> None:
    cover = cover_of(node)

    if cover is not None and holds(node, found.__contains__):
        assert cover & found


def many(first: int, count: int) -> list[Wanted]:
    return [Wanted(n, parse(f"词{n % 977:03}号 not 监理{n % 5}")) for n in range(first, first + count)]


def test_a_change_is_found_at_once_while_the_rest_is_merged_aside() -> None:
    index = Index(KINDS)
    index.change(many(0, 30_000))
    index.change(many(30_000, 9_000))  # merged on a thread

    index.change([Wanted(5, parse("临港"))], gone=[982])

    notice = Notice(normalise("临港 词005号"), "")
    found = set(range(5, 39_000, 977)) - {982} | {5}
    assert set(index.match(notice).ids.tolist()) == found
    index.settle()
    assert set(index.match(notice).ids.tolist()) == found
    assert (len(index), index.segments) == (38_999, 2)


def test_hundreds_of_single_changes_leave_few_segments() -> None:
    index = Index(KINDS)

    for n in range(300):
        index.change(many(n, 1))

    assert (len(index), index.segments <= 4) == (300, True)
