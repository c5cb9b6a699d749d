"""Table and story: the sums of graph/ against slow plain ones; worst cases: giant ring, star, chain, dense."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.ties.graph.circles import circle_of, circles
from xinshu.ties.graph.contagion import LOSES_BACKING, LOSES_STAKE, MUST_PAY, UNPAID, contagion
from xinshu.ties.graph.control import Controls, controller_of, stakes
from xinshu.ties.graph.groups import COMMANDS, HOLDS, MUTUAL, Grouped, group_of
from xinshu.ties.graph.layout import ROOM, draw
from xinshu.ties.graph.paths import shortest_path
from xinshu.ties.graph.shapes import CONTROLS, GUARANTEES, OWNS, SUPPLIES, Graph, Tie

HALF = 5_000
MEMBERS = 8


def owns(*rows: tuple[int, int, int]) -> Graph:
    return Graph.of(Tie(n, OWNS, source, target, share) for n, (source, target, share) in enumerate(rows))


def shares(graph: Graph, firm: int) -> dict[int, Fraction]:
    return {one.node: one.share for one in stakes(graph, firm)}


@st.composite
def holdings(draw_: st.DrawFn) -> Graph:
    """Firms that hold each other in any way, never more than nine tenths of one."""
    rows = []
    for firm in range(MEMBERS):
        left = 9_000
        for holder in draw_(st.lists(st.integers(0, MEMBERS - 1), max_size=3, unique=True)):
            share = draw_(st.integers(1, left)) if left else 0
            if holder != firm and share:
                rows.append((holder, firm, share))
                left -= share
    return owns(*rows)


def by_walking(graph: Graph, firm: int) -> dict[int, float]:
    """Add up all chains of up to 600 steps, one step after the other."""
    total = dict.fromkeys(range(MEMBERS), 0.0)
    step = {firm: 1.0}
    for _length in range(600):
        after: dict[int, float] = {}
        for one, weight in step.items():
            for holder, part in graph.parts(one).items():
                after[holder] = after.get(holder, 0.0) + weight * float(part)
        for holder, weight in after.items():
            total[holder] += weight
        step = after
    return total


@settings(max_examples=25, deadline=None)
@given(holdings(), st.integers(0, MEMBERS - 1))
def test_shares_are_the_sum_of_all_chains(graph: Graph, firm: int) -> None:
    found = shares(graph, firm)

    assert all(
        float(found.get(node, 0)) == pytest.approx(share, abs=1e-9) for node, share in by_walking(graph, firm).items()
    )


@settings(max_examples=25, deadline=None)
@given(holdings())
def test_a_controller_commands_more_than_half_at_every_step(graph: Graph) -> None:
    controls = Controls.of(graph)

    for holder in (node for node in graph.nodes if not graph.holders(node)):
        commanded = {holder}
        while more := {
            firm for firm in graph.nodes - commanded
            if sum(part for one, part in graph.parts(firm).items() if one in commanded) > Fraction(1, 2)
        }:  # fmt: skip
            commanded |= more
        assert {node for node in graph.nodes if controls.top(node) == holder} == commanded


def test_a_ring_of_cross_holdings_is_solved_and_what_is_left_belongs_to_those_outside() -> None:
    graph = owns((1, 10, HALF), (20, 10, HALF), (2, 20, HALF), (10, 20, HALF))

    found = shares(graph, 10)

    assert (found[1], found[2]) == (Fraction(2, 3), Fraction(1, 3))
    assert [one.node for one in stakes(graph, 10) if one.ultimate] == [1, 2]


@pytest.mark.parametrize(
    ("rows", "firm", "expected"),
    [
        ([(1, 2, 6_000), (2, 3, 6_000)], 3, 1),  # a chain of majorities, 36 % of the money
        ([(1, 2, 6_000), (1, 3, 3_000), (2, 3, 3_000)], 3, 1),  # with what one's own firm holds
        ([(1, 2, 5_000), (2, 3, 6_000)], 3, 2),  # half is not more than half
        ([(1, 2, 5_000)], 2, None),
        ([(1, 2, 10_000), (2, 1, 10_000)], 3, None),
    ],
)
def test_who_controls_a_firm(rows: list[tuple[int, int, int]], firm: int, expected: int | None) -> None:
    assert controller_of(owns(*rows), firm) == expected


def test_control_by_agreement_stands_before_shares() -> None:
    graph = owns((1, 3, 6_000))
    graph.add(Tie(9, CONTROLS, 2, 3))

    assert controller_of(graph, 3) == 2


def test_firms_that_own_each_other_whole_have_nobody_behind_them() -> None:
    assert shares(owns((1, 2, 10_000), (2, 1, 10_000)), 1) == {}


def test_more_than_the_whole_is_cut_down() -> None:
    assert shares(owns((1, 3, 8_000), (2, 3, 8_000)), 3) == {1: Fraction(1, 2), 2: Fraction(1, 2)}


def test_giant_rings_stars_and_chains_are_told_like_small_ones() -> None:
    size = 3_000
    chain = owns(*((n, n + 1, 10_000) for n in range(size)))
    star = owns(*((n + 1, 0, 2) for n in range(size)))
    ring = owns(*((n, (n + 1) % size, 9_000) for n in range(size)), (size, 0, 1_000))

    assert controller_of(chain, size) == 0
    assert stakes(chain, size)[-1].points == 10_000
    assert {one.points for one in stakes(star, 0)} == {2}
    assert shares(ring, 0)[size] == pytest.approx(Fraction(1, 10), abs=1e-9)


def test_dense_cross_holding_beyond_fractions_agrees_with_fractions() -> None:
    size = 70  # of which everybody holds the same part of everybody else, and one outside the rest
    rows = [(a, b, 100) for a in range(size) for b in range(size) if a != b]
    graph = owns(*rows, *((size, firm, 10_000 - 100 * (size - 1)) for firm in range(size)))

    found = stakes(graph, 0)

    assert next(one for one in found if one.node == size).points == 10_000


def test_a_group_is_the_closure_of_large_holdings_controllers_and_mutual_guarantees() -> None:
    graph = owns(
        (1, 2, 2_500), (1, 3, 2_499), (4, 5, 6_000), (4, 6, 2_000), (5, 6, 4_000), (4, 7, 2_000), (5, 7, 2_400),
        (6, 7, 2_400),
    )  # fmt: skip
    graph.add(Tie(90, GUARANTEES, 2, 5))
    graph.add(Tie(91, GUARANTEES, 5, 2))
    graph.add(Tie(92, GUARANTEES, 2, 8))

    found = {one.node: one.link.rule if one.link else "" for one in group_of(graph, 1)}

    assert found == {1: "", 2: HOLDS, 5: MUTUAL, 4: HOLDS, 6: HOLDS, 7: COMMANDS}


@settings(max_examples=20, deadline=None)
@given(holdings(), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=8))
def test_groups_that_grow_tie_by_tie_are_those_found_at_once(graph: Graph, pairs: list[tuple[int, int]]) -> None:
    ties = [*graph.ties(), *(Tie(100 + n, GUARANTEES, a, b) for n, (a, b) in enumerate(pairs) if a != b)]
    grown = Grouped.of(Graph())
    for tie in ties:
        grown.add(tie)

    assert grown.all() == Grouped.of(Graph.of(ties)).all()
    assert all({one.node for one in group_of(Graph.of(ties), group[0])} == set(group) for group in grown.all())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
def test_circles_are_who_reaches_each_other_and_paths_are_the_shortest(pairs: list[tuple[int, int]]) -> None:
    graph = Graph.of(Tie(n, GUARANTEES, a, b) for n, (a, b) in enumerate(pairs) if a != b)
    steps = {(a, b): 0 if a == b else 99 for a in range(8) for b in range(8)}
    one_way = {(a, b) for a, b in pairs}
    for tie in graph.ties():
        steps[tie.source, tie.target] = steps[tie.target, tie.source] = 1
    for via in range(8):
        for a in range(8):
            one_way |= {(a, b) for b in range(8) if (a, via) in one_way and (via, b) in one_way}
            for b in range(8):
                steps[a, b] = min(steps[a, b], steps[a, via] + steps[via, b])

    found = {node: set(circle.members) for circle in circles(graph) for node in circle.members}

    for a in range(8):
        together = {b for b in range(8) if a == b or ((a, b) in one_way and (b, a) in one_way)}
        assert found.get(a, {a}) == together
        assert set(one.members if (one := circle_of(graph, a)) else {a}) == together
        for b in range(8):
            path = shortest_path(graph, a, b)
            assert (99 if path is None else len(path)) == steps[a, b]
            assert path is None or all(x.there == y.here for x, y in pairwise(path))


def test_a_circle_is_shown_as_a_ring_of_its_ties() -> None:
    graph = Graph.of(Tie(n, GUARANTEES, a, b) for n, (a, b) in enumerate([(1, 2), (2, 3), (3, 1), (3, 4)]))

    assert [(tie.source, tie.target) for tie in circles(graph)[0].ring] == [(1, 2), (2, 3), (3, 1)]
    assert circle_of(graph, 4) is None


def test_no_path_goes_through_who_stands_surety_for_everybody() -> None:
    ties = [Tie(n, GUARANTEES, 9, firm) for n, firm in enumerate((1, 2))]

    assert shortest_path(Graph.of(ties, closed=[9]), 1, 2) is None
    assert [step.there for step in shortest_path(Graph.of(ties, closed=[9]), 1, 9) or []] == [9]
    assert len(shortest_path(Graph.of(ties), 1, 2) or []) == 2


def test_who_is_hit_when_a_firm_fails_and_who_pulls_others_with_it() -> None:
    graph = owns((5, 1, 3_000), (1, 2, 6_000), (1, 3, 4_000))
    for key, (kind, source, target) in enumerate(
        [(GUARANTEES, 4, 1), (GUARANTEES, 9, 1), (GUARANTEES, 6, 4), (SUPPLIES, 7, 1), (SUPPLIES, 8, 7)], 50
    ):
        graph.add(Tie(key, kind, source, target))
    graph.add(Tie(70, GUARANTEES, 10, 9))
    graph.closed.add(9)

    hits = {hit.node: (hit.step, hit.how, hit.goes_on) for hit in contagion(graph, 1)}

    assert hits == {
        2: (1, LOSES_BACKING, True), 4: (1, MUST_PAY, True), 9: (1, MUST_PAY, False), 5: (1, LOSES_STAKE, False),
        7: (1, UNPAID, False), 6: (2, MUST_PAY, True),
    }  # fmt: skip


def test_contagion_ends_in_a_ring_and_after_its_steps() -> None:
    chain = Graph.of(Tie(n, GUARANTEES, n + 1, n) for n in range(20))
    ring = Graph.of(Tie(n, GUARANTEES, (n + 1) % 5, n) for n in range(5))

    assert [hit.node for hit in contagion(chain, 0)] == [1, 2, 3, 4]
    assert [hit.node for hit in contagion(ring, 0)] == [1, 2, 3, 4]


def test_a_drawing_is_the_same_every_time_and_keeps_inside_its_frame() -> None:
    graph = owns(*((n, 0, 100) for n in range(1, 15)), *((n + 20, n, 100) for n in range(1, 9)))
    levels = [[0], list(range(1, 15)), list(range(21, 29))]

    one, other = draw(graph, 0, levels), draw(graph, 0, levels)

    assert one == other
    assert len(one.places) == 1 + ROOM[1] + 8
    assert all(20 < place.x < 500 and 20 < place.y < 540 for place in one.places)
    assert len({(place.x, place.y) for place in one.places}) == len(one.places)
