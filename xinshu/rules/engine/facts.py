"""Facts: what is known of a case when a rule set is asked, of which type, from where, as of when. Pure.

A fact without a value is not known, never zero or "no"; `why` says what is missing. As JSON amounts are integers (分),
numbers decimal text, days ISO text, so that the same facts are the same bytes everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.money import yuan

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NUMBER, AMOUNT, TEXT, TRUTH, DAY = "number", "amount", "text", "truth", "day"
TYPES: dict[str, "StrOrPromise"] = {
    NUMBER: lazy("数值"),
    AMOUNT: lazy("金额"),
    TEXT: lazy("文本"),
    TRUTH: lazy("是否"),
    DAY: lazy("日期"),
}
LONGEST_TEXT = 2_000  # characters of a text that is looked at; what follows is not
MOST_DIGITS = 30  # of a number: arithmetic on more would take its time
Value = Decimal | int | str | bool | date | None
Truth = bool | None  # None: not known


@dataclass(frozen=True)
class FactType:
    """One thing that can be asked about: `code` in expressions, `label` for people, the `source` that tells it."""

    code: str
    label: "StrOrPromise"
    type: str
    source: str
    unit: str = ""
    choices: tuple[str, ...] = ()  # of a text: what it can be


@dataclass(frozen=True)
class Fact:
    """One value as it stood: which source said it, as of which day or moment (ISO); or why it is not known."""

    value: Value
    source: str
    as_of: str = ""
    why: str = ""


Facts = Mapping[str, Fact]
NOTHING = Fact(None, "")


def unknown(source: str, why: str, as_of: str = "") -> Fact:
    """Return a fact that is not known, and why."""
    return Fact(None, source, as_of, why)


def read_value(kind: str, said: Any) -> Value:
    """Return `said` (JSON) as a value of the type `kind`. Raises ValueError where it is none."""
    if said is None:
        return None
    if kind == TRUTH and isinstance(said, bool):
        return said
    if kind == AMOUNT and isinstance(said, int) and not isinstance(said, bool) and abs(said) < 10**18:
        return said
    if kind == TEXT and isinstance(said, str):
        return said[:LONGEST_TEXT]
    if kind == NUMBER and isinstance(said, str | int) and not isinstance(said, bool):
        return _number(str(said))
    if kind == DAY and isinstance(said, str):
        return date.fromisoformat(said)
    raise ValueError(f"{said!r} is no {kind}")


def _number(said: str) -> Decimal:
    if len(said) > MOST_DIGITS + 2 or not said.isascii():
        raise ValueError(f"{said[:40]!r} is too long")
    try:
        found = Decimal(said.strip())
    except InvalidOperation:
        raise ValueError(f"{said!r} is no number") from None
    if not found.is_finite() or not -MOST_DIGITS < found.adjusted() < MOST_DIGITS:
        raise ValueError(f"{said!r} is out of reach")
    return found


def write_value(value: Value) -> Any:
    """Return a value as JSON that reads back the same."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def facts_as_json(facts: Facts) -> dict[str, Any]:
    """Return facts as JSON, by code."""
    return {
        code: {"value": write_value(fact.value), "source": fact.source, "as_of": fact.as_of, "why": fact.why}
        for code, fact in facts.items()
    }


def facts_from_json(said: Mapping[str, Any], types: Mapping[str, FactType]) -> dict[str, Fact]:
    """Return the facts that `types` know of JSON. A value of another type is not known: it never passes by chance."""
    facts = {}
    for code, kind in types.items():
        if code not in said:
            continue
        one = said[code]
        try:
            value, why = read_value(kind.type, one["value"]), str(one.get("why", ""))
            if kind.choices and value is not None and value not in kind.choices:
                raise ValueError(value)
        except ValueError:
            value, why = None, _("数据源给的值类型不符")
        facts[code] = Fact(value, str(one.get("source", "")), str(one.get("as_of", "")), why)
    return facts


def shown(value: Value, kind: str, unit: str = "") -> str:
    """Return a value in words for people."""
    if value is None:
        return _("未知")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if kind == AMOUNT and isinstance(value, int):
        return _("%(amount)s 元") % {"amount": yuan(value)}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}{unit}" if value else f"0{unit}"
    return f"{write_value(value)}{unit}"
