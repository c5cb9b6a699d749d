"""What can be asked of demands: the register, what waits for whom and until when, days and papers, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.claims.lifecycle import DEMAND, OPEN, RECOURSE
from xinshu.claims.models import PARTIES, Demand, DemandQuerySet, Recourse, RecourseQuerySet
from xinshu.core.clock import local_day
from xinshu.documents.models import File
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import COUNT_UP_TO
from xinshu.projects.models import Project
from xinshu.work.cases import KINDS as CASES
from xinshu.work.cases import Event, Paper, Papers, Todo
from xinshu.work.queries import due_days as approval_due_days
from xinshu.work.queries import waiting_for as approvals_waiting

SUBJECT = "claims.demand"
LIVE = (*OPEN, "paying")
AT_MOST = 500
NO_DEMAND = Q(pk__in=())


@dataclass(frozen=True)
class Filters:
    """What the register is narrowed to; everything optional, everything in the URL."""

    q: str = ""
    view: str = ""
    state: str = ""
    presented_from: date | None = None
    presented_to: date | None = None


def register(member: Member, at: datetime, filters: Filters) -> DemandQuerySet:
    """Return the demands that exist for `member`, narrowed by `filters`, last changed first."""
    found = Demand.objects.visible_to(member, at)
    found = VIEWS[filters.view if filters.view in VIEWS else ""](found, member, local_day(at))
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.presented_from:
        found = found.filter(received_on__gte=filters.presented_from)
    if filters.presented_to:
        found = found.filter(received_on__lte=filters.presented_to)
    if filters.q:
        found = found.filter(_matches(filters.q.strip()))
    return found.order_by("-changed_at", "-id")


def _matches(text: str) -> Q:
    organisations = Organisation.objects.filter(name__icontains=text).values("pk")
    projects = Project.objects.filter(Q(name__icontains=text) | Q(number__iexact=text)).values("pk")
    cases = Guarantee.objects.filter(
        Q(number__istartswith=text)
        | Q(applicant__in=organisations)
        | Q(beneficiary__in=organisations)
        | Q(project__in=projects)
    ).values("pk")
    return Q(reference__iexact=text) | Q(guarantee__in=cases)


def waiting_for(member: Member, on: date) -> Q:
    """Return the condition under which a demand waits for something that `member` can do."""
    mine = member.organisation_id
    waits = Q()  # only what this person can do at all: every page carries the number of to-dos
    if states := DEMAND.waiting_for("beneficiary", member):
        waits |= Q(guarantee__beneficiary=mine, state__in=states)
    elsewhere = {"deciding"} if member.can("claims.pay") else {"deciding", "complying"}
    if at_desk := [code for code in DEMAND.waiting_for("guarantor", member) if code not in elsewhere]:
        waits |= Q(guarantee__guarantor=mine, state__in=at_desk)
    if member.can(CASES["claim"].signs):
        to_sign = approvals_waiting(member, "claim", on).values("subject_id")
        waits |= Q(guarantee__guarantor=mine, state="deciding", pk__in=to_sign)
    if member.can("claims.decide"):
        waits |= Q(guarantee__guarantor=mine, state="complying", extend_to__isnull=False, suspended_until=None)
    if member.can("claims.respond"):
        waits |= Q(guarantee__applicant=mine, state__in=("examining", "deciding", "suspended"), positions=None)
    return waits or NO_DEMAND


VIEWS = {
    "": lambda found, member, on: found,
    "todo": lambda found, member, on: found.filter(waiting_for(member, on)),
    "open": lambda found, member, on: found.filter(state__in=LIVE),
    "paid": lambda found, member, on: found.filter(state="paid"),
    "over": lambda found, member, on: found.exclude(state__in=(*LIVE, "paid")),
}
VIEW_LABELS = {
    "": gettext_lazy("全部"),
    "todo": gettext_lazy("待我处理"),
    "open": gettext_lazy("办理中"),
    "paid": gettext_lazy("已付款"),
    "over": gettext_lazy("已了结"),
}


def count_of(found: DemandQuerySet) -> int:
    """Return how many rows there are, at most COUNT_UP_TO + 1."""
    return found.order_by()[: COUNT_UP_TO + 1].count()


def due_on(demand: Demand) -> date | None:
    """Return the day by which the present state should be left; None: no limit."""
    limits = {
        "incomplete": demand.guarantee.expires_on,
        "examining": demand.due_on,
        "deciding": min(filter(None, (demand.due_on, demand.notify_due_on)), default=None),
        "suspended": demand.suspended_until,
        "complying": demand.pay_due_on,
        "paying": demand.pay_due_on,
    }
    return limits.get(demand.state)


def todo_list(member: Member, at: datetime, limit: int = 20) -> list[Todo]:
    """Return what waits for `member`, the most urgent first."""
    if not member.can("claims.view"):
        return []
    found = Demand.objects.visible_to(member, at).filter(waiting_for(member, local_day(at)))
    rows = list(found.select_related(*PARTIES).order_by("changed_at", "id")[:limit])
    signing = approval_due_days([row for row in rows if row.state == "deciding"])
    return [_todo(row, member, signing.get(row.pk)) for row in rows]


def _todo(demand: Demand, member: Member, sign_by: date | None) -> Todo:
    state, guarantee = DEMAND.states[demand.state], demand.guarantee
    applies = member.organisation_id == guarantee.applicant_id
    due = due_on(demand)
    if sign_by is not None:
        due = min(filter(None, (due, sign_by)))
    return Todo(
        title=guarantee.project.name,
        subtitle=_("索赔 · %(what)s") % {"what": _("表达您的意见") if applies else state.awaited},
        party=guarantee.beneficiary.name,
        url=reverse("claims:detail", args=[demand.reference]),
        tone=state.tone,
        state_label=state.label,
        amount=demand.amount,
        due_on=due,
    )


def waiting(member: Member, at: datetime) -> list[DemandQuerySet]:
    """Return the demands that wait for `member`."""
    if not member.can("claims.view"):
        return []
    waits = waiting_for(member, local_day(at))
    return [] if waits == NO_DEMAND else [Demand.objects.visible_to(member, at).filter(waits)]


def agenda(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    """Return the last days for examination, payment and suspension of the member's demands."""
    if not member.can("claims.view"):
        return []
    found = Demand.objects.visible_to(member, at).filter(state__in=LIVE)
    to_do = set(found.filter(waiting_for(member, local_day(at))).order_by().values_list("pk", flat=True))
    rows = found.select_related(*PARTIES).order_by("-changed_at", "-id")[:AT_MOST]
    events = []
    for row in rows:
        on, mine = due_on(row), row.pk in to_do
        if on is None or not since <= on <= until:
            continue
        words = _("待我办理：%(what)s") if mine else _("索赔时限：%(what)s")
        tone = "danger" if on < local_day(at) else "warn" if mine else "info"
        events.append(
            Event(
                on=on, what="deadline", words=words % {"what": DEMAND.states[row.state].awaited},
                title=row.guarantee.project.name, detail=_("索赔 · %(who)s") % {"who": row.guarantee.beneficiary.name},
                url=reverse("claims:detail", args=[row.reference]), tone=tone, amount=row.amount, mine=mine,
            )
        )  # fmt: skip
    return events


