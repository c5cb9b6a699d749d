"""What an award is worth telling (0 to 100): points that add up, each with its reason. Pure: no database, no clock.

What a house and its people made of earlier awards counts, too: a rate of those taken up, drawn to the middle as long as
there are few (docs/decisions/0056).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

STEADY = 5  # so many answers weigh as much as what was thought before
MIDDLE = 0.5
NAME, WINNER = 40, 5
ASKED_FOR = 15  # the notice itself asks for a guarantee
SIZES = ((1_000_000_000, 20), (100_000_000, 14), (1, 8))  # 分 from which on, points
AGES = ((3, 10), (30, 5))  # days up to which, points
BANDS = (100_000_000, 1_000_000_000, 10_000_000_000)  # 分: below 100万, 1000万, 1亿, and above


@dataclass(frozen=True)
class Answers:
    """How often awards of a kind were taken up, and how often set aside as not relevant."""

    good: int = 0
    bad: int = 0

    @property
    def total(self) -> int:
        return self.good + self.bad


@dataclass(frozen=True)
class Likeness:
    """What was answered to awards like this one in one respect: by the whole house, and by this person."""

    house: Answers
    person: Answers

    @property
    def rate(self) -> float:
        """The rate of those taken up: the house's drawn to the middle, the person's drawn to the house's."""
        return drawn(self.person, drawn(self.house, MIDDLE))


RESPECTS = {"firm": 15, "trade": 8, "band": 5}  # most points that a respect gives or takes


@dataclass(frozen=True)
class Award:
    """What is known of an award when it is told."""

    match_score: int
    matched: str  # in words
    role: str  # winner, member
    amount: int | None
    asks: bool
    age: int | None  # days since it was published


@dataclass(frozen=True)
class Worth:
    """A score, and the reasons that add up to it (within 0 and 100)."""

    score: int
    reasons: tuple[tuple[str, int], ...]


def drawn(answers: Answers, towards: float) -> float:
    """Return the rate of `answers`, drawn towards what was thought before while they are few."""
    return (answers.good + STEADY * towards) / (answers.total + STEADY)


def band_of(amount: int | None) -> int:
    """Return the size band of an amount, 0 where it is not known."""
    return 0 if amount is None else 1 + sum(amount >= bound for bound in BANDS)


def worth_of(award: Award, likes: dict[str, Likeness]) -> Worth:
    """Return what an award is worth to whom it is told."""
    reasons = [(_("公告里的名称：%(how)s") % {"how": award.matched}, round(award.match_score * NAME / 100))]
    if award.role == "winner":
        reasons.append((_("是中标人"), WINNER))
    reasons.append(_size(award.amount))
    reasons.append((_("公告要求提供担保"), ASKED_FOR) if award.asks else (_("公告里没有写担保要求"), 0))
    reasons.append(_age(award.age))
    reasons += answered(likes)
    return Worth(max(0, min(100, sum(points for _words, points in reasons))), tuple(reasons))


def answered(likes: dict[str, Likeness]) -> list[tuple[str, int]]:
    """Return what earlier answers give or take, each with its reason."""
    return [told for respect, like in likes.items() if (told := _like(respect, like)) is not None]


def _size(amount: int | None) -> tuple[str, int]:
    if amount is None:
        return _("中标价没有读准"), 0
    points = next((points for least, points in SIZES if amount >= least), 0)
    return _("中标价 %(n)s 万元") % {"n": f"{amount / 1_000_000:,.0f}"}, points


def _age(days: int | None) -> tuple[str, int]:
    if days is None:
        return _("公告没有写发布日期"), 0
    points = next((points for most, points in AGES if days <= most), 0)
    return (_("今天发布") if days <= 0 else _("%(n)d 天前发布") % {"n": days}), points


def _like(respect: str, like: Likeness) -> tuple[str, int] | None:
    if not like.house.total:
        return None
    words = {
        "firm": _("这个客户的中标，%(who)s反馈 %(n)d 次，跟进 %(good)d 次"),
        "trade": _("同行业的中标，%(who)s反馈 %(n)d 次，跟进 %(good)d 次"),
        "band": _("同等规模的中标，%(who)s反馈 %(n)d 次，跟进 %(good)d 次"),
    }[respect]
    who, answers = (_("您"), like.person) if like.person.total else (_("本机构"), like.house)
    points = round((like.rate - MIDDLE) * 2 * RESPECTS[respect])
    return words % {"who": who, "n": answers.total, "good": answers.good}, points


def as_rows(reasons: Sequence[tuple[str, int]]) -> list[list[object]]:
    """Return reasons as plain data."""
    return [[words, points] for words, points in reasons]
