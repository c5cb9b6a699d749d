"""Classes of fields: projects are announced publicly, estimates and awards are not before their time."""

from xinshu.core.classification import ACTOR, COMMERCIAL, FREE_TEXT, INTERNAL, TECHNICAL, classify

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
            "contract_amount": COMMERCIAL,
            "contract_source": TECHNICAL,
            "settlement_amount": COMMERCIAL,
            "settlement_source": TECHNICAL,
            "advance_amount": COMMERCIAL,
            "advance_source": TECHNICAL,
            "regime": INTERNAL,
            "completed_on": INTERNAL,
            "defects_months": INTERNAL,
            "bid_validity_days": INTERNAL,
            "contract_days": INTERNAL,
            "source": TECHNICAL,
        },
        "SupervisionPlan": {
            "basis": INTERNAL,
            "refusal": FREE_TEXT,
            "proposed_by": TECHNICAL,
            "proposer": ACTOR,
            "decided_by": TECHNICAL,
            "decider": ACTOR,
        },
        "SupervisionRow": {"kinds": INTERNAL, "project_kinds": INTERNAL, "region_code": INTERNAL},
        "Party": {"role": INTERNAL, "order": TECHNICAL, "amount": COMMERCIAL},
    },
)
