"""From the content of a version (JSON) to what decides: the one door to the three forms. Pure.

ENGINE names how content and facts become a result; it changes when the same content would give other bytes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.engine import conditions, scorecards, tables
from xinshu.rules.engine.answers import Decide, Problems, Types
from xinshu.rules.engine.gaps import Checked, check

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ENGINE = 1
CONDITIONS, TABLE, SCORECARD = "conditions", "table", "scorecard"
FORMS: dict[str, "StrOrPromise"] = {
    CONDITIONS: lazy("条件表"),
    TABLE: lazy("决策表"),
    SCORECARD: lazy("评分卡"),
}


@dataclass(frozen=True)
class Prepared:
    """Content that was read: how it decides, which facts it asks for, and what a table leaves open."""

    form: str
    decide: Decide
    facts: tuple[str, ...]
    readings: tuple[tuple[str, str, tuple[str, ...]], ...]  # per rule, row or item: name, plain words, facts
    checked: Checked | None = None


def prepare(content: dict[str, Any], types: Types) -> Prepared:
    """Read content. Raises Problems."""
    form = content.get("form")
    if form == CONDITIONS:
        rules = conditions.read_rules(content, types)
        readings = tuple((rule.name, rule.reads, rule.facts) for rule in rules)
        return Prepared(form, conditions.decider(rules, types), _once(readings), readings)
    if form == TABLE:
        table = tables.read_table(content, types)
        readings = tuple(
            (
                str(number),
                tables.reading_of(row, table.inputs, types),
                tuple(code for code, cell in zip(table.inputs, row.cells, strict=True) if cell is not None),
            )
            for number, row in enumerate(table.rows, 1)
        )
        return Prepared(form, tables.decider(table, types), table.inputs, readings, check(table, types))
    if form == SCORECARD:
        card = scorecards.read_scorecard(content, types)
        readings = tuple((item.name, item.reads, (item.fact,)) for item in card.items)
        return Prepared(form, scorecards.decider(card, types), _once(readings), readings)
    raise Problems([("", _("请选择规则的形式"))])


def _once(readings: tuple[tuple[str, str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for _name, _words, codes in readings for code in codes))
