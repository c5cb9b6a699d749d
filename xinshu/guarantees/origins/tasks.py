"""How far business from an award came, told to the opportunities that it came of: from the ledger, each stage once."""

from datetime import datetime

from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.origins.models import Origin
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.tenders.actions.opportunities import carry_on
from xinshu.tenders.models import Opportunity, Stage

STAGE_OF = {
    "guarantee.from_award": Stage.BEGUN, "guarantee.submitted": Stage.SUBMITTED, "guarantee.issued": Stage.ISSUED,
}  # fmt: skip


@reacts_to(*STAGE_OF)
def count_conversion(entry: Entry) -> None:
    """Carry on the opportunity, and those of the other houses for which the guarantee exists by now."""
    origin = Origin.objects.filter(guarantee=entry.subject_id).select_related("guarantee", "opportunity").first()
    if origin is None:
        return
    reached = STAGE_OF[entry.kind]
    _tell(origin.guarantee, origin.opportunity, reached, entry.at)
    if reached == Stage.BEGUN and not origin.guarantee.on_behalf:
        return  # a firm's draft is its own until it is handed in
    others = Opportunity.objects.filter(
        match=origin.opportunity.match_id, house__in=(origin.guarantee.guarantor_id, origin.guarantee.applicant_id)
    ).exclude(pk=origin.opportunity_id)
    for other in others:
        for stage in dict.fromkeys((Stage.BEGUN, reached)):
            _tell(origin.guarantee, other, stage, entry.at)


def _tell(guarantee: Guarantee, opportunity: Opportunity, stage: str, at: datetime) -> None:
    carry_on(opportunity, stage, at=at, case=guarantee.reference, amount=guarantee.amount)
