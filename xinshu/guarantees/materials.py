"""What rooms above guarantees have to lay into a guarantee's dossier: each registers a maker, the archive asks all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from xinshu.documents.models import Blob
from xinshu.guarantees.models import Guarantee

INSIDE = ("guarantor", "applicant")
ALL_PARTIES = ("guarantor", "applicant", "outer")  # outer: beneficiary and department


@dataclass(frozen=True)
class Material:
    """One file of a dossier: its path there, what it is, the bytes or where they are kept, from when, for which sides.

    A path may come twice only for sides that do not meet. Bytes that the platform writes are JSON in UTF-8.
    """

    path: str
    title: str
    content: bytes | Blob
    since: datetime | None = None
    sides: tuple[str, ...] = INSIDE


Maker = Callable[[Guarantee, datetime], Iterable[Material]]
MAKERS: list[Maker] = []


def register_material(make: Maker) -> Maker:
    """Have `make` asked whenever a dossier is sealed. Called at start-up, once."""
    MAKERS.append(make)
    return make
