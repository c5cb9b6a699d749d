"""Classes of fields: a record may hold anything about a firm and its people."""

from xinshu.core.classification import ACTOR, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "enterprises",
    {
        "Enterprise": {"reference": INTERNAL},
        "RecordField": {
            "code": TECHNICAL,
            "value": FREE_TEXT,
            "source": TECHNICAL,
            "source_label": INTERNAL,
            "confidence": TECHNICAL,
            "recorded_by": ACTOR,
        },
    },
)
