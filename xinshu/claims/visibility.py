"""Who may read the papers of a demand, besides their owner: registered with documents."""

from datetime import datetime

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.claims.models import Demand
from xinshu.documents.models import File
from xinshu.documents.visibility import belongs_to, may_read


@may_read("claims.demand")
def reads_paper(file: File, member: Member, at: datetime) -> bool:
    """Let in the three parties; a department learns of the demand, not of its papers."""
    assert file.subject_id is not None  # a paper of a demand names it
    demand = Demand.objects.visible_to(member, at).filter(pk=file.subject_id).select_related("guarantee").first()
    return demand is not None and bool(demand.sides_of(member))


belongs_to(
    Demand,
    lambda member, at: Demand.objects.visible_to(member, at).select_related("guarantee"),
    lambda demand: (demand.title, reverse("claims:detail", args=[demand.reference])),
)
