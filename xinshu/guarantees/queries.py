"""What can be asked: the register with its filters, what waits for whom, and figures for boards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.classification import shown
from xinshu.core.clock import local_day, moment
from xinshu.core.composed import composed
from xinshu.core.money import wan
from xinshu.guarantees import kinds, lifecycle
from xinshu.guarantees.extras import AMOUNT
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import NEVER, PARTIES, Guarantee, GuaranteeQuerySet, PaperRequest, Payment
from xinshu.guarantees.models.instrument import sides_of
from xinshu.guarantees.payments import TRANSFER
from xinshu.ledger.queries import history_of
from xinshu.projects.models import Project
from xinshu.work.cases import KINDS as CASES
from xinshu.work.deadlines import calendars_of
from xinshu.work.queries import due_days as approval_due_days
from xinshu.work.queries import waiting_for as approvals_waiting

NEAR = 2_000  # rows from the top of a register
RETURNING = ("guarantee.returned", "guarantee.papers_asked")
COUNT_UP_TO = 1_000  # a register says "1,000+" rather than count a crowd on every visit
NOTHING = "-"  # in a filter: where nothing was entered
ENDING_WITHIN = timedelta(days=30)
NO_CASE = Q(pk__in=())


def as_it_stands(number: int) -> Guarantee:
    """Return a guarantee of now with its parties, its letter and its wording. Raises Guarantee.DoesNotExist."""
    if (found := _standing.first(number)) is None:
        raise Guarantee.DoesNotExist
    return found


@composed  # asked by every reaction to what happens to a guarantee
def _standing(number: int) -> "QuerySet[Guarantee]":
    return Guarantee.objects.filter(pk=number).select_related(*PARTIES, "letter", "template__template")


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
    region: str = ""  # first digits of the project's region; NOTHING: none was entered
    guarantor: str = ""  # its whole name
    issued_from: date | None = None
    issued_to: date | None = None
    sector: str = ""  # kind of works of the project: the trade that it is for
    begun_from: date | None = None  # of the application
    begun_to: date | None = None
    decided_from: date | None = None
    decided_to: date | None = None
    reached: str = ""  # of REACHED: how far it came


REACHED = {
    #  code        what it is called              what came about
    "submitted": (gettext_lazy("已提交"), Q(submitted_at__isnull=False)),
    "approved": (gettext_lazy("已批准"), Q(decided_at__isnull=False) & ~Q(state="declined")),
    "issued": (gettext_lazy("已出函"), Q(issued_at__isnull=False)),
}


def register(member: Member, at: datetime, filters: Filters) -> GuaranteeQuerySet:
    """Return the guarantees that exist for `member`, narrowed by `filters`, last changed first."""
    return _narrowed(Guarantee.objects.visible_to(member, at), member, at, filters)


def page_of_register(member: Member, at: datetime, filters: Filters, page: int, size: int) -> list[Guarantee]:
    """Return one page of the register, with parties and project.

    Near the top each side's newest are read by that side's index and laid together: over a register of a million one
    query for all sides either walks through everybody's rows or sorts all of a great house's. Far down it is the one
    query.
    """
    upto = page * size
    if upto > NEAR:
        return list(register(member, at, filters).select_related(*PARTIES)[upto - size : upto])
    keys = set[tuple[datetime, int]]()
    for side in sides_of(member, at):
        newest = _narrowed(Guarantee.objects.filter(side), member, at, filters)
        keys.update(newest.values_list("changed_at", "pk")[:upto])
    wanted = [pk for _changed, pk in sorted(keys, reverse=True)[upto - size : upto]]
    rows = Guarantee.objects.select_related(*PARTIES).in_bulk(wanted)
    return [rows[pk] for pk in wanted if pk in rows]


def in_region(code: str) -> Q:
    """Return the condition that the project lies in a region: the leading digits of its code, NOTHING for none told."""
    return Q(project__region_code="") if code == NOTHING else Q(project__region_code__startswith=code)


def _narrowed(found: GuaranteeQuerySet, member: Member, at: datetime, filters: Filters) -> GuaranteeQuerySet:
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
    if filters.region:
        found = found.filter(in_region(filters.region))
    if filters.guarantor:
        found = found.filter(guarantor__in=Organisation.objects.filter(name=filters.guarantor).values("pk"))
    if filters.sector:
        found = found.filter(project__kind=filters.sector)
    for column, first, last in (
        ("issued_at", filters.issued_from, filters.issued_to),
        ("created_at", filters.begun_from, filters.begun_to),
        ("decided_at", filters.decided_from, filters.decided_to),
    ):
        if first:
            found = found.filter(**{f"{column}__gte": moment(first)})
        if last:
            found = found.filter(**{f"{column}__lt": moment(last + timedelta(days=1))})
    if filters.reached in REACHED:
        found = found.filter(REACHED[filters.reached][1])
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
    return reduce(or_, _waiting_by_side(member, on), Q()) or NO_CASE


def _waiting_by_side(member: Member, on: date) -> list[Q]:
    """Return only what this person can do at all: every page carries the number of to-dos."""
    mine, sides = member.organisation_id, []
    if states := LIFECYCLE.waiting_for("applicant", member):
        sides += [Q(applicant=mine, state__in=states), Q(guarantor=mine, on_behalf=True, state__in=states)]
    if at_desk := [state for state in LIFECYCLE.waiting_for("guarantor", member) if state != "in_review"]:
        sides.append(Q(guarantor=mine, state__in=at_desk))
    if member.can(CASES["guarantee"].signs):
        to_sign = approvals_waiting(member, "guarantee", on).values("subject_id")
        sides.append(Q(guarantor=mine, state="in_review", pk__in=to_sign))
    if member.can("billing.reconcile"):
        sides.append(Q(guarantor=mine, pk__in=slips_handed_in().values("guarantee")))
    return sides


def slips_handed_in() -> QuerySet[Payment]:
    """Return the transfers that wait for finance's word."""
    return Payment.objects.filter(channel=TRANSFER, state=Payment.State.REQUESTED).order_by()


