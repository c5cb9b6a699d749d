"""What can be asked: the ties around a node as they stood on a day, as far as somebody may see them, level by level."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import moment
from xinshu.core.composed import composed
from xinshu.ties.graph.shapes import Graph
from xinshu.ties.models import Node, Tie, TieQuerySet

MOST = 2_000  # nodes that are looked at from one firm
DEEPEST = 30  # steps away from it
AT_ONCE = 400  # nodes asked for in one query
CLOSED = (
    *Organisation.ISSUERS,
    Organisation.Kind.DEPARTMENT,
    Organisation.Kind.INSTITUTION,
    Organisation.Kind.OPERATOR,
)


@dataclass
class Surroundings:
    """All that is tied to a node, directly or through others. `levels`: node ids by steps; `cut`: there is more."""

    centre: Node
    nodes: dict[int, Node] = field(default_factory=dict)
    ties: dict[int, Tie] = field(default_factory=dict)
    levels: list[list[int]] = field(default_factory=list)
    graph: Graph = field(default_factory=Graph)
    cut: bool = False

    def within(self, steps: int) -> set[int]:
        """Return the ids of the nodes up to so many steps away."""
        return {node for level in self.levels[: steps + 1] for node in level}

    def ties_within(self, steps: int) -> list[Tie]:
        """Return the ties between them, in the order of kinds, then as they were told."""
        inside = self.within(steps)
        kinds = list(Tie.Kind.values)
        found = [tie for tie in self.ties.values() if tie.source_id in inside and tie.target_id in inside]
        return sorted(found, key=lambda tie: (kinds.index(tie.kind), tie.pk))


def known_by(day: date) -> datetime:
    """Return the moment before which everything was recorded that was known at the end of a day."""
    return moment(day + timedelta(days=1))


def seen_by(member: Member, on: date, known: date) -> TieQuerySet:
    """Return the ties that stood on a day, from what was known at the end of another, as `member` may see them."""
    return Tie.objects.visible_to(member).standing(on, known_by(known))


@composed
def ties_of(node: int, house: int, on: date, known_until: datetime) -> QuerySet[Tie]:
    """Return the ties of a node that the people of a house who look at customers may see, as they stood."""
    seen = Tie.objects.seen_from(house, customers=True).standing(on, known_until)
    return _whole(seen.filter(Q(source=node) | Q(target=node)))


def surroundings(
    centre: Node, ties: TieQuerySet, most: int = MOST, deepest: int = DEEPEST, begun: Iterable[Tie] | None = None
) -> Surroundings:
    """Return what is tied to `centre` over `ties` (which must be narrowed to who asks). One or two queries per step.

    `begun`: the ties of `centre` itself, where they are at hand.
    No step goes on through a node that is tied to everybody by trade (CLOSED) except from `centre` itself.
    """
    found = Surroundings(centre, {centre.pk: centre}, levels=[[centre.pk]])
    edge: list[int] = [centre.pk]
    while edge and len(found.levels) <= deepest:
        after: list[int] = []
        for tie in _touching(ties, edge) if begun is None or len(found.levels) > 1 else begun:
            if tie.pk in found.ties:
                continue
            new = [end for end in (tie.source, tie.target) if end.pk not in found.nodes]
            if new and len(found.nodes) >= most:
                found.cut = True
                continue
            found.ties[tie.pk] = tie
            for node in new:
                found.nodes[node.pk] = node
                after.append(node.pk)
                if node.organisation_id and node.organisation is not None and node.organisation.kind in CLOSED:
                    found.graph.closed.add(node.pk)
        if after:
            found.levels.append(after)
        edge = [node for node in after if node not in found.graph.closed]
    found.cut = found.cut or bool(edge)
    for tie in told_once(found.ties.values()):
        found.graph.add(tie.shape)
    return found


def told_once(ties: Iterable[Tie]) -> list[Tie]:
    """Return the ties that count: of one holding told by several, the register's, else the newest."""
    holdings: dict[tuple[int, int], Tie] = {}
    others = []
    for tie in ties:
        if tie.kind != Tie.Kind.OWNS:
            others.append(tie)
            continue
        ends = (tie.source_id, tie.target_id)
        was = holdings.get(ends)
        if was is None or (tie.origin == Tie.Origin.REGISTER, tie.pk) > (was.origin == Tie.Origin.REGISTER, was.pk):
            holdings[ends] = tie
    return [*holdings.values(), *others]


def _touching(ties: TieQuerySet, nodes: list[int]) -> Iterable[Tie]:
    for first in range(0, len(nodes), AT_ONCE):
        lot = nodes[first : first + AT_ONCE]
        yield from _whole(ties.filter(Q(source__in=lot) | Q(target__in=lot)))


def _whole(ties: TieQuerySet) -> QuerySet[Tie]:
    return ties.select_related("source__organisation", "target__organisation", "file").order_by("pk")


def history_of(node: Node, member: Member, limit: int) -> list[Tie]:
    """Return the entries about a node that exist for `member`, corrections and what they replaced, newest first."""
    found = Tie.objects.visible_to(member).filter(Q(source=node) | Q(target=node))
    return list(found.select_related("source", "target", "file", "replaces", "replaced_by").order_by("-pk")[:limit])
