"""What can be done: a segment is written, edited, closed and reopened; a discount is proposed, adopted or not."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.favour.actions import set_tier
from xinshu.guarantees.favour.conduct import plan_in_force
from xinshu.insights.facts import for_segments
from xinshu.insights.lifecycle import EDIT, PROPOSAL, SEGMENT
from xinshu.insights.loyalty import candidate_for
from xinshu.insights.models import Proposal, Segment, SegmentVersion
from xinshu.insights.segments import content_of, crowd_of
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.recording import record
from xinshu.rules.engine.answers import Problems
from xinshu.rules.engine.deciding import prepare

LONGEST = timedelta(days=731)  # a tier by somebody's word is looked at again after two years


@dataclass(frozen=True)
class Wanted:
    """What a segment says. `rule`: {"join", "conditions"} or {"expression"}, as `rules` reads it."""

    name: str
    note: str
    rule: dict[str, Any]


def must_be_house(by: Member) -> None:
    """Raise NotPermitted for whoever is no guarantor's."""
    if by.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有客群和经营分析。"))


@transaction.atomic
def write_segment(wanted: Wanted, *, by: Member, at: datetime) -> Segment:
    """Begin a segment of the own house with its first version. Raises Invalid per field."""
    must_be_house(by)
    segment = Segment(state="on", house=by.organisation, created_at=at, changed_at=at)
    SEGMENT.step("edit_segment", segment, by)
    name, note, content = _checked(wanted, by.organisation)
    segment.name, segment.note = name, note
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError:
        raise _named_twice() from None
    version = _version(segment, content, 1, by=by, at=at)
    record("segment.written", segment, by=by, at=at, name=name, number=1, size=version.size)
    return segment


@transaction.atomic
def edit_segment(segment: Segment, wanted: Wanted, *, by: Member, at: datetime) -> Segment:
    """Change what a segment says; another rule is its next version, the earlier ones stay."""
    segment = Segment.objects.locked(segment)
    step = SEGMENT.step("edit_segment", segment, by)
    name, note, content = _checked(wanted, by.organisation)
    if Segment.objects.filter(house=segment.house_id, name=name).exclude(pk=segment.pk).exists():
        raise _named_twice()
    version = segment.newest
    if canonical_json(content) != canonical_json(version.content):
        version = _version(segment, content, version.number + 1, by=by, at=at)
    segment.change(step, name=name, note=note, changed_at=at)
    record("segment.edited", segment, by=by, at=at, name=name, number=version.number, size=version.size)
    return segment


def _named_twice() -> Invalid:
    return Invalid(
        _("客群没有保存。"), advice=_("已填写的内容都在。"), fields={"name": _("本机构已有同名的客群")}
    )  # fmt: skip


