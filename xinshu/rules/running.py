"""Running rule sets, keeping every run, and replaying it: same facts, same version, same bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.core.refusals import Invalid, NotNow
from xinshu.core.sm import sm3
from xinshu.core.uscc import normalise
from xinshu.core.uscc import problems as problems_of
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.recording import record
from xinshu.rules.engine.answers import Result
from xinshu.rules.engine.deciding import ENGINE, Prepared, prepare
from xinshu.rules.engine.facts import Facts, facts_as_json, facts_from_json
from xinshu.rules.lifecycle import RUN
from xinshu.rules.models import RuleSet, RuleVersion, Run, types_from
from xinshu.rules.purposes import PURPOSES


@dataclass(frozen=True)
class Subject:
    """Who or what is asked about: a key that stays (credit code, reference), what people call it."""

    key: str
    name: str
    secret_until: datetime | None = None


@lru_cache(maxsize=128)
def _prepared(form: str, content: str, known: str) -> Prepared:
    """Read rules once per process: by what they say, never by a number that a restored database may give again."""
    return prepare({**json.loads(content), "form": form}, types_from(json.loads(known)))


def fresh(version: RuleVersion) -> Prepared:
    """Return a version's rules, read anew. Raises Problems (a draft may be older than the facts it names)."""
    return prepare({**version.content, "form": version.rule_set.form}, version.types)


def prepared_of(version: RuleVersion) -> Prepared:
    """Return a version's rules ready to be asked: read once per content and process."""
    return _prepared(version.rule_set.form, canonical_json(version.content), canonical_json(version.known))


def in_force(owner: Organisation, purpose: str, on: date) -> list[RuleVersion]:
    """Return the versions that a house asks for a purpose on a day: of its sets that are on."""
    found = [(rule_set, rule_set.version_on(on)) for rule_set in _sets_on(owner.pk, purpose)]
    for rule_set, version in found:
        if version is not None:
            version.rule_set = rule_set
    return [version for _set, version in found if version is not None]


@composed
def _sets_on(owner: int, purpose: str) -> QuerySet[RuleSet]:
    return RuleSet.objects.filter(owner=owner, purpose=purpose, state="on").order_by("pk")


def decide(version: RuleVersion, facts: Facts, on: date) -> Result:
    """Return what a version says of facts on a day. Nothing is kept."""
    return prepared_of(version).decide(_as_kept(version, facts), on)


def _as_kept(version: RuleVersion, facts: Facts) -> Facts:
    """Return the facts as they will be read again: through JSON and the version's own types."""
    return facts_from_json(facts_as_json(facts), version.types)


def keep_run(version: RuleVersion, facts: Facts, subject: Subject, *, by: Actor, at: datetime) -> Run:
    """Decide and keep the run. Must run in the transaction of the act that follows from it."""
    run = Run(
        state="kept", rule_set=version.rule_set, rule_version=version, subject_key=subject.key[:60],
        subject_name=subject.name[:120], on=local_day(at), asked_by=by.actor_label[:60],
        secret_until=subject.secret_until, at=at, **_answered(version, facts, local_day(at)),
    )  # fmt: skip
    run.save()
    _record(run, by, at)
    return run


def _answered(version: RuleVersion, facts: Facts, on: date) -> dict[str, Any]:
    kept = _as_kept(version, facts)
    result = prepared_of(version).decide(kept, on)
    facts_text, result_text = canonical_json(facts_as_json(kept)), canonical_json(result.as_json())
    return {
        "facts": facts_text, "result": result_text, "outcome": result.outcome, "label": result.label[:200],
        "engine": ENGINE, "sm3": digest_of(facts_text, result_text),
    }  # fmt: skip


def digest_of(facts_text: str, result_text: str) -> str:
    """Return the digest that stands in the ledger beside the run."""
    return sm3(f"{facts_text}\n{result_text}".encode()).hex()


def _record(run: Run, by: Actor, at: datetime) -> None:
    record(
        "rules.decided", run, by=by, at=at, sealed_until=run.secret_until, name=run.rule_set.name,
        number=run.rule_version.number or 0, outcome=run.outcome, sm3=run.sm3,
    )  # fmt: skip


@transaction.atomic
def ask_about(rule_set: RuleSet, uscc: str, name: str, *, by: Member, at: datetime) -> Run:
    """Ask a rule set about a firm: the worker asks the sources and keeps the answer. Raises Invalid, NotNow."""
    run = Run(
        state="asking", rule_set=rule_set, subject_key=normalise(uscc)[:60], subject_name=name.strip()[:120],
        on=local_day(at), asked_by=by.actor_label[:60], at=at,
    )  # fmt: skip
    RUN.step("ask", run, by)
    problems = {}
    if wrong := problems_of(run.subject_key):
        problems["uscc"] = "".join(wrong[:3])
    if len(run.subject_name) < 2:
        problems["name"] = _("请填写企业名称")
    if problems:
        raise Invalid(_("没有发起核查，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    version = rule_set.version_on(run.on) if rule_set.state == "on" else None
    if version is None or not PURPOSES[rule_set.purpose].by_hand:
        raise NotNow(_("这个规则集现在没有可用的版本。"), advice=_("请先启用一个版本，并确认规则集没有停用。"))
    run.rule_version = version
    run.save()
    record("rules.asked", run, by=by, at=at, name=rule_set.name)
    return run


@transaction.atomic
def answer_run(run: Run, facts: Facts, *, at: datetime) -> Run:
    """Keep what the rules say of the facts that the sources gave. The day is that of the question."""
    run = Run.objects.locked(run)
    step = RUN.step("answer", run, SYSTEM)
    run.change(step, **_answered(run.rule_version, facts, run.on))
    _record(run, SYSTEM, at)
    return run


@dataclass(frozen=True)
class Replay:
    """A run made again: its result now, whether the bytes are the same, whether digest and ledger agree."""

    result: Result
    text: str
    same: bool
    intact: bool

    @property
    def proven(self) -> bool:
        return self.same and self.intact


def replay(run: Run, facts: Mapping[str, Any], told: str) -> Replay:
    """Run the kept `facts` (JSON) against the run's own version, read anew; `told`: the digest in the ledger."""
    version = run.rule_version
    result = fresh(version).decide(facts_from_json(facts, version.types), run.on)
    text = canonical_json(result.as_json())
    intact = digest_of(run.facts, run.result) == run.sm3 == told
    return Replay(result, text, text == run.result, intact)
