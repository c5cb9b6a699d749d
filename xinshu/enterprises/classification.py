"""Classes of fields: a record may hold anything about a firm and its people."""

from xinshu.core.classification import ACTOR, DATA, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "enterprises",
    {
        "Enterprise": {"reference": INTERNAL},
        "RecordField": {
            "code": TECHNICAL,
            "value": FREE_TEXT,
            "source": TECHNICAL,
            "source_label": INTERNAL,
            "place": TECHNICAL,
            "confidence": TECHNICAL,
            "recorded_by": ACTOR,
        },
        "Settlement": {"reason": FREE_TEXT, "by": ACTOR},
        "PartAge": {"part": TECHNICAL, "updated_by": ACTOR},
        "Rhythm": {"part": TECHNICAL, "days": TECHNICAL},
        "HandOver": {"reason": FREE_TEXT, "by": ACTOR},
        "Reminder": {"part": TECHNICAL},
        "RecordImport": {"name": INTERNAL, "row_count": TECHNICAL, "fault_count": TECHNICAL},
        "ImportRow": {
            "state": TECHNICAL,
            "line": TECHNICAL,
            "typed": DATA,
            "values": DATA,
            "faults": FREE_TEXT,
            "brings": TECHNICAL,
            "entered": TECHNICAL,
            "aside": TECHNICAL,
            "reason": FREE_TEXT,
        },
        "SearchText": {"text": INTERNAL, "grams": TECHNICAL},
        "KnownName": {
            "name": INTERNAL,
            "former": INTERNAL,
            "folded": TECHNICAL,
            "core": TECHNICAL,
            "trade": TECHNICAL,
        },
    },
)
