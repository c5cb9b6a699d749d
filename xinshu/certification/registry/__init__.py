"""Who compares a firm with the register: one Protocol (setting REGISTER_PROVIDER), a sandbox for demo and tests.

The four elements (企业四要素) are name, credit code, legal representative, number of the card.
The worker asks, of a certification; a page, of elements that somebody waits for (proofs.py).
"""

from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class NoWord(Exception):
    """The register gave no answer; the message says why. Nothing follows from it but that a person has to look."""


@dataclass(frozen=True)
class Elements:
    """What is to be compared."""

    name: str
    uscc: str
    representative: str
    number: str


@dataclass(frozen=True)
class Word:
    """What the register says: which elements agree, by name; whether the firm is in business (None: it is silent)."""

    agrees: dict[str, bool] = field(default_factory=dict)
    active: bool | None = None


class Register(Protocol):
    """A company register, or whoever may ask it."""

    label: str
    takes: tuple[int, ...]  # how many elements it compares: 2 name and code, 3 the representative too, 4 the number too

    def compare(self, elements: Elements) -> Word:
        """Compare the elements; an empty one is not asked about. Raises NoWord."""
        ...


def register() -> Register | None:
    """Return the installation's register; None where it has none: then operators compare by eye."""
    if not settings.REGISTER_PROVIDER:
        return None
    made: Register = import_string(settings.REGISTER_PROVIDER)(settings.REGISTER)
    return made
