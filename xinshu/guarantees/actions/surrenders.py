"""Surrender (退保, BH-26): the applicant says why and proves it, the system checks, the department reviews.

A receipt is given and the guarantee released in one act. The beneficiary may agree, or object: then it cannot be
approved.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.documents.models import File
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.amendments import held, must_be_open_to_change
from xinshu.guarantees.actions.ending import end_released
from xinshu.guarantees.changing import GROUNDS, SURRENDER, SURRENDER_OPEN
from xinshu.guarantees.history import note, remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee, Surrender
from xinshu.projects.supervision import Rules

AGREED, OBJECTED = "agreed", "objected"


class ChecksFail(Refusal):
    """A check of the system is not met: the message names each."""

    title = "还不能退保"


@dataclass(frozen=True)
class Check:
    """One thing that the system looked at. `passed` None: a person has to judge."""

    rule: str
    label: str
    passed: bool | None
    reason: str


def departments_of(guarantee: Guarantee, at: datetime) -> list[Organisation]:
    """Return the departments on the platform that supervise the guarantee at `at` (归口监管)."""
    project = guarantee.project
    found = Rules.at(at).supervisors(guarantee.kind, project.kind, project.region_code)
    return [house for house in found.values() if house.active]


def checks_of(guarantee: Guarantee, at: datetime, *, proved: bool, consent: str) -> list[Check]:
    """Return what must hold for a surrender, each with its reason."""
    houses = departments_of(guarantee, at)
    if consent == OBJECTED:
        released = Check("consent", _("受益人意见"), False, _("受益人已提出异议。"))
    elif consent == AGREED:
        released = Check("consent", _("受益人意见"), True, _("受益人已在平台上同意。"))
    elif proved:
        released = Check("consent", _("受益人意见"), None, _("受益人没有表示意见，请审核上传的证明。"))
    else:
        released = Check("consent", _("受益人意见"), False, _("没有受益人的同意，也没有上传证明。"))
    return [
        Check(
            "claims", _("没有未决索赔"), guarantee.reserved_amount == 0,
            _("没有在办的索赔。") if guarantee.reserved_amount == 0 else _("还有索赔没有办完，办完以前不能退保。"),
        ),
        Check(
            "proof", _("退保证明"), proved, _("已上传证明文件。") if proved else _("请上传竣工验收、合同终止等证明。")
        ),
        released,
        Check(
            "department", _("归口监管部门"), bool(houses),
            "、".join(house.name for house in houses)
            or _("这类保函还没有归口的主管部门，请由受益人直接解除担保。"),
        ),
    ]  # fmt: skip


@transaction.atomic
def ask_surrender(
    guarantee: Guarantee, *, ground: str, reason: str, content: bytes | None, name: str, by: Member, at: datetime
) -> Surrender:
    """Ask to give a guarantee back. Raises ChecksFail naming every check that is not met; nothing is kept then."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("surrender", guarantee, by)
    must_be_open_to_change(guarantee, at)
    if guarantee.surrenders.filter(state__in=SURRENDER_OPEN).exists():
        raise NotNow(_("这笔保函已在办理退保。"), advice=_("刷新页面可以看到进展。"))
    _judge_words(ground, reason)
    checks = _must_pass(guarantee, at, proved=bool(content), consent="")
    proof = _kept(guarantee, content, name, by, at)
    surrender = Surrender.objects.create(
        guarantee=guarantee, state="in_review", ground=ground, reason=reason.strip()[:500], proof=proof,
        checks=checks, proposed_at=at, changed_at=at,
    )  # fmt: skip
    guarantee.change(step, at=at)
    note("surrender.asked", surrender, by=by, at=at, ground=ground, reason=reason, checks=checks)
    remember("guarantee.surrender_asked", guarantee, by=by, at=at, surrender=surrender.reference, reason=reason)
    return surrender


@transaction.atomic
def supply_proof(
    surrender: Surrender, *, reason: str, content: bytes | None, name: str, by: Member, at: datetime
) -> Surrender:
    """Hand it in again with what was missing; the proof before stays with the case."""
    surrender = Surrender.objects.locked(surrender)
    step = SURRENDER.step("supply", surrender, by)
    _judge_words(surrender.ground, reason)
    guarantee = held(surrender.guarantee_id)
    proof = _kept(guarantee, content, name, by, at) or surrender.proof
    checks = _must_pass(guarantee, at, proved=proof is not None, consent=surrender.consent)
    surrender.change(step, at=at, reason=reason.strip()[:500], proof=proof, checks=checks)
    note("surrender.supplied", surrender, by=by, at=at, reason=reason, checks=checks)
    return surrender


def _judge_words(ground: str, reason: str) -> None:
    if ground not in dict(GROUNDS):
        raise Invalid(_("请选择退保的情形。"), fields={"ground": _("请选择")})
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明退保的原因，各方都会看到。"), fields={"reason": _("至少 4 个字")})


def _must_pass(guarantee: Guarantee, at: datetime, *, proved: bool, consent: str) -> list[dict[str, Any]]:
    checks = checks_of(guarantee, at, proved=proved, consent=consent)
    if failed := [check for check in checks if check.passed is False and check.rule != "consent"]:
        message = " ".join(f"{check.label}：{check.reason}" for check in failed)
        raise ChecksFail(message, advice=_("保函保持有效，补齐后可以再申请。"))
    return [asdict(check) for check in checks]


