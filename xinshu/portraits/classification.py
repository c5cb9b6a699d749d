"""Classes of fields: a report is the business of the house that had it made."""

from xinshu.core.classification import COMMERCIAL, INTERNAL, OPEN, TECHNICAL, classify

classify(
    "portraits",
    {"Report": {"reference": INTERNAL, "number": INTERNAL, "name": OPEN, "content": COMMERCIAL, "sm3": TECHNICAL}},
)
