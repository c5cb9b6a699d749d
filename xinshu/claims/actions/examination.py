"""Examining: marks on a checklist, a proposal, the committee's decision, one refusal notice or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims import checks
from xinshu.claims.actions.presentation import last_day_of, let_go
from xinshu.claims.clocks import Clock, clock_for
from xinshu.claims.closures import shut_for
from xinshu.claims.committee import PAY, REFUSE, deliberate, end_deliberation, judged_facts
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand, RefusalNotice
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.lifecycle import Row
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotNow, Refusal
from xinshu.core.sm import sm3
from xinshu.guarantees.actions.contract_changes import unconsented
from xinshu.guarantees.actions.drawing import locked_instrument, reserve_demand
from xinshu.guarantees.kinds import Nature
from xinshu.ledger.canonical import canonical_json
from xinshu.work.actions.approvals import approval_of, sign
from xinshu.work.deadlines import calendar_of


class Precluded(Refusal):
    """The last day for the refusal notice has passed: it can no longer be said that the demand does not comply."""

    status = 409
    title = "已失去拒付的权利"


class NotYetExamined(Refusal):
    """The checklist does not carry what is proposed."""

    title = "审核记录不支持这个意见"


@dataclass(frozen=True)
class Mark:
    """What an examiner says of one thing: checks.VERDICTS, and why."""

    verdict: str
    note: str = ""


def clock_of(demand: Demand) -> Clock:
    """Return the clock that runs for a demand."""
    return clock_for(demand.guarantee.nature, demand.complete_on or demand.received_on)


def is_precluded(demand: Demand, on: date) -> bool:
    """Tell whether the guarantor may no longer refuse on the day `on` (URDG 24).

    Beyond its amount a guarantee binds nobody: where nothing is left to claim, an over-demand can still be refused.
    """
    if demand.due_on is None or on <= demand.due_on or not clock_of(demand).precludes:
        return False
    if shut_for(demand):  # force majeure: the clock stands (URDG 26), whatever day is written down
        return False
    return demand.reserved_amount > 0 or demand.guarantee.available_amount > 0


@transaction.atomic
def mark_findings(demand: Demand, marks: Mapping[str, Mark], others: list[str], *, by: Member, at: datetime) -> Demand:
    """Keep what the examiner found: one mark per check, and discrepancies in the examiner's own words."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("mark", demand, by)
    findings, wrong = [], {}
    for check in checks.checks_for(demand.guarantee.nature):
        mark = marks.get(check.code, Mark(checks.OPEN))
        if mark.verdict not in checks.VERDICTS:
            raise Invalid(_("审核结论没有读懂。"), fields={check.code: _("请重新选择")})
        if mark.verdict == checks.FAILS and len(mark.note.strip()) < 4:
            wrong[check.code] = _("写明不符在哪里，至少 4 个字")
        if check.code == "changes" and mark.verdict == checks.MEETS and unconsented(demand.guarantee):
            wrong[check.code] = _("有未经保证人书面同意的合同变更，不能标为符合；索赔不含这部分的，标“不适用”并写明")
        findings.append(_finding(check.code, check.label, check.source, mark.verdict, mark.note))
    for text in others:
        if text.strip():
            source = _("审核人指出")
            findings.append(_finding(checks.OTHER, _("其他不符"), source, checks.FAILS, text))
    if wrong:
        raise Invalid(_("每一处不符都要写明在哪里。"), advice=_("您填写的内容都还在。"), fields=wrong)
    demand.change(step, at=at, findings=findings)
    remember("claim.marked", demand, by=by, at=at, findings=findings)
    return demand


def seen_by_machine(demand: Demand) -> dict[str, Mark]:
    """Return what the platform can say by itself: that it came in time, and whether the amount is covered."""
    guarantee = demand.guarantee
    in_time = demand.received_on <= last_day_of(guarantee) and (
        demand.complete_on or demand.received_on
    ) <= last_day_of(guarantee)
    covered = demand.reserved_amount == demand.amount
    over = _("索赔 %(amount)s 元，超过提交时的可索赔余额。") % {"amount": yuan(demand.amount)}
    pending = unconsented(guarantee)
    part = yuan(sum(change.effect_now.unbound for change in pending))
    unbound = _("未经保证人书面同意的合同变更 %(n)d 项，涉及 %(part)s 元不承担保证责任。") % {
        "n": len(pending), "part": part,
    }  # fmt: skip
    return {
        **({"changes": Mark(checks.FAILS, unbound)} if pending else {}),
        "in_time": Mark(checks.MEETS if in_time else checks.FAILS, _("%(day)s 收到") % {"day": demand.received_on}),
        "amount": Mark(checks.MEETS if covered else checks.FAILS, "" if covered else over),
    }


