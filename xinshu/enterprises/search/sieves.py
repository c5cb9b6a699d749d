"""By what a house narrows its customers besides words: rooms register what they know (lists, tags), and show it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from xinshu.accounts.models import Member
from xinshu.enterprises.models import Enterprise

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Mark = tuple[str, str]  # tone and words of a chip


@dataclass(frozen=True)
class Sieve:
    """One way to narrow customers. `choices`: what `member` may choose, as (code, words); none: it is not offered.

    `narrow`: the condition on rows with an `enterprise`; a code that is none of the choices never comes to it.
    `marks`: by enterprise what is shown beside its name, in one or two queries for all.
    """

    label: "StrOrPromise"
    every: "StrOrPromise"  # the words of the choice that narrows nothing
    choices: Callable[[Member, datetime], Sequence[tuple[str, str]]]
    narrow: Callable[[str, Member, datetime], Q]
    marks: Callable[[Sequence[Enterprise], Member, datetime], dict[int, list[Mark]]]


SIEVES: dict[str, Sieve] = {}


def register_sieve(code: str, sieve: Sieve) -> None:
    """Offer `sieve` on the list of customers, as the parameter `code`. Called at start-up."""
    SIEVES[code] = sieve


@dataclass(frozen=True)
class Offered:
    """A sieve as the page shows it: its choices and the one that is chosen."""

    code: str
    sieve: Sieve
    choices: list[tuple[str, str]]
    chosen: str

    @property
    def words(self) -> str:
        """What is chosen, in words."""
        return f"{self.sieve.label}：{dict(self.choices)[self.chosen]}"


def offered(asked: Callable[[str], str], member: Member, at: datetime) -> list[Offered]:
    """Return the sieves that have anything to choose, each with what was chosen of it."""
    found = []
    for code, sieve in SIEVES.items():
        choices = list(sieve.choices(member, at))
        if choices:
            chosen = asked(code)
            found.append(Offered(code, sieve, choices, chosen if chosen in dict(choices) else ""))
    return found


def marks_of(enterprises: Sequence[Enterprise], member: Member, at: datetime) -> dict[int, list[Mark]]:
    """Return what every room marks these enterprises with, in the order of registration."""
    found: dict[int, list[Mark]] = {}
    for sieve in SIEVES.values() if enterprises else ():
        for pk, marks in sieve.marks(enterprises, member, at).items():
            found.setdefault(pk, []).extend(marks)
    return found
