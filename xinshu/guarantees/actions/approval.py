"""Approving: by rule at once, or by a person; returned for correction or declined with a reason."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.holds import due_hold, expire_hold
from xinshu.books.lines import reserve, void_reservation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day, moment
from xinshu.core.lifecycle import Row
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.guarantees.authority import authority_for
from xinshu.guarantees.committee import approval_under_way, end_approval, judged_facts, put_before_committee
from xinshu.guarantees.facts import examine
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee, Payment, Tariff
from xinshu.guarantees.pricing import quote
from xinshu.guarantees.review import APPROVAL, RULES_VERSION, Finding, obstacles, passes_alone
from xinshu.work.actions.approvals import return_to_applicant, sign
from xinshu.work.deadlines import calendar_of

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
    findings = examine(guarantee, at)
    tariff = tariff_for(guarantee, at)
    if passes_alone(findings) and tariff is not None:
        step = LIFECYCLE.step("pass", guarantee, SYSTEM)
        end_approval(guarantee, reason=_("自动审查通过。"), by=SYSTEM, at=at)
        return _approve(guarantee, step, findings, tariff, by=SYSTEM, at=at, opinion="")
    step = LIFECYCLE.step("refer", guarantee, SYSTEM)
    guarantee.change(step, at=at, findings=[finding.as_json() for finding in findings])
    put_before_committee(guarantee, at)
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
    due_at = hold_ends(guarantee, at)
    reserve(guarantee.guarantor, guarantee.applicant, guarantee.amount, for_=guarantee, at=at, due_at=due_at)
    fee = quote(guarantee.amount, guarantee.effective_on, guarantee.expires_on, tariff.terms())
    guarantee.change(
        step,
        at=at,
        decided_at=at,
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
    )
    return guarantee


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
    tariffs = Tariff.objects.filter(
        guarantor=guarantee.guarantor_id, kind=guarantee.kind, valid_from__lte=local_day(at)
    )
    return tariffs.order_by("-number").first()


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
