"""What rooms above guarantees show on a guarantee's page: each registers a maker, the page asks them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xinshu.accounts.models import Member
from xinshu.guarantees.models import Guarantee

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Link:
    """A way on from the head of the page: its words, where it leads, an icon's name, `kind` as in `ui.link`."""

    label: "StrOrPromise"
    url: str
    icon: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Panel:
    """One card of the page: `template` finds `context` as `panel` ("": links only). `beside`: in the narrow column."""

    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    beside: bool = False


Maker = Callable[[Guarantee, Member, datetime], Panel | None]
MAKERS: list[Maker] = []


def register_panel(make: Maker) -> Maker:
    """Have `make` asked whenever a guarantee is shown; None where it has nothing to say. Called at start-up, once."""
    MAKERS.append(make)
    return make


def panels_of(guarantee: Guarantee, member: Member, at: datetime) -> list[Panel]:
    """Return what rooms above have to show `member`, for whom `guarantee` exists, in the order of registration."""
    return [panel for make in MAKERS if (panel := make(guarantee, member, at)) is not None]
