"""Where nodes stand in a drawing: the one asked about in the middle, its neighbours around it, theirs outside.

The same graph is always drawn alike: places follow from the order of ties, nothing is drawn by lot.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xinshu.ties.graph.shapes import Graph, Tie

WIDTH, HEIGHT = 520, 560
RINGS = (0, 148, 232)  # how far from the middle
ROOM = (1, 9, 12)  # how many stand in each ring
NAMED = (96, 56)  # closer than this, across and down, two nodes with their names lie on each other
WORDED = (64, 26)  # and so do words of a tie with a node, or with the words of another
TURNS = 12  # of the outer ring that are tried
ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)  # where on a tie its words may stand


@dataclass(frozen=True)
class Place:
    """One node in the drawing: its middle, and in which ring it stands."""

    node: int
    x: float
    y: float
    ring: int


@dataclass(frozen=True)
class Line:
    """One tie (or several between the same two nodes in the same direction), and where its words stand."""

    ties: tuple[Tie, ...]
    x1: float
    y1: float
    x2: float
    y2: float
    text_x: float
    text_y: float


@dataclass(frozen=True)
class Drawing:
    """Places and lines."""

    places: tuple[Place, ...]
    lines: tuple[Line, ...]


def draw(graph: Graph, centre: int, levels: Sequence[Sequence[int]]) -> Drawing:
    """Draw `levels` of nodes (the first: [centre]) in rings; a third level and all that finds no room stays outside."""
    places = {centre: Place(centre, WIDTH / 2, HEIGHT / 2, 0)}
    angles = {centre: -math.pi / 2}
    for ring, level in enumerate(levels[1:3], 1):
        chosen = list(level)[: ROOM[ring]]
        if ring == 2:  # near whom they are tied to
            chosen.sort(key=lambda node: (_leaning(graph, node, angles), node))
        turn = 2 * math.pi / max(len(chosen), 1)
        begun = -math.pi / 2 if ring == 1 else _begin(graph, chosen, angles, turn)
        tried = [_stood(chosen, ring, begun + n * turn / TURNS, turn) for n in range(TURNS if ring == 2 else 1)]
        stood = min(tried, key=lambda there: _clashes(there, places))  # the first of the best: nearest to whom it leans
        angles |= {place.node: begun + n * turn for n, place in enumerate(stood)}
        places |= {place.node: place for place in stood}
    return Drawing(tuple(places.values()), tuple(_lines(graph, places)))


def _stood(nodes: Sequence[int], ring: int, begun: float, turn: float) -> list[Place]:
    across = RINGS[ring] * (0.9 if ring == 2 else 1)
    angles = [begun + n * turn for n in range(len(nodes))]
    return [
        Place(
            node, round(WIDTH / 2 + across * math.cos(angle), 1),
            round(HEIGHT / 2 + RINGS[ring] * math.sin(angle), 1), ring,
        )
        for node, angle in zip(nodes, angles, strict=True)
    ]  # fmt: skip


def _clashes(stood: Sequence[Place], places: dict[int, Place]) -> int:
    return sum(_near(one.x - two.x, one.y - two.y, NAMED) for one in stood for two in places.values())


def _near(across: float, down: float, room: tuple[int, int]) -> bool:
    return abs(across) < room[0] and abs(down) < room[1]


def _leaning(graph: Graph, node: int, angles: dict[int, float]) -> float:
    return min((angles[there] for there, _tie in graph.around(node) if there in angles), default=0.0)


def _begin(graph: Graph, chosen: list[int], angles: dict[int, float], turn: float) -> float:
    """Return where the outer ring begins, so that it stands best beside the inner one."""
    if not chosen:
        return 0.0
    off = [_leaning(graph, node, angles) - n * turn for n, node in enumerate(chosen)]
    return math.atan2(sum(map(math.sin, off)), sum(map(math.cos, off)))


def _lines(graph: Graph, places: dict[int, Place]) -> list[Line]:
    found: dict[tuple[int, int], list[Tie]] = {}
    for node in places:
        for tie in graph.out.get(node, ()):
            if tie.target in places:
                found.setdefault((tie.source, tie.target), []).append(tie)
    lines: list[Line] = []
    for (source, target), ties in sorted(found.items()):
        a, b = places[source], places[target]
        long = math.hypot(b.x - a.x, b.y - a.y) or 1.0
        dx, dy = (b.x - a.x) / long, (b.y - a.y) / long
        side = 5.0 if (target, source) in found else 0.0  # two opposite ties stand beside each other
        a_gap, b_gap = (32 if one.ring == 0 else 22 for one in (a, b))
        x1, y1 = a.x + dx * a_gap - dy * side, a.y + dy * a_gap + dx * side
        x2, y2 = b.x - dx * b_gap - dy * side, b.y - dy * b_gap + dx * side
        free = ALONG if side == 0 else ALONG[3:]  # words of two opposite ties do not face each other
        spots = [(round(x1 + (x2 - x1) * at, 1), round(y1 + (y2 - y1) * at, 1)) for at in free]
        words = min(spots, key=lambda spot: _covered(spot, places, lines))
        lines.append(
            Line(
                tuple(sorted(ties, key=lambda tie: tie.key)), round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1),
                *words,
            )
        )  # fmt: skip
    return lines


def _covered(spot: tuple[float, float], places: dict[int, Place], lines: Sequence[Line]) -> int:
    """Return on how many nodes with their names, and on the words of how many ties, words at `spot` would lie."""
    nodes = sum(_near(spot[0] - one.x, spot[1] - one.y - 10, WORDED) for one in places.values())
    return nodes + sum(_near(spot[0] - line.text_x, spot[1] - line.text_y, WORDED) for line in lines)