def _checked(wanted: Wanted, house: Organisation) -> tuple[str, str, dict[str, Any]]:
    problems: dict[str, str] = {}
    name = wanted.name.strip()
    if not 2 <= len(name) <= 30:
        problems["name"] = _("填 2 到 30 个字")
    content = content_of(wanted.rule)
    try:
        prepare(content, {one.code: one for one in for_segments(house)})
    except Problems as wrong:
        problems["content"] = "；".join(what for _where, what in wrong.found)
    if problems:
        raise Invalid(_("客群没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    return name, wanted.note.strip()[:200], content


def _version(segment: Segment, content: dict[str, Any], number: int, *, by: Member, at: datetime) -> SegmentVersion:
    types = {one.code: one for one in for_segments(segment.house)}
    used = [types[code] for code in prepare(content, types).facts]
    crowd = crowd_of(segment.house, content, at)
    return SegmentVersion.objects.create(
        segment=segment, number=number, content=content, looked=crowd.looked, size=crowd.size, unknown=crowd.unknown,
        known=[[one.code, str(one.label), one.type, one.source, str(one.unit), list(one.choices)] for one in used],
        written_by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def close_segment(segment: Segment, *, reason: str, by: Member, at: datetime) -> Segment:
    """Stop counting a segment; its versions stay."""
    segment = Segment.objects.locked(segment)
    segment.change(SEGMENT.step("close_segment", segment, by), changed_at=at)
    record("segment.closed", segment, by=by, at=at, name=segment.name, reason=_stated(reason))
    return segment


@transaction.atomic
def reopen_segment(segment: Segment, *, by: Member, at: datetime) -> Segment:
    """Count a segment again, as its newest version says."""
    segment = Segment.objects.locked(segment)
    segment.change(SEGMENT.step("reopen_segment", segment, by), changed_at=at)
    record("segment.reopened", segment, by=by, at=at, name=segment.name)
    return segment


def _stated(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，以后查得到。"), fields={"reason": _("至少 4 个字")})
    return reason.strip()[:200]


# discounts


@transaction.atomic
def propose_discount(firm: Organisation, *, note: str, until: date, by: Member, at: datetime) -> Proposal:
    """Propose the tier that a customer's history suggests. It grants nothing: the account manager decides.

    What speaks for it is read anew here, never taken from a page. Raises Invalid, NotNow.
    """
    must_be_house(by)
    house = by.organisation
    if not by.can(EDIT):
        raise NotPermitted(_("您没有提出优惠建议的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    Organisation.objects.select_for_update(no_key=True).get(pk=firm.pk)  # two at once: the second finds the first
    note, today = _stated(note), local_day(at)
    if not today < until <= today + LONGEST:
        raise Invalid(_("有效期须在今天以后、两年以内。"), fields={"until": _("请改在两年以内")})
    if Proposal.objects.filter(house=house, firm=firm, state="proposed").exists():
        raise NotNow(_("%(firm)s 已有一条待核定的建议。") % {"firm": firm.name}, advice=_("等客户经理答复，或先撤回。"))
    found = candidate_for(house, firm, at)
    if found is None:
        raise NotNow(
            _("%(firm)s 现在不符合提出优惠的条件，没有提出。") % {"firm": firm.name},
            advice=_("可能刚有新的索赔、逾期或等级变动；请刷新页面。"),
        )
    if found.manager_id == by.pk:
        raise NotPermitted(_("您是这家企业的客户经理，须由另一人提出建议。"))
    proposal = Proposal.objects.create(
        state="proposed", house=house, firm=firm, tier=found.tier.code, tier_name=found.tier.name,
        discount_rate=found.tier.discount, reasons=list(found.reasons), note=note, until=until, proposed_by=by,
        proposed_at=at, changed_at=at,
    )  # fmt: skip
    record(
        "discount.proposed", proposal, by=by, at=at, firm=firm.pk, tier=proposal.tier, reasons=proposal.reasons,
        note=note, until=until.isoformat(),
    )  # fmt: skip
    return proposal


@transaction.atomic
def adopt_discount(proposal: Proposal, *, by: Member, at: datetime) -> Proposal:
    """Set the proposed tier, by the customer's account manager, who has not proposed it.

    Raises NotNow where the plan in force no longer gives what was proposed.
    """
    proposal = Proposal.objects.locked(proposal)
    step = PROPOSAL.step("adopt", proposal, by)
    if proposal.proposed_by.user_id == by.user_id:
        raise NotPermitted(_("这条建议是您提出的，须由另一人核定。"))
    plan = plan_in_force(proposal.house_id, local_day(at))
    given = {tier.code: (tier.name, tier.discount) for tier in plan.ladder} if plan is not None else {}
    if given.get(proposal.tier) != (proposal.tier_name, proposal.discount_rate):
        raise NotNow(
            _("守信优惠方案改过，这条建议的等级已不同。"), advice=_("请不采纳，由提出的人按现行方案重新提出。")
        )
    if candidate_for(proposal.house, proposal.firm, at) is None:
        raise NotNow(
            _("%(firm)s 的情况变了，不再符合这条建议。") % {"firm": proposal.firm.name},
            advice=_("可能刚有新的索赔、逾期或等级变动；请不采纳。"),
        )
    reason = _("优惠建议 %(reference)s：%(note)s") % {"reference": proposal.reference, "note": proposal.note}
    set_tier(proposal.firm, proposal.tier, reason=reason, until=proposal.until, by=by, at=at)
    proposal.change(step, decided_by=by, changed_at=at)
    record("discount.adopted", proposal, by=by, at=at, firm=proposal.firm_id, tier=proposal.tier)
    return proposal


@transaction.atomic
def decline_discount(proposal: Proposal, *, reason: str, by: Member, at: datetime) -> Proposal:
    """Leave the customer's favour as it is, with the reason."""
    return _end(proposal, "decline", "discount.declined", reason, by=by, at=at)


@transaction.atomic
def recall_discount(proposal: Proposal, *, reason: str, by: Member, at: datetime) -> Proposal:
    """Take a proposal back before anybody has decided."""
    return _end(proposal, "recall", "discount.recalled", reason, by=by, at=at)


def _end(proposal: Proposal, action: str, kind: str, reason: str, *, by: Member, at: datetime) -> Proposal:
    proposal = Proposal.objects.locked(proposal)
    step = PROPOSAL.step(action, proposal, by)
    told = _stated(reason)
    proposal.change(step, outcome=told, decided_by=by, changed_at=at)
    record(kind, proposal, by=by, at=at, firm=proposal.firm_id, reason=told)
    return proposal