@transaction.atomic
def propose_payment(demand: Demand, *, amount: int | None = None, opinion: str, by: Member, at: datetime) -> Demand:
    """Propose to pay: all of it, or, where facts are judged, the part that is proven. A colleague decides."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("propose_payment", demand, by)
    amount = demand.amount if amount is None else amount
    failing = [row["label"] for row in demand.findings if row["verdict"] == checks.FAILS]
    if demand.reserved_amount == 0:
        raise NotYetExamined(
            _("索赔金额超过可索赔余额，这次索赔不相符，不能按余额付款。"),
            advice=_("可以提出拒付；受益人可以按余额再次索赔。"),
        )
    if not 0 < amount <= demand.amount:
        raise Invalid(_("付款金额应大于零、不超过索赔金额。"), fields={"amount": _("超出范围")})
    if demand.guarantee.nature == Nature.INDEPENDENT and amount != demand.amount:
        raise Invalid(_("独立保函的索赔要么相符、全额付款，要么不符、拒付。"), fields={"amount": _("应等于索赔金额")})
    if amount == demand.amount and failing:
        raise NotYetExamined(
            _("审核记录里还有不符：%(what)s。") % {"what": "、".join(failing)},
            advice=_("请改正审核记录，或者提出拒付。"),
        )
    if amount < demand.amount and not failing:
        raise NotYetExamined(_("只付一部分的，审核记录里要写明为什么。"), advice=_("请标记不符并写明原因。"))
    return _propose(demand, step, PAY, amount, opinion, by, at)


@transaction.atomic
def propose_refusal(demand: Demand, *, opinion: str, by: Member, at: datetime) -> Demand:
    """Propose to refuse, for every discrepancy that is marked. A colleague decides, and the notice goes out then."""
    demand = Demand.objects.locked(demand)
    must_not_be_precluded(demand, local_day(at))
    step = DEMAND.step("propose_refusal", demand, by)
    if not any(row["verdict"] == checks.FAILS for row in demand.findings):
        raise NotYetExamined(
            _("审核记录里没有标记任何不符。"), advice=_("拒付通知要列明全部不符点：请先在审核记录里逐项标记并保存。")
        )
    return _propose(demand, step, REFUSE, 0, opinion, by, at)


def _propose(demand: Demand, step: Row, outcome: str, amount: int, opinion: str, by: Member, at: datetime) -> Demand:
    day = local_day(at)
    notify = clock_of(demand).notify
    calendar = calendar_of(demand.guarantee.guarantor_id)
    demand.change(
        step,
        at=at,
        proposal={"outcome": outcome, "amount": amount, "opinion": opinion[:500], "by": by.actor_label,
                  "at": at.isoformat()},
        notify_due_on=notify.after(day, calendar).on if notify and outcome == REFUSE else None,
    )  # fmt: skip
    deliberate(demand, by=by, at=at)
    remember("claim.proposed", demand, by=by, at=at, outcome=outcome, amount=amount, opinion=opinion[:500])
    return demand


@transaction.atomic
def agree_to_pay(demand: Demand, *, opinion: str, by: Member, at: datetime, seat: int | None = None) -> Demand:
    """Sign for payment. With the last signature the demand is found complying."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("agree", demand, by)
    _must_be_proposed(demand, PAY)
    if not _signed(demand, approves=True, opinion=opinion, by=by, at=at, seat=seat):
        return demand
    amount = int(demand.proposal["amount"])
    if amount < demand.amount:
        _give_notice(demand, demand.amount - amount, by=by, at=at)
        let_go(demand, demand.amount - amount, by=by, at=at)
    return _accept(demand, step, amount, by=by, at=at, kind="claim.accepted")


@transaction.atomic
def refuse_demand(demand: Demand, *, opinion: str, by: Member, at: datetime, seat: int | None = None) -> Demand:
    """Sign for refusal. With the last signature the one notice goes out, listing every discrepancy (URDG 24).

    Raises Precluded after the last day, where the clock precludes.
    """
    demand = Demand.objects.locked(demand)
    must_not_be_precluded(demand, local_day(at))
    step = DEMAND.step("refuse", demand, by)
    _must_be_proposed(demand, REFUSE)
    if not _signed(demand, approves=True, opinion=opinion, by=by, at=at, seat=seat):
        return demand
    notice = _give_notice(demand, demand.amount, by=by, at=at)
    let_go(demand, by=by, at=at)
    demand.change(step, at=at, reserved_amount=0, decided_at=at, ended_at=at)
    remember(
        "claim.refused", demand, by=by, at=at, notice=notice.number, digest=notice.digest, late=notice.late,
        discrepancies=notice.discrepancies,
    )  # fmt: skip
    return demand


