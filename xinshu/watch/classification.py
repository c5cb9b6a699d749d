"""Classes of fields: what a house watches, and what it found, is its own business; events are public news."""

from xinshu.core.classification import (
    ACTOR,
    COMMERCIAL,
    FREE_TEXT,
    INTERNAL,
    OPEN,
    SECRET,
    TECHNICAL,
    classify,
)

classify(
    "watch",
    {
        "WatchRule": {
            "pattern": INTERNAL, "number": TECHNICAL, "grade": INTERNAL, "limits": COMMERCIAL, "authors": TECHNICAL,
            "written_by": ACTOR, "activated_by": ACTOR,
        },
        "Trace": {"tender": SECRET, "what": TECHNICAL, "digest": SECRET},
        "WatchCase": {
            "pattern": INTERNAL, "key": SECRET, "rule_number": TECHNICAL, "grade": INTERNAL, "tender": SECRET,
            "trace": TECHNICAL, "digest": SECRET, "outcome": FREE_TEXT,
        },
        "Evidence": {"key": TECHNICAL, "text": COMMERCIAL},
        "RiskEvent": {
            "reference": INTERNAL, "source": OPEN, "source_id": OPEN, "kind": OPEN, "title": OPEN, "url": OPEN,
            "polarity": INTERNAL, "score": TECHNICAL, "words": TECHNICAL, "simhash": TECHNICAL, "happened_at": OPEN,
        },
        "Alert": {"grade": INTERNAL, "half_life": TECHNICAL, "outcome": FREE_TEXT},
        "Screening": {"reference": INTERNAL, "uscc": INTERNAL, "name": INTERNAL, "asked_by": ACTOR},
    },
)  # fmt: skip
