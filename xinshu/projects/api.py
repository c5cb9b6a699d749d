"""/api/v1/projects: list, read, register, act, add material."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, AwareDatetime

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.integrations.interface import raw_body, responses
from xinshu.integrations.leaving import about, give
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import (
    ActionOut,
    Day,
    Money,
    MoneyIn,
    PartyOut,
    Version,
    actions,
    caller,
    moment,
    money,
    page_of,
    party,
    read_cursor,
)
from xinshu.projects import actions as acts
from xinshu.projects.lifecycle import LIFECYCLE
from xinshu.projects.models import Project
from xinshu.projects.queries import project_for, projects, secret_for

router = Router(tags=["工程项目"])
KINDS = "|".join(Project.Kind.values)
STATES = "|".join(LIFECYCLE.states)
AMOUNTS = ("estimate", "contract", "settlement", "advance")
MATERIAL = ("application/pdf", "image/png", "image/jpeg", "application/octet-stream")


def _sensible(at: datetime) -> datetime:
    if not 1990 <= at.year <= 2190:
        raise ValueError("年份应在 1990 到 2190 之间")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_sensible)]
Days = Annotated[int, Field(ge=1, le=3650)]


class ProjectOut(Schema):
    """一个工程项目（标段）。"""

    reference: str
    name: str
    number: str
    kind: str
    state: str
    state_label: str
    version: int
    buyer: PartyOut
    winner: PartyOut | None
    region_code: str
    site: str
    estimate: Money | None
    estimate_source: str
    award: Money | None
    award_source: str
    opens_at: str | None
    regime: str
    contract: Money | None = Field(description="施工合同价款")
    contract_source: str
    settlement: Money | None = Field(description="工程结算总额")
    settlement_source: str
    advance: Money | None = Field(description="预付款")
    advance_source: str
    bid_validity_days: int | None
    contract_days: int | None
    completed_on: str | None
    defects_months: int | None
    labour_department: PartyOut | None = Field(description="人力资源社会保障部门，农民工工资保函的受益人")
    actions: list[ActionOut]


class ProjectPage(Schema):
    """一页项目，新登记的在前。"""

    items: list[ProjectOut]
    next: str | None


class ProjectFilters(Schema):
    """查询条件，都可以不填。"""

    q: str = Field("", max_length=100)
    kind: str = Field("", pattern=f"^({KINDS})?$")
    state: str = Field("", pattern=f"^({STATES})?$")
    mine: bool = False
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


class FactsIn(Schema):
    """项目信息。修改时只填要改的。"""

    name: str | None = Field(None, min_length=4, max_length=300)
    number: str | None = Field(None, max_length=80)
    kind: str | None = Field(None, pattern=f"^({KINDS})$")
    buyer: str | None = Field(None, min_length=4, max_length=120, description="建设单位全称")
    site: str | None = Field(None, max_length=200)
    region_code: str | None = Field(None, pattern=r"^[0-9]{6}$")
    estimate: MoneyIn | None = None
    estimate_source: str | None = Field(None, max_length=120)
    opens_at: Moment | None = None
    bid_validity_days: Days | None = None
    contract_days: Days | None = None
    regime: str | None = Field(None, pattern=f"^({'|'.join(Project.Regime.values)})$")
    contract: MoneyIn | None = None
    contract_source: str | None = Field(None, max_length=120)
    settlement: MoneyIn | None = None
    settlement_source: str | None = Field(None, max_length=120)
    advance: MoneyIn | None = None
    advance_source: str | None = Field(None, max_length=120)
    completed_on: Day | None = None
    defects_months: int | None = Field(None, ge=1, le=120)
    labour_department: str | None = Field(None, min_length=4, max_length=120, description="人社部门全称")

    def facts(self) -> dict[str, Any]:
        """Return what was given, as the actions want it."""
        given = {
            name: value for name, value in self.dict(include=set(FactsIn.model_fields)).items() if value is not None
        }
        for name in AMOUNTS:
            if given.pop(name, None) is not None:
                given[f"{name}_amount"] = getattr(self, name).fen()
        return given


class ProjectIn(FactsIn):
    """一个新项目。"""

    name: str = Field(min_length=4, max_length=300)
    buyer: str = Field(min_length=4, max_length=120, description="建设单位全称")


class ProjectActIn(FactsIn):
    """办理一步。修改项目填要改的信息；登记中标结果填中标人、金额和出处。"""

    version: Version
    winner: str | None = Field(None, min_length=4, max_length=120)
    members: list[Annotated[str, Field(min_length=4, max_length=120)]] = Field([], max_length=20)
    award: MoneyIn | None = None
    award_source: str = Field("", max_length=120)


FIELDS = {
    "name": "projects.Project.name",
    "number": "projects.Project.number",
    "region_code": "projects.Project.region_code",
    "site": "projects.Project.site",
    "estimate": "projects.Project.estimate_amount",
    "estimate_source": "projects.Project.estimate_source",
    "contract": "projects.Project.contract_amount",
    "contract_source": "projects.Project.contract_source",
    "settlement": "projects.Project.settlement_amount",
    "settlement_source": "projects.Project.settlement_source",
    "advance": "projects.Project.advance_amount",
    "advance_source": "projects.Project.advance_source",
    "award": "projects.Project.award_amount",
    "award_source": "projects.Project.award_source",
}


def represent(project: Project, by: Caller) -> dict[str, Any]:
    """Return `project` as the interface writes it. Winners are loaded (queries.projects)."""
    winners = getattr(project, "winners", None)
    if winners is None:
        winners = list(project.parties.filter(role="winner").select_related("organisation"))
    told = {
        "reference": project.reference,
        "name": project.name,
        "number": project.number,
        "kind": project.kind,
        "state": project.state,
        "state_label": LIFECYCLE.states[project.state].label,
        "version": project.version,
        "buyer": party(project.buyer, by),
        "winner": party(winners[0].organisation, by) if winners else None,
        "region_code": project.region_code,
        "site": project.site,
        "estimate": money(project.estimate_amount),
        "estimate_source": project.estimate_source,
        "award": money(project.award_amount),
        "award_source": project.award_source,
        "opens_at": moment(project.opens_at),
        "regime": project.regime,
        "contract": money(project.contract_amount),
        "contract_source": project.contract_source,
        "settlement": money(project.settlement_amount),
        "settlement_source": project.settlement_source,
        "advance": money(project.advance_amount),
        "advance_source": project.advance_source,
        "bid_validity_days": project.bid_validity_days,
        "contract_days": project.contract_days,
        "completed_on": project.completed_on and project.completed_on.isoformat(),
        "defects_months": project.defects_months,
        "labour_department": party(project.labour_department, by) if project.labour_department else None,
        "actions": actions(LIFECYCLE.possible(project, by), (*ACTS, "attach_file")),
    }
    return give(told, FIELDS, by)


def _project(by: Caller, reference: str, at: datetime) -> Project:
    """Return one project, noted as what the call is about. Raises Unknown."""
    project = project_for(by, reference, at)
    about(project, secret_for(project, by))
    return project


@router.get("", response=responses(ProjectPage), summary="查询项目", operation_id="list_projects", url_name="projects")
def list_projects(request: HttpRequest, filters: Query[ProjectFilters]) -> dict[str, Any]:
    """按条件逐页返回您可以看到的项目，新登记的在前。"""
    by = caller(request, "guarantees.view")
    found = projects(by, now(), q=filters.q, kind=filters.kind, state=filters.state, mine=filters.mine)
    if filters.cursor:
        place = read_cursor(filters.cursor)
        if len(place) != 2 or place[0] != "projects":
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        found = found.filter(pk__lt=place[1])
    shown, following = page_of(list(found[: filters.limit + 1]), filters.limit, lambda row: ("projects", row.pk))
    return {"items": [represent(row, by) for row in shown], "next": following}


@router.post(
    "", response=responses(ProjectOut), summary="登记项目", operation_id="create_project", url_name="projects_new"
)
def create_project(request: HttpRequest, told: ProjectIn) -> dict[str, Any]:
    """登记一个项目（标段），以便申请保函。"""
    by, at = caller(request, "projects.edit"), now()
    project = acts.register_project(**told.facts(), by=by, at=at)
    about(project, secret_for(project, by))
    return represent(project, by)


@router.get(
    "/{reference}", response=responses(ProjectOut), summary="读取项目", operation_id="read_project", url_name="project"
)
def read_project(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一个项目。不存在的和您不能看到的，答复相同。"""
    by = caller(request, "guarantees.view")
    return represent(_project(by, reference, now()), by)


