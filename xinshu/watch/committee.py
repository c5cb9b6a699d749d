"""The end of a freeze before the house's committee (四眼): whoever proposes is no judge of it. What waits for whom."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.watch.lifecycle import ALERT, APPROVE, CASE, HANDLE
from xinshu.watch.models import Alert, WatchCase, may_watch
from xinshu.watch.patterns import ANOMALIES, GRADES
from xinshu.work.actions.approvals import start_approval
from xinshu.work.cases import CaseKind, Event, Fact, PastCase, Todo, register
from xinshu.work.models import Approval
from xinshu.work.plan import Level
from xinshu.work.queries import due_days, waiting_for

KIND = "watch"
FACTS = {
    "grade": Fact(lazy("案件等级"), tuple(GRADES.items())),
    "pattern": Fact(lazy("监测项"), tuple((code, one.label) for code, one in ANOMALIES.items())),
}
USUAL_LEVELS = (Level("1", "解冻复核", badge=f"permission:{APPROVE}", apart="四眼", working_days=2),)


def judged_facts(case: WatchCase) -> dict[str, Any]:
    """Return what the signatures stand on. JSON values only."""
    return {"grade": case.grade, "pattern": case.pattern, "evidence": case.evidence.count()}


def deliberate(case: WatchCase, *, by: Member, at: datetime) -> Approval:
    """Put a proposal to thaw before the committee."""
    return start_approval(
        case, organisation=case.house, kind=KIND, facts=judged_facts(case), keepers=[by.user_id], by=by, at=at
    )


def cases_waiting(member: Member, at: datetime) -> models.QuerySet[WatchCase]:
    """Return the cases in which something is expected of `member`: its own and nobody's, and proposals to sign."""
    mine = Q(pk__in=[])
    if states := CASE.waiting_for("house", member):
        mine |= Q(state__in=states) & (Q(responsible=member) | Q(responsible=None))
    if member.can(APPROVE):
        mine |= Q(state="thawing", pk__in=waiting_for(member, KIND, local_day(at)).values("subject_id"))
    return WatchCase.objects.visible_to(member).filter(mine)


def alerts_waiting(member: Member, at: datetime) -> models.QuerySet[Alert]:
    """Return the alerts in which something is expected of `member`."""
    states = ALERT.waiting_for("house", member)
    return Alert.objects.visible_to(member).filter(state__in=states) if states else Alert.objects.none()


def _todos(member: Member, at: datetime, limit: int) -> list[Todo]:
    if not may_watch(member):
        return []
    cases = list(cases_waiting(member, at).select_related("firm").order_by("due_on", "pk")[:limit])
    signing = due_days([case for case in cases if case.state == "thawing"])
    found = [
        Todo(
            title=str(case.of.label), subtitle=_("风险案件 · %(what)s") % {"what": _awaited(case)},
            party=case.firm.name, url=link_to(case), tone=case.standing.tone, state_label=case.standing.label,
            due_on=signing.get(case.pk) if case.state == "thawing" else case.due_on,
        )
        for case in cases
    ]  # fmt: skip
    alerts = alerts_waiting(member, at).select_related("firm", "event").order_by("due_on", "pk")[:limit]
    found += [
        Todo(
            title=alert.event.title[:60], subtitle=_("预警 · %(what)s") % {"what": alert.standing.awaited},
            party=alert.firm.name, url=reverse("watch:alert", args=[alert.reference]), tone=alert.standing.tone,
            state_label=alert.standing.label, due_on=alert.due_on,
        )
        for alert in alerts
    ]  # fmt: skip
    return found[:limit]


def _awaited(case: WatchCase) -> str:
    return _("复核解冻") if case.state == "thawing" else case.standing.awaited


def _waiting(member: Member, at: datetime) -> Sequence[models.QuerySet[Any]]:
    if not may_watch(member) or not (member.can(HANDLE) or member.can(APPROVE)):
        return []
    return [cases_waiting(member, at), alerts_waiting(member, at)]


def _agenda(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    return [
        Event(
            on=todo.due_on, what="deadline", words=_("待我办理：%(what)s") % {"what": todo.subtitle}, title=todo.title,
            detail=todo.party, url=todo.url, tone="danger" if todo.due_on < local_day(at) else "warn", mine=True,
        )
        for todo in _todos(member, at, 100)
        if todo.due_on is not None and since <= todo.due_on <= until
    ]  # fmt: skip


def _past(house: Organisation, limit: int) -> list[PastCase]:
    ended = WatchCase.objects.filter(house=house, state="thawed").select_related("firm", "house")
    return [PastCase(str(case), judged_facts(case), frozenset()) for case in ended.order_by("-ended_at")[:limit]]


def _of(case: models.Model) -> WatchCase:
    assert isinstance(case, WatchCase)
    return case


def link_to(case: models.Model) -> str:
    """Return the address of a case's page."""
    return reverse("watch:case", args=[_of(case).reference])


register(
    CaseKind(
        code=KIND,
        label=lazy("风险案件解冻"),
        signs=APPROVE,
        keeps=HANDLE,
        facts=FACTS,
        scopes={},
        usual_levels=USUAL_LEVELS,
        escalates_to="role:director",
        todos=_todos,
        waiting=_waiting,
        agenda=_agenda,
        papers=lambda member, at, text: None,
        past=_past,
        judged=lambda case: judged_facts(_of(case)),
        case_of=lambda pk: WatchCase.objects.select_related("house", "firm").get(pk=pk),
        link=link_to,
        words=lambda case: _("%(firm)s的风险案件解冻") % {"firm": _of(case).firm.name},
        sealed_until=lambda case: None,  # what is sealed is before nobody
    )
)
