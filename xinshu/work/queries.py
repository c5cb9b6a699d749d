"""What can be asked: what waits for whom, how far an approval has come, who comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, User
from xinshu.accounts.roles import Table, role_name
from xinshu.core.money import wan
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.work.actions.approvals import approval_of, why_not
from xinshu.work.cases import KINDS, Event, Paper, Todo
from xinshu.work.deadlines import calendar_of, deadline
from xinshu.work.models import Approval, ApprovalPlan, Delegation, Signature, Standing, StoppedClock
from xinshu.work.people import badges_of, committee_of
from xinshu.work.plan import (
    ALL,
    NUMBER,
    Committee,
    Level,
    Run,
    earlier,
    feasible,
    is_finished,
    open_level,
    stand_ins_for,
)
from xinshu.work.runs import table_of

COUNTED = 1_001  # to-dos: more than a thousand are not counted on every page
DAWN = datetime.min.replace(tzinfo=UTC)  # before every hour: what has none comes first on its day


def waiting_for(member: Member, kind: str, on: date, *, on_behalf: bool | None = None) -> QuerySet[Approval]:
    """Return the approvals of one kind in which `member` can sign on the day `on`; the same rule as plan.decide.

    `on_behalf`: True only those in which it is for somebody else, False only those in the own seat.
    """
    found = Approval.objects.filter(organisation=member.organisation_id, kind=kind, state="open")
    if not member.active or not member.can(KINDS[kind].signs):
        return found.none()
    own = _seated(member)
    delegated: list[Q] = []
    given = (
        Delegation.objects.on(on).filter(delegate=member).select_related("principal__user", "principal__organisation")
    )
    for delegation in given:
        principal = delegation.principal
        active = principal.active and principal.user.is_active
        if kind in delegation.kinds and active and principal.can(KINDS[kind].signs):
            delegated.append(_seated(principal) & ~Q(_standing(principal.user_id, barred=True)))
    for_others = reduce(or_, delegated, Q(pk__in=[]))
    seated = {None: reduce(or_, delegated, own), True: for_others & ~own, False: own}[on_behalf]
    return found.filter(~Q(_standing(member.user_id, barred=True)) & seated)


def _seated(member: Member) -> Q:
    return Q(badge__in=badges_of(member)) | Q(_standing(member.user_id, barred=False))


def _standing(user_id: int, *, barred: bool) -> Exists:
    return Exists(Standing.objects.filter(approval=OuterRef("pk"), user=user_id, barred=barred))


def todos_of(member: Member, at: datetime, limit: int) -> list[Todo]:
    """Return what waits for `member` over all kinds of cases, those due first, then the oldest."""
    found = [todo for kind in KINDS.values() for todo in kind.todos(member, at, limit)]
    return sorted(found, key=lambda todo: todo.due_on or date.max)[:limit]


def agenda_of(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    """Return what falls on the days from `since` to `until` in the member's cases of every kind, in order of time."""
    found = [event for kind in KINDS.values() for event in kind.agenda(member, at, since, until)]
    return in_order(found)


def in_order(events: list[Event]) -> list[Event]:
    """Return `events` day by day, those with an hour last, in the order of their hours."""
    return sorted(events, key=lambda event: (event.on, event.at is not None, event.at or DAWN, event.title))


def papers_of(member: Member, at: datetime, text: str, first: int, count: int) -> tuple[list[Paper], int]:
    """Return `count` documents of the member's cases from the `first` on, newest first, and how many there are."""
    shelves = [papers for kind in KINDS.values() if (papers := kind.papers(member, at, text)) is not None]
    total = sum(shelf.files.count() for shelf in shelves)
    found = [paper for shelf in shelves for paper in shelf.describe(list(shelf.files[: first + count]))]
    found.sort(key=lambda paper: (paper.file.uploaded_at, paper.file.pk), reverse=True)
    return found[first : first + count], total


