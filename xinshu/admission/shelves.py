"""What can have a gate: products of the rooms above. Each registers its shelf, as panels do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from xinshu.accounts.models import Member, Organisation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Ware:
    """One product: its reference, whose it is, what it is called, its page; `offered`: firms can apply for it now."""

    reference: str
    house: Organisation
    name: str
    url: str
    offered: bool = True


@dataclass(frozen=True)
class Shelf:
    """One room's products: those of a house, and the one that exists for a member."""

    code: str
    label: "StrOrPromise"
    of_house: Callable[[Organisation, datetime], list[Ware]]
    find: Callable[[str, Member, datetime], Ware | None]


SHELVES: dict[str, Shelf] = {}


def register_shelf(shelf: Shelf) -> None:
    """Offer a room's products. Called at start-up, once."""
    SHELVES[shelf.code] = shelf


def wares_of(house: Organisation, at: datetime) -> list[tuple[Shelf, Ware]]:
    """Return every product of a house with its shelf."""
    return [(shelf, ware) for shelf in SHELVES.values() for ware in shelf.of_house(house, at)]


def ware_for(reference: str, member: Member, at: datetime) -> tuple[Shelf, Ware] | None:
    """Return the product with this reference where it exists for `member`."""
    for shelf in SHELVES.values():
        if ware := shelf.find(reference, member, at):
            return shelf, ware
    return None
