"""How near somebody is to a condition that is not met: how much is missing, or which fact has to be told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from xinshu.rules.engine.conditions import Condition, read_condition
from xinshu.rules.engine.expressions import read_expression
from xinshu.rules.engine.facts import AMOUNT, DAY, NOTHING, TRUTH, Facts, FactType, shown

Types = Mapping[str, FactType]


@dataclass(frozen=True)
class Way:
    """What would meet one condition. `missing`: the fact has to be told (`fact` says which); `gap`: share of the aim
    that is missing, smaller is nearer."""

    fact: str
    words: str
    missing: bool = False
    gap: float = 1.0


def ways_of(rule: Mapping[str, Any], facts: Facts, types: Types, today: date) -> list[Way]:
    """Return what has to change for a rule (JSON) that does not hold: all of it, or where one row is enough, the
    nearest."""
    if expression := str(rule.get("expression", "")).strip():
        wanting = [code for code in read_expression(expression, types).facts if facts.get(code, NOTHING).value is None]
        return [_tell(types[code]) for code in wanting]
    rows = [read_condition(row, types) for row in rule["conditions"]]
    ways = [_way(row, facts, types, today) for row in rows if row.holds(facts, today) is not True]
    return sorted(ways, key=lambda way: way.gap)[:1] if rule.get("join") == "any" else ways


def _tell(fact: FactType) -> Way:
    return Way(fact.code, _("请提供“%(fact)s”") % {"fact": fact.label}, missing=True, gap=0.5)


def _way(row: Condition, facts: Facts, types: Types, today: date) -> Way:
    kind, value = types[row.fact], facts.get(row.fact, NOTHING).value
    if value is None:
        return _tell(kind)
    words, gap = "", 1.0
    if not row.refuses:
        if kind.type == DAY and isinstance(value, date):
            words, gap = _days(row, value, today)
        elif isinstance(value, int | Decimal) and kind.type != TRUTH:
            words, gap = _distance(row, value, kind)
    return Way(row.fact, words or _("应为：%(aim)s") % {"aim": row.reads({row.fact: kind})}, gap=gap)


def _distance(row: Condition, value: int | Decimal, kind: FactType) -> tuple[str, float]:
    """Return how far a number is from what is asked, in words and as a share of it."""
    aims = row.test.values
    low = aims[0] if row.test.op in ("ge", "gt", "between") else None
    high = aims[-1] if row.test.op in ("le", "lt", "between") else None
    if low is not None and value <= low:
        off, words = low - value, _("还差 %(off)s")
    elif high is not None and value >= high:
        off, words = value - high, _("超出 %(off)s")
    else:
        return "", 1.0
    aim = low if low is not None and value <= low else high
    if not off:  # "more than": exactly there is not enough
        return _("须%(aim)s") % {"aim": row.test.reads(kind.unit)}, 0.0
    told = shown(off, AMOUNT if kind.type == AMOUNT else kind.type, kind.unit)
    return words % {"off": told}, float(off / abs(aim)) if aim else 1.0


def _days(row: Condition, value: date, today: date) -> tuple[str, float]:
    """Return on which day a condition will be met by itself, where waiting does it."""
    if row.test.op == "older_days":
        days = int(row.test.values[0])
        meets = value + timedelta(days=days + 1)
        if meets > today:
            told = {"n": (meets - today).days, "day": meets.isoformat()}
            return _("再过 %(n)s 天（%(day)s）满足") % told, (meets - today).days / max(days, 1)
    if row.test.op == "within_days" and value < today:
        over = (today - value).days - int(row.test.values[0])
        return _("已超过 %(n)s 天，需要更新") % {"n": over}, 1.0
    return "", 1.0
