"""Approving: by rule at once, or by a person; returned for correction or declined with a reason."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.holds import due_hold, expire_hold
from xinshu.books.lines import reserve, void_reservation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day, moment
from xinshu.core.composed import composed
from xinshu.core.lifecycle import Row
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.guarantees.facts import examine
from xinshu.guarantees.favour.conduct import favour_for
from xinshu.guarantees.favour.tiers import Standing
from xinshu.guarantees.history import remember
from xinshu.guarantees.judging.admitted import keep_gate_match
from xinshu.guarantees.judging.authority import authority_for
from xinshu.guarantees.judging.committee import approval_under_way, end_approval, judged_facts, put_before_committee
from xinshu.guarantees.judging.decisions import keep_decision, tariff_finding
from xinshu.guarantees.judging.house_rules import keep_house_runs
from xinshu.guarantees.judging.ties import keep_related
from xinshu.guarantees.law.review import APPROVAL, RULES_VERSION, Finding, obstacles, passes_alone
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Decision, Guarantee, PaperRequest, Payment, Tariff
from xinshu.guarantees.pricing import Discount, quote
from xinshu.work.actions.approvals import return_to_applicant, sign
from xinshu.work.deadlines import calendar_of

MOST_PAPERS = 10  # asked for at once
UNPAID_DAYS = 10  # working days that a line stays reserved for a fee that nobody pays: twice what the fee is due in


class StillObstructed(Refusal):
    """A rule that nobody may overrule is not met."""

    title = "还不能通过"


class NoTariff(Refusal):
    """The guarantor has no tariff for this kind, so no fee can be quoted."""

    title = "没有费率"


@transaction.atomic
def review_automatically(guarantee: Guarantee, *, at: datetime) -> Guarantee:
    """Put the application through every rule: approve it at once where all are met, else hand it to a person."""
    guarantee = Guarantee.objects.locked(guarantee)
    return review_examined(guarantee, examine(guarantee, at), at)


def review_examined(guarantee: Guarantee, findings: list[Finding], at: datetime) -> Guarantee:
    """Decide on what an examination of this very moment found. Must run in its transaction."""
    tariff = tariff_for(guarantee, at)
    findings.append(tariff_finding(guarantee, tariff))
    if passes_alone(findings) and tariff is not None:
        step = LIFECYCLE.step("pass", guarantee, SYSTEM)
        end_approval(guarantee, reason=_("自动审查通过。"), by=SYSTEM, at=at)
        return _approve(guarantee, step, findings, tariff, by=SYSTEM, at=at, opinion="")
    step = LIFECYCLE.step("refer", guarantee, SYSTEM)
    guarantee.change(step, at=at, findings=[finding.as_json() for finding in findings])
    approval = put_before_committee(guarantee, at)
    _plan, favour = favour_for(guarantee.guarantor, guarantee.applicant, at)
    decision = keep_decision(
        guarantee, findings, Decision.Outcome.REFERRED, favour=favour, by=SYSTEM, at=at, approval=approval
    )  # fmt: skip
    keep_related(decision, findings)
    keep_house_runs(guarantee, by=SYSTEM, at=at)
    keep_gate_match(guarantee, by=SYSTEM, at=at)
    remember(
        "guarantee.referred",
        guarantee,
        by=SYSTEM,
        at=at,
        rules=RULES_VERSION,
        open=[finding.rule for finding in findings if finding.verdict != "meets"],
    )
    return guarantee


@transaction.atomic
def approve_application(
    guarantee: Guarantee, *, by: Member, at: datetime, opinion: str, seat: int | None = None
) -> Guarantee:
    """Sign at the open level. With the last signature the fee is quoted and the applicant's line reserved."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("approve", guarantee, by)
    findings = examine(guarantee, at)
    findings.append(tariff_finding(guarantee, tariff_for(guarantee, at)))
    if stopping := obstacles(findings, APPROVAL):
        raise StillObstructed(
            " ".join(finding.message for finding in stopping), advice=_("可以退回申请人补正，或先调整额度。")
        )
    if authority_for(guarantee) is None:
        raise NotPermitted(_("审批授权表没有这类申请，谁都不能批准。"), advice=_("请先补充审批授权。"))
    tariff = tariff_for(guarantee, at)
    if tariff is None:
        raise NoTariff(
            _("%(guarantor)s没有%(kind)s的有效费率，无法报价。")
            % {"guarantor": guarantee.guarantor.name, "kind": guarantee.get_kind_display()}
        )
    approval = sign(
        approval_under_way(guarantee, at), guarantee,
        approves=True, facts=judged_facts(guarantee), opinion=opinion, by=by, at=at, seat=seat,
    )  # fmt: skip
    if approval.state != "passed":
        return guarantee
    return _approve(guarantee, step, findings, tariff, by=by, at=at, opinion=opinion)


