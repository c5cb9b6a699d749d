"""What follows: people hear of proposals and of what became of them."""

from xinshu.insights.announcements import announce
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to


@reacts_to("discount.proposed", "discount.adopted", "discount.declined")
def tell_of_proposal(entry: Entry) -> None:
    """Tell account managers of a proposal, and whoever proposes of what was decided."""
    announce(entry)
