"""Who may decide what: a guarantor's authority table, read for one application."""

from xinshu.guarantees.models import Authority, Guarantee


def authority_for(guarantee: Guarantee) -> Authority | None:
    """Return the row that governs this application, or None: then nobody may approve it until a row is added."""
    return Authority.objects.filter(
        guarantor=guarantee.guarantor_id, kind=guarantee.kind, unverified=not guarantee.applicant.verified
    ).first()
