"""A source is written, edited, found good in a trial, switched on and off. Every content of its recipe is a version."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.collecting.actions.runs import plan, stop_open
from xinshu.collecting.lifecycle import SOURCE
from xinshu.collecting.models import Source, SourceVersion
from xinshu.collecting.reading.recipes import Recipe, problems_of
from xinshu.core.refusals import Invalid
from xinshu.ledger.recording import record

SHORTEST_MINUTES, LONGEST_MINUTES, LONGEST_DELAY = 5, 7 * 24 * 60, 600


@dataclass(frozen=True)
class Wanted:
    """What a person says of a source."""

    name: str
    code: str
    minutes: int
    delay_seconds: int
    recipe: Recipe


@transaction.atomic
def write_source(wanted: Wanted, *, by: Member, at: datetime) -> Source:
    """Write a source of the own house with the first version of its recipe. Raises Invalid per field."""
    source = Source(state="draft", owner=by.organisation, created_at=at, changed_at=at)
    SOURCE.step("edit_source", source, by)
    wanted = checked(wanted)
    source.code, source.name, source.kind = wanted.code, wanted.name, wanted.recipe.kind
    source.minutes, source.delay_seconds = wanted.minutes, wanted.delay_seconds
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError:
        raise Invalid(
            _("来源没有保存。"), advice=_("已填写的内容都在。"), fields={"code": _("已有来源使用这个代码")}
        ) from None
    _version(source, wanted.recipe, by=by, at=at)
    record("collecting.written", source, by=by, at=at, name=source.name, code=source.code, number=1)
    return source


@transaction.atomic
def edit_source(source: Source, wanted: Wanted, *, by: Member, at: datetime) -> Source:
    """Change a source that is not being collected from. It waits for a trial again; its code stays."""
    source = Source.objects.locked(source)
    step = SOURCE.step("edit_source", source, by)
    wanted = checked(replace(wanted, code=source.code))
    number = source.number
    if wanted.recipe != source.recipe:
        number += 1
    source.change(
        step, name=wanted.name, kind=wanted.recipe.kind, minutes=wanted.minutes, delay_seconds=wanted.delay_seconds,
        number=number, changed_at=at, list_etag="", list_modified="", usually=0, dated=False,
    )  # fmt: skip
    if not source.versions.filter(number=number).exists():
        _version(source, wanted.recipe, by=by, at=at)
    record("collecting.edited", source, by=by, at=at, name=source.name, number=number)
    return source


@transaction.atomic
def note_trial(source: Source, *, listed: int, title: str, by: Member, at: datetime) -> Source:
    """Note that a trial of the present version read a list and a notice: from now on it may be switched on."""
    source = Source.objects.locked(source)
    step = SOURCE.step("try_source", source, by)
    source.change(step, changed_at=at, usually=listed)
    record("collecting.tried", source, by=by, at=at, number=source.number, listed=listed, title=title[:300])
    return source


@transaction.atomic
def switch_on(source: Source, *, by: Member, at: datetime) -> Source:
    """Begin to collect: the first run at once."""
    source = Source.objects.locked(source)
    step = SOURCE.step("switch_on", source, by)
    source.change(step, changed_at=at, failures=0)
    record("collecting.switched_on", source, by=by, at=at, number=source.number)
    stop_open(source, at=at)
    plan(source, due_at=at, by=by, at=at)
    return source


@transaction.atomic
def collect_now(source: Source, *, by: Member, at: datetime) -> Source:
    """Run at once instead of at the next turn; a run that is under way goes on as it is."""
    source = Source.objects.locked(source)
    step = SOURCE.step("collect_now", source, by)
    source.change(step, changed_at=at)
    if not source.runs.filter(state="running").exists():
        stop_open(source, at=at)
        plan(source, due_at=at, by=by, at=at)
    return source


@transaction.atomic
def switch_off(source: Source, *, reason: str, by: Member, at: datetime) -> Source:
    """Stop asking. What was collected stays."""
    source = Source.objects.locked(source)
    step = SOURCE.step("switch_off", source, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，以后查得到。"), fields={"reason": _("至少 4 个字")})
    source.change(step, changed_at=at)
    stop_open(source, at=at)
    record("collecting.switched_off", source, by=by, at=at, reason=reason.strip()[:200])
    return source


def checked(wanted: Wanted) -> Wanted:
    """Return what was wanted, tidied. Raises Invalid per field."""
    name, code = " ".join(wanted.name.split()), wanted.code.strip().lower()
    problems = problems_of(wanted.recipe)
    if not 2 <= len(name) <= 60:
        problems["name"] = _("填 2 到 60 个字")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,39}", code):
        problems["code"] = _("代码用小写字母、数字和横线，2 到 40 个字符")
    if not SHORTEST_MINUTES <= wanted.minutes <= LONGEST_MINUTES:
        problems["minutes"] = _("填 %(least)d 到 %(most)d") % {"least": SHORTEST_MINUTES, "most": LONGEST_MINUTES}
    if not 0 <= wanted.delay_seconds <= LONGEST_DELAY:
        problems["delay_seconds"] = _("填 %(least)d 到 %(most)d") % {"least": 0, "most": LONGEST_DELAY}
    if problems:
        raise Invalid(_("来源没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    return replace(wanted, name=name, code=code)


def _version(source: Source, recipe: Recipe, *, by: Member, at: datetime) -> None:
    SourceVersion.objects.create(
        source=source, number=source.number, content=recipe.as_data(), written_by=by, at=at
    )  # fmt: skip