@transaction.atomic
def send_back(demand: Demand, *, reason: str, by: Member, at: datetime, seat: int | None = None) -> Demand:
    """Vote against what was proposed. Where that decides it, it is examined again; the clock goes on."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("object", demand, by)
    approval = approval_of(demand)
    assert approval is not None
    approval = sign(
        approval, demand, approves=False, facts=judged_facts(demand), opinion=reason, by=by, at=at, seat=seat
    )
    if approval.state == "rejected":
        demand.change(step, at=at, proposal={}, notify_due_on=None)
        remember("claim.sent_back", demand, by=by, at=at, reason=reason)
    return demand


@transaction.atomic
def preclude(demand: Demand, *, at: datetime) -> Demand:
    """Take note that the last day passed without a notice: the demand stands as complying.

    Of an over-demand that is what can still be claimed: the amount limits the promise itself.
    """
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("preclude", demand, SYSTEM)
    demand.guarantee = locked_instrument(demand.guarantee)
    if not is_precluded(demand, local_day(at)):
        raise NotNow(_("拒付的时限还没有过。"))
    end_deliberation(demand, reason=_("逾期未发出拒付通知，视为相符。"), by=SYSTEM, at=at)
    amount = demand.amount
    if not demand.reserved_amount:
        amount = min(demand.amount, demand.guarantee.available_amount)
        demand.guarantee = reserve_demand(demand.guarantee, amount, by=SYSTEM, at=at)
    return _accept(demand, step, amount, by=SYSTEM, at=at, kind="claim.precluded")


def must_not_be_precluded(demand: Demand, on: date) -> None:
    """Raise Precluded, saying why, where the time for a refusal is over."""
    if demand.state in ("examining", "deciding", "complying", "suspended") and is_precluded(demand, on):
        assert demand.due_on is not None
        raise Precluded(
            _("拒付通知应在 %(day)s 营业结束前发出，现已逾期，不能再主张索赔不符，只能付款。依据：%(source)s。")
            % {"day": demand.due_on.isoformat(), "source": clock_of(demand).source},
            advice=_("没有发出任何通知，审核记录都还在。请转财务付款，付款后可以向申请人追偿。"),
        )


def _accept(demand: Demand, step: Row, amount: int, *, by: Actor, at: datetime, kind: str) -> Demand:
    calendar, day = calendar_of(demand.guarantee.guarantor_id), local_day(at)
    pay, due_on = clock_of(demand).pay, demand.due_on
    assert due_on is not None
    by_day = pay.after(day, calendar).on if pay else max(due_on, calendar.roll_forward(day))
    demand.change(step, at=at, payable_amount=amount, reserved_amount=amount, decided_at=at, pay_due_on=by_day)
    remember(kind, demand, by=by, at=at, amount=amount, pay_due_on=by_day.isoformat())
    return demand


def _give_notice(demand: Demand, amount: int, *, by: Member, at: datetime) -> RefusalNotice:
    told = [
        {name: row[name] for name in ("code", "label", "source", "note")}
        for row in demand.findings
        if row["verdict"] == checks.FAILS
    ]
    assert demand.due_on is not None
    late = local_day(at) > demand.due_on
    text = {"demand": demand.reference, "amount": amount, "discrepancies": told, "given_at": at.isoformat()}
    return RefusalNotice.objects.create(
        demand=demand,
        refused_amount=amount,
        discrepancies=told,
        digest=sm3(canonical_json(text).encode()).hex(),
        late=late,
        given_at=at,
        given_by=by.actor_label,
    )


def _must_be_proposed(demand: Demand, outcome: str) -> None:
    if demand.proposal.get("outcome") != outcome:
        raise NotNow(_("审核人提出的不是这个意见。"), advice=_("不同意的，可以退回审核人重新审核。"))


def _signed(demand: Demand, *, approves: bool, opinion: str, by: Member, at: datetime, seat: int | None) -> bool:
    """Sign in the approval that is open; return whether that was the last signature."""
    approval = approval_of(demand)
    assert approval is not None
    approval = sign(
        approval, demand, approves=approves, facts=judged_facts(demand), opinion=opinion, by=by, at=at, seat=seat
    )
    return bool(approval.state == "passed")


def _finding(code: str, label: object, source: object, verdict: str, note: str) -> dict[str, Any]:
    return {
        "code": code, "label": str(label), "source": str(source), "verdict": verdict, "note": note.strip()[:500],
    }  # fmt: skip


def days_until_precluded(demand: Demand, on: date) -> int | None:
    """Return how many days are left to refuse; None where no last day counts for it."""
    if demand.due_on is None or demand.state not in ("examining", "deciding"):
        return None
    return (demand.due_on - on) // timedelta(days=1)