def todo_count(member: Member, at: datetime) -> int:
    """Return how many things wait for `member` over all kinds of cases, at most COUNTED. One query."""
    waiting = (rows for kind in KINDS.values() for rows in kind.waiting(member, at))
    found = [rows.order_by().values_list("pk") for rows in waiting if not rows.query.is_empty()]
    return found[0].union(*found[1:], all=True)[:COUNTED].count() if found else 0


def due_days(subjects: Iterable[models.Model]) -> dict[int, date | None]:
    """Return for each case with an open approval by when it should be signed; None: the clock stands."""
    subjects = list(subjects)
    if not subjects:
        return {}
    open_ones = Approval.objects.filter(
        subject_type=subjects[0]._meta.label_lower, subject_id__in=[case.pk for case in subjects], state="open"
    )
    return dict(open_ones.values_list("subject_id", "due_on"))


def history_with(case: models.Model) -> list[Entry]:
    """Return the entries about `case` and its approvals, newest first."""
    approvals = Approval.objects.filter(subject_type=case._meta.label_lower, subject_id=case.pk)
    about_them = Entry.objects.filter(
        subject_type="work.approval", subject_id__in=list(approvals.values_list("pk", flat=True))
    )
    return list((history_of(case) | about_them).order_by("-pk"))


@dataclass(frozen=True)
class Stage:
    """One level of a run as the page shows it."""

    level: Level
    who: str
    condition: str
    status: str  # "done", "now", "" to come
    signatures: list[Signature]
    waiting: list[str]  # names of those who can sign now


@dataclass(frozen=True)
class Progress:
    """An approval as the page shows it: its stages, what `member` can do, time limit, stops."""

    approval: Approval
    stages: list[Stage]
    acts: list[Signature]  # everything that happened, newest first
    may_sign: bool
    may_steer: bool
    seats: list[tuple[int, str]]  # for whom `member` may sign; the own seat first
    why_not: str
    back_to: list[Level]
    colleagues: list[tuple[int, str]]
    due_on: date | None
    rule: str
    stops: list[StoppedClock]
    stopped: StoppedClock | None


def progress_of(case: models.Model, member: Member, at: datetime) -> Progress | None:
    """Return how far the last approval of `case` has come, as `member` may act on it; None when there was none."""
    approval = approval_of(case)
    if approval is None:
        return None
    table = table_of(approval, at)
    run = table.run
    decision = table.decision()
    running = approval.state == "open"
    names = names_of({*table.committee, *(mark.hand for mark in run.marks)})
    level = open_level(run) if running else None
    counting = list(approval.signatures.filter(voided_at=None, act__in=Signature.MARKS).order_by("pk"))
    stages = [
        Stage(
            level=step,
            who=words_for_signers(step, names, approval.kind, approval.organisation.role_table),
            condition=words_for_condition(step, approval.kind),
            status="done" if is_finished(run, step) else "now" if step == level else "",
            signatures=[row for row in counting if row.level == step.key],
            waiting=[names[person] for person in sorted(decision.may)] if step == level else [],
        )
        for step in run.path
    ]
    seats = decision.may.get(member.user_id, frozenset()) if running else frozenset()
    signed_here = level is not None and any(mark.hand == member.user_id for mark in run.at(level))
    own_first = sorted(seats, key=lambda seat: (seat != member.user_id, seat))
    stops = list(approval.stops.order_by("-pk"))
    due = deadline(level, approval.opened_at, stops, calendar_of(approval.organisation_id)) if level else None
    return Progress(
        approval=approval,
        stages=stages,
        acts=list(approval.signatures.select_related("delegation__principal__user").order_by("-pk")),
        may_sign=bool(seats),
        may_steer=bool(seats) or signed_here,
        seats=[(seat, names[seat]) for seat in own_first],
        why_not=why_not(table, member) if running and not seats else "",
        back_to=earlier(run, level) if level else [],
        colleagues=[(person, names[person]) for person in table.committee if person != member.user_id],
        due_on=approval.due_on,
        rule=due.rule if due else "",
        stops=stops,
        stopped=next((stop for stop in stops if stop.to_at is None), None),
    )


