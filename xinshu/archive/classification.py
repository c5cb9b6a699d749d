"""Classes of fields: a dossier is its parties' business; digests tell nothing of what they are of."""

from xinshu.core.classification import COMMERCIAL, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "archive",
    {
        "Dossier": {
            "reference": INTERNAL,
            "number": TECHNICAL,
            "cause": TECHNICAL,
            "state_then": INTERNAL,
            "header": COMMERCIAL,
            "signature": TECHNICAL,
            "manifest_sm3": TECHNICAL,
            "entry_number": TECHNICAL,
            "count": TECHNICAL,
            "size": TECHNICAL,
        },
        "Export": {"reference": INTERNAL, "state": TECHNICAL, "filters": FREE_TEXT, "count": INTERNAL},
        "ExportPart": {"position": TECHNICAL, "dossiers": TECHNICAL, "size": TECHNICAL},
        "Item": {
            "position": TECHNICAL,
            "path": FREE_TEXT,
            "title": FREE_TEXT,
            "size": TECHNICAL,
            "sm3": TECHNICAL,
            "sha256": TECHNICAL,
            "salt": TECHNICAL,
            "sides": TECHNICAL,
        },
    },
)
