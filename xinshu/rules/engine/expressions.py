"""Expressions for experts: read, typed and measured before anybody can use them, then run as closures. Pure.

`净资产 / 总资产`-like sums and comparisons over facts by code: `debt_ratio <= 0.7 and tax_grade in ("A", "B")`.
The language has no loops, no names but facts, no attributes, no calls but those of FUNCTIONS, no powers: it cannot hang
nor reach out. What it may cost is fixed before it runs (BUDGET): each of at most 200 parts is looked at once at most.
Amounts are written with the unit: `500万元`, `3000元`. An unknown fact makes its sum unknown; and / or are Kleene's.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from django.utils.translation import gettext as _

from xinshu.rules.engine.facts import AMOUNT, DAY, NOTHING, NUMBER, TEXT, TRUTH, TYPES, Facts, FactType
from xinshu.rules.engine.kleene import negated
from xinshu.rules.engine.patterns import BadPattern, pattern_of

LONGEST, MOST_PARTS, DEEPEST = 1_000, 200, 30  # BUDGET: characters, parts, levels
ARITHMETIC = Context(prec=28, Emax=60, Emin=-60, traps=[DivisionByZero, InvalidOperation, Overflow])
Run = Callable[[Facts, date], Any]
TOKENS = re.compile(
    r"\s*(?:(?P<amount>\d+(?:\.\d{1,6})?(?:亿元|万元|元))|(?P<number>\d+(?:\.\d+)?)|(?P<text>\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*)|(?P<sign><=|>=|!=|==|[-+*/<>=(),]))"
)
FEN = {"元": 100, "万元": 10_000_00, "亿元": 100_000_000_00}
WORDS = {"且": "and", "或": "or", "非": "not", "属于": "in", "真": "true", "假": "false", "今天": "today"}
MONEY_OR_NUMBER = (NUMBER, AMOUNT)


class BadExpression(ValueError):
    """An expression that cannot be used; the message says where and why, for the person who types."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Part:
    """A piece of an expression: the type of what it gives, and how it is run."""

    type: str
    run: Run


@dataclass(frozen=True)
class Expression:
    """A checked expression that says yes, no or not known; `facts` are the codes that it asks for."""

    text: str
    facts: tuple[str, ...]
    parts: int
    run: Run

    def holds(self, facts: Facts, today: date) -> bool | None:
        """Say whether it holds. A sum that has no result (division by zero, too big) is not known."""
        try:
            found = self.run(facts, today)
        except (DecimalException, OverflowError):
            return None
        return found if isinstance(found, bool) else None


def read_expression(text: str, types: Mapping[str, FactType]) -> Expression:
    """Read and check an expression over `types`. Raises BadExpression."""
    reader = _Reader(text, types)
    part = reader.either()
    if reader.kind != "end":
        raise reader.wrong(_("这里读不下去了"))
    if part.type != TRUTH:
        raise BadExpression(_("整个表达式要得出“是”或“否”，现在得出的是%(type)s。") % {"type": TYPES[part.type]})
    return Expression(text, tuple(dict.fromkeys(reader.asked)), reader.parts, part.run)


def _sum(act: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    def run(facts: Facts, today: date) -> Any:
        one, other = left(facts, today), right(facts, today)
        return None if one is None or other is None else act(one, other)

    return run


def _and(left: Run, right: Run) -> Run:
    def run(facts: Facts, today: date) -> bool | None:
        one = _told(left, facts, today)
        if one is False:
            return False
        other = _told(right, facts, today)
        return False if other is False else (None if one is None or other is None else True)

    return run


def _or(left: Run, right: Run) -> Run:
    def run(facts: Facts, today: date) -> bool | None:
        one = _told(left, facts, today)
        if one is True:
            return True
        other = _told(right, facts, today)
        return True if other is True else (None if one is None or other is None else False)

    return run


def _told(run: Run, facts: Facts, today: date) -> bool | None:
    """Return what a side of and / or says; a sum in it that has no result leaves this side unknown, not the whole."""
    try:
        found: bool | None = run(facts, today)
    except (DecimalException, OverflowError):
        return None
    return found


def _constant(value: Any) -> Run:
    return lambda _facts, _today: value


COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip
# What `+ - * /` give, by the types on both sides. Money times money is no money.
SUMS: dict[str, dict[tuple[str, str], str]] = {
    "+": {(NUMBER, NUMBER): NUMBER, (AMOUNT, AMOUNT): AMOUNT, (DAY, NUMBER): DAY},
    "-": {(NUMBER, NUMBER): NUMBER, (AMOUNT, AMOUNT): AMOUNT, (DAY, NUMBER): DAY, (DAY, DAY): NUMBER},
    "*": {(NUMBER, NUMBER): NUMBER, (AMOUNT, NUMBER): AMOUNT, (NUMBER, AMOUNT): AMOUNT},
    "/": {(NUMBER, NUMBER): NUMBER, (AMOUNT, AMOUNT): NUMBER, (AMOUNT, NUMBER): AMOUNT},
}  # fmt: skip
ACTS: dict[str, Callable[[Any, Any], Any]] = {
    "+": ARITHMETIC.add, "-": ARITHMETIC.subtract, "*": ARITHMETIC.multiply, "/": ARITHMETIC.divide,
}  # fmt: skip
DAY_ACTS: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    ("+", NUMBER): lambda day, days: day + timedelta(days=int(days)),
    ("-", NUMBER): lambda day, days: day - timedelta(days=int(days)),
    ("-", DAY): lambda one, other: Decimal((one - other).days),
}
FUNCTIONS = ("min", "max", "abs", "if", "date", "matches", "contains", "length")


