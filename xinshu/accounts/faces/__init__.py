"""Faces as a second factor: one Protocol for whoever compares them (setting FACE_PROVIDER), a sandbox for the demo.

The person shows their face to the provider, never to us: we hand over whom to compare with, and hear yes or no.
"""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class NotBegun(Exception):
    """The provider did not begin a verification; `about_number`: it does not take this name and number."""

    def __init__(self, reason: str, *, about_number: bool = False) -> None:
        super().__init__(reason)
        self.about_number = about_number


@dataclass(frozen=True)
class Begun:
    """A verification the person can do now: the provider's token, and the page where it is done."""

    token: str
    url: str


@dataclass(frozen=True)
class Passed:
    """A living person was compared and matches: whom the provider compared with, and our own word handed back."""

    name: str
    number: str
    extra: str


@dataclass(frozen=True)
class Refused:
    """Compared, or not to be compared any more: in words for the person, and the provider's code."""

    reason: str
    code: str


@dataclass(frozen=True)
class Waiting:
    """No result yet: the person has not finished, or the line broke. Asking again does no harm."""

    reason: str


Verdict = Passed | Refused | Waiting


class FaceProvider(Protocol):
    """Compares a living person's face with the one the state's register has of a name and number."""

    def begin(self, name: str, number: str, extra: str) -> Begun:
        """Begin a verification of the person of this name and 公民身份号码. Raises NotBegun."""

    def result(self, token: str) -> Verdict:
        """Return how a verification stands; may be asked any number of times. Never raises for the other side."""


def provider() -> FaceProvider | None:
    """Return the installation's provider; None where it has none, and with it no page that needs one."""
    if not settings.FACE_PROVIDER:
        return None
    made: FaceProvider = import_string(settings.FACE_PROVIDER)(settings.FACE)
    return made


def available() -> bool:
    """Tell whether faces can be compared here."""
    return bool(settings.FACE_PROVIDER)
