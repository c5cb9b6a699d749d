"""The letter of one guarantee: what it says, written, sealed and sent out."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from xinshu.core.capitals import capitals
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.documents.letters import render
from xinshu.documents.sealing import keep_sealed, seal
from xinshu.guarantees.actions.issuance import deliver_letter
from xinshu.guarantees.facts import terms_of
from xinshu.guarantees.letters.wording import demand_documents
from xinshu.guarantees.models import Guarantee


def verify_address(guarantee: Guarantee) -> str:
    """Return the address that the letter's QR code leads to."""
    path = reverse("guarantees:verify_number", args=[guarantee.number])
    return f"{settings.PUBLIC_URL}{path}?code={guarantee.verify_code}"


def values_of(guarantee: Guarantee) -> dict[str, Any]:
    """Return what the letter of an issued guarantee says, as plain strings: the one source for PDF and verification."""
    assert guarantee.amount is not None
    assert guarantee.issued_at is not None
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    return {
        "title": str(guarantee.get_kind_display()),
        "number": guarantee.number,
        "verify_code": guarantee.verify_code,
        "verify_url": verify_address(guarantee),
        "guarantor": guarantee.guarantor.name,
        "applicant": guarantee.applicant.name,
        "beneficiary": guarantee.beneficiary.name,
        "project": guarantee.project.name,
        "project_number": guarantee.project.number,
        "amount": yuan(guarantee.amount),
        "amount_in_words": capitals(guarantee.amount),
        "effective_on": guarantee.effective_on.isoformat(),
        "expires_on": guarantee.expires_on.isoformat(),
        "issued_on": local_day(guarantee.issued_at).isoformat(),
        "nature": str(guarantee.get_nature_display()),
        "clauses": guarantee.clauses,
        "documents": demand_documents(terms_of(guarantee)),
    }


def send_letter(guarantee: Guarantee, *, at: datetime) -> Guarantee:
    """Write and seal the letter, then keep and deliver it. Of two at once, one delivers and the other is refused."""
    values = values_of(guarantee)
    assert guarantee.template is not None
    sealed = seal(render(guarantee.template, values), guarantee.guarantor, at=at)
    name, secret_until = f"{guarantee.number}.pdf", guarantee.secret_until
    with transaction.atomic():  # kept and delivered, or neither: every sealing gives other bytes
        letter = keep_sealed(sealed, name=name, subject=guarantee, at=at, sealed_until=secret_until)
        return deliver_letter(guarantee, letter, values=values, at=at)