class _Reader:
    """Recursive descent; every method returns a typed part."""

    def __init__(self, text: str, types: Mapping[str, FactType]) -> None:
        if len(text) > LONGEST:
            raise BadExpression(_("表达式太长，最多 %(n)s 个字。") % {"n": LONGEST})
        self.text, self.types = text.rstrip(), types
        self.names = {**{str(fact.label): code for code, fact in types.items()}, **{code: code for code in types}}
        self.parts, self.depth, self.end = 0, 0, 0
        self.asked: list[str] = []
        self.kind, self.said, self.begun = "", "", 0
        self.move()

    def wrong(self, why: str) -> BadExpression:
        return BadExpression(_("第 %(n)s 个字附近：%(why)s。") % {"n": self.begun + 1, "why": why}, self.begun)

    def move(self) -> None:
        """Read the next token."""
        if self.end >= len(self.text):
            self.kind, self.said, self.begun = "end", "", len(self.text)
            return
        found = TOKENS.match(self.text, self.end)
        if found is None:
            self.begun = self.end
            raise self.wrong(_("不认识这个符号"))
        self.kind = str(found.lastgroup)
        self.said, self.begun, self.end = found[self.kind], found.start(self.kind), found.end()
        if self.kind == "name" and WORDS.get(self.said, self.said) in ("and", "or", "not", "in"):
            self.kind, self.said = "word", WORDS.get(self.said, self.said)

    def take(self, *said: str) -> str:
        """Step over the token if it is one of `said`; "" when it is none."""
        if self.kind in ("sign", "word") and self.said in said:
            taken = self.said
            self.move()
            return taken
        return ""

    def must(self, sign: str) -> None:
        if not self.take(sign):
            raise self.wrong(_("这里应是“%(sign)s”") % {"sign": sign})

    def part(self, kind: str, run: Run) -> Part:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise BadExpression(_("表达式太大，最多 %(n)s 个部分，请拆成几条规则。") % {"n": MOST_PARTS}, self.begun)
        return Part(kind, run)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(_("套得太深，请拆成几条规则"))

    def truth(self, part: Part) -> Run:
        if part.type != TRUTH:
            raise self.wrong(_("这里要“是”或“否”，现在是%(type)s") % {"type": TYPES[part.type]})
        return part.run

    def either(self) -> Part:
        self.deeper()
        part = self.both()
        while self.take("or"):
            part = self.part(TRUTH, _or(self.truth(part), self.truth(self.both())))
        self.depth -= 1
        return part

    def both(self) -> Part:
        part = self.opposite()
        while self.take("and"):
            part = self.part(TRUTH, _and(self.truth(part), self.truth(self.opposite())))
        return part

    def opposite(self) -> Part:
        if self.take("not"):
            self.deeper()
            run = self.truth(self.opposite())
            self.depth -= 1
            return self.part(TRUTH, lambda facts, today: negated(run(facts, today)))
        return self.comparison()

    def comparison(self) -> Part:
        left = self.sums()
        refuses = bool(self.take("not"))
        if self.take("in"):
            return self.listed(left, refuses)
        if refuses:
            raise self.wrong(_("这里应是“属于”"))
        sign = self.take(*COMPARES)
        if not sign:
            return left
        right = self.sums()
        if left.type != right.type or (left.type in (TEXT, TRUTH) and sign not in ("=", "==", "!=")):
            raise self.wrong(
                _("%(left)s和%(right)s不能用 %(sign)s 比较")
                % {"left": TYPES[left.type], "right": TYPES[right.type], "sign": sign}
            )
        return self.part(TRUTH, _sum(COMPARES[sign], left.run, right.run))

    def listed(self, left: Part, refuses: bool) -> Part:
        """Read what stands behind `in`: constants or sums of the same type in brackets."""
        self.must("(")
        runs = []
        while True:
            one = self.sums()
            if one.type != left.type:
                raise self.wrong(_("列表里要和前面同样是%(type)s") % {"type": TYPES[left.type]})
            runs.append(one.run)
            if not self.take(","):
                break
        self.must(")")

        def run(facts: Facts, today: date) -> bool | None:
            value = left.run(facts, today)
            if value is None:
                return None
            values = [one(facts, today) for one in runs]
            found = True if value in values else (None if None in values else False)
            return negated(found) if refuses else found

        return self.part(TRUTH, run)

    def sums(self) -> Part:
        part = self.products()
        while sign := self.take("+", "-"):
            part = self.summed(sign, part, self.products())
        return part

    def products(self) -> Part:
        part = self.signed()
        while sign := self.take("*", "/"):
            part = self.summed(sign, part, self.signed())
        return part

    def summed(self, sign: str, left: Part, right: Part) -> Part:
        found = SUMS[sign].get((left.type, right.type))
        if found is None:
            raise self.wrong(
                _("%(left)s和%(right)s不能用 %(sign)s 计算")
                % {"left": TYPES[left.type], "right": TYPES[right.type], "sign": sign}
            )
        act = DAY_ACTS[sign, right.type] if left.type == DAY else ACTS[sign]
        return self.part(found, _sum(act, left.run, right.run))

    def signed(self) -> Part:
        if self.take("-"):
            self.deeper()
            part = self.signed()
            self.depth -= 1
            if part.type not in MONEY_OR_NUMBER:
                raise self.wrong(_("只有数值和金额可以取负"))
            return self.part(part.type, _sum(ACTS["-"], _constant(Decimal(0)), part.run))
        return self.single()

    def single(self) -> Part:
        kind, said = self.kind, self.said
        if self.take("("):
            part = self.either()
            self.must(")")
            return part
        if kind == "number":
            if len(said) > 20:
                raise self.wrong(_("数字太长"))
            self.move()
            return self.part(NUMBER, _constant(Decimal(said)))
        if kind == "amount":
            if len(said) > 22:
                raise self.wrong(_("金额太长"))
            self.move()
            digits = said.rstrip("亿万元")
            return self.part(AMOUNT, _constant(Decimal(digits) * FEN[said[len(digits) :]]))
        if kind == "text":
            self.move()
            return self.part(TEXT, _constant(said[1:-1]))
        if kind == "name":
            return self.named(WORDS.get(said, said))
        raise self.wrong(_("这里缺少内容"))

    def named(self, name: str) -> Part:
        code = self.names.get(self.said)
        if code is not None:
            self.move()
            self.asked.append(code)
            fact = self.types[code]
            if fact.type == AMOUNT:
                return self.part(AMOUNT, lambda facts, _today: _decimal(facts.get(code, NOTHING).value))
            return self.part(fact.type, lambda facts, _today: facts.get(code, NOTHING).value)
        if name in ("true", "false"):
            self.move()
            return self.part(TRUTH, _constant(name == "true"))
        if name == "today":
            self.move()
            return self.part(DAY, lambda _facts, today: today)
        if name in FUNCTIONS:
            self.move()
            return self.called(name)
        raise self.wrong(_("没有“%(name)s”这个事实或函数") % {"name": self.said[:40]})

    def called(self, name: str) -> Part:
        self.deeper()
        self.must("(")
        given, literal = [self.either()], ""
        while self.take(","):
            literal = self.said if self.kind == "text" else ""
            given.append(self.either())
        self.must(")")
        self.depth -= 1
        types = tuple(part.type for part in given)
        if name in ("min", "max") and len(given) > 1 and len(set(types)) == 1 and types[0] in (NUMBER, AMOUNT, DAY):
            least = name == "min"
            runs = [part.run for part in given]

            def extreme(facts: Facts, today: date) -> Any:
                values = [run(facts, today) for run in runs]
                return None if None in values else (min(values) if least else max(values))

            return self.part(types[0], extreme)
        if name == "abs" and len(given) == 1 and types[0] in MONEY_OR_NUMBER:
            run = given[0].run
            return self.part(types[0], lambda facts, today: _absolute(run(facts, today)))
        if name == "if" and len(given) == 3 and types[0] == TRUTH and types[1] == types[2]:
            return self.part(types[1], _chosen(*(part.run for part in given)))
        if name == "length" and types == (TEXT,):
            run = given[0].run
            return self.part(NUMBER, lambda facts, today: _length(run(facts, today)))
        if name == "contains" and types == (TEXT, TEXT):
            return self.part(TRUTH, _sum(lambda text, piece: piece in text, given[0].run, given[1].run))
        if name == "matches" and types == (TEXT, TEXT) and literal:
            try:
                pattern = pattern_of(literal[1:-1])
            except BadPattern as wrong:
                raise self.wrong(str(wrong)) from None
            run = given[0].run
            return self.part(TRUTH, lambda facts, today: _fits(pattern.matches, run(facts, today)))
        if name == "date" and types == (TEXT,):
            return self.part(DAY, _constant(self.day(given[0])))
        raise self.wrong(_("%(name)s 括号里的内容不对") % {"name": name})

    def day(self, part: Part) -> date:
        try:
            return date.fromisoformat(str(part.run({}, date.min)))
        except ValueError:
            raise self.wrong(_('日期写成 date("2026-01-31")')) from None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _absolute(value: Decimal | None) -> Decimal | None:
    return None if value is None else abs(value)


def _length(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(len(value))


def _fits(matches: Callable[[str], bool], value: str | None) -> bool | None:
    return None if value is None else matches(value)


def _chosen(condition: Run, one: Run, other: Run) -> Run:
    """`if`: where the condition is not known, the answer is known only if both ways give the same."""

    def run(facts: Facts, today: date) -> Any:
        if (told := _told(condition, facts, today)) is not None:
            return (one if told else other)(facts, today)
        first, second = one(facts, today), other(facts, today)
        return first if first == second else None

    return run
