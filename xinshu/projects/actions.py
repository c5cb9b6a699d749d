"""What can be done: register a project, amend it, record who won it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.models import File
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record
from xinshu.ledger.veils import veil
from xinshu.projects.lifecycle import LIFECYCLE
from xinshu.projects.models import Party, Project
from xinshu.projects.parties import organisation_named

FACTS = (
    "name", "number", "kind", "region_code", "site", "buyer", "estimate_amount", "estimate_source", "opens_at",
    "bid_validity_days", "contract_days", "regime", "contract_amount", "contract_source", "settlement_amount",
    "settlement_source", "advance_amount", "advance_source", "completed_on", "defects_months", "labour_department",
)  # fmt: skip
LONGEST_DAYS = 3650
LONGEST_DEFECTS = 120  # months; what the law wants is judged where a quality guarantee is applied for
AMOUNTS = (  # amounts that must say where they were read
    ("estimate_amount", "estimate_source", _lazy("招标项目估算价"), _lazy("“招标公告”")),
    ("contract_amount", "contract_source", _lazy("施工合同价款"), _lazy("“施工合同”")),
    ("settlement_amount", "settlement_source", _lazy("工程结算总额"), _lazy("“竣工结算书”")),
    ("advance_amount", "advance_source", _lazy("预付款金额"), _lazy("“施工合同第 12 条”")),
)


class AlreadyRegistered(Invalid):
    """This organisation entered the same lot before. `project` is the earlier entry."""

    def __init__(self, project: Project) -> None:
        super().__init__(
            _("本单位已经登记过编号 %(number)s 的项目：%(name)s。") % {"number": project.number, "name": project.name},
            advice=_("请直接使用已登记的项目，或核对编号后重新填写。"),
            fields={"number": _("这个编号已登记，请核对。")},
        )
        self.project = project


@transaction.atomic
def register_project(
    *,
    name: str,
    buyer: Organisation | str,
    by: Member,
    at: datetime,
    number: str = "",
    kind: str = Project.Kind.OTHER,
    region_code: str = "",
    site: str = "",
    estimate_amount: int | None = None,
    estimate_source: str = "",
    opens_at: datetime | None = None,
    bid_validity_days: int | None = None,
    contract_days: int | None = None,
    regime: str = Project.Regime.TENDER,
    contract_amount: int | None = None,
    contract_source: str = "",
    settlement_amount: int | None = None,
    settlement_source: str = "",
    advance_amount: int | None = None,
    advance_source: str = "",
    completed_on: date | None = None,
    defects_months: int | None = None,
    labour_department: Organisation | str | None = None,
    source: str = Project.Source.ENTERED,
    agencies: Sequence[Organisation | str] = (),
) -> Project:
    """Enter a lot, so that guarantees can be applied for. Raises Invalid per field, AlreadyRegistered for a twin.

    `buyer` and the others may be names: see parties.py.
    """
    if not by.can("projects.edit"):
        raise NotPermitted(_("您没有登记项目的权限。"), advice=_("需要登记的，请联系本机构管理员开通。"))
    buyer = organisation_named(buyer, Organisation.Kind.INSTITUTION, "buyer")
    project = Project(
        state=Project.TENDERING,
        name=name.strip(),
        number=number.strip(),
        kind=kind,
        region_code=region_code,
        site=site.strip(),
        estimate_amount=estimate_amount,
        estimate_source=estimate_source.strip(),
        opens_at=opens_at,
        bid_validity_days=bid_validity_days,
        contract_days=contract_days,
        regime=regime,
        contract_amount=contract_amount,
        contract_source=contract_source.strip(),
        settlement_amount=settlement_amount,
        settlement_source=settlement_source.strip(),
        advance_amount=advance_amount,
        advance_source=advance_source.strip(),
        completed_on=completed_on,
        defects_months=defects_months,
        labour_department=_department_named(labour_department),
        buyer=buyer,
        registered_by=by.organisation,
        source=source,
        created_at=at,
    )
    _check(project)
    project.save()
    Party.objects.bulk_create(
        Party(
            project=project,
            organisation=organisation_named(agency, Organisation.Kind.ENTERPRISE, "agency"),
            role=Party.Role.AGENCY,
            order=order,
        )
        for order, agency in enumerate(agencies)
    )
    record(
        "project.registered",
        project,
        by=by,
        at=at,
        sealed_until=project.secret_until,
        name=project.name,
        number=project.number,
        buyer=buyer.pk,
    )
    return project


@transaction.atomic
def amend_project(project: Project, *, by: Actor, at: datetime, **facts: Any) -> Project:
    """Correct what was entered. `facts` are any of FACTS, others a TypeError. The ledger keeps old and new."""
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"not facts of a project: {sorted(unknown)}")
    project = Project.objects.locked(project)
    step = LIFECYCLE.step("amend", project, by)
    if "buyer" in facts:
        facts["buyer"] = organisation_named(facts["buyer"], Organisation.Kind.INSTITUTION, "buyer")
    if "labour_department" in facts:
        facts["labour_department"] = _department_named(facts["labour_department"])
    changed = {name: value for name, value in facts.items() if getattr(project, name) != value}
    if not changed:
        return project
    before = {name: _plain(getattr(project, name)) for name in changed}
    sealed_before = project.secret_until
    for name, value in changed.items():
        setattr(project, name, value)
    _check(project)
    project.change(step, **changed)
    sealed = max(filter(None, (sealed_before, project.secret_until)), default=None) if project.secret_until else None
    record(
        "project.amended",
        project,
        by=by,
        at=at,
        sealed_until=sealed,
        changes={name: [before[name], _plain(getattr(project, name))] for name in changed},
    )
    if sealed is not None and "opens_at" in changed:
        veil(project, sealed)  # put off: what was recorded under the earlier opening stays secret as well
    return project


@transaction.atomic
def record_award(
    project: Project,
    *,
    winner: Organisation | str,
    amount: int,
    award_source: str,
    by: Actor,
    at: datetime,
    members: Sequence[Organisation | str] = (),
) -> Project:
    """Note who won, for how much (分) and where that was read. A later notice replaces the earlier one.

    Of a consortium `winner` is the lead and `members` the others.
    """
    project = Project.objects.locked(project)
    step = LIFECYCLE.step("record_award", project, by)
    winner = organisation_named(winner, Organisation.Kind.ENTERPRISE, "winner")
    partners = [organisation_named(member, Organisation.Kind.ENTERPRISE, "members") for member in members]
    problems = {}
    if amount <= 0:
        problems["award_amount"] = _("中标金额要大于 0。")
    if not award_source.strip():
        problems["award_source"] = _("请写明中标金额的出处，例如“中标通知书”。")
    if project.opens_at and project.opens_at > at:
        problems["award_amount"] = _("还没有到开标时间，不能登记中标结果。请先核对开标时间。")
    if winner.pk == project.buyer_id:
        problems["winner"] = _("中标人不能是建设单位自己。")
    if problems:
        raise Invalid(_("中标结果没有保存，请修改标出的内容。"), fields=problems)
    project.parties.filter(role__in=(Party.Role.WINNER, Party.Role.CONSORTIUM_MEMBER)).delete()
    others = [member for member in dict.fromkeys(partners) if member != winner]
    Party.objects.bulk_create(
        [
            Party(project=project, organisation=winner, role=Party.Role.WINNER),
            *(
                Party(project=project, organisation=member, role=Party.Role.CONSORTIUM_MEMBER, order=order)
                for order, member in enumerate(others, start=1)
            ),
        ]
    )
    project.change(step, award_amount=amount, award_source=award_source.strip())
    record(
        "project.awarded",
        project,
        by=by,
        at=at,
        winner=winner.pk,
        members=[member.pk for member in others],
        amount=amount,
        award_source=project.award_source,
    )
    return project


@transaction.atomic
def attach_file(project: Project, content: bytes, name: str, *, by: Member, at: datetime) -> File:
    """Keep a file (招标文件, 中标通知书 ...) with the project. Only the registrant's members may read it."""
    project = Project.objects.locked(project)
    step = LIFECYCLE.step("attach_file", project, by)
    kept = keep_file(content, name, by.organisation, by, at, subject=project, sealed_until=project.secret_until)
    project.change(step)
    record("project.file_attached", project, by=by, at=at, sealed_until=project.secret_until, file=kept.pk)
    return kept