def _approve(
    guarantee: Guarantee, step: Row, findings: list[Finding], tariff: Tariff, *, by: Actor, at: datetime, opinion: str
) -> Guarantee:
    assert guarantee.amount is not None
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    keep_house_runs(guarantee, by=by, at=at)  # before the reservation narrows the line that the rules looked at
    keep_gate_match(guarantee, by=by, at=at)
    due_at = hold_ends(guarantee, at)
    reserve(guarantee.guarantor, guarantee.applicant, guarantee.amount, for_=guarantee, at=at, due_at=due_at)
    plan, favour = favour_for(guarantee.guarantor, guarantee.applicant, at)
    off = discount_of(favour)
    fee = quote(guarantee.amount, guarantee.effective_on, guarantee.expires_on, tariff.terms(), off)
    outcome = Decision.Outcome.PASSED if by is SYSTEM else Decision.Outcome.APPROVED
    decision = keep_decision(guarantee, findings, outcome, favour=favour, by=by, at=at)
    keep_related(decision, findings)
    guarantee.change(
        step,
        at=at,
        decided_at=at,
        favour_plan=plan if favour.tier else None,
        tier=off.tier[:40],
        discount_rate=off.rate,
        findings=[finding.as_json() for finding in findings],
        reviewed_by_key=by.actor_key,
        tariff=tariff,
        fee_amount=fee.total,
        fee_lines=[vars(line) for line in fee.lines],
    )
    remember(
        "guarantee.approved",
        guarantee,
        by=by,
        at=at,
        rules=RULES_VERSION,
        tariff=tariff.number,
        fee=fee.total,
        opinion=opinion,
        **({"favour": plan.number, "tier": off.tier} if plan is not None and favour.tier else {}),
    )
    return guarantee


def discount_of(favour: Standing) -> Discount:
    """Return what a standing takes off the fee."""
    return Discount(favour.discount, favour.tier.name) if favour.tier else Discount()


def hold_ends(guarantee: Guarantee, at: datetime) -> datetime:
    """Return until when the line stays reserved for an unpaid fee: the end of a working day of the guarantor's."""
    last = calendar_of(guarantee.guarantor_id).add(local_day(at), UNPAID_DAYS).on
    return moment(last + timedelta(days=1), 0, 0)


@transaction.atomic
def lapse_application(guarantee: Guarantee, *, at: datetime) -> bool:
    """End an approved application whose fee did not come in time, and give back what was reserved for it.

    Does nothing (False) while a payment is under way, or where the reservation is not due any more.
    """
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("lapse", guarantee, SYSTEM)
    if guarantee.payments.exclude(state=Payment.State.REFUSED).exists():
        return False
    hold = due_hold(guarantee._meta.label_lower, guarantee.pk, at)
    if hold is None or not expire_hold(hold, at=at):
        return False
    guarantee.change(step, at=at, ended_at=at)
    remember("guarantee.lapsed", guarantee, by=SYSTEM, at=at, amount=guarantee.amount)
    return True


def tariff_for(guarantee: Guarantee, at: datetime) -> Tariff | None:
    """Return the newest tariff in force on the day of `at`."""
    return _newest_tariff.first(guarantee.guarantor_id, guarantee.kind, local_day(at))


@composed
def _newest_tariff(guarantor: int, kind: str, on: date) -> QuerySet[Tariff]:
    return Tariff.objects.filter(guarantor=guarantor, kind=kind, valid_from__lte=on).order_by("-number")[:1]


@transaction.atomic
def return_application(guarantee: Guarantee, *, by: Member, at: datetime, reason: str) -> Guarantee:
    """Send it back to the applicant with what must be mended."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("return", guarantee, by)
    reason = _stated(reason)
    return_to_applicant(approval_under_way(guarantee, at), guarantee, reason=reason, by=by, at=at)
    guarantee.change(step, at=at)
    remember("guarantee.returned", guarantee, by=by, at=at, reason=reason)
    return guarantee


@transaction.atomic
def ask_papers(guarantee: Guarantee, titles: Sequence[str], *, note: str = "", by: Member, at: datetime) -> Guarantee:
    """Have the applicant bring papers, each named (补材料). Once they are there the case comes back to this level.

    What was finished before stays finished: the papers are for this level and those after it to judge.
    """
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("ask_papers", guarantee, by)
    named = list(dict.fromkeys(title.strip()[:60] for title in titles if title.strip()))
    if not named:
        raise Invalid(_("请写明要补的材料。"), fields={"title": _("至少一份")})
    if len(named) > MOST_PAPERS:
        raise Invalid(_("一次最多要求 %(n)d 份材料。") % {"n": MOST_PAPERS}, fields={"title": _("太多")})
    reason = _("请补充：%(titles)s。%(note)s") % {"titles": "、".join(named), "note": note.strip()[:300]}
    return_to_applicant(approval_under_way(guarantee, at), guarantee, reason=reason, by=by, at=at)
    PaperRequest.objects.bulk_create(
        [
            PaperRequest(guarantee=guarantee, title=title, note=note.strip()[:300], asked_by=by, asked_at=at)
            for title in named
        ]
    )
    guarantee.change(step, at=at)
    remember("guarantee.papers_asked", guarantee, by=by, at=at, reason=reason, titles=named)
    return guarantee


@transaction.atomic
def decline_application(
    guarantee: Guarantee, *, by: Member, at: datetime, reason: str, seat: int | None = None
) -> Guarantee:
    """Vote against standing surety. Where that decides it, it is final; the applicant may apply anew."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("decline", guarantee, by)
    reason = _stated(reason)
    if guarantee.state == "in_review":
        approval = sign(
            approval_under_way(guarantee, at), guarantee,
            approves=False, facts=judged_facts(guarantee), opinion=reason, by=by, at=at, seat=seat,
        )  # fmt: skip
        if approval.state != "rejected":
            return guarantee
    if guarantee.state == "fee_due":
        if guarantee.payments.filter(state=Payment.State.REQUESTED).exists():
            raise StillObstructed(_("保费正在支付，请等支付结果。"), advice=_("到账后可以退费终止。"))
        void_reservation(guarantee, at=at)
    guarantee.change(step, at=at, decided_at=at, ended_at=at, reviewed_by_key=by.actor_key)
    remember("guarantee.declined", guarantee, by=by, at=at, reason=reason)
    return guarantee


def _stated(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("至少 4 个字")})
    return reason.strip()
