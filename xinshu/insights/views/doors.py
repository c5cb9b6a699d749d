"""One door to each row of this context."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.refusals import there
from xinshu.insights.actions import must_be_house
from xinshu.insights.models import Proposal, Segment


def house_of(request: HttpRequest) -> Member:
    """Return the member, where it is a guarantor's. Raises NotPermitted."""
    member = member_of(request)
    must_be_house(member)
    return member


def segment_of(request: HttpRequest, reference: str) -> Segment:
    """Return the house's own segment. Raises Unknown."""
    found = Segment.objects.visible_to(house_of(request)).filter(reference=reference).select_related("house")
    return there(found.first(), _("没有找到这个客群。"))


def proposal_of(request: HttpRequest, reference: str) -> Proposal:
    """Return the house's own proposal. Raises Unknown."""
    found = Proposal.objects.visible_to(house_of(request)).filter(reference=reference)
    related = found.select_related("house", "firm", "proposed_by__user", "decided_by__user")
    return there(related.first(), _("没有找到这条优惠建议。"))
