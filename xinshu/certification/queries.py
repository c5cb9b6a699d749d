"""What can be asked: the list of certifications, and one item by item."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from xinshu.accounts.models import Member
from xinshu.certification.actions import FILES
from xinshu.certification.models import Certification, Finding, Item, Judgement
from xinshu.documents.models import File


@dataclass(frozen=True)
class ItemView:
    """One item as a page shows it: its file, what the checks found, what was decided."""

    item: Item
    file: File
    findings: list[Finding]
    judgement: Judgement | None

    @property
    def tone(self) -> str:
        results = {one.result for one in self.findings}
        return "danger" if "differs" in results else "warn" if "unknown" in results else "ok"


def items_of(row: Certification) -> list[ItemView]:
    """Return the items of a certification, in the order in which they are looked at."""
    findings = list(row.findings.order_by("pk"))
    judged = {one.item: one for one in row.judgements.select_related("by__user")}
    return [
        ItemView(item, getattr(row, FILES[item]), [one for one in findings if one.item == item], judged.get(item))
        for item in Item
    ]


def certifications(member: Member, *, q: str = "", state: str = "") -> QuerySet[Certification]:
    """Return the certifications that exist for `member`, newest first, narrowed by words and state."""
    found = Certification.objects.visible_to(member).select_related("organisation")
    if q:
        found = found.filter(Q(legal_name__contains=q) | Q(uscc__startswith=q.upper()) | Q(reference__iexact=q))
    return (found.filter(state=state) if state else found).order_by("-submitted_at", "-pk")


def by_state(member: Member) -> dict[str, int]:
    """Return how many certifications there are in each state."""
    found = Certification.objects.visible_to(member).values_list("state")
    return dict(found.annotate(n=Count("pk")).values_list("state", "n"))


def waiting(member: Member, _at: datetime) -> QuerySet[Certification]:
    """Return what waits for a person to review it: oldest first."""
    found = (
        Certification.objects.visible_to(member).filter(state="reviewing").exclude(organisation=member.organisation_id)
    )
    return found.order_by("submitted_at")
