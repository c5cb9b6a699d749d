"""Classes of fields: licences are public papers, limits and rates the business of the house."""

from xinshu.core.classification import ACTOR, COMMERCIAL, INTERNAL, OPEN, TECHNICAL, classify

_FILED = {
    "authors": TECHNICAL, "filed_by": ACTOR, "confirmed_by": ACTOR, "guarantor": OPEN, "valid_from": OPEN,
    "valid_until": OPEN,
}  # fmt: skip
classify(
    "guarantors",
    {
        "Qualification": {"kind": OPEN, "certificate": OPEN, "authority": OPEN, **_FILED},
        "Terms": {
            "kind": INTERNAL,
            "number": TECHNICAL,
            "text": OPEN,
            "authors": TECHNICAL,
            "written_by": ACTOR,
            "activated_by": ACTOR,
        },
        "NetAssets": {
            "amount": COMMERCIAL,
            "source": INTERNAL,
            "mainly_small": INTERNAL,
            "basis": INTERNAL,
            **_FILED,
        },
        "Scope": {
            "kind": INTERNAL,
            "region_code": OPEN,
            "most_amount": COMMERCIAL,
            "annual_rate": COMMERCIAL,
            **_FILED,
        },
    },
)
