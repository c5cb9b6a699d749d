"""The platform's seal, and the file in which all public keys are published (/.well-known/xinshu-keys.json)."""

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from xinshu.accounts.models import Organisation
from xinshu.core.sm import Sm2Key
from xinshu.documents.models import SealedDocument
from xinshu.documents.sealing.keys import authority
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.keys import platform_key, witness_key

FORMAT = "xinshu-keys/1"
_key = cache(Sm2Key.from_hex)


def seal_key() -> Sm2Key:
    """Return the key of the platform's seal: it signs statements and manifests, never checkpoints."""
    return _key(settings.SEAL_KEY)


def sign(form: str, stated: Any) -> str:
    """Return the platform's SM2 signature, r || s in hex, over `form`, a line feed and `stated` as canonical JSON.

    `form` ("xinshu-statement/1") keeps a signature over one kind of thing from being taken for another kind.
    """
    return seal_key().sign(f"{form}\n{canonical_json(stated)}".encode()).hex()


def published_keys() -> dict[str, Any]:
    """Return all public keys as JSON: of checkpoints, witness and platform's seal, and of every guarantor its seals.

    `sm2` are public keys 04 || x || y in hex, `certificates` SHA-256 digests of X.509 certificates in DER.
    """
    house, sealed = authority(), SealedDocument.objects.filter(organisation=OuterRef("pk"))
    sealing = Organisation.objects.filter(Exists(sealed), kind__in=Organisation.ISSUERS)
    return {
        "format": FORMAT,
        "platform": settings.PUBLIC_URL,
        "checkpoint": platform_key().public_hex,
        "witness": witness_key().public_hex,
        "seal": seal_key().public_hex,
        "guarantors": [
            {
                "name": guarantor.name,
                "uscc": guarantor.uscc or "",
                "sm2": sorted(house.sm2_keys_of(guarantor)),
                "certificates": [hashlib.sha256(house.signer_of(guarantor).certificate.dump()).hexdigest()],
            }
            for guarantor in sealing.order_by("pk")
        ],
    }
