"""What a column is and what it is for: plain data, read in every process."""

from dataclasses import asdict, dataclass
from typing import Any

NUMBER, CATEGORY = "number", "category"
FEATURE, TARGET, TIME, IGNORE = "feature", "target", "time", "ignore"
BOOSTING, SCORECARD = "boosting", "scorecard"


@dataclass(frozen=True)
class Column:
    """One column of a table: its name there, what people call it, number or category, what it is for."""

    name: str
    label: str
    kind: str = NUMBER
    role: str = FEATURE

    def as_json(self) -> dict[str, str]:
        """Return the column as it is kept."""
        return asdict(self)


def columns_from(rows: list[dict[str, Any]]) -> tuple[Column, ...]:
    """Read columns as they are kept."""
    return tuple(Column(row["name"], row["label"], row["kind"], row["role"]) for row in rows)


def with_role(columns: tuple[Column, ...], role: str) -> list[int]:
    """Return at which positions columns of `role` stand."""
    return [position for position, column in enumerate(columns) if column.role == role]
