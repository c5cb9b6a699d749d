"""Classes of fields: what is announced is public; who wrote it is the platform's own affair."""

from xinshu.core.classification import ACTOR, INTERNAL, OPEN, TECHNICAL, classify

classify(
    "portal",
    {
        "Bulletin": {
            "title": OPEN,
            "category": OPEN,
            "body": OPEN,
        },
        "BulletinVersion": {
            "title": OPEN,
            "category": OPEN,
            "body": OPEN,
            "number": TECHNICAL,
            "files": OPEN,
            "by": ACTOR,
        },
        "Arrangement": {
            "number": TECHNICAL,
            "channels": OPEN,
            "columns": OPEN,
            "note": INTERNAL,
            "by": ACTOR,
        },
    },
)
