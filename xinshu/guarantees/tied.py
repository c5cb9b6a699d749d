"""What letters say of ties: the house stands surety for the applicant, who works for the beneficiary under a contract.

A bid guarantee has no tie before the bids are opened: what does not exist cannot be seen. A contract is told of only
where the letter rests on one.
"""

from datetime import datetime

from django.urls import reverse

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, now
from xinshu.guarantees.kinds import CONTRACTOR, KINDS, SECRET
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import as_it_stands
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, reacts_to
from xinshu.ties.actions import Facts, Told, follow_case
from xinshu.ties.models import Tie
from xinshu.ties.nodes import node_of

RESTS_ON = ("award", "contract", "advance", "settlement")  # bases that there are only once somebody has won
MOVES = (
    "guarantee.delivered", "guarantee.amended", "guarantee.reduced", "guarantee.reserved", "guarantee.freed",
    "guarantee.paid", "guarantee.exhausted", "guarantee.released", "guarantee.expired",
)  # fmt: skip


@reacts_to(*MOVES)
def tell_ties(entry: Entry) -> None:
    """Bring the ties of a guarantee up to date. Told later, or twice, it says the same."""
    guarantee, at = as_it_stands(entry.subject_id), now()
    if guarantee.state not in INSTRUMENT or guarantee.delivered_at is None:
        return
    if guarantee.is_secret(at):
        if guarantee.project.opens_at is not None and entry.kind == "guarantee.delivered":
            raise Later(guarantee.project.opens_at)
        return
    follow_guarantee(guarantee, at)


def follow_guarantee(guarantee: Guarantee, at: datetime) -> None:
    """Tell what a letter that is no secret says today. Must run in a transaction."""
    assert guarantee.delivered_at is not None
    since = local_day(guarantee.delivered_at)
    until = local_day(guarantee.ended_at) if guarantee.ended_at else None
    applicant, house = node_of(guarantee.applicant), node_of(guarantee.guarantor)
    surety = Facts(
        Tie.Kind.GUARANTEES, amount=(guarantee.available_amount + guarantee.reserved_amount) or None,
        valid_from=since, valid_until=until,
    )  # fmt: skip
    told = [("guarantee", house, applicant, surety)]
    kind = KINDS[guarantee.kind]
    if guarantee.kind not in SECRET and kind.base in RESTS_ON and kind.applicant == CONTRACTOR:
        worth = guarantee.project.contract_amount or guarantee.project.award_amount
        contract = Facts(Tie.Kind.SUPPLIES, amount=worth or None, valid_from=since, valid_until=until)
        told.append(("contract", applicant, node_of(guarantee.beneficiary), contract))
    for what, source, target, facts in told:
        if source.pk == target.pk:
            continue
        key, label = f"{guarantee._meta.label_lower}:{guarantee.pk}:{what}", guarantee.get_kind_display()
        link = reverse("guarantees:detail", args=[guarantee.reference])
        case = Told(source, target, facts, key, f"{label} {guarantee.number}", link)
        follow_case(case, teller_id=guarantee.guarantor_id, by=SYSTEM, at=at)
