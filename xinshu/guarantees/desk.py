"""What a member's own pages show of guarantees: the days that matter (日程), the documents that may be read (文件)."""

from dataclasses import replace
from datetime import date, datetime, time

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import CHINA, local_day
from xinshu.documents.models import File
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.queries import due_days, waiting_for
from xinshu.guarantees.visibility import put_before_others
from xinshu.work.cases import Event, Paper, Papers

SUBJECT = "guarantees.guarantee"
AT_MOST = 500  # cases of one sort that a month shows
LIMITED = tuple(code for code, state in LIFECYCLE.states.items() if state.working_days)
UNDER_WAY = tuple(code for code, state in LIFECYCLE.states.items() if not state.final)


def agenda(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    """Return time limits, openings of bids and expiries of the member's cases from `since` to `until`.

    Everything starts from what exists for the member, so that no opening betrays a bidder.
    """
    return [*_limits(member, at, since, until), *_openings(member, at, since, until), *_ends(member, at, since, until)]


def _limits(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    mine = Q(applicant=member.organisation_id) | Q(guarantor=member.organisation_id)
    found = Guarantee.objects.visible_to(member, at).filter(mine, state__in=LIMITED).select_related(*PARTIES)
    rows = list(found.order_by("-changed_at", "-id")[:AT_MOST])
    to_do = set(found.filter(waiting_for(member, local_day(at))).order_by().values_list("pk", flat=True))
    due, events = due_days(rows), []
    for case in rows:
        on, state = due[case.pk], LIFECYCLE.states[case.state]
        if on is not None and since <= on <= until:
            whose = _("待我办理") if case.pk in to_do else _("等对方") if _theirs(case, member) else _("等同事")
            tone = "danger" if on < local_day(at) else "warn" if case.pk in to_do else "info"
            words = f"{whose}：{state.awaited}"
            events.append(replace(_event(case, on, "deadline", words, tone), mine=case.pk in to_do))
    return events


def _theirs(case: Guarantee, member: Member) -> bool:
    return LIFECYCLE.states[case.state].waits_for not in case.sides_of(member)


def _openings(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    first, last = datetime.combine(since, time.min, CHINA), datetime.combine(until, time.max, CHINA)
    found = Guarantee.objects.visible_to(member, at).filter(
        project__opens_at__gte=first, project__opens_at__lte=last, kind__in=SECRET, state__in=UNDER_WAY
    )
    events = []
    for case in found.select_related(*PARTIES).order_by("project__opens_at", "id")[:AT_MOST]:
        opens_at = case.project.opens_at
        assert opens_at is not None
        events.append(_event(case, local_day(opens_at), "opening", _("开标"), "law", opens_at))
    return events


def _ends(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    found = Guarantee.objects.visible_to(member, at).filter(
        state="in_force", expires_on__gte=since, expires_on__lte=until
    )
    rows = found.select_related(*PARTIES).order_by("expires_on", "id")[:AT_MOST]
    return [_event(case, case.expires_on, "expiry", _("保函到期"), "warn") for case in rows if case.expires_on]


def _event(case: Guarantee, on: date, what: str, words: str, tone: str, at: datetime | None = None) -> Event:
    return Event(
        on=on,
        what=what,
        words=words,
        title=case.project.name,
        detail=f"{case.get_kind_display()} · {case.applicant.name}",
        url=reverse("guarantees:detail", args=[case.reference]),
        tone=tone,
        amount=case.amount,
        at=at,
    )


def papers(member: Member, at: datetime, text: str) -> Papers:
    """Return the files of guarantees that the member may read: inside the case all, elsewhere what others were shown.

    The same rule as visibility.reads_guarantee_file, as one query.
    """
    visible = Guarantee.objects.visible_to(member, at)
    mine = Q(applicant=member.organisation_id) | Q(guarantor=member.organisation_id)
    inside = Q(subject_type=SUBJECT, subject_id__in=visible.filter(mine).order_by().values("pk"))
    letters = Q(pk__in=visible.filter(state__in=INSTRUMENT).order_by().values("letter__file"))
    shown = Q(subject_type=SUBJECT, subject_id__in=visible.order_by().values("pk"), pk__in=put_before_others())
    files = File.objects.filter(inside | letters | shown)
    if text:
        named = visible.filter(Q(project__name__icontains=text) | Q(number__istartswith=text)).order_by().values("pk")
        files = files.filter(Q(name__icontains=text) | Q(subject_type=SUBJECT, subject_id__in=named))
    return Papers(files.select_related("blob").order_by("-uploaded_at", "-pk"), _describe)


def _describe(files: list[File]) -> list[Paper]:
    ids = {file.subject_id for file in files if file.subject_id is not None}
    cases = Guarantee.objects.filter(pk__in=ids).select_related("project", "letter").in_bulk()
    rows = []
    for file in files:
        case = cases[file.subject_id or 0]
        is_letter = case.letter is not None and case.letter.file_id == file.pk
        what = _("电子保函") if is_letter else _("业务材料")
        title = f"{case.project.name} · {case.get_kind_display()}"
        rows.append(Paper(file, what, title, reverse("guarantees:detail", args=[case.reference])))
    return rows
