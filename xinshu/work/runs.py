"""Between the rows of an approval and the plan's pure run: read it, write back what changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xinshu.core.clock import local_day
from xinshu.core.lifecycle import Row
from xinshu.work.deadlines import calendar_of, deadline
from xinshu.work.models import Approval, Delegation, Signature, Standing
from xinshu.work.people import committee_of, stand_ins
from xinshu.work.plan import Committee, Decision, Mark, Run, decide, digest_of, open_level


@dataclass(frozen=True)
class Table:
    """A run with everybody around it at one moment: who may sign at all, who stands in for whom."""

    run: Run
    committee: Committee
    delegations: dict[int, dict[int, Delegation]]

    def decision(self) -> Decision:
        stand_in = {hand: frozenset(seats) for hand, seats in self.delegations.items()}
        return decide(self.run, self.committee, stand_in)


def table_of(approval: Approval, at: datetime) -> Table:
    """Return the run of `approval` and the people who can act in it at the moment `at`."""
    return Table(
        run_of(approval),
        committee_of(approval.organisation_id, approval.kind),
        stand_ins(approval.organisation_id, approval.kind, local_day(at)),
    )


def counted(approval: Approval) -> list[Signature]:
    """Return the signatures that count, in their order."""
    return list(approval.signatures.filter(act__in=Signature.MARKS, voided_at=None).order_by("pk"))


def run_of(approval: Approval) -> Run:
    """Read the run back from its rows."""
    marks = tuple(
        Mark(row.level, row.hand_id or 0, row.seat_id or 0, row.act == Signature.Act.APPROVE, row.digest, row.closes)
        for row in counted(approval)
    )
    return Run(approval.steps, approval.facts, frozenset(approval.keepers), marks)


def void_lost_marks(approval: Approval, run: Run, at: datetime) -> None:
    """Let the signatures that are not in `run` any more count no longer. Their rows stay."""
    kept = {(mark.level, mark.hand) for mark in run.marks}
    lost = [row.pk for row in counted(approval) if (row.level, row.hand_id) not in kept]
    if lost:
        Signature.objects.filter(pk__in=lost).update(voided_at=at)


def drawn(approval: Approval, table: Table, at: datetime, *, anew: bool = False) -> dict[str, Any]:
    """Return the columns drawn from where `table` stands, and rewrite the standings; `anew`: time starts again."""
    run, level = table.run, open_level(table.run)
    columns: dict[str, Any] = {
        "levels": [step.as_json() for step in run.levels],
        "facts": dict(run.facts),
        "facts_digest": digest_of(run.facts),
    }
    place(approval, table)
    if level is None:
        return columns | {"level": "", "level_name": "", "badge": "", "short": False, "due_on": None}
    if anew or level.key != approval.level:
        columns |= {"opened_at": at, "escalated_at": None}
    opened_at = columns.get("opened_at", approval.opened_at)
    stops = list(approval.stops.all())
    running = all(stop.to_at for stop in stops)
    due = deadline(level, opened_at, stops, calendar_of(approval.organisation_id)).on if running else None
    return columns | {
        "level": level.key,
        "level_name": level.name,
        "badge": "" if level.people else level.badge,
        "short": table.decision().short,
        "due_on": due,
    }


def place(approval: Approval, table: Table) -> None:
    """Write who has a place at the open level, by name or barred from signing; nothing where that is so already."""
    run, level = table.run, open_level(table.run)
    wanted: set[tuple[int, bool]] = set()
    if level is not None:
        alone = decide(run, table.committee).may
        cannot = {seat for seat in level.seats(table.committee) if seat not in alone}
        barred = run.keepers | run.used(level.group) | cannot | set(level.excused)
        wanted = {(person, True) for person in barred & (table.committee.keys() | run.keepers)}
        wanted |= {(person, False) for person in {*level.people, *level.stand_ins} - set(level.excused)}
    if wanted != set(approval.standings.values_list("user_id", "barred")):
        approval.standings.all().delete()
        Standing.objects.bulk_create(
            Standing(approval=approval, user_id=person, barred=barred) for person, barred in sorted(wanted)
        )


def save(approval: Approval, table: Table, at: datetime, step: Row | None, *, anew: bool = False, **more: Any) -> None:
    """Write back where the run stands."""
    approval.change(step, **(drawn(approval, table, at, anew=anew) | more))
