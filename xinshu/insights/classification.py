"""Classes of fields: how a house divides its customers and favours them is its business secret."""

from xinshu.core.classification import COMMERCIAL, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "insights",
    {
        "Segment": {"name": INTERNAL, "note": FREE_TEXT},
        "SegmentVersion": {
            "number": TECHNICAL, "content": COMMERCIAL, "known": TECHNICAL, "looked": INTERNAL, "size": INTERNAL,
            "unknown": INTERNAL,
        },
        "Proposal": {
            "tier": TECHNICAL, "tier_name": COMMERCIAL, "discount_rate": COMMERCIAL, "reasons": COMMERCIAL,
            "note": FREE_TEXT, "until": INTERNAL, "outcome": FREE_TEXT,
        },
    },
)  # fmt: skip
