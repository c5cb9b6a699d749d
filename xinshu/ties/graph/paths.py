"""关联路径: the shortest way between two nodes over ties of any kind, in either direction, each step with its tie."""

from dataclasses import dataclass

from xinshu.ties.graph.shapes import Graph, Tie

LONGEST = 12  # steps: what lies further apart is no relation that anybody could act on


@dataclass(frozen=True)
class Step:
    """One step of a path: from whom to whom, over which tie."""

    here: int
    there: int
    tie: Tie


def shortest_path(graph: Graph, one: int, other: int, longest: int = LONGEST) -> list[Step] | None:
    """Return the shortest path; [] from a node to itself, None where there is none of up to `longest` steps.

    It begins and ends at closed nodes (graph.closed) where they are asked for, and passes through none. Searched from
    both ends at once, so that a path between two near nodes costs little in a large graph.
    """
    if one == other:
        return []
    came: tuple[dict[int, Step | None], dict[int, Step | None]] = ({one: None}, {other: None})
    edges: list[list[int]] = [[one], [other]]
    for _length in range(longest):
        side = 0 if len(edges[0]) <= len(edges[1]) else 1
        after: list[int] = []
        met: list[int] = []
        for here in edges[side]:
            if here in graph.closed and here not in (one, other):
                continue
            for there, tie in sorted(graph.around(here), key=lambda found: (found[0], found[1].key)):
                if there in came[side]:
                    continue
                came[side][there] = Step(here, there, tie)
                if there in came[1 - side] and (there not in graph.closed or there in (one, other)):
                    met.append(there)
                after.append(there)
        if met:
            return _joined(came, min(met))
        edges[side] = after
        if not after:
            return None
    return None


def _joined(came: tuple[dict[int, Step | None], dict[int, Step | None]], node: int) -> list[Step]:
    """Put the two halves together: to `node` from the one end, from `node` to the other."""
    first: list[Step] = []
    step = came[0][node]
    while step is not None:
        first.append(step)
        step = came[0][step.here]
    second: list[Step] = []
    step = came[1][node]
    while step is not None:
        second.append(Step(step.there, step.here, step.tie))
        step = came[1][step.here]
    return [*reversed(first), *second]