def _check(project: Project) -> None:
    """Raise Invalid for facts that cannot be; AlreadyRegistered for a number that this registrant entered before."""
    problems: dict[str, str] = {}
    if len(project.name) < 4:
        problems["name"] = _("请填写项目全称，与招标文件一致。")
    if project.kind not in Project.Kind.values:
        problems["kind"] = _("请选择工程类别。")
    if project.regime not in Project.Regime.values:
        problems["regime"] = _("请选择采购方式。")
    for amount, source, what, example in AMOUNTS:
        value = getattr(project, amount)
        if value is not None and value <= 0:
            problems[amount] = _("%(label)s要大于 0。") % {"label": what}
        if value is not None and not getattr(project, source):
            problems[source] = _("请写明%(label)s的出处，例如%(example)s。保函的金额按它核对。") % {
                "label": what,
                "example": example,
            }
    if project.defects_months is not None and not 1 <= project.defects_months <= LONGEST_DEFECTS:
        problems["defects_months"] = _("缺陷责任期填 1 到 %(most)d 个月。") % {"most": LONGEST_DEFECTS}
    if project.completed_on and abs((project.completed_on - local_day(project.created_at)).days) > LONGEST_DAYS:
        problems["completed_on"] = _("竣工日期离现在太远，请核对年份。")
    for name, label in (("bid_validity_days", _("投标有效期")), ("contract_days", _("工期"))):
        days = getattr(project, name)
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            problems[name] = _("%(label)s填 1 到 %(most)d 天。") % {"label": label, "most": LONGEST_DAYS}
    if project.opens_at and abs((local_day(project.opens_at) - local_day(project.created_at)).days) > LONGEST_DAYS:
        problems["opens_at"] = _("开标时间离现在太远，请核对年份。")
    if problems:
        raise Invalid(_("项目没有保存，请修改标出的内容。"), fields=problems)
    if project.number:
        twin = (
            Project.objects.filter(registered_by=project.registered_by_id, source=project.source, number=project.number)
            .exclude(pk=project.pk)
            .first()
        )
        if twin:
            raise AlreadyRegistered(twin)


def _department_named(who: Organisation | str | None) -> Organisation | None:
    return organisation_named(who, Organisation.Kind.DEPARTMENT, "labour_department") if who else None


def _plain(value: Any) -> Any:
    """A fact as JSON for the ledger."""
    if isinstance(value, date):
        return value.isoformat()
    return value.pk if isinstance(value, Organisation) else value
