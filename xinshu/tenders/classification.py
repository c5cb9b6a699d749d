"""Classes of fields: announcements are public; what a house makes of one is its own business."""

from xinshu.core.classification import ACTOR, COMMERCIAL, FREE_TEXT, INTERNAL, OPEN, TECHNICAL, classify

classify(
    "tenders",
    {
        "Announcement": {
            "reference": INTERNAL,
            "source": OPEN, "source_id": OPEN, "url": OPEN, "kind": OPEN, "title": OPEN, "region_code": OPEN,
            "latest": TECHNICAL, "project_name": OPEN, "project_number": OPEN, "buyer": OPEN, "winners": OPEN,
            "amount": OPEN, "words": OPEN, "trade": OPEN, "title_key": TECHNICAL, "number_key": TECHNICAL,
        },
        "Listed": {"place": TECHNICAL, "text": OPEN, "grams": TECHNICAL, "shape": TECHNICAL},
        "Revision": {
            "number": TECHNICAL, "title": OPEN, "kind": OPEN, "body": OPEN, "sm3": TECHNICAL, "text": OPEN,
            "facts": OPEN, "received_from": ACTOR,
        },
        "Match": {
            "name": OPEN, "role": OPEN, "lot": OPEN, "how": INTERNAL, "score": INTERNAL, "sure": INTERNAL,
            "reasons": INTERNAL, "revision": TECHNICAL,
        },
        "Opportunity": {
            "reason": FREE_TEXT, "score": INTERNAL, "reasons": INTERNAL, "trade": INTERNAL, "band": INTERNAL,
            "amount": OPEN,
        },
        "Step": {"stage": COMMERCIAL, "case": INTERNAL, "amount": COMMERCIAL, "after": INTERNAL},
    },
)  # fmt: skip
