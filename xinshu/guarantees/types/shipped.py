"""The types that come with the platform become data: whichever the register lacks is written as its first version."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps as present
from django.apps.registry import Apps

from xinshu.core.cases import random_code
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.types.definition import as_json

SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def keep_what_is_shipped(using: str, apps: Apps = present, **_signal: Any) -> None:
    """Write every shipped type that has no version yet. Runs after `migrate` and after a flush of the database."""
    try:
        versions = apps.get_model("guarantees", "TypeVersion").objects.using(using)
    except LookupError:  # migrated back to before the types were data
        return
    known = set(versions.values_list("code", flat=True))
    for kind in KINDS.shipped:
        if kind.code not in known:
            versions.create(
                reference=random_code(12), state="active", code=kind.code, number=1, definition=as_json(kind),
                authors=[], report=[], created_at=SINCE, changed_at=SINCE, activated_at=SINCE,
            )  # fmt: skip
