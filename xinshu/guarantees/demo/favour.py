"""The demo city's plan of tiers (守信优惠): written by one, published by another, and a customer's tier set by hand."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from xinshu.core.clock import local_day, moment
from xinshu.guarantees.favour.actions import publish_plan, set_tier, write_plan
from xinshu.guarantees.favour.tiers import Tier

WAN = 10_000_00
LADDER = (
    Tier("A", "A 级", Decimal("0.15"), 500 * WAN, honoured=10, years=3),
    Tier("B", "B 级", Decimal("0.10"), 0, honoured=5, years=1),
    Tier("C", "C 级", Decimal("0.05"), 0, honoured=1),
)


def live_favour(city: Any) -> None:
    """Publish the plan yesterday and set one customer's tier. `city` is demo.City."""
    city.say("守信优惠")
    at = moment(local_day(city.at) - timedelta(days=1), 9)  # in office hours: what follows is of the same day
    plan = write_plan(LADDER, local_day(at), by=city.reviewer, at=at)
    publish_plan(plan, by=city.signer, at=at + timedelta(hours=1))
    set_tier(
        city.applicant.organisation, "B", reason="合作多年，回款及时，先按 B 级。", by=city.manager,
        at=at + timedelta(hours=2),
    )  # fmt: skip
