"""What can be asked of batches: how far one is, its sums per type and applicant, the line check, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import Rooms, rooms_for
from xinshu.guarantees.batches.lifecycle import LIFECYCLE
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.kinds import KINDS

State = BatchRow.State
SHOWN = 50  # applicants in the line check; the others are summed up
VIEWS = {  # code -> which rows
    "all": Q(),
    "faulty": ~Q(faults=[]),
    "person": Q(faults=[]) & ~Q(notes=[]),
    **{state.value: Q(state=state) for state in State},
}


@dataclass(frozen=True)
class Progress:
    """How many rows stand how; `share` of 100 that nothing more is done about by the batch."""

    total: int
    waiting: int
    done: int
    referred: int
    failed: int

    @property
    def settled(self) -> int:
        return self.total - self.waiting

    @property
    def share(self) -> int:
        return 100 * self.settled // self.total if self.total else 0


def progress_of(batch: Batch) -> Progress:
    """Return how far a batch is. One query over an index."""
    counted = dict(batch.rows.order_by().values_list("state").annotate(Count("pk")))
    return Progress(
        sum(counted.values()), *(counted.get(state, 0) for state in ("waiting", "done", "referred", "failed"))
    )


@dataclass(frozen=True)
class KindSum:
    """All rows of one type without faults; amounts in 分."""

    label: str
    count: int
    amount: int
    fee: int


def sums_by_kind(batch: Batch) -> list[KindSum]:
    """Return count, amount and fee per type. One query."""
    rows = batch.rows.filter(faults=[]).order_by().values("kind").annotate(n=Count("pk"), a=Sum("amount"), f=Sum("fee"))
    return [
        KindSum(str(KINDS[row["kind"]].label), row["n"], row["a"] or 0, row["f"] or 0)
        for row in sorted(rows, key=lambda row: -(row["a"] or 0))
    ]


@dataclass(frozen=True)
class ApplicantSum:
    """All rows of one applicant without faults, against what its line and limits leave (None: no line)."""

    applicant: Organisation
    count: int
    amount: int
    fee: int
    rooms: Rooms | None

    @property
    def short(self) -> bool:
        rooms = self.rooms
        if rooms is None or self.amount > rooms.line:
            return True
        group = rooms.group.room if rooms.group is not None else None
        return any(limit is not None and self.amount > limit for limit in (rooms.client, group))


def sums_by_applicant(batch: Batch) -> list[ApplicantSum]:
    """Return count, amount and fee per applicant with the line check: those that are short first. Three queries."""
    rows = list(
        batch.rows.filter(faults=[])
        .order_by()
        .values("applicant")
        .annotate(n=Count("pk"), a=Sum("amount"), f=Sum("fee"))
    )
    keys = [row["applicant"] for row in rows]
    firms = Organisation.objects.in_bulk(keys)
    rooms = rooms_for(batch.guarantor, keys)
    found = [
        ApplicantSum(firms[row["applicant"]], row["n"], row["a"] or 0, row["f"] or 0, rooms.get(row["applicant"]))
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.short, -one.amount))


def rows_of(batch: Batch, view: str) -> "QuerySet[BatchRow]":
    """Return the rows of one view in the order of the sheet."""
    found = batch.rows.filter(VIEWS.get(view, Q()))
    return found.select_related("project", "applicant", "guarantee").order_by("line")


def counts_of(batch: Batch, views: Sequence[str]) -> dict[str, int]:
    """Return how many rows each view has. One query."""
    asked = {f"v_{view}": Count("pk", filter=VIEWS[view]) for view in views if view != "all"}
    counted = batch.rows.order_by().aggregate(v_all=Count("pk"), **asked)
    return {view: counted[f"v_{view}"] for view in views}


def waiting_for(member: Member) -> "QuerySet[Batch]":
    """Return the batches in which something is expected of `member`."""
    mine = member.organisation_id
    waits = Q()
    if states := LIFECYCLE.waiting_for("preparer", member):
        waits |= Q(owner=mine, prepared_by=member, state__in=states)
    if states := LIFECYCLE.waiting_for("guarantor", member):
        waits |= Q(guarantor=mine, state__in=states)
    return Batch.objects.filter(waits) if waits else Batch.objects.none()
