"""Real names: one Protocol for whoever compares name, number and phone of a person (setting REAL_NAME_PROVIDER).

We hear yes or no; the number is handed over once and not kept.
"""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class NoWord(Exception):
    """The source gave no answer; the message says why. Nothing follows from it."""


@dataclass(frozen=True)
class Word:
    """Whether they belong together; where not, what the source says of it."""

    agrees: bool
    words: str = ""


class RealNames(Protocol):
    """Compares who somebody says to be with the register of the state, or of the carriers."""

    label: str

    def compare(self, name: str, number: str, phone: str = "") -> Word:
        """Compare two elements, with `phone` three. Raises NoWord."""
        ...


def provider() -> RealNames | None:
    """Return the installation's provider; None where it has none, and with it no method that needs one."""
    if not settings.REAL_NAME_PROVIDER:
        return None
    made: RealNames = import_string(settings.REAL_NAME_PROVIDER)(settings.REAL_NAME)
    return made


def available() -> bool:
    """Tell whether real names can be compared here."""
    return bool(settings.REAL_NAME_PROVIDER)
