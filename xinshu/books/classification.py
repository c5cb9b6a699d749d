"""Classes of fields: what an account holds, and who belongs to which group, is the business of its parties."""

from xinshu.core.classification import ACTOR, COMMERCIAL, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "books",
    {
        "Account": {
            "reference": INTERNAL,
            "purpose": INTERNAL,
            "unit": TECHNICAL,
            "debits_pending": COMMERCIAL,
            "debits_posted": COMMERCIAL,
            "credits_pending": COMMERCIAL,
            "credits_posted": COMMERCIAL,
            "ceiling": COMMERCIAL,
            "excess": COMMERCIAL,
        },
        "Transfer": {"amount": COMMERCIAL, "state": TECHNICAL, "key": TECHNICAL},
        "Capital": {"amount": COMMERCIAL, "source": INTERNAL, "mainly_small": INTERNAL, "recorded_by": ACTOR},
        "TotalLimit": {
            "used": COMMERCIAL,
            "ceiling": COMMERCIAL,
            "excess": COMMERCIAL,
            "warn_at": INTERNAL,
            "alarm_at": INTERNAL,
            "told": TECHNICAL,
        },
        "TotalDay": {"on": INTERNAL, "reserved": COMMERCIAL, "occupied": COMMERCIAL, "ceiling": COMMERCIAL},
        "CustomerGroup": {
            "reference": INTERNAL,
            "name": INTERNAL,
            "used": COMMERCIAL,
            "ceiling": COMMERCIAL,
            "excess": COMMERCIAL,
        },
        "GroupMember": {"relation": INTERNAL, "basis": FREE_TEXT},
        "Reconciliation": {
            "accounts": TECHNICAL,
            "transfers": TECHNICAL,
            "cases": TECHNICAL,
            "differences": TECHNICAL,
        },
        "Difference": {"kind": TECHNICAL, "about": INTERNAL, "stands": COMMERCIAL, "should": COMMERCIAL},
    },
)
