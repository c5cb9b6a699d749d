"""Ties of BENCH_NODES (200,000) firms and persons: groups, circles, controllers, a path, contagion, one more tie.

Each beside the bare rustworkx call on the same graph, already built, in the same run. The graph is one giant component:
chains of holdings, rings of guarantees, a star, a ring of cross-holdings. Nothing of it is in a database.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

NODES = int(os.environ.get("BENCH_NODES", "200000"))
SECONDS, MILLISECONDS = 10.0, 10.0  # limits: for all of it, and for one more tie
Figure = dict[str, Any]


def main() -> Iterator[Figure]:
    """Build the graph, ask everything once, yield seconds beside those of the bare library."""
    import rustworkx

    from xinshu.ties.graph.circles import circles
    from xinshu.ties.graph.contagion import contagion
    from xinshu.ties.graph.control import Controls, stakes
    from xinshu.ties.graph.groups import Grouped
    from xinshu.ties.graph.paths import shortest_path
    from xinshu.ties.graph.shapes import GUARANTEES, Graph, Tie

    ties = made()
    begun = time.perf_counter()
    graph = Graph.of(ties)
    built = time.perf_counter() - begun
    bare = rustworkx.PyDiGraph()
    bare.add_nodes_from(range(NODES))
    bare.add_edges_from_no_data([(tie.source, tie.target) for tie in ties])
    sureties = rustworkx.PyDiGraph()
    sureties.add_nodes_from(range(NODES))
    sureties.add_edges_from_no_data([(tie.source, tie.target) for tie in ties if tie.kind == GUARANTEES])
    plain = bare.to_undirected(multigraph=True)
    yield _figure("graph built", built, 0.0, ties=len(ties))
    found: list[Any] = []

    def timed(what: Callable[[], Any]) -> float:
        begun_ = time.perf_counter()
        found.append(what())
        return time.perf_counter() - begun_

    strong = timed(lambda: rustworkx.strongly_connected_components(bare))
    yield _figure("controllers of all firms", timed(lambda: Controls.of(graph)), strong)
    weak = timed(lambda: rustworkx.weakly_connected_components(bare))
    spent = timed(lambda: Grouped.of(graph))
    grouped = found[-1]
    yield _figure("all groups", spent, weak, groups=len(grouped.all()), largest=len(grouped.all()[0]))
    bare_circles = timed(lambda: rustworkx.strongly_connected_components(sureties))
    yield _figure("all guarantee circles with a ring of each", timed(lambda: circles(graph)), bare_circles)
    path = timed(lambda: rustworkx.dijkstra_shortest_path_lengths(plain, 0, lambda _edge: 1.0, goal=NODES - 1))
    yield _figure("path between two firms", timed(lambda: shortest_path(graph, 0, NODES - 1, 10**6)), path)
    yield _figure("who falls with a firm, any number of steps", timed(lambda: contagion(graph, 0, 10**6)),
                  timed(lambda: rustworkx.descendants(bare, 0)))  # fmt: skip
    yield _figure("stakes in the end of the longest chain", timed(lambda: stakes(graph, CHAIN - 1)), strong)
    drawn = random.Random(7)
    spans = []
    for number in range(200):
        one, other = drawn.sample(range(NODES), 2)
        tie = Tie(10**9 + number, "ownership", one, other, 100 + number)
        spans.append(timed(lambda tie=tie: (grouped.add(tie), grouped.of_node(tie.source))))  # type: ignore[misc]
    yield {"figure": f"one more tie among {len(ties):,}, its group told: slowest of 200",
           "value": round(max(spans) * 1000, 2), "unit": "ms", "limit": MILLISECONDS}  # fmt: skip


CHAIN = NODES // 10


def made() -> list[Any]:
    """Draw the graph: a chain of majorities, a star, a ring of cross-holdings, the rest at random and connected."""
    from xinshu.ties.graph.shapes import Tie

    drawn = random.Random(50)
    rows = [("ownership", n, n + 1, 9_000) for n in range(CHAIN - 1)]
    rows += [("ownership", n, 0, 1) for n in range(NODES - 5_000, NODES)]  # a star of small holders
    ring = range(CHAIN, CHAIN + 200)
    rows += [("ownership", n, ring[(place + 1) % 200], 4_000) for place, n in enumerate(ring)]
    for node in range(CHAIN + 200, NODES):
        rows.append(("ownership", drawn.randrange(CHAIN, node), node, drawn.choice((1_000, 3_000, 6_000))))
        if node % 3 == 0:
            rows.append(("guarantee", node, drawn.randrange(CHAIN + 200, NODES), 0))
    return [
        Tie(key, kind, source, target, share or None) for key, (kind, source, target, share) in enumerate(rows)
        if source != target
    ]  # fmt: skip


def _figure(what: str, spent: float, bare: float, **more: Any) -> Figure:
    return {"figure": f"{what}, {NODES:,} nodes", "value": round(spent, 3), "unit": "s", "limit": SECONDS,
            "bare rustworkx": round(bare, 3), **more}  # fmt: skip
