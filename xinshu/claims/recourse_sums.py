"""Sums of recourse: simple interest by the day, and how a recovery is applied. No database, no clock.

民法典 561: costs first, then interest, then principal.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from xinshu.core.money import share

BASIS = 365


@dataclass(frozen=True)
class Applied:
    """A recovery as it is applied, and what of it nobody owes."""

    costs: int
    interest: int
    principal: int
    left: int


def interest(principal: int, annual_rate: Decimal, since: date, until: date) -> int:
    """Return the interest on `principal` for the days after `since` up to and with `until`, rounded once to 分."""
    days = max(0, (until - since).days)
    return share(principal, Fraction(annual_rate) * days / BASIS)


def apply(amount: int, *, costs: int, interest: int, principal: int) -> Applied:
    """Apply `amount` to what is open: cost → interest → principal."""
    to_costs = min(amount, costs)
    to_interest = min(amount - to_costs, interest)
    to_principal = min(amount - to_costs - to_interest, principal)
    return Applied(to_costs, to_interest, to_principal, amount - to_costs - to_interest - to_principal)
