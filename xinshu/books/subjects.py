"""What the books' transfers are for, told by the contexts above: books know an id, its own context knows the case.

A context registers its kind of case once (AppConfig.ready). Nothing here knows of guarantees.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from xinshu.accounts.models import Member

RESERVED, OCCUPIED = "reserved", "occupied"


@dataclass(frozen=True)
class Subject:
    """How a case is called and where it is shown, for those who may see it."""

    label: str
    url: str


@dataclass(frozen=True)
class Claim:
    """What a case says of its hold on a line: whose at whom, reserved or occupied, how much (分)."""

    subject_id: int
    issuer_id: int
    party_id: int
    state: str  # RESERVED or OCCUPIED
    amount: int


@dataclass(frozen=True)
class SubjectKind:
    """One kind of case (`code` "guarantees.guarantee").

    `subjects` names those of the ids that exist for the member; `claims` gives every case that holds a line, by id,
    so that a million of them can be compared without being kept; `lapse` ends a case whose hold was due, voiding the
    hold in the same transaction, and does nothing (False) where the case keeps it; `sealed` tells which ids must not
    be spoken of outside yet.
    """

    code: str
    subjects: Callable[[Iterable[int], Member, datetime], Mapping[int, Subject]]
    claims: Callable[[], Iterator[Claim]]
    lapse: Callable[[int, datetime], bool]
    sealed_until: Callable[[int], datetime | None]


KINDS: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    """Make a kind of case known to the books."""
    KINDS[kind.code] = kind


def named(found: Iterable[tuple[str, int | None]], member: Member, at: datetime) -> dict[tuple[str, int], Subject]:
    """Return what the cases (type, id) are called, as far as they exist for `member`. One query per kind."""
    ids: dict[str, set[int]] = {}
    for code, pk in found:
        if pk is not None and code in KINDS:
            ids.setdefault(code, set()).add(pk)
    return {(code, pk): subject for code in ids for pk, subject in KINDS[code].subjects(ids[code], member, at).items()}
