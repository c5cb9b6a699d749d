"""What can be made of an award: rooms above register what they offer (a guarantee to apply for); the page asks them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.tenders.models import Opportunity


@dataclass(frozen=True)
class Offer:
    """One thing that the award will need. Amounts in 分, None where the base is not known.

    `why`, `by_law`, `by_notice`, `validity`, `deadline` are sentences; `code` names it to the act at `action` (empty:
    it cannot be begun from here, `why_not` says why). `choices`: houses to choose from, as (id, name, chosen).
    """

    code: str
    label: str
    why: str
    amount: int | None = None
    amount_why: str = ""
    by_notice: str = ""
    by_law: str = ""
    validity: str = ""
    deadline: str = ""
    action: str = ""
    why_not: str = ""
    choices: tuple[tuple[int, str, bool], ...] = ()
    begun: tuple[tuple[str, str], ...] = ()  # what was begun already: words and address


Maker = Callable[[Opportunity, Member, datetime], list[Offer]]
MAKERS: list[Maker] = []


def register_offers(make: Maker) -> Maker:
    """Have `make` asked whenever an opportunity is shown to somebody of its house. Called at start-up, once."""
    MAKERS.append(make)
    return make


def offers_for(opportunity: Opportunity, member: Member, at: datetime) -> list[Offer]:
    """Return what rooms above offer for this opportunity, in the order of registration."""
    return [offer for make in MAKERS for offer in make(opportunity, member, at)]
