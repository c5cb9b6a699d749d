"""Rounds: a tag is computed over the house's customers; who begins to carry it, who no longer does, and why.

Everything is read in a few queries of columns (`knowing.known_of`) and written in bulk: 30,000 firms take seconds. A
firm of which the rule is not known does not carry the tag. Evidence older than the tag's `valid_days` is not known.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from xinshu.admission.knowing import known_of
from xinshu.admission.models import Carry, Round, Tag
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.recording import record
from xinshu.rules.engine.answers import Answer
from xinshu.rules.engine.deciding import Prepared, prepare
from xinshu.rules.engine.facts import Fact, Facts, Truth, unknown

AT_ONCE = 1_000


@dataclass(frozen=True)
class Mark:
    """What a round found of one firm: whether it carries the tag, the evidence, until when that counts."""

    truth: Truth
    why: list[dict[str, Any]]
    valid_until: date | None


def prepared_of(tag: Tag) -> Prepared:
    """Return the tag's rule, ready to be asked."""
    return prepare(tag.content, tag.types)


def mark_of(prepared: Prepared, facts: Facts, on: date, valid_days: int | None) -> Mark:
    """Say whether facts give the tag on a day. Pure."""
    facts = {code: _if_fresh(fact, on, valid_days) for code, fact in facts.items()}
    answer: Answer = prepared.decide(facts, on).answers[0]
    days = [date.fromisoformat(fact.as_of) for fact in facts.values() if fact.value is not None and fact.as_of]
    ends = min(days) + timedelta(days=valid_days) if valid_days is not None and days else None
    return Mark(answer.truth, [one.as_json() for one in answer.evidence], ends)


def _if_fresh(fact: Fact, on: date, valid_days: int | None) -> Fact:
    if valid_days is None or not fact.as_of or date.fromisoformat(fact.as_of) + timedelta(days=valid_days) >= on:
        return fact
    return unknown(fact.source, _("依据已超过 %(n)s 天") % {"n": valid_days}, fact.as_of)


@transaction.atomic
def run_round(
    tag: Tag, cause: Round.Cause, *, by: Actor, at: datetime, firms: Collection[int] | None = None
) -> Round | None:
    """Compute a tag for all customers, or for some `firms`. Returns its log row; None where nothing was to be noted.

    Must be a tag that is on and has a rule. What it did for single firms is noted only where something changed.
    """
    tag = Tag.objects.select_for_update(no_key=True).select_related("house").get(pk=tag.pk)
    if tag.state != "on" or not tag.content:
        return None
    on, prepared = local_day(at), prepared_of(tag)
    known = known_of(tag.house, [tag.types[code] for code in prepared.facts], at, firms)
    marks = {firm: mark_of(prepared, facts, on, tag.valid_days) for firm, facts in known.items()}
    carriers = tag.carriers.filter(until=None)
    if firms is not None:
        carriers = carriers.filter(firm__in=list(known))
    standing = {firm: (pk, until) for firm, pk, until in carriers.values_list("firm_id", "pk", "valid_until")}
    begun = [
        Carry(tag=tag, firm_id=firm, since=at, why=mark.why, given_by=by.actor_label[:60], valid_until=mark.valid_until)
        for firm, mark in marks.items()
        if mark.truth is True and firm not in standing
    ]
    Carry.objects.bulk_create(begun, batch_size=AT_ONCE)
    over: dict[str, list[int]] = {}
    renewed: dict[date | None, list[int]] = {}
    for firm, (pk, until) in standing.items():
        mark = marks.get(firm)
        if mark is None or mark.truth is not True:
            over.setdefault(_why_not(mark), []).append(pk)
        elif mark.valid_until != until:
            renewed.setdefault(mark.valid_until, []).append(pk)
    for why, pks in over.items():
        end_carrying(pks, why, by=by, at=at)
    for until, pks in renewed.items():
        for first in range(0, len(pks), AT_ONCE):
            Carry.objects.filter(pk__in=pks[first : first + AT_ONCE]).update(valid_until=until)
    ended = sum(map(len, over.values()))
    if firms is not None and not begun and not ended:
        return None
    nobody_knows = sum(mark.truth is None for mark in marks.values())
    return _note(tag, cause, len(marks), len(begun), ended, nobody_knows, by=by, at=at)


def _why_not(mark: Mark | None) -> str:
    if mark is None:
        return _("不再是本机构客户")
    return _("不再满足条件") if mark.truth is False else _("依据缺失或已过期，不能再认定")


def end_carrying(pks: Collection[int], why: str, *, by: Actor, at: datetime) -> None:
    """End these carryings at `at`, with the reason."""
    every = list(pks)
    for first in range(0, len(every), AT_ONCE):
        Carry.objects.filter(pk__in=every[first : first + AT_ONCE], until=None).update(
            until=Greatest(F("since"), at), ended_why=why[:200], ended_by=by.actor_label[:60]
        )


@transaction.atomic
def end_expired(tag: Tag, *, by: Actor, at: datetime) -> Round | None:
    """End what nobody has confirmed in time."""
    tag = Tag.objects.select_for_update(no_key=True).get(pk=tag.pk)
    over = list(tag.carriers.filter(until=None, valid_until__lt=local_day(at)).values_list("pk", flat=True))
    if not over:
        return None
    end_carrying(over, _("有效期已过"), by=by, at=at)
    return _note(tag, Round.Cause.EXPIRY, len(over), 0, len(over), 0, by=by, at=at)


def _note(
    tag: Tag, cause: Round.Cause, looked: int, begun: int, ended: int, nobody_knows: int, *, by: Actor, at: datetime
) -> Round:
    found = Round.objects.create(
        tag=tag, cause=cause, on=local_day(at), at=at, by=by.actor_label[:60], looked=looked, begun=begun, ended=ended,
        unknown=nobody_knows,
    )  # fmt: skip
    record("tag.round", tag, by=by, at=at, name=tag.name, cause=str(cause), looked=looked, begun=begun, ended=ended)
    return found


def same_rule(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two contents say the same."""
    return canonical_json(one) == canonical_json(other)
