"""Which tier a customer's conduct earns, and why. Pure: facts and a ladder in, a standing out.

A condition answers three ways, and unknown is never met: where a source does not answer, nobody is favoured by it.
A tier that a manager set lowers the fee only; an answer at once is earned by facts alone. Whoever owes a recourse that
is overdue is favoured in nothing, whatever was set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from xinshu.guarantees.law.findings import FAILS, MEETS, UNKNOWN

HONOURED, YEARS, PAID, OVERDUE = "honoured", "years", "paid", "overdue"  # what tiers ask of conduct
SCORE = "credit_score"
REFUSED = "refused"  # told beside them, asked by none: a demand that was refused says nothing against the applicant


@dataclass(frozen=True)
class Fact:
    """One thing known of a customer: how much (None: its source did not answer), from where, in words."""

    value: int | None
    source: str


Conduct = Mapping[str, Fact]  # HONOURED, YEARS, PAID, OVERDUE, SCORE, REFUSED, and whatever upper rooms tell besides


@dataclass(frozen=True)
class Tier:
    """One step of the ladder: what it asks, what it gives. `discount` of the fee (0.1: a tenth less), amounts in 分.

    `auto_amount`: up to here an application whose rules all meet is approved at once; 0: as the authority table says.
    """

    code: str
    name: str
    discount: Decimal
    auto_amount: int
    honoured: int = 0  # at least so many guarantees that ended without a demand being paid
    years: int = 0  # at least so many whole years as a customer
    paid: int = 0  # at most so many demands paid under its guarantees
    score: int = 0  # at least this credit score; 0: none is asked

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "discount": str(self.discount)}


def tier_of_json(row: Mapping[str, Any]) -> Tier:
    return Tier(**{**row, "discount": Decimal(row["discount"])})


@dataclass(frozen=True)
class Answer:
    """What one condition of a tier found."""

    label: str
    verdict: str
    message: str
    source: str


@dataclass(frozen=True)
class Standing:
    """The tier that holds (None: none), whether a person set it, and the answers that led there."""

    tier: Tier | None
    answers: tuple[Answer, ...] = ()
    set_by_hand: str = ""  # the manager's reason

    @property
    def discount(self) -> Decimal:
        return self.tier.discount if self.tier else Decimal(0)

    @property
    def auto_amount(self) -> int:
        """Up to where an answer at once was earned (分). Nobody's word earns it."""
        return self.tier.auto_amount if self.tier and not self.set_by_hand else 0


def standing_of(conduct: Conduct, ladder: Sequence[Tier], *, set_code: str = "", set_reason: str = "") -> Standing:
    """Return the best tier whose conditions are all met; a better one that was set by hand comes before it."""
    overdue = _at_most(OVERDUE, 0, conduct)
    if overdue.verdict != MEETS:
        return Standing(None, (overdue,))
    codes = [tier.code for tier in ladder]
    earned, answers = _earned(conduct, ladder)
    place = codes.index(earned.code) if earned else len(codes)
    if set_code in codes and codes.index(set_code) < place:
        return Standing(ladder[codes.index(set_code)], (overdue, *answers), set_reason)
    return Standing(earned, (overdue, *answers))


def _earned(conduct: Conduct, ladder: Sequence[Tier]) -> tuple[Tier | None, tuple[Answer, ...]]:
    """Return the best tier earned with its answers; where none is, the answers of the lowest: what is lacking."""
    answers: tuple[Answer, ...] = ()
    for tier in ladder:
        answers = (
            _at_least(HONOURED, tier.honoured, conduct),
            _at_least(YEARS, tier.years, conduct),
            _at_most(PAID, tier.paid, conduct),
            *([_at_least(SCORE, tier.score, conduct)] if tier.score else []),
        )
        if all(answer.verdict == MEETS for answer in answers):
            return tier, answers
    return None, answers


def _at_least(name: str, least: int, conduct: Conduct) -> Answer:
    told = {"least": least}
    words = {
        HONOURED: _("不少于 %(least)d 笔"), YEARS: _("不少于 %(least)d 年"), SCORE: _("不低于 %(least)d 分"),
    }[name] % told  # fmt: skip
    return _answered(name, words, conduct, lambda value: value >= least)


def _at_most(name: str, most: int, conduct: Conduct) -> Answer:
    words = _("没有") if most == 0 else _("不超过 %(most)d 笔") % {"most": most}
    return _answered(name, words, conduct, lambda value: value <= most)


def _answered(name: str, wanted: str, conduct: Conduct, holds: Any) -> Answer:
    label, fact = label_of(name), conduct.get(name) or Fact(None, "")
    if fact.value is None:
        return Answer(
            label, UNKNOWN, _("要求%(wanted)s；数据源没有答复，不按满足处理。") % {"wanted": wanted}, fact.source
        )
    verdict = MEETS if holds(fact.value) else FAILS
    told = {"wanted": wanted, "value": fact.value, "unit": {YEARS: _("年"), SCORE: _("分")}.get(name, _("笔"))}
    return Answer(label, verdict, _("要求%(wanted)s，现为 %(value)d %(unit)s。") % told, fact.source)


def label_of(name: str) -> str:
    """Return what a fact of conduct is called."""
    return {
        HONOURED: _("按期履约、未发生代偿的保函"),
        YEARS: _("成为客户的年数"),
        PAID: _("发生代偿的索赔"),
        OVERDUE: _("逾期未还的追偿"),
        REFUSED: _("被拒付的索赔"),
        SCORE: _("信用分"),
    }[name]
