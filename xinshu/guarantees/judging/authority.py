"""Who may decide what: a guarantor's authority table, read for one application."""

from django.db.models import QuerySet

from xinshu.core.composed import composed
from xinshu.guarantees.models import Authority, Guarantee


def authority_for(guarantee: Guarantee) -> Authority | None:
    """Return the row that governs this application, or None: then nobody may approve it until a row is added."""
    return _row.first(guarantee.guarantor_id, guarantee.kind, not guarantee.applicant.verified)


@composed
def _row(guarantor: int, kind: str, unverified: bool) -> QuerySet[Authority]:
    return Authority.objects.filter(guarantor=guarantor, kind=kind, unverified=unverified).order_by("pk")[:1]
