"""What can be asked: a match condition by condition, the gates of a product, the latest match, what to answer where."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.admission.models import Gate, Match
from xinshu.admission.nearest import Way, ways_of
from xinshu.admission.purposes import ANSWERS, RECORD, REGISTRATION, TAGS
from xinshu.rules.engine.answers import Answer, Result
from xinshu.rules.engine.facts import Truth, facts_from_json
from xinshu.rules.models import Run
from xinshu.rules.running import prepared_of


@dataclass(frozen=True)
class Line:
    """One condition: met, unmet or unknown, with the subject's own value and the nearest way to meet it."""

    name: str
    truth: Truth
    words: str
    own: str  # each fact with its name and value
    brief: str  # the value alone, where there is one fact
    ways: tuple[Way, ...]
    helps: tuple[tuple[str, str], ...]  # what to do where a fact is missing: words, RECORD or ANSWERS or ""
    note: str


@dataclass(frozen=True)
class Reading:
    """A match as a page shows it."""

    outcome: str
    lines: tuple[Line, ...]

    @property
    def met(self) -> int:
        return sum(line.truth is True for line in self.lines)

    @property
    def open(self) -> list[Line]:
        """What is not met or not known."""
        return [line for line in self.lines if line.truth is not True]


def reading_of(run: Run) -> Reading:
    """Return what a kept run says, condition by condition, as its own version reads."""
    version = run.rule_version
    version.rule_set = run.rule_set
    facts = facts_from_json(json.loads(run.facts), version.types)
    result: Result = prepared_of(version).decide(facts, run.on)
    rules = [one for one in version.content["rules"] if one.get("on", True)]
    lines = []
    for rule, answer in zip(rules, result.answers, strict=True):
        ways = () if answer.truth is True else tuple(ways_of(rule, facts, version.types, run.on))
        lines.append(
            Line(
                answer.name,
                answer.truth,
                answer.reads,
                _own(answer),
                _brief(answer),
                ways,
                tuple(_helps(answer)),
                answer.note,
            )
        )
    return Reading(result.outcome, tuple(lines))


def _own(answer: Answer) -> str:
    return "，".join(f"{one.label} {one.value}" for one in answer.evidence if one.fact.value is not None)


def _brief(answer: Answer) -> str:
    told = [one.value for one in answer.evidence if one.fact.value is not None]
    return told[0] if len(answer.evidence) == 1 and told else _own(answer)


def _helps(answer: Answer) -> Iterable[tuple[str, str]]:
    """Say of every missing fact where it comes from."""
    for one in answer.evidence if answer.truth is not True else ():
        if one.fact.value is not None:
            continue
        source, told = one.kind.source, {"fact": one.label, "why": one.why}
        if source == RECORD:
            yield _("在企业资料补充“%(fact)s”（%(why)s）") % told, RECORD
        elif source == ANSWERS:
            yield _("在问卷里回答“%(fact)s”（%(why)s）") % told, ANSWERS
        elif source in (TAGS, REGISTRATION):
            yield _("“%(fact)s”由机构认定") % told, ""
        else:
            yield _("“%(fact)s”由机构向数据源核查（%(why)s）") % told, ""


def gates_of(product: str) -> list[Gate]:
    """Return the gates of a product that are on, firms first."""
    found = Gate.objects.filter(product=product, state="on").select_related("house", "rule_set", "questionnaire")
    return sorted(found, key=lambda gate: (gate.subject != "firm", gate.pk))


def latest(gate: Gate, firm: Organisation, about: str = "") -> Match | None:
    """Return the newest match of a firm (or of what it has) with a gate."""
    found = gate.matches.filter(firm=firm, about=about).select_related("run__rule_set", "run__rule_version")
    return found.order_by("-pk").first()


def standing_of(product: str, firm: Organisation) -> list[tuple[Gate, Match | None]]:
    """Return the product's gates with the firm's newest match at each: what a product's page tells in one line."""
    gates = gates_of(product)
    newest: dict[int, Match] = {}
    for one in Match.objects.filter(gate__in=gates, firm=firm).select_related("run").order_by("pk"):
        newest[one.gate_id] = one
    return [(gate, newest.get(gate.pk)) for gate in gates]


def page_of(product: str) -> str:
    """Return where a firm sees whether a product admits it."""
    return reverse("admission:product", args=[product])
