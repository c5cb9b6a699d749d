"""担保圈: firms that stand surety for each other in a ring, found as strongly connected components of guarantees."""

from collections import deque
from dataclasses import dataclass

from xinshu.ties.graph.shapes import GUARANTEES, Graph, Tie, strong_parts


@dataclass(frozen=True)
class Circle:
    """One circle: everybody in it, and one ring through its first member, tie by tie."""

    members: tuple[int, ...]
    ring: tuple[Tie, ...]


def circles(graph: Graph) -> list[Circle]:
    """Return every guarantee circle, the largest first."""
    edges = [(tie.source, tie.target) for tie in graph.ties() if tie.kind == GUARANTEES]
    parts = [part for part in strong_parts(edges) if len(part) > 1] if edges else []
    return [Circle(tuple(part), ring(graph, part[0], set(part))) for part in sorted(parts, key=lambda p: (-len(p), p))]


def circle_of(graph: Graph, node: int) -> Circle | None:
    """Return the circle that a node stands in, its ring beginning with the node; None where it stands in none."""
    onwards = _reached(graph, node, forwards=True)
    members = onwards & _reached(graph, node, forwards=False)
    return Circle(tuple(sorted(members)), ring(graph, node, members)) if len(members) > 1 else None


def _reached(graph: Graph, node: int, *, forwards: bool) -> set[int]:
    seen, queue = {node}, deque([node])
    while queue:
        here = queue.popleft()
        for tie in (graph.out if forwards else graph.into).get(here, ()):
            there = tie.target if forwards else tie.source
            if tie.kind == GUARANTEES and there not in seen:
                seen.add(there)
                queue.append(there)
    return seen


def ring(graph: Graph, start: int, members: set[int]) -> tuple[Tie, ...]:
    """Return the shortest ring of guarantees through `start` within `members`."""
    came: dict[int, Tie] = {}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for tie in sorted(graph.out.get(here, ()), key=lambda tie: (tie.target, tie.key)):
            if tie.kind != GUARANTEES or tie.target not in members:
                continue
            if tie.target == start:
                found = [tie]
                while here != start:
                    found.append(came[here])
                    here = came[here].source
                return tuple(reversed(found))
            if tie.target not in came:
                came[tie.target] = tie
                queue.append(tie.target)
    return ()
