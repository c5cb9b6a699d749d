"""影响测算: which guarantees gain or lose a supervisor when a plan begins to hold. Nothing is changed.

Guarantees are grouped by kind, kind of project and region first: a city has few such groups, whatever it has issued.
Bid guarantees before their opening are left out, as everywhere (开标前保密); they follow the plan when they are opened.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet

from xinshu.accounts.models import Organisation
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.models import Guarantee
from xinshu.projects.models import SupervisionPlan
from xinshu.projects.supervision import NOTHING, Rules


@dataclass(frozen=True)
class Shift:
    """One group of guarantees whose supervisors change: who no longer sees them, who newly does, who goes on."""

    kind: str
    project_kind: str
    region_code: str
    count: int
    lose: tuple[Organisation, ...]
    gain: tuple[Organisation, ...]
    keep: tuple[Organisation, ...]

    @property
    def orphaned(self) -> bool:
        """Return whether nobody supervises them afterwards."""
        return not self.gain and not self.keep


@dataclass(frozen=True)
class Simulation:
    """What a switch changes: groups with their counts, and the guarantees themselves."""

    shifts: tuple[Shift, ...]
    guarantees: QuerySet[Guarantee]
    total: int

    @property
    def count(self) -> int:
        return sum(shift.count for shift in self.shifts)

    @property
    def departments(self) -> list[tuple[Organisation, int, int]]:
        """Return (department, gains, losses) of everybody concerned, by name."""
        houses = {house.pk: house for shift in self.shifts for house in (*shift.lose, *shift.gain)}
        told = [
            (
                house,
                sum(shift.count for shift in self.shifts if house in shift.gain),
                sum(shift.count for shift in self.shifts if house in shift.lose),
            )
            for house in houses.values()
        ]
        return sorted(told, key=lambda row: row[0].name)


def known_instruments(at: datetime) -> QuerySet[Guarantee]:
    """Return the guarantees in force of which departments may know at `at`."""
    opened = ~Q(kind__in=SECRET) | Q(project__opens_at__lte=at)
    return Guarantee.objects.filter(opened, state="in_force")


def simulate(plan: SupervisionPlan, at: datetime) -> Simulation:
    """Return what changes when `plan` takes the place of what holds at `at`."""
    before, after = Rules.at(at), Rules.of(plan.rows.select_related("department"))
    cells = known_instruments(at).order_by().values_list("kind", "project__kind", "project__region_code")
    shifts, total = [], 0
    for kind, project_kind, region, count in cells.annotate(count=Count("pk")):
        total += count
        was, will = (rules.supervisors(kind, project_kind, region) for rules in (before, after))
        if was.keys() != will.keys():
            shifts.append(
                Shift(
                    kind, project_kind, region, count,
                    lose=tuple(was[key] for key in sorted(was.keys() - will.keys())),
                    gain=tuple(will[key] for key in sorted(will.keys() - was.keys())),
                    keep=tuple(was[key] for key in sorted(was.keys() & will.keys())),
                )
            )  # fmt: skip
    shifts.sort(key=lambda shift: (-shift.count, shift.region_code, shift.project_kind, shift.kind))
    found = known_instruments(at).filter(_cells(shifts)).select_related("project").order_by("number")
    return Simulation(tuple(shifts), found, total)


def shift_of(simulation: Simulation, guarantee: Guarantee) -> Shift:
    """Return the group to which one of the simulation's guarantees belongs."""
    cell = (guarantee.kind, guarantee.project.kind, guarantee.project.region_code)
    return next(
        shift for shift in simulation.shifts if (shift.kind, shift.project_kind, shift.region_code) == cell
    )  # fmt: skip


def covered(number: str | None) -> str:
    """Return a guarantee's number as those see it who only arrange supervision: kind, day, the last two signs."""
    head, _dash, tail = (number or "").partition("-")
    return f"{head}-{'•' * max(len(tail) - 2, 0)}{tail[-2:]}"


def _cells(shifts: list[Shift]) -> Q:
    """One condition for all groups: few kinds with lists of regions, since SQLite takes no thousand ORs."""
    regions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for shift in shifts:
        regions[shift.kind, shift.project_kind].append(shift.region_code)
    return reduce(
        or_,
        (
            Q(kind=kind, project__kind=project_kind, project__region_code__in=found)
            for (kind, project_kind), found in regions.items()
        ),
        NOTHING,
    )
