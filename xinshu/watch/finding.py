"""What a pattern finds: at which house, of which firm, under which key, with which evidence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """One line of evidence. `guarantee`: the house's own case; None where it is another house's, which is not named."""

    key: str
    text: str
    firm: int | None = None
    guarantee: int | None = None


@dataclass(frozen=True)
class Found:
    """Something odd. What is found again under the same key joins the case that is open."""

    house: int
    firm: int
    pattern: str
    key: str
    proofs: tuple[Proof, ...]
    beside: tuple[Proof, ...] = ()  # shown with it, but no reason by themselves
    least: int = 1  # how many proofs must be new where the same was looked at and ended before
    tender: str = ""
    trace: str = ""
    digest: str = ""
