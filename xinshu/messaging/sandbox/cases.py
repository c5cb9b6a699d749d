"""What the sandbox does with an address: one table, by its last four characters (a mail address: before the @)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """How one address is treated. `refuses` names the reason; `limited` refuses the first time only."""

    refuses: str = ""
    limited: bool = False
    drops: bool = False  # takes it, then breaks the line without an answer
    undelivered: bool = False  # takes it; the receipt says that it did not arrive
    reports: int = 1  # how often the receipt comes
    stale: bool = False  # WeChat: the token is refused once


CASES = {
    "0001": Case(limited=True),
    "0002": Case(refuses="invalid"),
    "0003": Case(refuses="blacklisted"),
    "0004": Case(drops=True),
    "0005": Case(undelivered=True),
    "0006": Case(reports=3),
    "0007": Case(reports=0),
    "0008": Case(stale=True),
    "0009": Case(refuses="busy"),
}


def case_of(address: str) -> Case:
    """Return how `address` is treated."""
    return CASES.get(address.partition("@")[0][-4:], Case())
