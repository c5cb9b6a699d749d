"""What follows for one firm from its surroundings: who stands behind it, its group, its circle, who falls with it."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.money import wan
from xinshu.ties.actions import points
from xinshu.ties.graph import contagion as spreading
from xinshu.ties.graph.circles import Circle, circle_of
from xinshu.ties.graph.contagion import Hit, contagion
from xinshu.ties.graph.control import Stake, Tangled, controller_of, stakes
from xinshu.ties.graph.groups import COMMANDS, HOLDS, Link, Membership, group_of
from xinshu.ties.models import Node, Tie
from xinshu.ties.queries import Surroundings

BLOWS = {
    spreading.MUST_PAY: lazy("须代为清偿"),
    spreading.LOSES_BACKING: lazy("失去控股方支持"),
    spreading.LOSES_STAKE: lazy("投资受损"),
    spreading.UNPAID: lazy("货款难以收回"),
}
THE_RULE = lazy(
    "传导规则：担保人须代为清偿；受其控股（超过 50%%）或控制的企业失去支持；持股 25%% 以上的股东投资受损；"
    "供应方货款难以收回。前两种会继续传导，最远 4 步；专业担保机构、银行、保险公司和后两种只受影响，不再向外传导。"
)


@dataclass(frozen=True)
class Member:
    """One member of a group: who, why, through whom."""

    node: Node
    why: str
    through: Node | None


@dataclass(frozen=True)
class Struck:
    """Who is hit when the firm fails, in words."""

    node: Node
    step: int
    by: Node
    how: str
    tie: Tie
    goes_on: bool


@dataclass(frozen=True)
class Analysis:
    """All of it. `holders` with stakes through all chains, the ultimate ones first; None: too tangled to tell."""

    controller: Node | None
    holders: tuple[tuple[Node, str, bool], ...] | None
    group: tuple[Member, ...]
    circle: tuple[Node, ...]
    ring: tuple[Tie, ...]
    struck: tuple[Struck, ...]
    cut: bool

    @property
    def others(self) -> tuple[Member, ...]:
        """The group without the firm itself."""
        return self.group[1:]


def analyse(found: Surroundings) -> Analysis:
    """Draw the conclusions for the node in the middle."""
    graph, centre = found.graph, found.centre.pk
    top = controller_of(graph, centre)
    try:
        holders = tuple(_holder(found, stake) for stake in sorted(stakes(graph, centre), key=_foremost))
    except Tangled:
        holders = None
    circle: Circle | None = circle_of(graph, centre)
    return Analysis(
        None if top is None else found.nodes[top],
        holders,
        tuple(_member(found, one) for one in group_of(graph, centre)),
        tuple(found.nodes[node] for node in circle.members) if circle else (),
        tuple(found.ties[tie.key] for tie in circle.ring) if circle else (),
        tuple(_struck(found, hit) for hit in contagion(graph, centre)),
        found.cut,
    )


def _foremost(stake: Stake) -> tuple[bool, Fraction, int]:
    return not stake.ultimate, -stake.share, stake.node


def _holder(found: Surroundings, stake: Stake) -> tuple[Node, str, bool]:
    return found.nodes[stake.node], points(stake.points), stake.ultimate


def _member(found: Surroundings, one: Membership) -> Member:
    through = None if one.through is None else found.nodes[one.through]
    return Member(found.nodes[one.node], _why(found, one.link), through)


def _why(found: Surroundings, link: Link | None) -> str:
    if link is None:
        return _("本企业")
    if link.rule == HOLDS:
        share = sum(found.ties[key].share or 0 for key in link.ties)
        return _("%(one)s 持有 %(other)s %(share)s%%") % {
            "one": found.nodes[link.one], "other": found.nodes[link.other], "share": points(share),
        }  # fmt: skip
    if link.rule == COMMANDS:
        return _("%(one)s 控制 %(other)s") % {"one": found.nodes[link.one], "other": found.nodes[link.other]}
    return _("%(one)s 与 %(other)s 互相担保") % {"one": found.nodes[link.one], "other": found.nodes[link.other]}


def _struck(found: Surroundings, hit: Hit) -> Struck:
    return Struck(
        found.nodes[hit.node], hit.step, found.nodes[hit.by], str(BLOWS[hit.how]), found.ties[hit.tie.key], hit.goes_on
    )


def words_of(tie: Tie) -> str:
    """Return what a tie says, in a few words: "持股 65%", "法定代表人", "担保 600 万"."""
    if tie.kind == Tie.Kind.OWNS:
        return _("持股 %(share)s%%") % {"share": points(tie.share or 0)}
    if tie.kind == Tie.Kind.RUNS:
        return tie.role
    label = str(tie.get_kind_display())
    return f"{label} {wan(tie.amount)}" if tie.amount else label
