"""What can be asked: the register with its filters, what waits for whom, and figures for boards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.calendar import default_calendar
from xinshu.core.clock import local_day
from xinshu.core.money import wan
from xinshu.guarantees import kinds, lifecycle
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import NEVER, PARTIES, Guarantee, GuaranteeQuerySet
from xinshu.ledger.queries import history_of
from xinshu.projects.models import Project
from xinshu.work.queries import due_days as approval_due_days
from xinshu.work.queries import waiting_for as approvals_waiting

COUNT_UP_TO = 1_000  # a register says "1,000+" rather than count a crowd on every visit
ENDING_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Filters:
    """What the register is narrowed to; everything optional, everything in the URL."""

    q: str = ""
    view: str = ""  # a tab: "", "todo", "in_force", "ending", "over"
    kind: str = ""
    state: str = ""
    amount_from: int | None = None
    amount_to: int | None = None
    expires_from: date | None = None
    expires_to: date | None = None


def register(member: Member, at: datetime, filters: Filters) -> GuaranteeQuerySet:
    """Return the guarantees that exist for `member`, narrowed by `filters`, last changed first."""
    found = Guarantee.objects.visible_to(member, at)
    found = VIEWS[filters.view if filters.view in VIEWS else ""](found, member, local_day(at))
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.amount_from is not None:
        found = found.filter(amount__gte=filters.amount_from)
    if filters.amount_to is not None:
        found = found.filter(amount__lte=filters.amount_to)
    if filters.expires_from:
        found = found.filter(expires_on__gte=filters.expires_from)
    if filters.expires_to:
        found = found.filter(expires_on__lte=filters.expires_to)
    if filters.q:
        found = found.filter(_matches(filters.q.strip()))
    return found.order_by("-changed_at", "-id")


def _matches(text: str) -> Q:
    organisations = Organisation.objects.filter(Q(name__icontains=text) | Q(uscc=text.upper())).values("pk")
    projects = Project.objects.filter(Q(name__icontains=text) | Q(number__iexact=text)).values("pk")
    return (
        Q(number__istartswith=text)
        | Q(reference__iexact=text)
        | Q(applicant__in=organisations)
        | Q(beneficiary__in=organisations)
        | Q(project__in=projects)
    )


def waiting_for(member: Member, on: date) -> Q:
    """Return the condition under which a guarantee waits for something that `member` can do on the day `on`.

    In review that is whoever the guarantor's plan lets sign next, in the own seat or for somebody who delegated.
    """
    mine = member.organisation_id
    at_desk = [state for state in LIFECYCLE.waiting_for("guarantor", member) if state != "in_review"]
    to_sign = approvals_waiting(member, "guarantee", on).values("subject_id")
    as_applicant = Q(applicant=mine) | Q(guarantor=mine, on_behalf=True)
    return (
        as_applicant & Q(state__in=LIFECYCLE.waiting_for("applicant", member))
        | Q(guarantor=mine, state__in=at_desk)
        | Q(guarantor=mine, state="in_review", pk__in=to_sign)
    )


VIEWS = {
    "": lambda found, member, on: found,
    "todo": lambda found, member, on: found.filter(waiting_for(member, on)),
    "in_force": lambda found, member, on: found.filter(state="in_force"),
    "ending": lambda found, member, on: found.filter(
        state="in_force", expires_on__gte=on, expires_on__lte=on + ENDING_WITHIN
    ),
    "over": lambda found, member, on: found.filter(
        state__in=("released", "expired", "declined", "withdrawn", "lapsed")
    ),
}
VIEW_LABELS = {
    "": gettext_lazy("全部"),
    "todo": gettext_lazy("待我处理"),
    "in_force": gettext_lazy("在保"),
    "ending": gettext_lazy("30 天内到期"),
    "over": gettext_lazy("已结束"),
}


def count_of(found: QuerySet[Any]) -> int:
    """Return how many rows there are, at most COUNT_UP_TO + 1 (then the page says "1,000+")."""
    return found.order_by()[: COUNT_UP_TO + 1].count()


def totals_of(found: QuerySet[Any]) -> dict[str, int]:
    """Return number, face amount and fees of all rows, in 分. Counts every row: asked for, not shown by itself."""
    sums = found.order_by().aggregate(number=Count("pk"), amount=Sum("amount"), fee=Sum("fee_amount"))
    return {name: value or 0 for name, value in sums.items()}


def secret_until(found: QuerySet[Any], at: datetime) -> datetime | None:
    """Return until when a word about these guarantees could betray a bidder; None when it could not."""
    secret = found.order_by().filter(Q(project__opens_at=None) | Q(project__opens_at__gt=at), kind__in=kinds.SECRET)
    until: datetime | None = secret.aggregate(last=Max(Coalesce("project__opens_at", Value(NEVER))))["last"]
    return until


def todo_list(member: Member, at: datetime, limit: int = 20) -> list[dict[str, Any]]:
    """Return what waits for `member`: the same rows as the register's 待我处理, oldest first, with its time limit."""
    waiting = (
        Guarantee.objects.visible_to(member, at).filter(waiting_for(member, local_day(at))).select_related(*PARTIES)
    )
    rows = list(waiting.order_by("changed_at", "id")[:limit])
    due = due_days(rows)
    return [
        {
            "title": guarantee.project.name,
            "subtitle": f"{guarantee.get_kind_display()} · {LIFECYCLE.states[guarantee.state].awaited}",
            "party": guarantee.applicant.name,
            "amount": guarantee.amount,
            "url": reverse("guarantees:detail", args=[guarantee.reference]),
            "due_on": due[guarantee.pk],
            "tone": LIFECYCLE.states[guarantee.state].tone,
            "state_label": LIFECYCLE.states[guarantee.state].label,
        }
        for guarantee in rows
    ]


