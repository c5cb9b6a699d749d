"""Two sources say different things: does the newer word take over by rule, or stand beside the older one? Pure.

A person who enters a value on a page has the present one before them, and so decides. A paper, a registry or an import
decides nothing that a person looked at, and what a machine read with doubt decides nothing at all.
"""

from dataclasses import dataclass
from decimal import Decimal

SURE = Decimal("0.900")  # a machine that is less sure of what it read never overrules anything

# How much a source weighs where it contradicts another: who answers for the fact stands above who repeats it.
WEIGHT = {
    "registry": 40,
    "licence": 30,
    "certificate": 30,
    "statement": 30,
    "entered": 25,
    "manager": 25,
    "award_notice": 20,
    "application": 20,
    "imported": 10,
}


@dataclass(frozen=True)
class Word:
    """A value as one source has it. `verified`: a person compared it with its paper."""

    value: str
    source: str
    confidence: Decimal | None = None
    verified: bool = False


def takes_over(new: Word, standing: Word) -> bool:
    """Say whether `new` replaces `standing`, a different value, without anybody being asked.

    The same source corrects itself; a weightier one overrules what nobody has verified. All else waits for a person.
    """
    if not standing.value:
        return new.confidence is None or new.confidence >= SURE
    if new.confidence is not None and new.confidence < SURE:
        return False
    if new.source == standing.source:
        return True
    return not standing.verified and WEIGHT[new.source] > WEIGHT[standing.source]
