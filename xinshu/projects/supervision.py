"""归口管理: which department supervises which kinds of guarantee and project, and where. Versions, not edits.

A plan holds from its moment until the next one does. While none has ever held, every department supervises its own
region. Both gates (`Guarantee.visible_to`, `Project.visible_to`) read this table; `exchange` writes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import Lifecycle, Row, State

NOTHING = Q(pk__in=())
DRAFT, APPROVE = "exchange.draft", "exchange.approve"

PLAN = Lifecycle(
    "supervision_plan",
    "归口方案",
    states=(
        #     code         word      tone      waits for   for what             working days
        State("draft",     "草稿",   "mute",   "drafter",  "排好后提交"),
        State("proposed",  "待批准", "info",   "second",   "另一人核对影响后批准", 2),
        State("approved",  "已批准", "ok"),
        State("refused",   "未批准", "danger", final=True),
        State("withdrawn", "已撤回", "mute",   final=True),
    ),
    rows=(
        #   action      button      from           to           whose act   permission
        Row("edit",     "修改",     ("draft",),    "draft",     "drafter",  DRAFT),
        Row("submit",   "提交批准", ("draft",),    "proposed",  "drafter",  DRAFT, tone="pri"),
        Row("approve",  "批准",     ("proposed",), "approved",  "second",   APPROVE, tone="pri",
            consequence="到生效时间，各部门看到的保函和项目随即按新方案变化，报送对象同时变化。"),
        Row("refuse",   "不批准",   ("proposed",), "refused",   "second",   APPROVE, tone="dan", needs_reason=True),
        Row("withdraw", "撤回",     ("draft", "proposed"), "withdrawn", "drafter", DRAFT, tone="dan",
            consequence="撤回后这份方案作废；现行方案不变。"),
        Row("withdraw", "撤回",     ("draft",),    "withdrawn", "second",   DRAFT, tone="dan",  # its drafter left
            consequence="撤回后这份方案作废；现行方案不变。"),
    ),
)  # fmt: skip


def region_prefix(code: str) -> str:
    """Return what all regions inside `code` begin with: 420500 (a city) -> 4205, 420000 -> 42."""
    while code.endswith("00"):
        code = code[:-2]
    return code


class SupervisionPlan(Case):
    """One version: who supervises what, from a moment on. Two people make it: one drafts, another approves."""

    basis = models.CharField(max_length=200, blank=True)  # 依据: the document that says so
    valid_from = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=500, blank=True)
    proposed_by = models.CharField(max_length=60)
    proposer = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True)
    decider = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    objects = CaseQuerySet["SupervisionPlan"].as_manager()

    class Meta(Case.Meta):
        abstract = False
        app_label = "projects"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["draft", "proposed"]), name="supervision_one_in_each_hand"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["proposed", "approved"]) | Q(valid_from__isnull=False),
                name="supervision_plan_has_a_beginning",
            ),
        ]

    def __str__(self) -> str:
        return self.basis or self.reference

    @property
    def standing(self) -> State:
        return PLAN.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Whoever drafted it is never the second."""
        return {"drafter"} if by.actor_key == self.proposed_by else {"second"}


class SupervisionRow(models.Model):
    """One line: `department` supervises guarantees of `kinds` for projects of `project_kinds` inside `region_code`."""

    plan = models.ForeignKey(SupervisionPlan, models.CASCADE, related_name="rows")
    department = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list)  # of guarantees; empty: all
    project_kinds = models.JSONField(default=list)  # empty: all
    region_code = models.CharField(max_length=6)  # GB/T 2260, all that lies inside

    class Meta:
        app_label = "projects"

    def __str__(self) -> str:
        return f"{self.department} {self.region_code}"

    @property
    def prefix(self) -> str:
        return region_prefix(self.region_code)

    def covers(self, kind: str, project_kind: str, region_code: str) -> bool:
        """Return whether a guarantee of `kind` for such a project there falls under this line."""
        return (
            region_code.startswith(self.prefix)
            and (not self.kinds or kind in self.kinds)
            and (not self.project_kinds or project_kind in self.project_kinds)
        )


def plan_at(at: datetime) -> SupervisionPlan | None:
    """Return the plan that holds at `at`; None while none has ever held."""
    approved = SupervisionPlan.objects.filter(state="approved", valid_from__lte=at)
    return approved.order_by("-valid_from", "-pk").first()


def _rows_of(organisation: Organisation, at: datetime) -> list[SupervisionRow]:
    plan = plan_at(at)
    if plan is not None:
        return list(plan.rows.filter(department=organisation))
    return [_own_region(organisation)] if organisation.region_code else []


def _own_region(department: Organisation) -> SupervisionRow:
    return SupervisionRow(department=department, region_code=department.region_code)


def guarantees_under(organisation: Organisation, at: datetime) -> Q:
    """Return the condition on guarantees that `organisation` supervises at `at`."""
    found = NOTHING
    for row in _rows_of(organisation, at):
        line = Q(project__region_code__startswith=row.prefix)
        if row.kinds:
            line &= Q(kind__in=row.kinds)
        if row.project_kinds:
            line &= Q(project__kind__in=row.project_kinds)
        found |= line
    return found


def projects_under(organisation: Organisation, at: datetime) -> Q:
    """Return the condition on projects for which `organisation` supervises guarantees of some kind at `at`."""
    found = NOTHING
    for row in _rows_of(organisation, at):
        line = Q(region_code__startswith=row.prefix)
        if row.project_kinds:
            line &= Q(kind__in=row.project_kinds)
        found |= line
    return found


def supervises(organisation: Organisation, kind: str, project_kind: str, region_code: str, at: datetime) -> bool:
    """Return whether `organisation` supervises a guarantee of `kind` for such a project there."""
    return any(row.covers(kind, project_kind, region_code) for row in _rows_of(organisation, at))


def supervises_projects(organisation: Organisation, project_kind: str, region_code: str, at: datetime) -> bool:
    """Return whether `organisation` supervises guarantees of some kind for such a project there."""
    return any(
        region_code.startswith(row.prefix) and (not row.project_kinds or project_kind in row.project_kinds)
        for row in _rows_of(organisation, at)
    )


@dataclass(frozen=True)
class Rules:
    """All lines of one moment, for judging many guarantees without asking again."""

    lines: tuple[SupervisionRow, ...]

    @classmethod
    def at(cls, at: datetime) -> "Rules":
        """Return what holds at `at`: the plan, else every department for its own region."""
        plan = plan_at(at)
        return cls.of(plan.rows.select_related("department")) if plan else cls.regions()

    @classmethod
    def of(cls, lines: Iterable[SupervisionRow]) -> "Rules":
        """Return what would hold under these lines."""
        return cls(tuple(lines))

    @classmethod
    def regions(cls) -> "Rules":
        """Return what holds without any plan."""
        houses = Organisation.objects.filter(kind=Organisation.Kind.DEPARTMENT, active=True).exclude(region_code="")
        return cls(tuple(_own_region(house) for house in houses.order_by("pk")))

    def supervisors(self, kind: str, project_kind: str, region_code: str) -> dict[int, Organisation]:
        """Return who supervises a guarantee of `kind` for such a project there, by id."""
        found = (row.department for row in self.lines if row.covers(kind, project_kind, region_code))
        return {department.pk: department for department in found}

    def of_projects(self, project_kind: str, region_code: str) -> dict[int, Organisation]:
        """Return who supervises guarantees of some kind for such a project there, by id."""
        found = (
            row.department
            for row in self.lines
            if region_code.startswith(row.prefix) and (not row.project_kinds or project_kind in row.project_kinds)
        )
        return {department.pk: department for department in found}
