"""Text patterns that end in time: a part of the usual regular expressions, run without going back (Thompson, 1968).

Time is at most states x characters, whatever the pattern: `(a+)+b` costs what `a+b` costs. Known: literals, `.`,
`[a-z]`, `[^…]`, `\\d \\w \\s`, groups, `|`, `* + ?`, `{n}`, `{n,m}`. A pattern is about the whole text.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

LONGEST_PATTERN, MOST_STATES, MOST_DEPTH = 200, 400, 20
Accepts = Callable[[str], bool]


class BadPattern(ValueError):
    """A pattern that cannot be read, or is too big; the message says where, for the person who typed it."""


@dataclass
class _State:
    accepts: Accepts | None = None  # None: passes on without a character
    to: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Pattern:
    """A pattern ready to be held against texts."""

    text: str
    states: tuple[_State, ...]
    first: int
    last: int

    def matches(self, subject: str) -> bool:
        """Return whether the whole of `subject` fits. Looks at each character once, with every state at most once."""
        here = self._reached({self.first})
        for character in subject:
            moved = {
                to
                for state in here
                if (accepts := self.states[state].accepts) is not None and accepts(character)
                for to in self.states[state].to
            }
            if not moved:
                return False
            here = self._reached(moved)
        return self.last in here

    def _reached(self, begun: set[int]) -> set[int]:
        seen, waiting = set(begun), list(begun)
        while waiting:
            state = self.states[waiting.pop()]
            if state.accepts is None:
                new = [to for to in state.to if to not in seen]
                seen.update(new)
                waiting += new
        return seen


def pattern_of(text: str) -> Pattern:
    """Read a pattern. Raises BadPattern."""
    if len(text) > LONGEST_PATTERN:
        raise BadPattern(_("模式太长，最多 %(n)s 个字。") % {"n": LONGEST_PATTERN})
    reader = _Reader(text)
    first, last = reader.either()
    if reader.position < len(text):
        raise reader.wrong(_("括号不成对"))
    return Pattern(text, tuple(reader.states), first, last)


class _Reader:
    """Recursive descent over the text; each method returns (first, last) of the piece that it built."""

    def __init__(self, text: str) -> None:
        self.text, self.position, self.depth = text, 0, 0
        self.states: list[_State] = []

    def wrong(self, why: str) -> BadPattern:
        return BadPattern(_("模式第 %(n)s 个字：%(why)s。") % {"n": self.position + 1, "why": why})

    def next(self) -> str:
        return self.text[self.position : self.position + 1]

    def state(self, accepts: Accepts | None = None, to: Iterable[int] = ()) -> int:
        if len(self.states) >= MOST_STATES:
            raise BadPattern(_("模式展开后太大，请减少重复次数。"))
        self.states.append(_State(accepts, list(to)))
        return len(self.states) - 1

    def either(self) -> tuple[int, int]:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise self.wrong(_("括号套得太深"))
        branches = [self.row()]
        while self.next() == "|":
            self.position += 1
            branches.append(self.row())
        self.depth -= 1
        if len(branches) == 1:
            return branches[0]
        last = self.state()
        for _first, end in branches:
            self.states[end].to.append(last)
        return self.state(to=[first for first, _end in branches]), last

    def row(self) -> tuple[int, int]:
        first = last = self.state()
        while self.next() not in ("", "|", ")"):
            begun = self.position
            piece = self.one()
            for start, end in self.repeated(piece, begun):
                self.states[last].to.append(start)
                last = end
        return first, last

    def repeated(self, piece: tuple[int, int], begun: int) -> list[tuple[int, int]]:
        """Return the pieces, one after another, that the quantifier behind `piece` makes of it."""
        least, most = self.quantifier()
        if (least, most) == (1, 1):
            return [piece]
        after = self.position
        copies = [piece]
        while len(copies) < max(least, 1 if most is None else most):
            self.position = begun
            copies.append(self.one())
        self.position = after
        pieces = copies[: max(least, most or 0)] if most is not None else copies
        result = []
        for number, (start, end) in enumerate(pieces):
            enter, leave = self.state(to=[start]), self.state()
            self.states[end].to.append(leave)
            if number >= least:
                self.states[enter].to.append(leave)
            if most is None and number == len(pieces) - 1:
                self.states[end].to.append(start)
            result.append((enter, leave))
        return result

    def quantifier(self) -> tuple[int, int | None]:
        sign = self.next()
        if sign in ("*", "+", "?") and sign:
            self.position += 1
            found: tuple[int, int | None] = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        elif sign == "{":
            end = self.text.find("}", self.position)
            said = self.text[self.position + 1 : end].split(",") if end > 0 else [""]
            if len(said) > 2 or not all(one.isascii() and one.isdecimal() and len(one) < 4 for one in said):
                raise self.wrong(_("次数写成 {n} 或 {n,m}"))
            self.position = end + 1
            found = int(said[0]), int(said[-1])
            if found[0] > int(said[-1]):
                raise self.wrong(_("次数的前一个要小于后一个"))
        else:
            return 1, 1
        if self.next() in ("*", "+", "?", "{") and self.next():
            raise self.wrong(_("次数后面不能再跟次数"))
        return found

    def one(self) -> tuple[int, int]:
        sign = self.next()
        if sign == "(":
            self.position += 1
            piece = self.either()
            if self.next() != ")":
                raise self.wrong(_("缺少右括号"))
            self.position += 1
            return piece
        if sign in ("*", "+", "?", "{"):
            raise self.wrong(_("次数前面缺少内容"))
        last = self.state()
        return self.state(self.accepted(), [last]), last

    def accepted(self) -> Accepts:
        sign = self.next()
        self.position += 1
        if sign == ".":
            return lambda character: character != "\n"
        if sign == "[":
            return self.chosen()
        if sign == "\\":
            return self.escaped()
        return lambda character: character == sign

    def escaped(self) -> Accepts:
        sign = self.next()
        self.position += 1
        if sign == "d":
            return lambda character: "0" <= character <= "9"
        if sign == "w":
            return lambda character: character.isalnum() or character == "_"
        if sign == "s":
            return str.isspace
        if not sign or sign.isalnum():
            raise self.wrong(_("不认识这个转义"))
        return lambda character: character == sign

    def chosen(self) -> Accepts:
        refuses = self.next() == "^"
        self.position += refuses
        tests: list[Accepts] = []
        while self.next() != "]" or not tests:
            sign = self.next()
            if not sign:
                raise self.wrong(_("缺少右方括号"))
            self.position += 1
            if sign == "\\":
                tests.append(self.escaped())
                continue
            low = high = sign
            if self.next() == "-" and self.text[self.position + 1 : self.position + 2] not in ("", "]"):
                high = self.text[self.position + 1]
                self.position += 2
                if low > high:
                    raise self.wrong(_("范围的前一个要小于后一个"))
            tests.append(lambda character, low=low, high=high: low <= character <= high)  # type: ignore[misc]
        self.position += 1
        return lambda character: any(test(character) for test in tests) is not refuses
