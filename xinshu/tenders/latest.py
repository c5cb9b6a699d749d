"""中标动态 as work: what was pushed to a person and is not over, each with what it will need and how to begin it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from xinshu.accounts.models import Member
from xinshu.core.lifecycle import Row
from xinshu.tenders.lifecycle import OPPORTUNITY
from xinshu.tenders.models import Opportunity
from xinshu.tenders.offers import Offer, offers_for


@dataclass(frozen=True)
class Latest:
    """One award as a person finds it: the case, the guarantee to offer first, how many more it may need."""

    case: Opportunity
    offer: Offer | None
    further: int
    acts: list[Row]

    @property
    def guarantor(self) -> int | None:
        """The house that one click goes to, where one must be chosen and one is the usual."""
        chosen = (code for code, _name, usual in self.offer.choices if usual) if self.offer else iter(())
        return next(chosen, None)

    @property
    def by_one_click(self) -> bool:
        """Whether the application can be begun from here without choosing anything."""
        return bool(self.offer and self.offer.action and (not self.offer.choices or self.guarantor))


def waiting(member: Member, *, best_first: bool = False) -> QuerySet[Opportunity]:
    """Return what was pushed to this member's house and is not over; of an institution a manager's own customers."""
    rows = Opportunity.objects.visible_to(member).filter(state__in=("pushed", "following"))
    if member.organisation.kind in member.organisation.ISSUERS:
        rows = rows.filter(Q(manager=member) | Q(manager=None))
    order = ("-score", "-pushed_at", "-pk") if best_first else ("-pushed_at", "-pk")
    return rows.select_related("announcement", "firm", "house", "match", "match__announcement").order_by(*order)


def as_work(case: Opportunity, member: Member, at: datetime) -> Latest:
    """Return one award with the guarantee that comes first: one that can be begun, else one that is at least due."""
    offers = offers_for(case, member, at)
    first = next((one for one in offers if one.action), offers[0] if offers else None)
    return Latest(case, first, max(0, len(offers) - 1), OPPORTUNITY.possible(case, member))
