"""What is told of a guarantee, frozen when it is queued; and the commitment that stands for it while it is secret.

Plain JSON: 分 as integers, days and moments as ISO text. A commitment is SM3 over a random nonce of 32 bytes and the
canonical JSON of the content: it tells nothing, and nobody can find another content for it.
"""

import secrets
from typing import Any

from django.utils.crypto import constant_time_compare

from xinshu.accounts.models import Organisation
from xinshu.core.sm import sm3
from xinshu.guarantees.models import Guarantee
from xinshu.integrations.schemas import moment
from xinshu.ledger.canonical import canonical_json, must_be_exact
from xinshu.ledger.models import Entry

Content = dict[str, Any]


def content_of(guarantee: Guarantee, entry: Entry, **more: Any) -> Content:
    """Return what is told of `guarantee` because of `entry`. It must be an instrument."""
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    assert guarantee.number is not None
    project = guarantee.project
    told: Content = {
        "number": guarantee.number,
        "kind": guarantee.kind,
        "nature": guarantee.nature,
        "amount": guarantee.amount,
        "available": guarantee.available_amount,
        "currency": guarantee.currency,
        "applicant": _party(guarantee.applicant),
        "guarantor": _party(guarantee.guarantor),
        "beneficiary": _party(guarantee.beneficiary),
        "project": {
            "name": project.name,
            "number": project.number,
            "kind": project.kind,
            "region_code": project.region_code,
            "site": project.site,
            "opens_at": moment(project.opens_at),
        },
        "effective_on": guarantee.effective_on.isoformat(),
        "expires_on": guarantee.expires_on.isoformat(),
        "issued_at": moment(guarantee.issued_at),
        "letter": guarantee.letter.pdf_sm3 if guarantee.letter else "",
        "clauses": list(guarantee.clauses),
        "happened": entry.kind,
        "happened_at": moment(entry.at),
        "reason": str(entry.data.get("reason") or ""),
        **more,
    }
    must_be_exact(told)
    return told


def _party(organisation: Organisation) -> dict[str, str]:
    return {"name": organisation.name, "uscc": organisation.uscc or "", "kind": organisation.kind}


def new_nonce() -> str:
    """Return 32 random bytes in hex."""
    return secrets.token_hex(32)


def commitment_of(content: Content, nonce: str) -> str:
    """Return the commitment to `content` under `nonce`, in hex."""
    return sm3(bytes.fromhex(nonce) + canonical_json(content).encode()).hex()


def reveals(commitment: str, content: Content, nonce: str) -> bool:
    """Say whether `content` and `nonce` are what was committed to. False, never an exception, for nonsense."""
    try:
        made = commitment_of(content, nonce)
    except (ValueError, TypeError):
        return False
    return constant_time_compare(made, commitment)
