"""Approving: by rule at once, or by a person; returned for correction or declined with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.lines import reserve, void_reservation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.lifecycle import Row
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.guarantees.authority import authority_for
from xinshu.guarantees.facts import examine
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee, Payment, Tariff
from xinshu.guarantees.pricing import quote
from xinshu.guarantees.review import APPROVAL, RULES_VERSION, Finding, obstacles, passes_alone
from xinshu.ledger.queries import history_of


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
        return _approve(guarantee, step, findings, tariff, by=SYSTEM, at=at, opinion="")
    step = LIFECYCLE.step("refer", guarantee, SYSTEM)
    guarantee.change(step, at=at, findings=[finding.as_json() for finding in findings])
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
def approve_application(guarantee: Guarantee, *, by: Member, at: datetime, opinion: str) -> Guarantee:
    """Approve within one's authority: the fee is quoted and the applicant's line reserved."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("approve", guarantee, by)
    if by.actor_key in kept_by(guarantee):
        raise NotPermitted(_("这笔申请由您代为提交，须由另一人审批。"))
    findings = examine(guarantee, at)
    if stopping := obstacles(findings, APPROVAL):
        raise StillObstructed(
            " ".join(finding.message for finding in stopping), advice=_("可以退回申请人补正，或先调整额度。")
        )
    authority = authority_for(guarantee)
    if authority is None or (guarantee.amount or 0) > authority.person_amount:
        limit = yuan(authority.person_amount) if authority else "0.00"
        raise NotPermitted(_("超过您的审批权限 %(limit)s 元。") % {"limit": limit}, advice=_("请提请上级审批。"))
    tariff = tariff_for(guarantee, at)
    if tariff is None:
        raise NoTariff(
            _("%(guarantor)s没有%(kind)s的有效费率，无法报价。")
            % {"guarantor": guarantee.guarantor.name, "kind": guarantee.get_kind_display()}
        )
    return _approve(guarantee, step, findings, tariff, by=by, at=at, opinion=opinion)


def kept_by(guarantee: Guarantee) -> set[str]:
    """Return whoever of the guarantor's own people made this application for the applicant: they may not approve it."""
    if not guarantee.on_behalf:
        return set()
    handed_in = history_of(guarantee).filter(kind__in=("guarantee.drafted", "guarantee.edited", "guarantee.submitted"))
    return set(handed_in.values_list("actor_key", flat=True))


def _approve(
    guarantee: Guarantee, step: Row, findings: list[Finding], tariff: Tariff, *, by: Actor, at: datetime, opinion: str
) -> Guarantee:
    assert guarantee.amount is not None
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    reserve(guarantee.guarantor, guarantee.applicant, guarantee.amount, for_=guarantee, at=at)
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
    guarantee.change(step, at=at)
    remember("guarantee.returned", guarantee, by=by, at=at, reason=_stated(reason))
    return guarantee


@transaction.atomic
def decline_application(guarantee: Guarantee, *, by: Member, at: datetime, reason: str) -> Guarantee:
    """Refuse to stand surety. Final; the applicant may apply anew."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("decline", guarantee, by)
    if guarantee.state == "fee_due":
        if guarantee.payments.filter(state=Payment.State.REQUESTED).exists():
            raise StillObstructed(_("保费正在支付，请等支付结果。"), advice=_("到账后可以退费终止。"))
        void_reservation(guarantee, at=at)
    guarantee.change(step, at=at, decided_at=at, ended_at=at, reviewed_by_key=by.actor_key)
    remember("guarantee.declined", guarantee, by=by, at=at, reason=_stated(reason))
    return guarantee


def _stated(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("至少 4 个字")})
    return reason.strip()
