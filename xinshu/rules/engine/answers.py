"""What a rule set answers: an outcome, and per rule, row or item its three-valued answer with the evidence. Pure.

What is kept of it (`as_json`) holds no words of this code, only of the content and the facts: a decision replays
to the same bytes after a sentence on a page was mended, in whatever language.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.engine.facts import NOTHING, Fact, Facts, FactType, Truth, shown, write_value

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MEETS, FAILS, ASK = "meets", "fails", "ask"
OUTCOMES: dict[str, "StrOrPromise"] = {MEETS: lazy("通过"), FAILS: lazy("不通过"), ASK: lazy("转人工")}
TONES = {MEETS: "ok", FAILS: "danger", ASK: "warn"}
TRUTHS = {MEETS: True, FAILS: False, ASK: None}
NONE_FITS, STILL_OPEN, TWICE, DIFFER = "none", "open", "twice", "differ"
WHYS: dict[str, "StrOrPromise"] = {  # why a table or scorecard hands the case to a person
    NONE_FITS: lazy("没有一行适用"),
    STILL_OPEN: lazy("缺少事实，可能的结论不止一种"),
    TWICE: lazy("有几行同时适用，而表要求唯一"),
    DIFFER: lazy("适用的几行结论不同"),
}


class Evidence(NamedTuple):
    """One fact that an answer rests on."""

    kind: FactType
    fact: Fact

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def value(self) -> str:
        """The value in words."""
        return shown(self.fact.value, self.kind.type, self.kind.unit)

    @property
    def why(self) -> str:
        """Why it is missing; "" where it is there."""
        return self.fact.why or (_("没有取得") if self.fact.value is None else "")

    def as_json(self) -> dict[str, Any]:
        return {
            "fact": self.kind.code,
            "value": write_value(self.fact.value),
            "source": self.fact.source,
            "as_of": self.fact.as_of,
            "why": self.fact.why,
        }


class Answer(NamedTuple):
    """The answer of one rule, row or item. `points`: lowest and highest, of a scorecard's item."""

    name: str
    reads: str
    truth: Truth
    evidence: tuple[Evidence, ...]
    note: str = ""
    points: tuple[int, int] | None = None


@dataclass(frozen=True)
class Result:
    """The outcome of a run. `label`: the row's or band's word; `why` of WHYS; `score`: lowest and highest possible."""

    outcome: str
    label: str
    answers: tuple[Answer, ...]
    score: tuple[int, int] | None = None
    why: str = ""

    @property
    def truth(self) -> Truth:
        """The outcome as an answer: what goes to a person is not known."""
        return TRUTHS[self.outcome]

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "outcome": self.outcome,
            "label": self.label,
            "why": self.why,
            "score": list(self.score) if self.score else None,
            "answers": [
                {
                    "name": answer.name,
                    "truth": answer.truth,
                    "note": answer.note,
                    "points": list(answer.points) if answer.points else None,
                    "evidence": [one.as_json() for one in answer.evidence],
                }
                for answer in self.answers
            ],
        }


Decide = Callable[[Facts, date], Result]
Types = Mapping[str, FactType]


def evidence_of(codes: Iterable[str], facts: Facts, types: Types) -> tuple[Evidence, ...]:
    """Return the facts `codes` as evidence. A fact that nobody handed in is there without a value."""
    return tuple(Evidence(types[code], facts.get(code, NOTHING)) for code in codes)


class Problems(Exception):
    """What is wrong with the content of a rule set: (where, what), in words for the person who wrote it."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__("；".join(f"{where}：{what}" if where else what for where, what in found))
        self.found = found
