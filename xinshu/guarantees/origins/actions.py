"""One click from an award to a draft: project found or registered, award recorded with its source, terms filled in."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.actions.application import edit_application, offered, start_application
from xinshu.guarantees.history import remember
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.origins.models import Origin
from xinshu.guarantees.origins.reading import Lot, Need, can_begin, lot_of, need_of
from xinshu.projects.actions import record_award, register_project
from xinshu.projects.models import Project
from xinshu.tenders.models import Opportunity

ENDED = ("withdrawn", "declined", "lapsed", "cancelled")


@transaction.atomic
def apply_from_award(
    opportunity: Opportunity, *, kind: str, guarantor: Organisation | None, by: Member, at: datetime
) -> Guarantee:
    """Return the draft for the firm that won, with all that the notice says; the same one on a second click.

    `guarantor` is the own house for an institution; a firm says which it wants. Raises Invalid for what is missing.
    """
    opportunity = (
        Opportunity.objects.select_for_update(of=("self",))
        .select_related("announcement", "match", "firm", "house")
        .get(pk=opportunity.pk)
    )
    if opportunity.house_id != by.organisation_id or not by.can("guarantees.apply"):
        raise NotPermitted(_("您没有由这条中标发起申请的权限。"))
    own = opportunity.house_id == opportunity.firm_id
    guarantor = guarantor if own else opportunity.house
    if guarantor is None:
        raise Invalid(_("请选择保证人。"), fields={"guarantor": _("还没有选择")})
    offered(kind)
    if why := can_begin(kind):
        raise Invalid(_("这种保函不能由公告直接发起：%(why)s。") % {"why": why})
    begun = _begun(opportunity, kind, guarantor)
    if begun is not None:
        return begun
    if opportunity.match.revision != opportunity.announcement.latest:
        raise Invalid(
            _("公告改过，最新版本里没有再读到 %(name)s，没有发起申请。") % {"name": opportunity.match.name},
            advice=_("请核对公告，确认中标的可以先登记项目再申请。"),
        )
    lot = lot_of(opportunity)
    project, told = _project(opportunity, lot, by, at)
    guarantee = start_application(
        kind=kind, project=project, applicant=opportunity.firm, guarantor=guarantor, by=by, at=at
    )
    need = need_of(lot, kind, local_day(at))
    source = source_of(opportunity)
    told.append([_("申请人"), opportunity.firm.name, f"{source} · {opportunity.match.get_how_display()}"])
    told.append([_("受益人"), guarantee.beneficiary.name, f"{source} · {_('招标人')}"])
    if need.amount is not None and need.ends is not None and project.award_amount == lot.amount:
        guarantee = edit_application(
            guarantee, amount=need.amount, effective_on=need.starts, expires_on=need.ends, by=by, at=at
        )
        told += _terms(need)
    Origin.objects.create(
        guarantee=guarantee, opportunity=opportunity, announcement=opportunity.announcement,
        revision=opportunity.announcement.latest, told=told,
    )  # fmt: skip
    remember("guarantee.from_award", guarantee, by=by, at=at, announcement=opportunity.announcement.reference)
    return guarantee


def _begun(opportunity: Opportunity, kind: str, guarantor: Organisation) -> Guarantee | None:
    rows = Guarantee.objects.filter(origin__opportunity=opportunity, kind=kind, guarantor=guarantor)
    return rows.exclude(state__in=ENDED).order_by("-pk").first()


def source_of(opportunity: Opportunity) -> str:
    """Return what an award that was read here is called as a source."""
    announcement = opportunity.announcement
    day = f"{local_day(announcement.published_at):%Y-%m-%d} " if announcement.published_at else ""
    return _("中标公告 %(day)s第 %(n)d 版") % {"day": day, "n": announcement.latest}


def _terms(need: Need) -> list[list[str]]:
    return [
        [_("保函金额"), f"{yuan(need.amount or 0)} {_('元')}", need.amount_why],
        [_("生效日"), need.starts.isoformat(), _("自明天起生效")],
        [_("到期日"), need.ends.isoformat() if need.ends else "", need.validity],
    ]


def _project(opportunity: Opportunity, lot: Lot, by: Member, at: datetime) -> tuple[Project, list[list[str]]]:
    """Return the lot as this house has registered it, now or before, with its award; and where its facts came from."""
    source = source_of(opportunity)
    known = None
    if lot.number:
        rows = Project.objects.select_for_update(of=("self",)).filter(registered_by=by.organisation, number=lot.number)
        known = rows.select_related("buyer").order_by("-pk").first()
    if known is None:
        earlier = Origin.objects.filter(opportunity=opportunity).values("guarantee__project")
        known = Project.objects.filter(pk__in=earlier, registered_by=by.organisation).order_by("-pk").first()
    if known is not None:
        told = [[_("项目"), known.name, _("本单位已登记，按编号 %(number)s 找到") % {"number": known.number or "—"}]]
    else:
        buyer = lot.told("buyer")
        if not buyer:
            raise Invalid(
                _("公告里没有读准招标人，没有发起申请。"), advice=_("请先登记项目，填写建设单位，再申请保函。")
            )
        known = register_project(
            name=lot.name[:300], number=lot.number[:80], buyer=buyer, region_code=opportunity.announcement.region_code,
            site=lot.told("site")[:200], contract_days=lot.contract_days, source=Project.Source.AWARD_NOTICE,
            agencies=[agency] if (agency := lot.told("agency")) else [], by=by, at=at,
        )  # fmt: skip
        told = [[_("项目"), known.name, source]]
        if known.number:
            told.append([_("项目编号"), known.number, source])
        if known.contract_days:
            told.append([_("工期"), _("%(n)d 天") % {"n": known.contract_days}, source])
    if known.award_amount is None and lot.amount is not None:
        firm = opportunity.firm
        others = [name for name in lot.members if name != opportunity.match.name]
        lead = lot.members[0] if lot.members else opportunity.match.name
        winner: Organisation | str = firm if lead == opportunity.match.name else lead
        partners: list[Organisation | str] = [name for name in others if name != lead]
        if winner is not firm:
            partners.append(firm)
        known = record_award(
            known, winner=winner, members=partners, amount=lot.amount, award_source=source, by=by, at=at
        )
        told.append([_("中标金额"), f"{yuan(lot.amount)} {_('元')}", source])
    elif known.award_amount is not None and known.award_amount != lot.amount:
        told.append([_("中标金额"), f"{yuan(known.award_amount)} {_('元')}", _("按项目登记；与公告不一致，请核对")])
    elif known.award_amount is not None:
        told.append([_("中标金额"), f"{yuan(known.award_amount)} {_('元')}", _("项目登记，与公告一致")])
    else:
        told.append([_("中标金额"), "", _("公告里没有读准，请核对公告后在项目里登记")])
    return known, told
