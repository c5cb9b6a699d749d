"""关联集团: who belongs together, and why. The rule: ownership of at least 25 %, the same controller, mutual guarantee.

After the rule for groups of connected clients as the spec states it (shareholding >= 25 % / same controller /
mutual guarantees); the closure is what counts: whoever is linked to a member is one.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from xinshu.ties.graph.control import Controls
from xinshu.ties.graph.shapes import CONTROLS, GUARANTEES, OWNS, Graph, Tie

LARGE = 2_500  # basis points: 25 %
HOLDS, COMMANDS, MUTUAL = "holds", "commands", "mutual"


@dataclass(frozen=True)
class Link:
    """Two nodes that belong together, by which rule, on the evidence of which ties (by key)."""

    one: int
    other: int
    rule: str
    ties: tuple[int, ...] = ()


@dataclass(frozen=True)
class Membership:
    """Why a node belongs to a group: through whom, by which link. The node asked about has none."""

    node: int
    through: int | None = None
    link: Link | None = None


def links(graph: Graph, controls: Controls | None = None) -> Iterator[Link]:
    """Yield every link of the graph."""
    controls = controls or Controls.of(graph)
    for firm in graph.into:
        for holder, share in graph.holders(firm).items():
            if share >= LARGE:
                yield Link(holder, firm, HOLDS, _keys(graph, holder, firm, OWNS))
        top = controls.top(firm)
        if top != firm:
            yield Link(top, firm, COMMANDS, _keys(graph, top, firm, CONTROLS, OWNS))
    pairs = {(tie.source, tie.target) for tie in graph.ties() if tie.kind == GUARANTEES}
    for one, other in sorted(pairs):
        if one < other and (other, one) in pairs:
            yield Link(one, other, MUTUAL, _keys(graph, one, other, GUARANTEES) + _keys(graph, other, one, GUARANTEES))


def _keys(graph: Graph, source: int, target: int, *kinds: str) -> tuple[int, ...]:
    return tuple(tie.key for tie in graph.out.get(source, ()) if tie.target == target and tie.kind in kinds)


def group_of(graph: Graph, node: int) -> list[Membership]:
    """Return the group of a node, itself first, each member with why it belongs, the nearest first."""
    linked: dict[int, list[Link]] = {}
    for link in links(graph):
        linked.setdefault(link.one, []).append(link)
        linked.setdefault(link.other, []).append(link)
    found = {node: Membership(node)}
    queue = deque([node])
    while queue:
        here = queue.popleft()
        for link in sorted(linked.get(here, ()), key=lambda link: (link.rule != HOLDS, link.one, link.other)):
            there = link.other if link.one == here else link.one
            if there not in found:
                found[there] = Membership(there, here, link)
                queue.append(there)
    return list(found.values())


@dataclass
class Grouped:
    """The groups of a whole graph, kept while ties come in: one more costs what it changes, not what there is."""

    graph: Graph
    controls: Controls
    _parent: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph) -> "Grouped":
        """Find all groups."""
        made = cls(graph, Controls.of(graph))
        for link in links(graph, made.controls):
            made._join(link.one, link.other)
        return made

    def of_node(self, node: int) -> int:
        """Return which group a node is in: the same number for all its members."""
        found = node
        while (above := self._parent.get(found, found)) != found:
            found = above
        while (above := self._parent.get(node, node)) != node:
            self._parent[node], node = found, above
        return found

    def _join(self, one: int, other: int) -> None:
        one, other = self.of_node(one), self.of_node(other)
        if one != other:
            self._parent[max(one, other)] = min(one, other)

    def add(self, tie: Tie) -> None:
        """Take one more tie in."""
        self.graph.add(tie)
        if tie.kind == GUARANTEES:
            if any(
                back.target == tie.source and back.kind == GUARANTEES for back in self.graph.out.get(tie.target, ())
            ):
                self._join(tie.source, tie.target)
            return
        if tie.kind not in (OWNS, CONTROLS):
            return
        if tie.kind == OWNS and self.graph.holders(tie.target)[tie.source] >= LARGE:
            self._join(tie.source, tie.target)
        for firm in self.controls.added(tie.target):
            self._join(self.controls.top(firm), firm)

    def all(self) -> list[list[int]]:
        """Return every group of more than one, the largest first."""
        found: dict[int, list[int]] = {}
        for node in sorted(self.graph.nodes):
            found.setdefault(self.of_node(node), []).append(node)
        return sorted((one for one in found.values() if len(one) > 1), key=lambda one: (-len(one), one))
