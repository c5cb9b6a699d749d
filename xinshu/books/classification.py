"""Classes of fields: what an account holds is the business of its parties."""

from xinshu.core.classification import COMMERCIAL, INTERNAL, TECHNICAL, classify

classify(
    "books",
    {
        "Account": {
            "purpose": INTERNAL,
            "unit": TECHNICAL,
            "debits_pending": COMMERCIAL,
            "debits_posted": COMMERCIAL,
            "credits_pending": COMMERCIAL,
            "credits_posted": COMMERCIAL,
        },
        "Transfer": {"amount": COMMERCIAL, "state": TECHNICAL, "key": TECHNICAL},
    },
)
