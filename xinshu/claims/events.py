"""What other systems can be told of demands: a thin word, and only to those for whom the demand exists."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema

from xinshu.accounts.models import Member
from xinshu.claims.history import EVERYBODY, WORDS
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import PARTIES, Demand
from xinshu.guarantees.events import AmountFen
from xinshu.integrations.events import Subject, offer
from xinshu.integrations.leaving import given
from xinshu.ledger.models import Entry

OUTWARD = {kind: title for kind, (title, _tone, readers) in WORDS.items() if readers == EVERYBODY}


class DemandEvent(Schema):
    """索赔事件的数据。"""

    reference: str
    guarantee: str = Field(description="保函的 reference")
    number: str | None = Field(description="保函编号")
    state: str
    state_label: str
    version: int
    amount: AmountFen
    href: str = Field(description="在接口中读取全文的地址")


def tell(entry: Entry, member: Member, at: datetime) -> Subject | None:
    """Return the demand of an entry as `member` may hear of it; None where it does not exist for them."""
    demand = Demand.objects.visible_to(member, at).filter(pk=entry.subject_id).select_related(*PARTIES).first()
    if demand is None:
        return None
    data: dict[str, Any] = {
        "reference": demand.reference,
        "guarantee": demand.guarantee.reference,
        "number": given("guarantees.Guarantee.number", demand.guarantee.number, member),
        "state": demand.state,
        "state_label": DEMAND.states[demand.state].label,
        "version": demand.version,
        "amount": {"value": given("claims.Demand.amount", demand.amount, member), "currency": "CNY"},
    }
    return Subject(demand.reference, f"/api/v1/claims/{demand.reference}", data)


offer(
    {**OUTWARD, "claim.suspended": _("展期协商"), "claim.resumed": _("展期协商期满")},
    tell,
    schema="claim",
    shape=DemandEvent,
)
