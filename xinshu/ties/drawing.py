"""The drawing as the page takes it: circles and squares with short names, lines with words, and what colours mean."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Organisation
from xinshu.core.money import wan
from xinshu.ties.analysis import Analysis, words_of
from xinshu.ties.graph.layout import HEIGHT, WIDTH, draw
from xinshu.ties.graph.shapes import OWNS, Graph
from xinshu.ties.models import Node, Tie
from xinshu.ties.queries import Surroundings

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SELF, PERSON, OWNER, OWNED, RISK, HOUSE, OTHER = "self", "person", "owner", "owned", "risk", "house", "other"
LEGEND: dict[str, "StrOrPromise"] = {
    SELF: _("本企业"), PERSON: _("自然人"), OWNER: _("上级股东"), OWNED: _("对外投资"), RISK: _("互保关联"),
    HOUSE: _("担保机构"), OTHER: _("其他企业"),
}  # fmt: skip
ENDINGS = ("有限责任公司", "股份有限公司", "有限公司", "集团")
LINE = 7  # characters of a name in one line


@dataclass(frozen=True)
class Spot:
    """One node as it is drawn: where, how large, which colour, its name in one or two lines."""

    node: Node
    x: float
    y: float
    size: int
    look: str
    lines: tuple[str, ...]

    @property
    def round(self) -> bool:
        return self.node.kind == Node.Kind.PERSON


@dataclass(frozen=True)
class Stroke:
    """One line between two nodes with its words; `risk`: a guarantee."""

    x1: float
    y1: float
    x2: float
    y2: float
    text_x: float
    text_y: float
    words: str
    risk: bool


@dataclass(frozen=True)
class Picture:
    """A drawing of a firm's surroundings; the table beside it says the same."""

    spots: tuple[Spot, ...]
    strokes: tuple[Stroke, ...]
    legend: tuple[tuple[str, "StrOrPromise"], ...]
    left_out: int
    width: int = WIDTH
    height: int = HEIGHT


def drawn(found: Surroundings, seen: Analysis, steps: int) -> Picture:
    """Draw what lies up to two of `steps` around the middle; what is further, or finds no room, is in the table."""
    graph = _plain(found)
    tied = graph.nodes | {found.centre.pk}
    levels = [
        sorted((node for node in level if node in tied), key=lambda node: _order(found, node))
        for level in found.levels[: min(steps, 2) + 1]
    ]
    laid = draw(graph, found.centre.pk, levels)
    spots = tuple(
        Spot(
            found.nodes[place.node], place.x, place.y, 26 if place.ring == 0 else 17, _look(found, seen, place.node),
            short(found.nodes[place.node]),
        )
        for place in laid.places
    )  # fmt: skip
    strokes = tuple(
        Stroke(
            line.x1, line.y1, line.x2, line.y2, line.text_x, line.text_y,
            _words([found.ties[tie.key] for tie in line.ties]),
            any(tie.kind == Tie.Kind.GUARANTEES for tie in line.ties),
        )
        for line in laid.lines
    )  # fmt: skip
    looks = {spot.look for spot in spots}
    asked = sum(len(level) for level in found.levels[: steps + 1])
    legend = tuple((look, words) for look, words in LEGEND.items() if look in looks)
    return Picture(spots, strokes, legend, asked - len(spots))


def _plain(found: Surroundings) -> Graph:
    """Return what is drawn: what houses have to do with others than the firm in the middle is left to the table."""
    middle, closed = found.centre.pk, found.graph.closed
    return Graph.of(
        tie for tie in found.graph.ties() if middle in (tie.source, tie.target) or not {tie.source, tie.target} & closed
    )


def _words(ties: list[Tie]) -> str:
    """Return what the ties between two nodes say together: of several with amounts how many, and their sum."""
    said = []
    for kind in dict.fromkeys(tie.kind for tie in ties):
        alike = [tie for tie in ties if tie.kind == kind]
        amount = sum(tie.amount or 0 for tie in alike)
        if len(alike) > 1 and amount:
            said.append(gettext("%(kind)s %(n)s 笔 %(amount)s") % {
                "kind": alike[0].get_kind_display(), "n": len(alike), "amount": wan(amount),
            })  # fmt: skip
        else:
            said += dict.fromkeys(words_of(tie) for tie in alike)
    return " · ".join(said)[:22]


def _order(found: Surroundings, node: int) -> tuple[int, str, int]:
    looks = (HOUSE, PERSON, OWNER, OTHER, OWNED, RISK)
    return looks.index(_plain_look(found, node)), found.nodes[node].name, node


def _look(found: Surroundings, seen: Analysis, node: int) -> str:
    if node == found.centre.pk:
        return SELF
    if any(node == one.pk for one in seen.circle):
        return RISK
    return _plain_look(found, node)


def _plain_look(found: Surroundings, node: int) -> str:
    shown = found.nodes[node]
    if shown.organisation is not None and shown.organisation.kind in Organisation.ISSUERS:
        return HOUSE
    if shown.kind == Node.Kind.PERSON:
        return PERSON
    if any(tie.kind == OWNS for tie in found.graph.out.get(node, ()) if tie.target == found.centre.pk):
        return OWNER
    if any(tie.kind == OWNS for tie in found.graph.into.get(node, ())):
        return OWNED
    return OTHER


def short(node: Node) -> tuple[str, ...]:
    """Return a name as it fits under a node: without its legal form, in two lines at most."""
    name = node.name
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    if len(name) <= LINE + 1:
        return (name,)
    rest = name[LINE:]
    return name[:LINE], rest if len(rest) <= LINE else f"{rest[: LINE - 1]}…"