def papers(member: Member, at: datetime, text: str) -> Papers | None:
    """Return the files of demands that the member's house is a party of."""
    if not member.can("claims.view"):
        return None
    mine = member.organisation_id
    party = Q(guarantee__applicant=mine) | Q(guarantee__guarantor=mine) | Q(guarantee__beneficiary=mine)
    visible = Demand.objects.visible_to(member, at).filter(party).order_by()
    files = File.objects.filter(subject_type=SUBJECT, subject_id__in=visible.values("pk"))
    if text:
        named = visible.filter(_matches(text)).values("pk")
        files = files.filter(Q(name__icontains=text) | Q(subject_id__in=named))
    return Papers(files.select_related("blob").order_by("-uploaded_at", "-pk"), _describe)


def _describe(files: Sequence[File]) -> list[Paper]:
    rows = Demand.objects.filter(pk__in={file.subject_id for file in files if file.subject_id}).select_related(*PARTIES)
    cases = {row.pk: row for row in rows}
    return [
        Paper(
            file, _("索赔单据"), cases[file.subject_id or 0].title,
            reverse("claims:detail", args=[cases[file.subject_id or 0].reference]),
        )
        for file in files
    ]  # fmt: skip


def totals_of(found: DemandQuerySet) -> dict[str, int]:
    """Return number, demanded and payable amounts of all rows, in 分."""
    sums = found.order_by().aggregate(number=Count("pk"), amount=Sum("amount"), paid=Sum("payable_amount"))
    return {name: value or 0 for name, value in sums.items()}


def recourses(member: Member, at: datetime, state: str = "") -> RecourseQuerySet:
    """Return the recourse cases that exist for `member`, last changed first."""
    found = Recourse.objects.visible_to(member, at).select_related("creditor", "debtor", "demand__guarantee__project")
    if state in RECOURSE.states:
        found = found.filter(state=state)
    return found.order_by("-changed_at", "-id")
