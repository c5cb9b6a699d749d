"""Classes of fields: what somebody looks for is the business secret of the house."""

from xinshu.core.classification import COMMERCIAL, FREE_TEXT, INTERNAL, OPEN, TECHNICAL, classify

classify(
    "subscriptions",
    {
        "Subscription": {
            "name": FREE_TEXT, "line": COMMERCIAL, "qualifications": COMMERCIAL, "kinds": COMMERCIAL,
            "regions": COMMERCIAL, "trades": COMMERCIAL, "tags": COMMERCIAL, "least_amount": COMMERCIAL,
            "most_amount": COMMERCIAL, "least_score": INTERNAL, "unsure": INTERNAL, "stamp": TECHNICAL,
        },
        "Counter": {"life": TECHNICAL, "number": TECHNICAL},
        "Compared": {
            "number": TECHNICAL, "published_at": OPEN, "title": OPEN, "body": OPEN, "tags": COMMERCIAL,
            "matched": INTERNAL,
        },
        "Hit": {
            "first": TECHNICAL, "number": TECHNICAL, "score": INTERNAL, "reasons": COMMERCIAL, "verdict": COMMERCIAL,
        },
    },
)  # fmt: skip
