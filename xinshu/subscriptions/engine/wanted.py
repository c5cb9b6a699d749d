"""What a subscription wants and what an announcement says, as the engine sees them; and the exact answer for one pair.

`look` is the rule itself, written to be read: what pages show, and what the fast matcher is held against.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from xinshu.subscriptions.engine.language import Join, Node, Word, holds, wanted_of

BASE, IN_TITLE, MORE_WORD, FILTER, UNKNOWN = 50, 20, 5, 5, -10  # points
MORE_WORDS = 2  # further keywords that count
YES, MAYBE, NO = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement: title and body normalised; codes are "" and the amount None where they are not told."""

    title: str
    body: str
    kind: str = ""
    region: str = ""
    trade: str = ""
    amount: int | None = None  # 分
    tags: frozenset[int] = frozenset()  # tags that houses gave the firms it names


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription: its keywords and filters. Empty filters let everything pass.

    Regions and trades are nodes of trees whose codes begin with their parent's. `unsure`: what does not tell its
    region, trade or amount is wanted, too.
    """

    id: int
    expression: Node | None = None
    qualifications: tuple[str, ...] = ()  # normalised words, one of which occurs
    kinds: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()
    tags: frozenset[int] = frozenset()
    least_amount: int | None = None
    most_amount: int | None = None
    least_score: int = 0
    unsure: bool = True

    @property
    def whole(self) -> Node | None:
        """Everything that is asked of the text: the keywords, and one of the qualifications."""
        asked = tuple(Word(one) for one in self.qualifications)
        either: Node | None = (asked[0] if len(asked) == 1 else Join("or", asked)) if asked else None
        if self.expression is None or either is None:
            return self.expression or either
        return Join("and", (self.expression, either))


@dataclass(frozen=True, slots=True)
class Found:
    """That a subscription is met: the score, the words found (in the title or not), the filters met and not told."""

    score: int
    words: tuple[tuple[str, bool], ...]
    met: tuple[str, ...]
    untold: tuple[str, ...]


def within(code: str, nodes: Iterable[str]) -> int:
    """Whether a code stands in one of the trees below `nodes`; MAYBE where it is too coarse to say, or not told."""
    answer = NO
    for node in nodes:
        if code and code.startswith(node):
            return YES
        if node.startswith(code):
            answer = MAYBE
    return answer


def within_amounts(amount: int | None, least: int | None, most: int | None) -> int:
    """Whether an amount lies between two (both included); MAYBE where it is not told."""
    if amount is None:
        return MAYBE
    return YES if (least is None or amount >= least) and (most is None or amount <= most) else NO


def look(wanted: Wanted, notice: Notice) -> Found | None:
    """Return how an announcement meets a subscription, None where it does not."""
    expression = wanted.whole
    if not holds(expression, lambda word: word in notice.title or word in notice.body):
        return None
    if wanted.kinds and notice.kind not in wanted.kinds:
        return None
    answers = {}
    if wanted.regions:
        answers["region"] = within(notice.region, wanted.regions)
    if wanted.trades:
        answers["trade"] = within(notice.trade, wanted.trades)
    if wanted.least_amount is not None or wanted.most_amount is not None:
        answers["amount"] = within_amounts(notice.amount, wanted.least_amount, wanted.most_amount)
    if wanted.tags:
        answers["tags"] = YES if wanted.tags & notice.tags else NO
    if NO in answers.values() or (MAYBE in answers.values() and not wanted.unsure):
        return None
    words = tuple((one, one in notice.title) for one in sorted(wanted_of(expression))
                  if one in notice.title or one in notice.body)  # fmt: skip
    met = tuple(name for name, answer in answers.items() if answer == YES)
    untold = tuple(name for name, answer in answers.items() if answer == MAYBE)
    score = score_of(len(words), any(title for _word, title in words), len(met), len(untold))
    return Found(score, words, met, untold) if score >= wanted.least_score else None


def score_of(words: int, in_title: bool, met: int, untold: int) -> int:
    """Return the points, 0 to 100: for words in the title, further words, filters met; less for what is untold."""
    more = min(max(words - 1, 0), MORE_WORDS) * MORE_WORD
    points = BASE + IN_TITLE * in_title + more + FILTER * met + UNKNOWN * untold
    return min(max(points, 0), 100)