@dataclass(frozen=True)
class Shortage:
    """An approval that misses people: where, since when, and who could stand in, as (value, words)."""

    approval: Approval
    kind: str
    places: list[tuple[str, str]]


def short_approvals(member: Member) -> QuerySet[Approval]:
    """Return the approvals of the member's house that miss people, for whoever may appoint a stand-in."""
    if not member.can("work.appoint"):
        return Approval.objects.none()
    return Approval.objects.filter(
        organisation=member.organisation_id, state="open", short=True, kind__in=KINDS
    ).order_by("opened_at", "pk")


def shortages_of(member: Member, at: datetime, limit: int = 20) -> list[Shortage]:
    """Return what `member` can make good by appointing somebody else than themself. Names no case: it is not theirs."""
    found = []
    for approval in short_approvals(member)[:limit]:
        table = table_of(approval, at)
        names = names_of(table.committee)
        places = [
            (f"{level.key}|{person}", _("%(level)s：%(name)s") % {"level": level.name, "name": names[person]})
            for level, people in stand_ins_for(table.run, table.committee)
            for person in people
            if person != member.user_id
        ]
        found.append(Shortage(approval, str(KINDS[approval.kind].label), places))
    return found


def names_of(users: Iterable[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=list(users)).values_list("pk", "name"))


def badge_words(badge: str, kind: str, table: Table) -> str:
    """Return who a badge stands for, in words; `table` names the organisation's own roles."""
    what, _colon, code = badge.partition(":")
    if what == "role":
        return role_name(code, table) or code
    return _("有审批权限的人员") if code == KINDS[kind].signs else code


def words_for_signers(level: Level, names: dict[int, str], kind: str, table: Table) -> str:
    """Return who signs at a level and how many of them, in words."""
    who = "、".join(names.get(person, "？") for person in level.people) or badge_words(level.badge, kind, table)
    if level.needs == ALL:
        return _("%(who)s，全部签署") % {"who": who}
    if level.needs == NUMBER:
        return _("%(who)s，%(n)d 人签署") % {"who": who, "n": level.number}
    return _("%(who)s，任一人签署") % {"who": who}


def words_for_condition(level: Level, kind: str) -> str:
    """Return for which cases a level is, in words; "" for all."""
    words = []
    if level.above is not None:
        words.append(_("金额高于 %(amount)s元") % {"amount": wan(level.above)})
    if level.up_to is not None:
        words.append(_("金额不高于 %(amount)s元") % {"amount": wan(level.up_to)})
    for name, value in level.when:
        fact = KINDS[kind].facts.get(name)
        if fact:
            words += [f"{fact.label}：{word}" for code, word in fact.values if code == value]
    return "，".join(words)


@dataclass(frozen=True)
class Preview:
    """Who would sign a past case under a plan: (level, names), and whether somebody is missing."""

    title: str
    amount: int
    rows: list[tuple[str, str]]
    short: bool


def preview(plan: ApprovalPlan, limit: int = 8) -> list[Preview]:
    """Try `plan` on the organisation's last decided cases."""
    committee = committee_of(plan.organisation_id, plan.kind)
    names = names_of(committee)
    found = []
    for case in KINDS[plan.kind].past(plan.organisation, limit):
        run = Run(plan.steps, case.facts, case.keepers)
        rows = [(level.name, _candidates(level, run, committee, names)) for level in run.path]
        short = not run.path or not feasible(run, committee)
        found.append(Preview(case.title, case.facts.get("amount") or 0, rows, short))
    return found


def _candidates(level: Level, run: Run, committee: Committee, names: dict[int, str]) -> str:
    people = [names[person] for person in sorted(level.seats(committee) - run.keepers)]
    return "、".join(people) or _("没有人")
