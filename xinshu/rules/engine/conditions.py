"""Condition lists (条件表): rules of rows that business people write, or of an expression that an expert writes. Pure.

A rule that does not hold stops the case, or hands it to a person, as it says; one that is not known goes to a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.engine.answers import ASK, FAILS, MEETS, Answer, Decide, Problems, Result, Types, evidence_of
from xinshu.rules.engine.comparing import BadTest, Test, read_test
from xinshu.rules.engine.expressions import BadExpression, read_expression
from xinshu.rules.engine.facts import NOTHING, TRUTH, Facts, Truth
from xinshu.rules.engine.kleene import all_of, any_of, negated

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_RULES, MOST_ROWS = 300, 20
STOP, HAND_OVER = "stop", "ask"
WEIGHTS: dict[str, "StrOrPromise"] = {STOP: lazy("不通过"), HAND_OVER: lazy("转人工")}
JOINS: dict[str, "StrOrPromise"] = {"all": lazy("都要满足"), "any": lazy("满足一条即可")}


@dataclass(frozen=True)
class Condition:
    """One row: a fact and its test; `refuses` turns it round."""

    fact: str
    test: Test
    refuses: bool

    def holds(self, facts: Facts, today: date) -> Truth:
        found = self.test.holds(facts.get(self.fact, NOTHING).value, today)
        return negated(found) if self.refuses else found

    def reads(self, types: Types) -> str:
        """Return the row in plain words: 资产负债率不超过 70%."""
        kind = types[self.fact]
        if kind.type == TRUTH:
            wanted = self.test.values[0] is not self.refuses
            return f"{kind.label}：{_('是') if wanted else _('否')}"
        words = f"{kind.label}{self.test.reads(kind.unit)}"
        return _("并非（%(words)s）") % {"words": words} if self.refuses else words


@dataclass(frozen=True)
class Rule:
    """One rule, ready to be asked."""

    name: str
    reads: str
    facts: tuple[str, ...]
    weight: str
    note: str
    holds: Callable[[Facts, date], Truth]


def read_rules(content: dict[str, Any], types: Types) -> list[Rule]:
    """Read the rules that are switched on. Raises Problems."""
    said = content.get("rules")
    if not isinstance(said, list) or not said:
        raise Problems([("", _("还没有规则"))])
    if len(said) > MOST_RULES:
        raise Problems([("", _("最多 %(n)s 条规则") % {"n": MOST_RULES})])
    rules, problems = [], []
    for number, one in enumerate(said, 1):
        where = _("规则 %(n)s") % {"n": number}
        try:
            rule = _read_rule(one, types)
        except (BadTest, BadExpression) as wrong:
            problems.append((where, str(wrong)))
        else:
            rules += [rule] if one.get("on", True) else []
    if problems:
        raise Problems(problems)
    if not rules:
        raise Problems([("", _("规则都停用了，至少启用一条"))])
    return rules


def _read_rule(said: Any, types: Types) -> Rule:
    if not isinstance(said, dict) or not str(said.get("name", "")).strip():
        raise BadTest(_("还没有名称"))
    if said.get("weight") not in WEIGHTS:
        raise BadTest(_("请选择不满足时怎么办"))
    name, note = str(said["name"])[:60], str(said.get("note", ""))[:200]
    if expression := str(said.get("expression", "")).strip():
        read = read_expression(expression, types)
        return Rule(name, expression, read.facts, said["weight"], note, read.holds)
    rows, join = said.get("conditions"), said.get("join", "all")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS or join not in JOINS:
        raise BadTest(_("还没有条件"))
    conditions = tuple(read_condition(row, types) for row in rows)
    joined = all_of if join == "all" else any_of
    words = (_(" 且 ") if join == "all" else _(" 或 ")).join(one.reads(types) for one in conditions)
    facts = tuple(dict.fromkeys(one.fact for one in conditions))

    def holds(facts: Facts, today: date) -> Truth:
        return joined(one.holds(facts, today) for one in conditions)

    alone = conditions[0].holds if len(conditions) == 1 else holds
    return Rule(name, words, facts, said["weight"], note, alone)


def read_condition(said: Any, types: Types) -> Condition:
    """Read one row. Raises BadTest."""
    code = said.get("fact") if isinstance(said, dict) else None
    if not isinstance(code, str) or code not in types:
        raise BadTest(_("请选择比较的内容"))
    return Condition(code, read_test(said, types[code]), bool(said.get("not")))


def decider(rules: list[Rule], types: Types) -> Decide:
    """Return how `rules` decide: fails where a stopping rule fails, meets where all hold, else a person."""

    def decide(facts: Facts, today: date) -> Result:
        answers, stopped, all_hold = [], False, True
        for rule in rules:
            found = rule.holds(facts, today)
            stopped = stopped or (found is False and rule.weight == STOP)
            all_hold = all_hold and found is True
            note = "" if found else rule.note
            answers.append(Answer(rule.name, rule.reads, found, evidence_of(rule.facts, facts, types), note))
        outcome = FAILS if stopped else (MEETS if all_hold else ASK)
        return Result(outcome, "", tuple(answers))

    return decide
