"""Classes of fields: figures about the machinery."""

from xinshu.core.classification import TECHNICAL, classify

classify(
    "operations",
    {
        "Backup": {
            "place": TECHNICAL,
            "size": TECHNICAL,
            "sealed": TECHNICAL,
            "root": TECHNICAL,
            "rows": TECHNICAL,
            "files": TECHNICAL,
            "damaged": TECHNICAL,
        },
        "PageTime": {
            "process": TECHNICAL,
            "view": TECHNICAL,
            "count": TECHNICAL,
            "total_ms": TECHNICAL,
            "longest_ms": TECHNICAL,
            "failed": TECHNICAL,
        },
        "RequestTrace": {
            "trace": TECHNICAL,
            "number": TECHNICAL,
            "view": TECHNICAL,
            "method": TECHNICAL,
            "status": TECHNICAL,
            "milliseconds": TECHNICAL,
        },
    },
)
