"""Classes of fields: what a house asks is its business; what was known of a firm may hold numbers of people."""

from xinshu.core.classification import (
    ACTOR,
    COMMERCIAL,
    DATA,
    FREE_TEXT,
    INTERNAL,
    TECHNICAL,
    classify,
)

_RESULT = {"outcome": INTERNAL, "label": INTERNAL}
classify(
    "rules",
    {
        "RuleSet": {"name": INTERNAL, "purpose": TECHNICAL, "form": TECHNICAL},
        "RuleVersion": {
            "number": TECHNICAL, "content": COMMERCIAL, "known": TECHNICAL, "authors": TECHNICAL, "written_by": ACTOR,
            "activated_by": ACTOR,
        },
        "Run": {
            "subject_key": INTERNAL, "subject_name": INTERNAL, "facts": DATA, "result": DATA, "engine": TECHNICAL,
            "sm3": TECHNICAL, "asked_by": ACTOR, "at": INTERNAL, "on": INTERNAL, **_RESULT,
        },
        "Trial": {
            "content_sm3": TECHNICAL, "runs": INTERNAL, "changed": INTERNAL, "counts": INTERNAL, "tried_by": ACTOR,
        },
        "TrialLine": {"before": INTERNAL, "before_label": INTERNAL, "after": INTERNAL, "after_label": INTERNAL},
        "SourceCall": {
            "source": INTERNAL, "key": INTERNAL, "outcome": INTERNAL, "milliseconds": TECHNICAL, "answer": DATA,
            "as_of": INTERNAL, "why": FREE_TEXT, "at": INTERNAL,
        },
        "SourceState": {"source": TECHNICAL, "failures": TECHNICAL},
    },
)  # fmt: skip
