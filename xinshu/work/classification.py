"""Classes of fields: who approves what above which amount is internal to an organisation."""

from xinshu.core.classification import ACTOR, COMMERCIAL, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "work",
    {
        "ApprovalPlan": {
            "kind": TECHNICAL,
            "number": TECHNICAL,
            "levels": COMMERCIAL,
            "escalates_to": INTERNAL,
            "hands": INTERNAL,
        },
        "Approval": {
            "kind": TECHNICAL,
            "levels": COMMERCIAL,
            "facts": COMMERCIAL,
            "facts_digest": TECHNICAL,
            "keepers": INTERNAL,
            "level": INTERNAL,
            "level_name": INTERNAL,
            "badge": TECHNICAL,
        },
        "Signature": {
            "act": INTERNAL,
            "level": INTERNAL,
            "level_name": INTERNAL,
            "group": INTERNAL,
            "hand_label": ACTOR,
            "opinion": FREE_TEXT,
            "digest": TECHNICAL,
        },
        "Delegation": {"kinds": INTERNAL, "reason": FREE_TEXT},
        "StoppedClock": {
            "reason": INTERNAL,
            "note": FREE_TEXT,
            "evidence_name": FREE_TEXT,
            "evidence_reference": INTERNAL,
            "evidence_sm3": TECHNICAL,
        },
        "OwnDay": {"note": INTERNAL},
    },
)