@router.post(
    "/{reference}/actions/{action}", response=responses(ProjectOut), summary="办理一步", operation_id="act_on_project",
    url_name="project_act",
)  # fmt: skip
def act_on_project(request: HttpRequest, reference: str, action: str, act: ProjectActIn) -> dict[str, Any]:
    """办理 `actions` 中列出的一步：amend 修改，record_award 登记中标结果。上传材料另有地址。"""
    by, at = caller(request, "guarantees.view"), now()
    project = _project(by, reference, at)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    project.version = act.version
    ACTS[action](project, by, at, act)
    return represent(_project(by, reference, at), by)


@router.post(
    "/{reference}/materials", response=responses(ProjectOut), summary="上传项目材料",
    operation_id="add_project_material", url_name="project_materials", openapi_extra=raw_body("文件内容", *MATERIAL),
)  # fmt: skip
def add_material(
    request: HttpRequest,
    reference: str,
    version: Annotated[Version, Query()],
    name: Annotated[str, Query(min_length=1, max_length=160, description="文件名")],
) -> dict[str, Any]:
    """请求体就是文件内容，不用表单。只有登记单位能看到。"""
    by, at = caller(request, "projects.edit"), now()
    project = _project(by, reference, at)
    project.version = version
    acts.attach_file(project, request.body, name, by=by, at=at)
    return represent(_project(by, reference, at), by)


def _award(project: Project, by: Caller, at: datetime, act: ProjectActIn) -> object:
    missing = {name: _("还没有填写") for name in ("winner", "award") if getattr(act, name) is None}
    if act.winner is None or act.award is None:
        raise Invalid(_("请填写中标人和中标金额。"), fields=missing)
    return acts.record_award(
        project, winner=act.winner, members=act.members, amount=act.award.fen(), award_source=act.award_source,
        by=by, at=at,
    )  # fmt: skip


ACTS: dict[str, Callable[[Project, Caller, datetime, ProjectActIn], object]] = {
    "amend": lambda project, by, at, act: acts.amend_project(project, by=by, at=at, **act.facts()),
    "record_award": _award,
}
