"""Classes of fields: projects are announced publicly, estimates and awards are not before their time."""

from xinshu.core.classification import COMMERCIAL, INTERNAL, TECHNICAL, classify

classify(
    "projects",
    {
        "Project": {
            "name": INTERNAL,
            "number": INTERNAL,
            "kind": INTERNAL,
            "region_code": INTERNAL,
            "site": INTERNAL,
            "estimate_amount": COMMERCIAL,
            "estimate_source": TECHNICAL,
            "award_amount": COMMERCIAL,
            "award_source": TECHNICAL,
            "bid_validity_days": INTERNAL,
            "contract_days": INTERNAL,
            "source": TECHNICAL,
        },
        "Party": {"role": INTERNAL, "order": TECHNICAL, "amount": COMMERCIAL},
    },
)