def _must_supervise(guarantee: Guarantee, by: Member, at: datetime) -> None:
    if by.organisation not in departments_of(guarantee, at):
        raise NotPermitted(
            _("这笔保函不归口给您所在的部门，没有办理。"), advice=_("归口方案刚刚变更的，由新的部门审核。")
        )


def _kept(guarantee: Guarantee, content: bytes | None, name: str, by: Member, at: datetime) -> File | None:
    if not content:
        return None
    return keep_file(content, name, by.organisation, by, at, subject=guarantee, sealed_until=guarantee.secret_until)


@transaction.atomic
def agree_to_surrender(surrender: Surrender, *, by: Member, at: datetime) -> Surrender:
    """Let the beneficiary agree on the platform: no paper is needed for it any more."""
    return _heard(surrender, "agree", AGREED, "", by=by, at=at)


@transaction.atomic
def object_to_surrender(surrender: Surrender, *, by: Member, at: datetime, reason: str) -> Surrender:
    """Let the beneficiary object; it may still agree later."""
    return _heard(surrender, "object", OBJECTED, reason, by=by, at=at)


def _heard(surrender: Surrender, action: str, consent: str, words: str, *, by: Member, at: datetime) -> Surrender:
    surrender = Surrender.objects.locked(surrender)
    step = SURRENDER.step(action, surrender, by)
    guarantee = held(surrender.guarantee_id)
    checks = checks_of(guarantee, at, proved=surrender.proof_id is not None, consent=consent)
    surrender.change(
        step, at=at, consent=consent, consent_note=words.strip()[:500], checks=[asdict(check) for check in checks]
    )
    note(f"surrender.{consent}", surrender, by=by, at=at, reason=words)
    return surrender


@transaction.atomic
def approve_surrender(surrender: Surrender, *, by: Member, at: datetime) -> Surrender:
    """Approve: the receipt is given and the guarantee released in one act. Every check is made again, now."""
    surrender = Surrender.objects.locked(surrender)
    step = SURRENDER.step("approve", surrender, by)
    guarantee = held(surrender.guarantee_id)
    _must_supervise(guarantee, by, at)
    checks = checks_of(guarantee, at, proved=surrender.proof_id is not None, consent=surrender.consent)
    if failed := [check for check in checks if check.passed is False]:
        message = " ".join(f"{check.label}：{check.reason}" for check in failed)
        raise ChecksFail(message, advice=_("可以退回申请人补充，或不予退保。"))
    number = f"THZ{local_day(at):%Y%m%d}-{random_code(8)}"
    release = LIFECYCLE.step("give_back", guarantee, SYSTEM)
    surrender.change(
        step, at=at, ended_at=at, receipt_number=number, checks=[asdict(check) for check in checks],
        decision=_("同意退保。"),
    )  # fmt: skip
    note("surrender.approved", surrender, by=by, at=at, receipt=number)
    reason = _("退保核准，回执 %(number)s。") % {"number": number}
    surrender.guarantee = end_released(
        guarantee, release, by=by, at=at, reason=reason, surrender=surrender.reference, receipt=number
    )
    return surrender


@transaction.atomic
def return_surrender(surrender: Surrender, *, by: Member, at: datetime, reason: str) -> Surrender:
    """Send it back to the applicant with what is missing."""
    return _decided(surrender, "return", "surrender.returned", reason, by=by, at=at)


@transaction.atomic
def refuse_surrender(surrender: Surrender, *, by: Member, at: datetime, reason: str) -> Surrender:
    """Not approve it: the guarantee stays in force."""
    return _decided(surrender, "refuse", "surrender.refused", reason, by=by, at=at)


def _decided(surrender: Surrender, action: str, kind: str, reason: str, *, by: Member, at: datetime) -> Surrender:
    surrender = Surrender.objects.locked(surrender)
    step = SURRENDER.step(action, surrender, by)
    _must_supervise(surrender.guarantee, by, at)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，各方都会看到。"), fields={"reason": _("至少 4 个字")})
    over: dict[str, Any] = {"ended_at": at} if SURRENDER.states[step.target].final else {}
    surrender.change(step, at=at, decision=reason.strip()[:500], **over)
    note(kind, surrender, by=by, at=at, reason=reason)
    return surrender


@transaction.atomic
def withdraw_surrender(surrender: Surrender, *, by: Member, at: datetime, reason: str) -> Surrender:
    """Take it back: the guarantee stays in force."""
    surrender = Surrender.objects.locked(surrender)
    surrender.change(SURRENDER.step("withdraw", surrender, by), at=at, ended_at=at)
    note("surrender.withdrawn", surrender, by=by, at=at, reason=reason)
    return surrender


@transaction.atomic
def lapse_surrender(surrender: Surrender, *, at: datetime, reason: str) -> Surrender:
    """End what has nothing left to give back: the guarantee is over already."""
    surrender = Surrender.objects.locked(surrender)
    surrender.change(SURRENDER.step("lapse", surrender, SYSTEM), at=at, ended_at=at)
    note("surrender.lapsed", surrender, by=SYSTEM, at=at, reason=reason)
    return surrender
