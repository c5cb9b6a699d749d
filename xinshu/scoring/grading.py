"""From a probability and what rules and figures say to a risk grade. Pure.

A (lowest) to E. The probability gives the grade; a rule that asks for a person and a serious contradiction lower it by
one each, a rule that refuses makes it E. Without a model only a refusal gives a grade: what nobody knows is not "low".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

GRADES = (
    # grade  below this probability
    ("A", 0.01),
    ("B", 0.03),
    ("C", 0.08),
    ("D", 0.20),
    ("E", 1.01),
)
TONES = {"A": "ok", "B": "ok", "C": "info", "D": "warn", "E": "danger", "": "mute"}
LETTERS = [grade for grade, _below in GRADES]
MEETS, FAILS, ASK = "meets", "fails", "ask"


@dataclass(frozen=True)
class RuleSaid:
    """What one of the house's rule sets answered: "meets", "fails", "ask", and its own label."""

    name: str
    number: int
    outcome: str
    label: str
    run: str  # reference of the kept run


@dataclass(frozen=True)
class Flag:
    """A contradiction between figures: what it is called, with the figures; `serious` lowers the grade."""

    name: str
    text: str
    serious: bool


def grade_at(probability: float) -> str:
    """Return the grade of a probability alone."""
    return next(grade for grade, below in GRADES if probability < below)


def grade_of(
    probability: float | None, rules: Sequence[RuleSaid], flags: Sequence[Flag]
) -> tuple[str, list[list[str]]]:
    """Return the grade and how it came about, step by step, as codes that are kept. "": nobody can say."""
    steps: list[list[str]] = []
    grade = ""
    if probability is not None:
        grade = grade_at(probability)
        steps.append(["model", f"{probability:.6f}", grade])
    else:
        steps.append(["none"])
    for rule in rules:
        if rule.outcome == FAILS:
            grade = "E"
            steps.append(["refused", rule.name, str(rule.number)])
        elif rule.outcome == ASK and grade:
            grade = _lower(grade)
            steps.append(["asked", rule.name, str(rule.number), grade])
    serious = [flag.name for flag in flags if flag.serious]
    if grade and serious:
        grade = _lower(grade)
        steps.append(["against", "、".join(serious), grade])
    return grade, steps


def words_of(step: Sequence[str]) -> str:
    """Return one step of a grade in words."""
    match step:
        case ["model", probability, grade]:
            told = {"p": f"{float(probability) * 100:.2f}%", "grade": grade}
            return _("模型估计违约概率 %(p)s，为 %(grade)s 级。") % told
        case ["refused", name, number]:
            return _("规则“%(name)s”V%(number)s 不通过，定为 E 级。") % {"name": name, "number": number}
        case ["asked", name, number, grade]:
            told = {"name": name, "number": number, "grade": grade}
            return _("规则“%(name)s”V%(number)s 要求人工判断，降为 %(grade)s 级。") % told
        case ["against", names, grade]:
            return _("数字有矛盾（%(names)s），降为 %(grade)s 级。") % {"names": names, "grade": grade}
    return _("还没有启用的模型，没有违约概率。")


def _lower(grade: str) -> str:
    return LETTERS[min(LETTERS.index(grade) + 1, len(LETTERS) - 1)]
