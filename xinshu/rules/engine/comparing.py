"""Tests of one fact: an operator and values. A row of conditions, a cell of a table, a bin of a scorecard. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.engine.facts import (
    AMOUNT,
    DAY,
    NUMBER,
    TEXT,
    TRUTH,
    FactType,
    Truth,
    Value,
    read_value,
    shown,
    write_value,
)
from xinshu.rules.engine.patterns import BadPattern, pattern_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_VALUES = 100  # of a list
MOST_DAYS = 36_500
Compare = Callable[[Any, Sequence[Any], date], bool]


@dataclass(frozen=True)
class Operator:
    """One way to compare: for which types, with how many values, and how it reads in a sentence."""

    label: "StrOrPromise"
    types: tuple[str, ...]
    arity: int  # values; MOST_VALUES: one or more
    says: "StrOrPromise"
    compare: Compare
    takes: str = ""  # the type of its values where it is not the fact's own


def _since(value: date, values: Sequence[Any], today: date) -> bool:
    return today - timedelta(days=int(values[0])) <= value <= today


def _before(value: date, values: Sequence[Any], today: date) -> bool:
    return value < today - timedelta(days=int(values[0]))


ORDERED = (NUMBER, AMOUNT, DAY)
_pattern = lru_cache(maxsize=256)(pattern_of)
# ruff: noqa: E501  (a table is read across)
OPERATORS: dict[str, Operator] = {
    # code       label           types               values        in a sentence                      compares
    "eq": Operator(lazy("等于"), (*ORDERED, TEXT, TRUTH), 1, lazy("是 %s"), lambda v, x, _t: v == x[0]),
    "ne": Operator(lazy("不等于"), (*ORDERED, TEXT), 1, lazy("不是 %s"), lambda v, x, _t: v != x[0]),
    "lt": Operator(lazy("小于"), ORDERED, 1, lazy("小于 %s"), lambda v, x, _t: v < x[0]),
    "le": Operator(lazy("不超过"), ORDERED, 1, lazy("不超过 %s"), lambda v, x, _t: v <= x[0]),
    "gt": Operator(lazy("大于"), ORDERED, 1, lazy("大于 %s"), lambda v, x, _t: v > x[0]),
    "ge": Operator(lazy("不低于"), ORDERED, 1, lazy("不低于 %s"), lambda v, x, _t: v >= x[0]),
    "between": Operator(lazy("介于（含两端）"), ORDERED, 2, lazy("在 %s 之间（含）"), lambda v, x, _t: x[0] <= v <= x[1]),
    "in": Operator(lazy("属于"), (*ORDERED, TEXT), MOST_VALUES, lazy("是 %s 之一"), lambda v, x, _t: v in x),
    "not_in": Operator(lazy("不属于"), (*ORDERED, TEXT), MOST_VALUES, lazy("不是 %s 之一"), lambda v, x, _t: v not in x),
    "contains": Operator(lazy("包含"), (TEXT,), 1, lazy("包含“%s”"), lambda v, x, _t: x[0] in v),
    "matches": Operator(lazy("符合模式"), (TEXT,), 1, lazy("符合模式 %s"), lambda v, x, _t: _pattern(x[0]).matches(v)),
    "within_days": Operator(lazy("在最近若干天内"), (DAY,), 1, lazy("在最近 %s 天内"), _since, NUMBER),
    "older_days": Operator(lazy("早于若干天前"), (DAY,), 1, lazy("早于 %s 天前"), _before, NUMBER),
}  # fmt: skip


@dataclass(frozen=True)
class Test:
    """An operator with the values that it compares with, in the type of the fact."""

    op: str
    values: tuple[Any, ...]
    kind: str

    __test__ = False  # not one of pytest's

    def holds(self, value: Value, today: date) -> Truth:
        """Say whether `value` passes; None where it is not known."""
        return None if value is None else OPERATORS[self.op].compare(value, self.values, today)

    def reads(self, unit: str = "") -> str:
        """Return the test as the second half of a sentence: 不超过 70%."""
        operator = OPERATORS[self.op]
        if self.kind == TRUTH:
            return shown(self.values[0], TRUTH)
        kind, unit = (operator.takes, "") if operator.takes else (self.kind, unit)
        words = [shown(value, kind, unit) for value in self.values]
        return str(operator.says) % (_(" 至 ") if self.op == "between" else "、").join(words)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"op": self.op, "values": [write_value(value) for value in self.values]}


class BadTest(ValueError):
    """A test that cannot be asked; the message says why, for the person who wrote it."""


def read_test(said: Any, fact: FactType) -> Test:
    """Read a test of `fact` from JSON. Raises BadTest."""
    if not isinstance(said, Mapping) or not isinstance(said.get("values"), list):
        raise BadTest(_("条件不完整"))
    operator = OPERATORS.get(str(said.get("op")))
    if operator is None or fact.type not in operator.types:
        raise BadTest(_("“%(fact)s”不能这样比较") % {"fact": fact.label})
    try:
        values = tuple(read_value(operator.takes or fact.type, one) for one in said["values"])
    except ValueError:
        raise BadTest(_("“%(fact)s”的比较值填写不正确") % {"fact": fact.label}) from None
    wrong = len(values) != operator.arity if operator.arity < MOST_VALUES else not 1 <= len(values) <= MOST_VALUES
    if wrong or None in values or "" in values:
        raise BadTest(_("“%(fact)s”的比较值没有填全") % {"fact": fact.label})
    if fact.choices and said["op"] in ("eq", "ne", "in", "not_in") and not set(values) <= set(fact.choices):
        raise BadTest(_("“%(fact)s”只能是：%(all)s") % {"fact": fact.label, "all": "、".join(fact.choices)})
    _must_make_sense(str(said["op"]), values)
    return Test(str(said["op"]), values, fact.type)


def _must_make_sense(op: str, values: tuple[Any, ...]) -> None:
    if op == "between" and values[0] > values[1]:
        raise BadTest(_("“介于”的前一个值要不大于后一个"))
    if op in ("within_days", "older_days") and (
        values[0] != Decimal(int(values[0])) or not 0 <= values[0] <= MOST_DAYS
    ):
        raise BadTest(_("天数填 0 到 %(most)d 的整数") % {"most": MOST_DAYS})
    if op == "matches":
        try:
            _pattern(values[0])
        except BadPattern as wrong:
            raise BadTest(str(wrong)) from None
