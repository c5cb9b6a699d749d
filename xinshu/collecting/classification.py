"""Classes of fields: what platforms publish is public; which of them are read, and how, is internal."""

from xinshu.core.classification import INTERNAL, OPEN, TECHNICAL, classify

classify(
    "collecting",
    {
        "Source": {
            "code": INTERNAL, "name": INTERNAL, "kind": INTERNAL, "minutes": INTERNAL, "delay_seconds": INTERNAL,
            "number": TECHNICAL, "failures": INTERNAL, "usually": TECHNICAL, "dated": TECHNICAL,
            "list_etag": TECHNICAL, "list_modified": TECHNICAL,
        },
        "SourceVersion": {"number": TECHNICAL, "content": INTERNAL},
        "Host": {"name": OPEN, "robots": OPEN, "robots_status": TECHNICAL},
        "Run": {
            "state": INTERNAL,
            "next_address": INTERNAL, "pages": INTERNAL, "listed": INTERNAL, "taken": INTERNAL, "edited": INTERNAL,
            "same": INTERNAL, "failed": INTERNAL, "tries": TECHNICAL, "etag": TECHNICAL, "modified": TECHNICAL,
            "problem": INTERNAL,
        },
        "Item": {
            "source_key": OPEN, "title": OPEN, "url": OPEN, "region_code": OPEN, "fingerprint": TECHNICAL, "body": OPEN,
            "outcome": INTERNAL, "problem": INTERNAL, "tries": TECHNICAL, "etag": TECHNICAL, "modified": TECHNICAL,
        },
        "KeptPage": {
            "reference": INTERNAL, "url": OPEN, "status": TECHNICAL, "content_type": TECHNICAL, "size": TECHNICAL,
            "content": OPEN,
        },
        "Alarm": {"kind": INTERNAL, "text": INTERNAL, "times": INTERNAL},
    },
)  # fmt: skip