def todo_count(member: Member, at: datetime) -> int:
    """Return how many guarantees wait for `member`, at most COUNT_UP_TO + 1."""
    found = Guarantee.objects.visible_to(member, at)
    return count_of(found.filter(waiting_for(member, local_day(at))))


def due_days(rows: Sequence[Guarantee]) -> dict[int, date | None]:
    """Return for each row the day by which its present state should be left, None: no limit, or the clock stands.

    In review the open level of the approval has its own limit; elsewhere working days count from the last act.
    """
    signing = approval_due_days([row for row in rows if row.state == "in_review"])
    return {row.pk: signing[row.pk] if row.pk in signing else _due_on(row) for row in rows}


def _due_on(guarantee: Guarantee) -> date | None:
    days = LIFECYCLE.states[guarantee.state].working_days
    if not days:
        return None
    return default_calendar().add(local_day(guarantee.changed_at), days).on


def workbench_figures(member: Member, at: datetime) -> list[dict[str, Any]]:
    """Return the strip of key figures for `member`: each with its unit, its note and the list behind it."""
    on = local_day(at)
    found = Guarantee.objects.visible_to(member, at).order_by()
    live = found.filter(state="in_force").aggregate(number=Count("pk"), amount=Sum("available_amount"))
    ending = VIEWS["ending"](found, member, on).aggregate(number=Count("pk"), amount=Sum("available_amount"))
    month = found.filter(issued_at__gte=at - timedelta(days=30)).aggregate(number=Count("pk"), amount=Sum("amount"))
    page = reverse("guarantees:list")
    figures = [
        _figure(_("在保余额"), live, f"{page}?view=in_force"),
        _figure(_("30 天内到期"), ending, f"{page}?view=ending"),
        _figure(_("近 30 天出函"), month, page),
    ]
    if LIFECYCLE.waiting_for("applicant", member) or LIFECYCLE.waiting_for("guarantor", member):
        waiting = count_of(found.filter(waiting_for(member, on)))
        todo = {"label": _("待我处理"), "value": waiting, "unit": _("件"), "note": "", "url": f"{page}?view=todo"}
        figures.insert(0, todo)
    return figures


def _figure(label: str, sums: dict[str, Any], url: str) -> dict[str, Any]:
    note = _("%(number)d 笔") % {"number": sums["number"]}
    return {"label": label, "value": wan(sums["amount"] or 0), "unit": _("元"), "note": note, "url": url}


def public_figures(at: datetime) -> dict[str, int]:
    """Return what anybody may know: instruments in force, without bid guarantees whose bids are not open yet."""
    live = Guarantee.objects.filter(state="in_force").exclude(
        Q(kind__in=kinds.SECRET) & (Q(project__opens_at=None) | Q(project__opens_at__gt=at))
    )
    sums = live.aggregate(
        number=Count("pk"), amount=Sum("available_amount"), guarantors=Count("guarantor", distinct=True)
    )
    return {name: value or 0 for name, value in sums.items()}


REACHED_AT = {
    "draft": "created_at", "submitted": "submitted_at", "fee_due": "decided_at", "issuing": "issued_at",
    "in_force": "delivered_at", "released": "ended_at", "expired": "ended_at", "declined": "ended_at",
    "withdrawn": "ended_at", "lapsed": "ended_at",
}  # fmt: skip


def story_of(guarantee: Guarantee) -> list[dict[str, Any]]:
    """Return the stepper: the states of the happy path as done, now or to come. A dead end cuts it short."""
    present = guarantee.state
    if present in ("declined", "withdrawn", "lapsed"):
        reached = [code for code in lifecycle.STORY if code in REACHED_AT and getattr(guarantee, REACHED_AT[code])]
        codes = [*reached, present]
    elif present in ("released", "expired"):
        codes = [*lifecycle.STORY, present]
    else:
        codes = ["returned" if code == "in_review" and present == "returned" else code for code in lifecycle.STORY]
    here = codes.index(present)
    ended = LIFECYCLE.states[present].final
    return [
        {
            "label": lifecycle.STORY.get(code) or LIFECYCLE.states[code].label,
            "moment": getattr(guarantee, REACHED_AT[code]) if code in REACHED_AT and index <= here else None,
            "status": _step_status(index, here, present, ended),
        }
        for index, code in enumerate(codes)
    ]


def _step_status(index: int, here: int, present: str, ended: bool) -> str:
    if index < here or (index == here and present in ("in_force", "released", "expired")):
        return "done"
    if index == here:
        return "fail" if ended else "now"
    return ""


def returned_because(guarantee: Guarantee) -> str:
    """Return the guarantor's words when the application came back for correction, else an empty string."""
    if guarantee.state != "returned":
        return ""
    reasons = [entry.data["reason"] for entry in history_of(guarantee) if entry.kind == "guarantee.returned"]
    return reasons[-1] if reasons else ""
