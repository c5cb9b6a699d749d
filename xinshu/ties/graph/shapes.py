"""A graph of ties in memory: nodes are numbers, ties stand in both directions; one more costs the same in any graph."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

OWNS, CONTROLS, RUNS, GUARANTEES, SUPPLIES = "ownership", "control", "person", "guarantee", "supply"
WHOLE = 10_000  # basis points of a firm


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie that stands: `source` owns (controls, runs, guarantees, supplies) `target`.

    `share` in basis points, for ownership only; `amount` in 分 or None. `key` tells it from all others.
    """

    key: int
    kind: str
    source: int
    target: int
    share: int | None = None
    amount: int | None = None


@dataclass
class Graph:
    """Ties by their two ends. `closed`: no search goes through them: who stands surety for everybody links nobody."""

    out: dict[int, list[Tie]] = field(default_factory=dict)
    into: dict[int, list[Tie]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, ties: Iterable[Tie], closed: Iterable[int] = ()) -> "Graph":
        """Return the graph of `ties`."""
        graph = cls(closed=set(closed))
        for tie in ties:
            graph.add(tie)
        return graph

    def add(self, tie: Tie) -> None:
        """Put one more tie in."""
        self.out.setdefault(tie.source, []).append(tie)
        self.into.setdefault(tie.target, []).append(tie)

    @property
    def nodes(self) -> set[int]:
        return self.out.keys() | self.into.keys()

    def ties(self) -> Iterator[Tie]:
        """Yield every tie once."""
        for ties in self.out.values():
            yield from ties

    def around(self, node: int) -> Iterator[tuple[int, Tie]]:
        """Yield each tie of a node with its other end."""
        for tie in self.out.get(node, ()):
            yield tie.target, tie
        for tie in self.into.get(node, ()):
            yield tie.source, tie

    def holders(self, firm: int) -> dict[int, int]:
        """Return who holds how much of `firm` directly, in basis points."""
        found: dict[int, int] = {}
        for tie in self.into.get(firm, ()):
            if tie.kind == OWNS and tie.share:
                found[tie.source] = found.get(tie.source, 0) + tie.share
        return found

    def parts(self, firm: int) -> dict[int, Fraction]:
        """Return the same as parts of one. Where the register tells of more than the whole, all are cut down alike."""
        held = self.holders(firm)
        whole = max(WHOLE, sum(held.values()))
        return {holder: Fraction(share, whole) for holder, share in held.items()}

    def heirs(self, holder: int) -> list[int]:
        """Return what `holder` owns or controls directly, each once."""
        return list(dict.fromkeys(tie.target for tie in self.out.get(holder, ()) if tie.kind in (OWNS, CONTROLS)))


def strong_parts(edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the strongly connected components of a graph given by its edges: who points to nobody comes first."""
    import rustworkx

    edges = list(edges)
    names = sorted({node for edge in edges for node in edge})
    places = {node: place for place, node in enumerate(names)}
    drawn = rustworkx.PyDiGraph(multigraph=False)
    drawn.add_nodes_from(names)
    drawn.add_edges_from_no_data([(places[source], places[target]) for source, target in edges])
    return [sorted(names[place] for place in part) for part in rustworkx.strongly_connected_components(drawn)]
