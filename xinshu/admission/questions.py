"""Questions of a questionnaire: their kinds, how an answer is typed, which fact it becomes. Pure.

As JSON: {"code": "k1", "text", "kind", "choices": [...], "unit", "required"}. The code stays over versions, so that an
answer is the same fact whichever version asked for it. Amounts are typed in 元 and kept in 分.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Refusal
from xinshu.rules.engine.facts import AMOUNT, DAY, NUMBER, TEXT, TRUTH, read_value

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SINGLE, SEVERAL, COUNTED, MONEY, DATE, WORDS, FILE = "single", "several", "number", "amount", "day", "words", "file"
KINDS: dict[str, "StrOrPromise"] = {
    SINGLE: lazy("单选"), SEVERAL: lazy("多选"), COUNTED: lazy("数值"), MONEY: lazy("金额"), DATE: lazy("日期"),
    WORDS: lazy("文字"), FILE: lazy("文件"),
}  # fmt: skip
FACT_OF = {SINGLE: TEXT, SEVERAL: TEXT, COUNTED: NUMBER, MONEY: AMOUNT, DATE: DAY, WORDS: TEXT, FILE: TRUTH}
MOST, MOST_CHOICES, LONGEST = 60, 30, 1_000
Typed = str | list[str]


@dataclass(frozen=True)
class Question:
    """One question with the kind of its answer."""

    code: str
    text: str
    kind: str
    choices: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False

    @property
    def fact(self) -> str:
        """The type of the fact that an answer becomes."""
        return FACT_OF[self.kind]

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "text": self.text, "kind": self.kind, "choices": list(self.choices), "unit": self.unit,
            "required": self.required,
        }  # fmt: skip


class BadAnswer(ValueError):
    """An answer that cannot be taken; the message says why, for the person."""


def question_from(said: Mapping[str, Any]) -> Question:
    """Return the question that `as_json` wrote."""
    return Question(
        said["code"], said["text"], said["kind"], tuple(said["choices"]), said["unit"], bool(said["required"])
    )  # fmt: skip


def problems_of(questions: Sequence[Question]) -> list[str]:
    """Return what is wrong with the questions of a draft, in words for who wrote them."""
    if not 1 <= len(questions) <= MOST:
        return [_("请写 1 到 %(n)s 个问题。") % {"n": MOST}]
    found = []
    for number, one in enumerate(questions, 1):
        at = _("第 %(n)s 题：") % {"n": number}
        if not 2 <= len(one.text) <= 120:
            found.append(at + _("题目写 2 到 120 个字。"))
        if one.kind not in KINDS:
            found.append(at + _("请选择答案的形式。"))
        elif one.kind in (SINGLE, SEVERAL):
            if not 2 <= len(one.choices) <= MOST_CHOICES:
                found.append(at + _("选择题写 2 到 %(n)s 个选项，用顿号隔开。") % {"n": MOST_CHOICES})
            elif len(set(one.choices)) < len(one.choices) or any(len(choice) > 40 for choice in one.choices):
                found.append(at + _("选项不能重复，每个不超过 40 个字。"))
    if len({one.text for one in questions}) < len(questions):
        found.append(_("有两个题目完全相同。"))
    return found


def numbered(questions: Sequence[Question], before: Sequence[Question] = ()) -> list[Question]:
    """Give every question without a code a new one that no question has had."""
    last = max((int(one.code[1:]) for one in (*before, *questions) if one.code[1:].isdecimal()), default=0)
    found = []
    for one in questions:
        if not one.code:
            last += 1
            one = Question(f"k{last}", one.text, one.kind, one.choices, one.unit, one.required)
        found.append(one)
    return found


def is_empty(typed: Typed | None) -> bool:
    """Tell whether nothing was answered."""
    return not (typed.strip() if isinstance(typed, str) else typed)


def value_of(question: Question, typed: Typed | None) -> Any:
    """Return a typed answer as the JSON value of its fact; None where nothing was answered. Raises BadAnswer."""
    if typed is None or is_empty(typed):
        if question.required:
            raise BadAnswer(_("这一题必须回答。"))
        return None
    if question.kind == SEVERAL:
        chosen = [typed] if isinstance(typed, str) else typed
        if not set(chosen) <= set(question.choices):
            raise BadAnswer(_("请从选项中选择。"))
        return "、".join(choice for choice in question.choices if choice in chosen)
    text = (typed if isinstance(typed, str) else "、".join(typed)).strip()
    if question.kind == SINGLE and text not in question.choices:
        raise BadAnswer(_("请从选项中选择一项。"))
    if question.kind == FILE:
        return True
    if question.kind == MONEY:
        return _amount(text)
    if question.kind in (COUNTED, DATE):
        return _read(question.fact, text)
    if len(text) > LONGEST:
        raise BadAnswer(_("最多 %(n)s 个字。") % {"n": LONGEST})
    return text


def _amount(text: str) -> int:
    try:
        return parse_yuan(text)
    except Refusal as wrong:
        raise BadAnswer(wrong.message) from None


def _read(fact: str, text: str) -> Any:
    try:
        found = read_value(fact, text)
    except ValueError:
        words = _("请填写数字。") if fact == NUMBER else _("请填写日期，例如 2026-06-30。")
        raise BadAnswer(words) from None
    return f"{found:f}" if isinstance(found, Decimal) else text
