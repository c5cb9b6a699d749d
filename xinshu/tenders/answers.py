"""What a house and its people answered to earlier awards like one: taken up, or not relevant. One statement."""

from datetime import datetime, timedelta

from django.db.models import Count, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.tenders.models import Announcement, Opportunity
from xinshu.tenders.worth import RESPECTS, Answers, Likeness

REMEMBERED = timedelta(days=365)
GOOD, BAD = ("following", "converted"), ("irrelevant",)


def trade_of(announcement: Announcement) -> str:
    """Return the trade of a notice by the first two signs of its code, where it was read."""
    return announcement.trade[:2]


def likes_of(
    firm: Organisation, trade: str, band: int, *, house: Organisation, manager: Member | None, at: datetime
) -> dict[str, Likeness]:
    """Return what was answered within a year to awards of the same customer, of the same trade, of the same size."""
    alike = {"firm": Q(firm=firm), "trade": Q(trade=trade), "band": Q(band=band)}
    asked = {
        f"{respect}_{whose}_{name}": Count("pk", filter=alike[respect] & mine & Q(state__in=states))
        for respect in RESPECTS
        for whose, mine in (("house", Q()), ("person", Q(manager=manager) if manager else Q(pk=None)))
        for name, states in (("good", GOOD), ("bad", BAD))
    }
    rows = Opportunity.objects.filter(house=house, pushed_at__gte=at - REMEMBERED, state__in=(*GOOD, *BAD))
    counted = rows.aggregate(**asked)
    known = {"firm": True, "trade": bool(trade), "band": bool(band)}
    return {
        respect: Likeness(*(
            Answers(counted[f"{respect}_{whose}_good"], counted[f"{respect}_{whose}_bad"])
            for whose in ("house", "person")
        ))
        for respect in RESPECTS
        if known[respect]
    }  # fmt: skip
