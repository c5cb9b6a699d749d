"""Gathering what a review needs to know of one application (review.py judges it)."""

from datetime import datetime

from xinshu.books.lines import room_of
from xinshu.core.clock import local_day
from xinshu.enterprises.queries import record_of
from xinshu.guarantees.authority import authority_for
from xinshu.guarantees.kinds import Nature
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.review import Facts, Finding, review
from xinshu.guarantees.wording import Terms, clauses, faults, nature_of


def terms_of(guarantee: Guarantee) -> Terms:
    """Return what the letter is written from. Amount and period must be set."""
    assert guarantee.amount is not None
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    return Terms(
        kind=guarantee.kind,
        issuer_kind=guarantee.guarantor.kind,
        guarantor=guarantee.guarantor.name,
        applicant=guarantee.applicant.name,
        beneficiary=guarantee.beneficiary.name,
        project=guarantee.project.name,
        project_number=guarantee.project.number,
        amount=guarantee.amount,
        effective_on=guarantee.effective_on,
        expires_on=guarantee.expires_on,
    )


def facts_of(guarantee: Guarantee, at: datetime) -> Facts:
    """Return the facts of `guarantee` as they stand now."""
    record = record_of(guarantee.applicant, on=local_day(at))
    room = room_of(guarantee.guarantor, guarantee.applicant)
    authority = authority_for(guarantee)
    terms = terms_of(guarantee)
    return Facts(
        kind=guarantee.kind,
        amount=terms.amount,
        base_amount=guarantee.base_amount,
        base_source=guarantee.base_source,
        effective_on=guarantee.effective_on,
        expires_on=guarantee.expires_on,
        opens_at=guarantee.project.opens_at,
        bid_validity_days=guarantee.project.bid_validity_days,
        contract_days=guarantee.project.contract_days,
        applicant_verified=guarantee.applicant.verified,
        missing_fields=tuple(field.label for field in record if field.required and field.state == "missing"),
        stale_fields=tuple(field.label for field in record if field.required and field.state == "stale"),
        line_available=room.amount if room else None,
        line_bound_by=room.bound_by if room else "",
        auto_limit=authority.auto_amount if authority else None,
        waived=tuple(authority.waives) if authority else (),
        wording_faults=tuple(faults(terms, clauses(terms))),
    )


def examine(guarantee: Guarantee, at: datetime) -> list[Finding]:
    """Return every rule's finding on `guarantee` as it stands at `at`."""
    return review(facts_of(guarantee, at), at)


def nature_label(guarantee: Guarantee) -> str:
    """Return the nature of the promise in words: fixed at issue, before that what today's text would make it."""
    if guarantee.nature:
        return str(guarantee.get_nature_display())
    if guarantee.amount is None or guarantee.effective_on is None or guarantee.expires_on is None:
        return ""
    terms = terms_of(guarantee)
    return str(dict(Nature.CHOICES)[nature_of(terms.issuer_kind, "".join(clauses(terms)))])
