"""担保圈: the guarantee circles in which customers of the house stand."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from xinshu.accounts.requests import member_of
from xinshu.core.clock import today
from xinshu.core.doors import needs
from xinshu.enterprises.models import Enterprise
from xinshu.ties.graph.circles import circles
from xinshu.ties.graph.shapes import Graph
from xinshu.ties.models import Node, Tie
from xinshu.ties.queries import CLOSED, seen_by

MOST = 50  # circles on the page, the largest first
LOOKED_AT = 20_000  # guarantees between firms, the newest: beyond that the page says so


@dataclass(frozen=True)
class Shown:
    """One circle: its members, its ring as ties, which of them are the house's customers."""

    members: list[Node]
    ring: list[Tie]
    customers: dict[int, Enterprise]
    amount: int  # 分 of all guarantees within the circle


@needs("enterprises.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """List every circle that touches a customer, largest first."""
    member, on = member_of(request), today()
    # A house stands surety for thousands and nobody for it: its letters close no circle, and are not even read.
    ties = seen_by(member, on, on).filter(kind=Tie.Kind.GUARANTEES).exclude(source__organisation__kind__in=CLOSED)
    newest = list(ties.only("kind", "source", "target", "share", "amount").order_by("-pk")[: LOOKED_AT + 1])
    found = circles(Graph.of(tie.shape for tie in newest[:LOOKED_AT]))
    members = {node for circle in found for node in circle.members}
    mine = (
        Enterprise.objects.visible_to(member)
        .filter(organisation__node__in=members)
        .select_related("organisation__node")
    )
    homes = {one.organisation.node.pk: one for one in mine}
    wanted = [circle for circle in found if any(node in homes for node in circle.members)]
    inside = {node for circle in wanted[:MOST] for node in circle.members}
    rows = {tie.pk: tie for tie in ties.filter(source__in=inside, target__in=inside).select_related("source", "target")}
    nodes = Node.objects.in_bulk(inside)
    shown = [
        Shown(
            [nodes[node] for node in circle.members], [rows[tie.key] for tie in circle.ring],
            {node: homes[node] for node in circle.members if node in homes},
            sum(tie.amount or 0 for tie in rows.values() if {tie.source_id, tie.target_id} <= set(circle.members)),
        )
        for circle in wanted[:MOST]
    ]  # fmt: skip
    context = {"circles": shown, "more": max(0, len(wanted) - MOST), "cut": len(newest) > LOOKED_AT, "most": LOOKED_AT}
    return render(request, "ties/circles.html", context)
