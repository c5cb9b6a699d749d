"""Gathering what a review needs to know of one application (review.py judges it)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from xinshu.books.lines import Room, room_of
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.enterprises.queries import FieldView, record_of
from xinshu.guarantees.applying.requests import request_findings
from xinshu.guarantees.extras import missing
from xinshu.guarantees.favour.conduct import favour_for
from xinshu.guarantees.favour.tiers import Standing
from xinshu.guarantees.judging.authority import authority_for
from xinshu.guarantees.judging.sources import ask_all
from xinshu.guarantees.judging.standing import standing_findings
from xinshu.guarantees.kinds import BUYER, Document, Nature
from xinshu.guarantees.law.findings import Facts, Finding
from xinshu.guarantees.law.review import review
from xinshu.guarantees.letters.texts import Text
from xinshu.guarantees.letters.wording import Terms, clauses, faults, nature_of
from xinshu.guarantees.models import Authority, Guarantee, Reduction
from xinshu.guarantees.products.fitting import product_findings
from xinshu.guarantees.wordings.reading import wording_for


def terms_of(guarantee: Guarantee) -> Terms:
    """Return what the letter is written from. Amount and period must be set.

    The text is the version that it was issued under; before the issue, the version in use.
    """
    issued = guarantee.issued_at is not None
    wording = guarantee.wording if issued else wording_for(guarantee.kind, guarantee.guarantor)
    return terms_with(guarantee, wording.text if wording else None)


def terms_with(guarantee: Guarantee, text: Text | None) -> Terms:
    """Return what the letter is written from, with `text` (None: the standard text of the type)."""
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
        kind_number=guarantee.kind_number,
        reductions=_schedule_of(guarantee),
        text=text,
        extras=guarantee.extras,
    )


def _schedule_of(guarantee: Guarantee) -> tuple[tuple[date, int], ...]:
    if guarantee.pk is None:  # only being thought of (batches/checking.py)
        return ()
    return tuple((planned.on, planned.amount) for planned in _planned(guarantee.pk) if planned.on is not None)


@composed
def _planned(guarantee: int) -> QuerySet[Reduction]:
    return Reduction.objects.filter(guarantee=guarantee, on__isnull=False).order_by("on")


def facts_of(guarantee: Guarantee, at: datetime) -> Facts:
    """Return the facts of `guarantee` as they stand now."""
    return facts_from(
        guarantee,
        terms=terms_of(guarantee),
        record=record_of(guarantee.applicant, on=local_day(at)),
        room=room_of(guarantee.guarantor, guarantee.applicant),
        authority=authority_for(guarantee),
        missing_documents=_missing_documents(guarantee),
        favour=favour_for(guarantee.guarantor, guarantee.applicant, at)[1],
    )


def facts_from(
    guarantee: Guarantee, *, terms: Terms, record: Sequence[FieldView], room: Room | None,
    authority: Authority | None, missing_documents: tuple[str, ...], favour: Standing,
) -> Facts:  # fmt: skip
    """Return the facts of `guarantee`, which may be unsaved, from what was read before: many at once share it."""
    auto_limit = auto_limit_of(authority, favour)
    widened = authority is not None and auto_limit != authority.auto_amount
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
        auto_limit=auto_limit,
        auto_because=_("守信优惠：%(tier)s") % {"tier": favour.tier.name} if widened and favour.tier else "",
        waived=tuple(authority.waives) if authority else (),
        wording_faults=tuple(faults(terms, clauses(terms))),
        kind_number=guarantee.kind_number,
        regime=guarantee.project.regime,
        completed_on=guarantee.project.completed_on,
        defects_months=guarantee.project.defects_months,
        performance_amount=_performance_of(guarantee),
        missing_documents=missing_documents,
        issuer_kind=guarantee.guarantor.kind,
        missing_extras=missing(guarantee.type.fields, guarantee.extras),
    )


def auto_limit_of(authority: Authority | None, favour: Standing) -> int | None:
    """Return up to where no person need look (分): as the table says, wider for who earned it, never past a reviewer's
    own authority. None: no row for this applicant, so nobody may approve.
    """
    if authority is None:
        return None
    return max(authority.auto_amount, min(favour.auto_amount, authority.person_amount))


def _performance_of(guarantee: Guarantee) -> int | None:
    """Return the face (分) of the performance guarantees in force between the same two parties; None: there is none.

    Only where a rule of the type asks for it: nobody learns of an instrument that they are no party to.
    """
    if not {"mutual.payment", "conflict.quality"} & set(guarantee.type.rules):
        return None
    contractor, buyer = guarantee.applicant_id, guarantee.beneficiary_id
    if guarantee.type.applicant == BUYER:
        contractor, buyer = buyer, contractor
    found = Guarantee.objects.filter(
        kind="performance", state="in_force", project=guarantee.project_id, applicant=contractor, beneficiary=buyer
    )
    total: int | None = found.aggregate(total=Sum("amount"))["total"]
    return total


def papers_of(guarantee: Guarantee) -> list[Document]:
    """Return the papers that type and product ask for, each once."""
    asked = list(guarantee.type.documents)
    if guarantee.product is not None:
        asked += [Document(title, required=True) for title in guarantee.product.documents]
    required = {document.title for document in asked if document.required}
    return [Document(title, title in required) for title in dict.fromkeys(document.title for document in asked)]


def needed_papers(guarantee: Guarantee) -> tuple[str, ...]:
    """Return the titles of the papers without which a person must look."""
    return tuple(document.title for document in papers_of(guarantee) if document.required)


def _missing_documents(guarantee: Guarantee) -> tuple[str, ...]:
    needed = needed_papers(guarantee)
    if not needed:
        return ()
    given = set(guarantee.attachments.values_list("title", flat=True))
    return tuple(title for title in needed if title not in given)


def examine(guarantee: Guarantee, at: datetime) -> list[Finding]:
    """Return every rule's finding on `guarantee` as it stands at `at`."""
    return [
        *review(facts_of(guarantee, at), at),
        *product_findings(guarantee, at),
        *standing_findings(guarantee, at),
        *request_findings(guarantee),
        *ask_all(guarantee, at),
    ]


def nature_label(guarantee: Guarantee) -> str:
    """Return the nature of the promise in words: fixed at issue, before that what today's text would make it."""
    if guarantee.nature:
        return str(guarantee.get_nature_display())
    if guarantee.amount is None or guarantee.effective_on is None or guarantee.expires_on is None:
        return ""
    terms = terms_of(guarantee)
    return str(dict(Nature.CHOICES)[nature_of(terms.issuer_kind, "".join(clauses(terms)))])
