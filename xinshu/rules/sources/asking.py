"""Asking sources: a recent answer is used again, one that failed three times in a row rests, every call is kept.

What is not answered is not known, with the reason: it never becomes "no" or zero.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import CHINA
from xinshu.rules.engine.facts import Fact, FactType, facts_from_json, unknown
from xinshu.rules.models import Run, SourceCall, SourceState
from xinshu.rules.sources.protocol import ANSWERED, CACHED, FAILED, LATE, SHUT, SOURCES, DataSource, NoReply

BREAKS_AFTER, RESTS = 3, timedelta(minutes=5)


def ask_sources(run: Run, types: dict[str, FactType], wanted: Iterable[str], at: datetime) -> dict[str, Fact]:
    """Return the facts `wanted` of the run's subject. Talks to the outside: must not run inside a transaction."""
    wanted = set(wanted)
    facts: dict[str, Fact] = {}
    for source in SOURCES.values():
        told = {code: types[code] for code in source.facts if code in wanted and code in types}
        if told:
            call = ask_source(source, run.subject_key, owner=run.rule_set.owner, run=run, at=at)
            facts |= _facts_from(source, call, told)
    return facts


def _facts_from(source: DataSource, call: SourceCall, types: dict[str, FactType]) -> dict[str, Fact]:
    if call.outcome not in (ANSWERED, CACHED):
        return {code: unknown(source.code, call.why) for code in types}
    said = {
        code: {"value": call.answer.get(code), "source": source.code, "as_of": call.as_of,
               "why": "" if call.answer.get(code) is not None else _("数据源没有这一项")}
        for code in types
    }  # fmt: skip
    return facts_from_json(said, types)


def ask_source(
    source: DataSource, key: str, *, owner: Organisation, at: datetime, run: Run | None = None
) -> SourceCall:
    """Return the call that answers, kept in the name of `owner`: out of the cache, or of the source unless it rests.

    Talks to the outside: must not run inside a transaction.
    """
    new = SourceCall(owner=owner, run=run, source=source.code, key=key, at=at)
    calls = SourceCall.objects.filter(source=source.code, key=key, outcome=ANSWERED)
    recent = calls.filter(at__gt=at - source.fresh_for, at__lte=at).order_by("-at").first()
    if recent is not None:
        new.outcome, new.answer, new.as_of = CACHED, recent.answer, recent.as_of
        new.save()
        return new
    state, _made = SourceState.objects.get_or_create(source=source.code)
    if state.open_until is not None and at < state.open_until:
        new.outcome = SHUT
        until = state.open_until.astimezone(CHINA)
        new.why = _("连续失败，%(until)s 前不再询问") % {"until": f"{until:%H:%M}"}
        new.save()
        return new
    try:
        reply = source.ask(key, at)
    except NoReply as silence:
        new.outcome = LATE if silence.late else FAILED
        new.why, new.milliseconds = str(silence)[:200], silence.milliseconds
    else:
        new.outcome, new.answer = ANSWERED, reply.values
        new.as_of, new.milliseconds = reply.as_of, reply.milliseconds
    with transaction.atomic():
        new.save()
        _count(source, new.outcome == ANSWERED, at)
    return new


def _count(source: DataSource, answered: bool, at: datetime) -> None:
    """Count a failure, or forget them; after BREAKS_AFTER in a row nobody asks for RESTS, then one try decides."""
    state = SourceState.objects.select_for_update().get(source=source.code)
    state.failures = 0 if answered else state.failures + 1
    state.open_until = at + RESTS if state.failures >= BREAKS_AFTER else None
    state.save(update_fields=["failures", "open_until"])
