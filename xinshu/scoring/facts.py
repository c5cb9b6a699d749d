"""What upper rooms can tell of a case: each registers its facts; a column of that name or label is filled by them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xinshu.scoring.learning.drift import Value
from xinshu.scoring.learning.kinds import Column

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Known:
    """One fact: its code, what people call it, its unit ("万元"), from where."""

    code: str
    label: "StrOrPromise"
    unit: "StrOrPromise"
    source: "StrOrPromise"


FACTS: dict[str, Known] = {}


def register_facts(*facts: Known) -> None:
    """Offer facts. Called at start-up, once."""
    FACTS.update({fact.code: fact for fact in facts})


def fact_for(column: Column) -> Known | None:
    """Return the fact that fills a column; None: at scoring it is always missing."""
    if column.name in FACTS:
        return FACTS[column.name]
    words = (column.label, column.name)
    return next((fact for fact in FACTS.values() if str(fact.label) in words), None)


def label_for(name: str) -> str:
    """Return what people call a column of this name, where it is a known fact; else ""."""
    return str(FACTS[name].label) if name in FACTS else ""


def known_by_column(columns: tuple[Column, ...], known: dict[str, Value]) -> dict[str, Value]:
    """Return facts (by code) under the names of the columns that they fill."""
    found = {}
    for column in columns:
        fact = fact_for(column)
        if fact is not None:
            found[column.name] = known.get(fact.code)
    return found