VIEWS = {
    "": lambda found, member, on: found,
    "todo": lambda found, member, on: found.filter(waiting_for(member, on)),
    "in_force": lambda found, member, on: found.filter(state="in_force"),
    "ending": lambda found, member, on: found.filter(
        state="in_force", expires_on__gte=on, expires_on__lte=on + ENDING_WITHIN
    ),
    "over": lambda found, member, on: found.filter(
        state__in=("released", "expired", "exhausted", "declined", "withdrawn", "lapsed")
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
    rows = _longest_waiting(member, at, limit)
    due, asked = due_days(rows), _papers_asked(rows)
    if member.can("billing.reconcile"):
        found = slips_handed_in().filter(
            guarantee__in=[row.pk for row in rows], guarantee__guarantor=member.organisation
        )
        asked |= dict.fromkeys(found.values_list("guarantee", flat=True), _("核对转账凭证"))
    return [
        {
            "title": guarantee.project.name,
            "subtitle": f"{guarantee.get_kind_display()} · {asked.get(guarantee.pk, _awaited(guarantee))}",
            "party": guarantee.applicant.name,
            "amount": guarantee.amount,
            "url": reverse("guarantees:detail", args=[guarantee.reference]),
            "due_on": due[guarantee.pk],
            "stopped": guarantee.state == "in_review" and due[guarantee.pk] is None,
            "tone": LIFECYCLE.states[guarantee.state].tone,
            "state_label": LIFECYCLE.states[guarantee.state].label,
        }
        for guarantee in rows
    ]


def _longest_waiting(member: Member, at: datetime, limit: int) -> list[Guarantee]:
    """Return what waits for `member` longest, each reason read by its own index as in `page_of_register`."""
    keys = set[tuple[datetime, int]]()
    for reason in _waiting_by_side(member, local_day(at)):
        waiting = Guarantee.objects.filter(reason).order_by("changed_at", "id")
        keys.update(waiting.values_list("changed_at", "pk")[:limit])
    wanted = [pk for _changed, pk in sorted(keys)[:limit]]
    rows = Guarantee.objects.visible_to(member, at).select_related(*PARTIES).in_bulk(wanted)
    return [rows[pk] for pk in wanted if pk in rows]


def _awaited(guarantee: Guarantee) -> str:
    return str(LIFECYCLE.states[guarantee.state].awaited)


def _papers_asked(rows: Sequence[Guarantee]) -> dict[int, str]:
    """Return in words which papers are still to come for the rows that came back. One query, or none."""
    returned = [row.pk for row in rows if row.state == "returned"]
    if not returned:
        return {}
    found: dict[int, list[str]] = {}
    open_ones = PaperRequest.objects.filter(guarantee__in=returned, attachment=None).order_by("pk")
    for case, title in open_ones.values_list("guarantee", "title"):
        found.setdefault(case, []).append(title)
    return {case: _("补材料：%(titles)s") % {"titles": "、".join(titles)} for case, titles in found.items()}


def waiting(member: Member, at: datetime) -> list[QuerySet[Any]]:
    """Return the guarantees that wait for `member`."""
    waits = waiting_for(member, local_day(at))
    return [] if waits == NO_CASE else [Guarantee.objects.visible_to(member, at).filter(waits)]


def due_days(rows: Sequence[Guarantee]) -> dict[int, date | None]:
    """Return for each row the day by which its present state should be left, None: no limit, or the clock stands.

    In review the open level of the approval has its own limit; elsewhere working days count from the last act, those
    of the institution whose turn it is.
    """
    signing = approval_due_days([row for row in rows if row.state == "in_review"])
    limited = [row for row in rows if row.pk not in signing and LIFECYCLE.states[row.state].working_days]
    calendars = calendars_of(awaited_house(row) for row in limited) if limited else {}
    due: dict[int, date | None] = {row.pk: signing.get(row.pk) for row in rows}
    for row in limited:
        days = LIFECYCLE.states[row.state].working_days or 0
        due[row.pk] = calendars[awaited_house(row)].add(local_day(row.changed_at), days).on
    return due


def awaited_house(guarantee: Guarantee) -> int:
    """Return the organisation whose turn it is; a case that a manager keeps for the applicant stays with the house."""
    by_applicant = LIFECYCLE.states[guarantee.state].waits_for == "applicant" and not guarantee.on_behalf
    return guarantee.applicant_id if by_applicant else guarantee.guarantor_id


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
        todo = {"label": _("待处理保函"), "value": waiting, "unit": _("件"), "note": "", "url": f"{page}?view=todo"}
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


ENDED = ("released", "expired", "exhausted")
REACHED_AT = {
    "draft": "created_at", "submitted": "submitted_at", "fee_due": "decided_at", "issuing": "issued_at",
    "in_force": "delivered_at", "released": "ended_at", "expired": "ended_at", "exhausted": "ended_at",
    "declined": "ended_at", "withdrawn": "ended_at", "lapsed": "ended_at",
}  # fmt: skip


def story_of(guarantee: Guarantee) -> list[dict[str, Any]]:
    """Return the stepper: the states of the happy path as done, now or to come. A dead end cuts it short."""
    present = guarantee.state
    if present in ("declined", "withdrawn", "lapsed"):
        reached = [code for code in lifecycle.STORY if code in REACHED_AT and getattr(guarantee, REACHED_AT[code])]
        codes = [*reached, present]
    elif present in ENDED:
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
    if index < here or (index == here and present in ("in_force", *ENDED)):
        return "done"
    if index == here:
        return "fail" if ended else "now"
    return ""


def returned_because(guarantee: Guarantee) -> str:
    """Return the guarantor's words when the application came back for correction, else an empty string."""
    if guarantee.state != "returned":
        return ""
    reasons = [entry.data["reason"] for entry in history_of(guarantee) if entry.kind in RETURNING]
    return reasons[-1] if reasons else ""


def told_extras(guarantee: Guarantee, by: Member) -> list[tuple[str, str]]:
    """Return (name, value in words) of the type's own fields; covered by class for those who are no party to it."""
    party = bool(guarantee.sides_of(by))
    told = []
    for extra in guarantee.type.fields:
        text = extra.told(guarantee.extras.get(extra.name))
        text = text if party else shown("guarantees.Guarantee.extras", text, by)
        told.append((extra.name, _("%(amount)s 元") % {"amount": text} if extra.sort == AMOUNT else text))
    return told
