"""The language of keywords: one line with and / or / not (与 或 非), brackets, quotes; blanks mean "and".

`(道路 or 桥梁) 施工 not 监理`. An operator stands alone, so that 非开挖 is a word. Not binds closest, then and.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from xinshu.subscriptions.engine.words import normalise

LONGEST, MOST_WORDS, DEEPEST = 300, 20, 12
SHORTEST_WORD, LONGEST_WORD = 2, 30
AND, OR, NOT = "and", "or", "not"
OPERATORS = {
    "and": AND, "与": AND, "且": AND, "&": AND, "&&": AND, "+": AND,
    "or": OR, "或": OR, "|": OR, "||": OR,
    "not": NOT, "非": NOT, "!": NOT,
}  # fmt: skip
_TOKEN = re.compile(
    r'\s*(?:(?P<quote>["“”])(?P<quoted>[^"“”]*)(?P<end>["“”])?|(?P<sign>[()（）])|(?P<word>[^\s()（）"“”]+))'
)


@dataclass(frozen=True, slots=True)
class Word:
    """Occurs in the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """Does not hold."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Join:
    """All of them hold, or any."""

    how: str  # AND, OR
    nodes: tuple["Node", ...]


Node = Word | Not | Join


class Unreadable(ValueError):
    """What is wrong with a line, and from which sign on (the first is 1)."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(_("第 %(n)d 个字：%(reason)s") % {"n": position, "reason": reason})
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # AND, OR, NOT, "(", ")", "word", "" at the end
    text: str
    at: int


def parse(line: str) -> Node | None:
    """Return what a line says, None for an empty one. Raises Unreadable with the place."""
    if len(line) > LONGEST:
        raise Unreadable(LONGEST + 1, _("超过 %(n)d 个字，请分成几条订阅。") % {"n": LONGEST})
    tokens = list(_tokens(line))
    if not tokens:
        return None
    tokens.append(_Token("", "", len(line.rstrip()) + 1))
    words = [token for token in tokens if token.kind == "word"]
    if len(words) > MOST_WORDS:
        raise Unreadable(words[MOST_WORDS].at, _("超过 %(n)d 个关键词，请分成几条订阅。") % {"n": MOST_WORDS})
    return _Reader(tokens).whole()


def _tokens(line: str) -> "list[_Token]":
    found, place = [], 0
    while met := _TOKEN.match(line, place):
        place, at = met.end(), met.start(met.lastgroup or 0) + 1
        if met["quote"]:
            at = met.start("quote") + 1
            if not met["end"]:
                raise Unreadable(at, _("引号没有配对。"))
            found.append(_word(met["quoted"], at))
        elif met["sign"]:
            found.append(_Token("(" if met["sign"] in "(（" else ")", met["sign"], at))
        elif operator := OPERATORS.get(met["word"].lower()):
            found.append(_Token(operator, met["word"], at))
        else:
            found.append(_word(met["word"], at))
    return found


def _word(typed: str, at: int) -> _Token:
    text = normalise(typed)
    if len(text) < SHORTEST_WORD:
        raise Unreadable(at, _("关键词“%(word)s”至少 %(n)d 个字。") % {"word": text, "n": SHORTEST_WORD})
    if len(text) > LONGEST_WORD:
        raise Unreadable(at, _("关键词不超过 %(n)d 个字。") % {"n": LONGEST_WORD})
    if not any(sign.isalnum() for sign in text):
        raise Unreadable(at, _("“%(word)s”里没有字，不能作关键词。") % {"word": text})
    return _Token("word", text, at)


class _Reader:
    """Reads tokens by descent."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place, self.depth = tokens, 0, 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def whole(self) -> Node:
        node = self.either()
        if self.next.kind == ")":
            raise Unreadable(self.next.at, _("多了一个右括号。"))
        return node

    def either(self) -> Node:
        nodes = [self.all()]
        while self.next.kind == OR:
            self.take()
            nodes.append(self.all())
        return _join(OR, nodes)

    def all(self) -> Node:
        nodes = [self.one()]
        while self.next.kind in (AND, NOT, "(", "word"):
            if self.next.kind == AND:
                self.take()
            nodes.append(self.one())
        return _join(AND, nodes)

    def one(self) -> Node:
        token = self.take()
        if token.kind == "word":
            return Word(token.text)
        if token.kind not in (NOT, "("):
            raise Unreadable(token.at, _wrong(token))
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable(token.at, _("括号套了 %(n)d 层以上，请写得简单些。") % {"n": DEEPEST})
        if token.kind == NOT:
            node: Node = Not(self.one())
        else:
            node = self.either()
            if self.next.kind != ")":
                raise Unreadable(token.at, _("括号没有配对。"))
            self.take()
        self.depth -= 1
        return node


def _wrong(token: _Token) -> str:
    if token.kind == ")":
        return _("右括号前面缺少关键词。")
    if token.kind:
        return _("“%(sign)s”的位置应是关键词。") % {"sign": token.text}
    return _("后面缺少关键词。")


def _join(how: str, nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Join(how, tuple(nodes))


def words_of(node: Node | None) -> tuple[str, ...]:
    """Return the keywords of an expression, each once, in their order."""
    found: dict[str, None] = {}
    _collect(node, found)
    return tuple(found)


def _collect(node: Node | None, found: dict[str, None]) -> None:
    if isinstance(node, Word):
        found[node.text] = None
    elif isinstance(node, Not):
        _collect(node.node, found)
    elif isinstance(node, Join):
        for one in node.nodes:
            _collect(one, found)


def wanted_of(node: Node | None, positive: bool = True) -> frozenset[str]:
    """Return the keywords that are looked for, without those that must not occur."""
    if isinstance(node, Word):
        return frozenset({node.text}) if positive else frozenset()
    if isinstance(node, Not):
        return wanted_of(node.node, not positive)
    return frozenset().union(*(wanted_of(one, positive) for one in node.nodes)) if node else frozenset()


def holds(node: Node | None, occurs: Callable[[str], bool]) -> bool:
    """Whether an expression holds of a text, told which words occur in it."""
    if node is None:
        return True
    if isinstance(node, Word):
        return occurs(node.text)
    if isinstance(node, Not):
        return not holds(node.node, occurs)
    return (all if node.how == AND else any)(holds(one, occurs) for one in node.nodes)


def in_words(node: Node | None) -> str:
    """Return how an expression is read, in Chinese: 同时含“道路”和“施工”，不含“监理”."""
    if node is None:
        return _("不限关键词")
    if isinstance(node, Word):
        return _("含“%(word)s”") % {"word": node.text}
    if isinstance(node, Not):
        if isinstance(node.node, Word):
            return _("不含“%(word)s”") % {"word": node.node.text}
        return _("不满足（%(rest)s）") % {"rest": in_words(node.node)}
    told = [f"（{in_words(one)}）" if isinstance(one, Join) else in_words(one) for one in node.nodes]
    return (_("，且") if node.how == AND else _("，或")).join(told)
