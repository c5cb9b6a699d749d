"""What comes back of the fees, on the pages of a guarantee and its surrender: counted before, told after."""

from dataclasses import dataclass
from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.lifecycle import State
from xinshu.guarantees.changing import FEE_RETURN
from xinshu.guarantees.models import FeeReturn, Guarantee
from xinshu.guarantees.panels import Panel, register_panel
from xinshu.guarantees.returning import Owed, owed_back


@dataclass(frozen=True)
class Returning:
    """Returns there are, each with its state; or, while the guarantee lives, what an end today would give back."""

    rows: list[tuple[FeeReturn, State]]
    preview: list[Owed]
    number: int  # of the tariff version

    @property
    def total(self) -> int:
        return sum(owed.quote.total for owed in self.preview)


def returning_of(guarantee: Guarantee, member: Member, at: datetime) -> Returning | None:
    """Return it for applicant and guarantor; None for others, and where there is nothing to say."""
    if not guarantee.sides_of(member) & {"applicant", "guarantor"} or guarantee.tariff is None:
        return None
    rows = [
        (row, FEE_RETURN.states[row.state])
        for row in FeeReturn.objects.filter(guarantee=guarantee).select_related("payment").order_by("pk")
    ]
    preview = owed_back(guarantee, local_day(at)) if guarantee.state == "in_force" else []
    return Returning(rows, preview, guarantee.tariff.number) if rows or preview else None


@register_panel
def returns_panel(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show it beside the terms."""
    found = returning_of(guarantee, member, at)
    return Panel("guarantees/_returning.html", {"returning": found}, beside=True) if found else None
