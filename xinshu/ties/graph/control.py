"""Who stands behind a firm: shares through all chains, rings of cross-holdings solved and not walked; who controls it.

The share of v in t is the sum over all chains of holdings from v to t of the products along them. With A[v, w] the
part of w that v holds, y = A(e + y), which has exactly one least solution: strongly connected components are taken one
by one, who holds before who is held. Up to EXACT firms it is solved in fractions; more in floating point, with an error
far below a basis point, which is what is shown.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from xinshu.ties.graph.shapes import CONTROLS, OWNS, WHOLE, Graph, strong_parts

EXACT = 60  # firms above a firm up to which fractions are used
DENSE = 1_500  # firms in one ring up to which it is solved at once
ROUNDS, CLOSE = 20_000, 1e-12


class Tangled(Exception):
    """A ring so large and so closed that its shares cannot be told to the basis point."""


@dataclass(frozen=True)
class Stake:
    """What a node holds of a firm through all chains; `ultimate`: nobody holds the holder."""

    node: int
    share: Fraction
    ultimate: bool

    @property
    def points(self) -> int:
        """The share in basis points, rounded half to even."""
        return round(self.share * WHOLE)


def above(graph: Graph, firm: int) -> set[int]:
    """Return everybody who holds a part of `firm`, directly or through others; in a ring the firm itself, too."""
    seen: set[int] = set()
    queue = deque([firm])
    while queue:
        for holder in graph.holders(queue.popleft()):
            if holder not in seen:
                seen.add(holder)
                queue.append(holder)
    return seen


def stakes(graph: Graph, firm: int) -> list[Stake]:
    """Return all stakes in `firm`, the largest first. Raises Tangled."""
    nodes = above(graph, firm)
    if not nodes:
        return []
    held: dict[int, dict[int, Fraction]] = {}  # holder: firm: part
    for one in nodes | {firm}:
        for holder, part in graph.parts(one).items():
            held.setdefault(holder, {})[one] = part
    exact = len(nodes) <= EXACT
    told: dict[int, Fraction | float] = {}
    edges = [(holder, one) for holder, of in held.items() for one in of if one in nodes]
    loose = nodes - {node for edge in edges for node in edge}
    for ring in [*strong_parts(edges), *([one] for one in sorted(loose))]:
        _solve(ring, held, firm, told, exact=exact)
    found = [
        Stake(node, Fraction(told[node]) if exact else Fraction(told[node]).limit_denominator(10**12),
              not graph.holders(node))
        for node in nodes
    ]  # fmt: skip
    return sorted((one for one in found if one.share), key=lambda stake: (-stake.share, stake.node))


def _solve(
    part: list[int], held: dict[int, dict[int, Fraction]], firm: int, told: dict[int, Fraction | float], *, exact: bool
) -> None:
    """Solve y = A(e + y) for the nodes of one component; those below it are in `told`."""
    inside = set(part)
    known: list[Fraction | float] = []
    for node in part:
        gained: Fraction | float = Fraction(0) if exact else 0.0
        for one, share in held.get(node, {}).items():
            weight = share if exact else float(share)
            gained += weight * ((one == firm) + (0 if one in inside else told.get(one, 0)))
        known.append(gained)
    rows = [{one: share for one, share in held.get(node, {}).items() if one in inside} for node in part]
    if not any(rows):
        told.update(zip(part, known, strict=True))
        return
    place = {node: n for n, node in enumerate(part)}
    if exact:
        told.update(zip(part, _eliminate(rows, known, place), strict=True))
    elif len(part) <= DENSE:
        told.update(zip(part, _dense(rows, known, place), strict=True))
    else:
        told.update(zip(part, _iterate(rows, known, place), strict=True))


def _eliminate(rows: list[dict[int, Fraction]], known: list[Fraction | float], place: dict[int, int]) -> list[Fraction]:
    """Solve (I - A) y = known in fractions. A ring that nobody outside holds has no stake of anybody: zero."""
    size = len(rows)
    left = [[Fraction(int(n == m)) for m in range(size)] + [Fraction(known[n])] for n in range(size)]
    for n, row in enumerate(rows):
        for one, share in row.items():
            left[n][place[one]] -= share
    for n in range(size):
        pivot = next((m for m in range(n, size) if left[m][n]), None)
        if pivot is None:
            return [Fraction(0)] * size  # the ring owns itself whole: shares of its members say nothing
        left[n], left[pivot] = left[pivot], left[n]
        head = left[n][n]
        left[n] = [value / head for value in left[n]]
        for m in range(size):
            if m != n and (factor := left[m][n]):
                left[m] = [value - factor * above_ for value, above_ in zip(left[m], left[n], strict=True)]
    return [row[-1] for row in left]


def _dense(rows: list[dict[int, Fraction]], known: list[Fraction | float], place: dict[int, int]) -> list[float]:
    import numpy

    matrix = numpy.eye(len(rows))
    for n, row in enumerate(rows):
        for one, share in row.items():
            matrix[n, place[one]] -= float(share)
    try:
        solved = numpy.linalg.solve(matrix, numpy.array([float(value) for value in known]))
    except numpy.linalg.LinAlgError:
        return [0.0] * len(rows)
    return [float(value) for value in solved]


def _iterate(rows: list[dict[int, Fraction]], known: list[Fraction | float], place: dict[int, int]) -> list[float]:
    """Solve what is too large for elimination, until nothing changes any more. Raises Tangled."""
    import numpy

    source = numpy.array([n for n, row in enumerate(rows) for _one in row])
    target = numpy.array([place[one] for row in rows for one in row])
    weight = numpy.array([float(share) for row in rows for share in row.values()])
    base = numpy.array([float(value) for value in known])
    now = base.copy()
    for _round in range(ROUNDS):
        after = base + numpy.bincount(source, weight * now[target], minlength=len(rows))
        if float(numpy.abs(after - now).max()) < CLOSE:
            return [float(value) for value in after]
        now = after
    raise Tangled


# control


@dataclass
class Controls:
    """Who controls whom by more than half at every step, what one's own firms hold counted as one's own.

    `root[firm]` is the uppermost controller that was found. A controller by agreement stands before shares.
    """

    graph: Graph
    root: dict[int, int]

    @classmethod
    def of(cls, graph: Graph, nodes: Iterable[int] | None = None) -> "Controls":
        """Find the controllers of `nodes` (None: of all); everybody above them must be among them."""
        made = cls(graph, {})
        wanted = None if nodes is None else set(nodes)
        ties = (tie for tie in graph.ties() if tie.kind in (OWNS, CONTROLS))
        edges = [(tie.source, tie.target) for tie in ties if wanted is None or {tie.source, tie.target} <= wanted]
        for part in reversed(strong_parts(edges)):
            changed = True
            while changed:  # in a ring, until nothing follows any more
                changed = sum(made._look_at(firm) for firm in part) > 0 and len(part) > 1
        return made

    def top(self, node: int) -> int:
        """Return the uppermost controller of a node; the node itself where nobody controls it."""
        if (above_ := self.root.get(node)) is None:
            return node
        seen = [node, above_]
        while (above_ := self.root.get(seen[-1])) is not None:
            seen.append(above_)
        for one in seen[:-1]:
            self.root[one] = seen[-1]
        return seen[-1]

    def _look_at(self, firm: int) -> bool:
        """Find who controls `firm` as far as is known; say whether that is news."""
        by_agreement: set[int] = set()
        sums: dict[int, int] = {}  # basis points by uppermost controller of the holder
        whole = 0
        for tie in self.graph.into.get(firm, ()):
            if tie.kind == CONTROLS:
                by_agreement.add(self.top(tie.source))
            elif tie.kind == OWNS and tie.share:
                owner = self.top(tie.source)
                sums[owner] = sums.get(owner, 0) + tie.share
                whole += tie.share
        found = next(iter(by_agreement)) if len(by_agreement) == 1 else None
        if not by_agreement:
            half = max(WHOLE, whole)
            found = next((owner for owner, part in sums.items() if part * 2 > half), None)
        if found is None or found == firm or found == self.top(firm):
            return False
        self.root[firm] = found
        return True

    def added(self, firm: int) -> set[int]:
        """Look again after a tie into `firm` was added; return the firms whose controller is new."""
        news: set[int] = set()
        queue = deque([firm])
        while queue:
            one = queue.popleft()
            if one not in news and self._look_at(one):
                news.add(one)
                queue.extend(self.graph.heirs(one))
        return news


def controller_of(graph: Graph, firm: int) -> int | None:
    """Return who controls `firm` at the top; None where nobody does."""
    nodes = {firm}
    queue = deque([firm])
    while queue:
        for tie in graph.into.get(queue.popleft(), ()):
            if tie.kind in (OWNS, CONTROLS) and tie.source not in nodes:
                nodes.add(tie.source)
                queue.append(tie.source)
    top = Controls.of(graph, nodes).top(firm)
    return None if top == firm else top
