"""归口方案: drafted line by line, submitted, approved by another person, in force from its moment on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.kinds import KINDS
from xinshu.ledger.recording import record
from xinshu.projects.models import Project, SupervisionPlan, SupervisionRow
from xinshu.projects.supervision import DRAFT, PLAN, Rules

MOST_ROWS = 500
LATEST = timedelta(days=730)  # how far ahead a plan may begin


@transaction.atomic
def draft_plan(*, by: Actor, at: datetime) -> SupervisionPlan:
    """Begin a plan as a copy of what holds now. Raises NotNow while there is another draft."""
    if not by.can(DRAFT):
        raise NotPermitted(_("归口方案由平台运营起草。"))
    try:
        with transaction.atomic():
            plan = SupervisionPlan.objects.create(
                state="draft", proposed_by=by.actor_key, proposer=by.actor_label, proposed_at=at
            )
    except IntegrityError:
        raise NotNow(_("已有一份草稿，没有另起。"), advice=_("请在那份草稿上修改，或先撤回它。")) from None
    SupervisionRow.objects.bulk_create(
        SupervisionRow(
            plan=plan, department=line.department, kinds=line.kinds, project_kinds=line.project_kinds,
            region_code=line.region_code,
        )
        for line in Rules.at(at).lines
    )  # fmt: skip
    record("supervision.drafted", plan, by=by, at=at, rows=plan.rows.count())
    return plan


@transaction.atomic
def add_row(
    plan: SupervisionPlan,
    *,
    department: Organisation,
    region_code: str,
    kinds: Sequence[str] = (),
    project_kinds: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> SupervisionPlan:
    """Let `department` supervise these kinds (none: all) of guarantees and projects inside a region."""
    plan = SupervisionPlan.objects.locked(plan)
    step = PLAN.step("edit", plan, by)
    problems = {}
    if department.kind != Organisation.Kind.DEPARTMENT or not department.active:
        problems["department"] = _("请选择政府部门。")
    region_code = region_code.strip()
    if not (region_code.isascii() and region_code.isdecimal() and len(region_code) == 6 and region_code[:2] != "00"):
        problems["region_code"] = _("请填写 6 位行政区划代码（GB/T 2260），例如 990100。")
    if set(kinds) - set(KINDS):
        problems["kinds"] = _("请从列表中选择。")
    if set(project_kinds) - set(Project.Kind.values):
        problems["project_kinds"] = _("请从列表中选择。")
    if problems:
        raise Invalid(_("这一行没有加入方案，请修改标出的内容。"), fields=problems)
    line = {
        "department": department,
        "kinds": sorted(set(kinds)),
        "project_kinds": sorted(set(project_kinds)),
        "region_code": region_code,
    }
    same = [row for row in plan.rows.filter(department=department) if _says(row) == _says(SupervisionRow(**line))]
    if same:
        raise Invalid(_("方案里已有这一行。"), fields={"department": _("已有相同的一行")})
    if plan.rows.count() >= MOST_ROWS:
        raise NotNow(_("一份方案最多 %(most)d 行，没有加入。") % {"most": MOST_ROWS})
    row = SupervisionRow.objects.create(plan=plan, **line)
    plan.change(step)
    record(
        "supervision.edited", plan, by=by, at=at, added=row.pk, department=department.pk, kinds=row.kinds,
        project_kinds=row.project_kinds, region=region_code,
    )  # fmt: skip
    return plan


@transaction.atomic
def remove_row(plan: SupervisionPlan, number: int, *, by: Actor, at: datetime) -> SupervisionPlan:
    """Take one line out. Raises Invalid when there is none of this number."""
    plan = SupervisionPlan.objects.locked(plan)
    step = PLAN.step("edit", plan, by)
    row = plan.rows.filter(pk=number).first()
    if row is None:
        raise Invalid(_("方案里没有这一行，可能刚刚已被移除。"))
    told = {"department": row.department_id, "kinds": row.kinds, "project_kinds": row.project_kinds}
    row.delete()
    plan.change(step)
    record("supervision.edited", plan, by=by, at=at, removed=number, region=row.region_code, **told)
    return plan


@transaction.atomic
def submit_plan(plan: SupervisionPlan, *, basis: str, valid_from: datetime, by: Actor, at: datetime) -> SupervisionPlan:
    """Ask for approval: on which document it rests, from when it holds."""
    plan = SupervisionPlan.objects.locked(plan)
    step = PLAN.step("submit", plan, by)
    problems = {}
    if not (basis := basis.strip()):
        problems["basis"] = _("请写明依据，例如职责分工文件的名称和文号。")
    if not at < valid_from <= at + LATEST:
        problems["valid_from"] = _("生效时间要晚于现在，两年以内。")
    if problems:
        raise Invalid(_("方案没有提交，请修改标出的内容。"), fields=problems)
    if not plan.rows.exists():
        raise NotNow(_("方案里一行都没有，没有提交。"), advice=_("没有归口的部门将看不到任何保函；请先加入各部门。"))
    try:
        with transaction.atomic():
            plan.change(step, basis=basis[:200], valid_from=valid_from)
    except IntegrityError:
        raise NotNow(_("另一份方案正在等待批准，没有提交。"), advice=_("等它办结以后再提交。")) from None
    record("supervision.submitted", plan, by=by, at=at, basis=plan.basis, valid_from=valid_from.isoformat())
    return plan


@transaction.atomic
def approve_plan(plan: SupervisionPlan, *, by: Actor, at: datetime) -> SupervisionPlan:
    """Let it hold from its moment on; from now, where that has passed meanwhile."""
    plan = SupervisionPlan.objects.locked(plan)
    step = PLAN.step("approve", plan, by)
    assert plan.valid_from is not None  # a constraint of the table
    plan.change(
        step, valid_from=max(plan.valid_from, at), decided_by=by.actor_key, decider=by.actor_label, decided_at=at
    )
    record(
        "supervision.approved", plan, by=by, at=at, valid_from=plan.valid_from.isoformat(), proposed_by=plan.proposer,
        rows=[_says(row) for row in plan.rows.order_by("pk")],
    )  # fmt: skip
    return plan


@transaction.atomic
def refuse_plan(plan: SupervisionPlan, *, reason: str, by: Actor, at: datetime) -> SupervisionPlan:
    """Leave all as it is, and say why."""
    plan = SupervisionPlan.objects.locked(plan)
    step = PLAN.step("refuse", plan, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，起草人会看到。"), fields={"reason": _("请写明原因")})
    plan.change(step, refusal=reason[:500], decided_by=by.actor_key, decider=by.actor_label, decided_at=at)
    record("supervision.refused", plan, by=by, at=at, reason=reason[:500])
    return plan


@transaction.atomic
def withdraw_plan(plan: SupervisionPlan, *, by: Actor, at: datetime) -> SupervisionPlan:
    """Take a plan back before it is decided."""
    plan = SupervisionPlan.objects.locked(plan)
    plan.change(PLAN.step("withdraw", plan, by), decided_at=at)
    record("supervision.withdrawn", plan, by=by, at=at)
    return plan


def _says(row: SupervisionRow) -> list[object]:
    return [row.department_id, row.region_code, sorted(row.kinds), sorted(row.project_kinds)]
