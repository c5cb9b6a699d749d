"""追偿: what the applicant owes for a payment, until it is settled or given up in the accounts.

A recovery goes to costs, then interest, then principal (民法典 561). Only principal stands in the books.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books import receivables
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import RECOURSE
from xinshu.claims.models import Demand, Payout, Recourse, RecourseEntry
from xinshu.claims.recourse_sums import apply, interest
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotNow

Kind = RecourseEntry.Kind
HIGHEST_RATE = Decimal("0.24")  # beyond it no court follows, whatever was agreed; the house's own rule


def open_recourse(demand: Demand, payout: Payout, *, at: datetime) -> Recourse:
    """Begin to recover what was paid: one case per payment. Must run in the transaction of the payment."""
    guarantee, day = demand.guarantee, local_day(at)
    case = Recourse(
        demand=demand, creditor=guarantee.guarantor, debtor=guarantee.applicant, state="open",
        paid_amount=payout.amount, principal_amount=payout.amount, accrued_to=day, opened_at=at, changed_at=at,
    )  # fmt: skip
    case.save()
    _enter(case, Kind.PAID_OUT, payout.order_number, payout.amount, day, "", by=SYSTEM, at=at)
    remember("recourse.opened", case, by=SYSTEM, at=at, amount=payout.amount, order=payout.order_number)
    return case


@transaction.atomic
def agree_rate(case: Recourse, *, annual_rate: Decimal, basis: str, by: Member, at: datetime) -> Recourse:
    """Put down the interest that the counter-security contract gives; from the day after payment on, once."""
    case = Recourse.objects.locked(case)
    step = RECOURSE.step("agree_rate", case, by)
    if case.annual_rate or case.recovered_amount:
        raise NotNow(_("利率已经约定，或者已有收回，不能再改。"))
    if not 0 < annual_rate <= HIGHEST_RATE:
        raise Invalid(_("年利率应大于零、不超过 24%。"), fields={"annual_rate": _("超出范围")})
    if len(basis.strip()) < 4:
        raise Invalid(_("请写明依据的合同。"), fields={"basis": _("至少 4 个字")})
    case.change(step, at=at, annual_rate=annual_rate, rate_basis=basis.strip()[:120])
    remember("recourse.rate_agreed", case, by=by, at=at, rate=str(annual_rate), note=basis.strip()[:120])
    return case


@transaction.atomic
def enter_cost(case: Recourse, *, amount: int, number: str, on: date, note: str, by: Member, at: datetime) -> Recourse:
    """Add a cost of recovery (诉讼费, 律师费 ...) to what is owed. One voucher counts once."""
    case = Recourse.objects.locked(case)
    step = RECOURSE.step("enter_cost", case, by)
    _check(case, Kind.COST, amount, number, on, at)
    _enter(case, Kind.COST, number, amount, on, note, by=by, at=at)
    case.change(step, at=at, costs_amount=case.costs_amount + amount)
    remember("recourse.cost_entered", case, by=by, at=at, amount=amount, number=number, note=note)
    return case


@transaction.atomic
def record_recovery(
    case: Recourse, *, amount: int, number: str, on: date, note: str, by: Member, at: datetime
) -> Recourse:
    """Apply money that came back: costs, interest, principal. With the last of it the case is settled.

    Raises Invalid for more than is owed, or a day before the last one reckoned.
    """
    case = Recourse.objects.locked(case)
    step = RECOURSE.step("recover", case, by)
    _check(case, Kind.RECOVERY, amount, number, on, at)
    if on < case.accrued_to:
        raise Invalid(
            _("利息已算到 %(day)s，收款日不能更早。") % {"day": case.accrued_to.isoformat()}, fields={"on": _("太早")}
        )
    open_interest = interest_on(case, on)
    applied = apply(amount, costs=case.costs_amount, interest=open_interest, principal=case.principal_amount)
    if applied.left:
        owed = case.costs_amount + open_interest + case.principal_amount
        raise Invalid(
            _("收回 %(amount)s 元超过欠款 %(owed)s 元。") % {"amount": yuan(amount), "owed": yuan(owed)},
            advice=_("多收的部分应退还，请按欠款登记。"), fields={"amount": _("超过欠款")},
        )  # fmt: skip
    entry = _enter(
        case, Kind.RECOVERY, number, amount, on, note, by=by, at=at, to_costs=applied.costs,
        to_interest=applied.interest, to_principal=applied.principal,
    )  # fmt: skip
    written_off = _book(case, entry, applied.principal, at)
    case.change(
        step,
        at=at,
        accrued_to=on,
        costs_amount=case.costs_amount - applied.costs,
        interest_amount=open_interest - applied.interest,
        principal_amount=case.principal_amount - applied.principal,
        written_off_amount=case.written_off_amount - written_off,
        recovered_amount=case.recovered_amount + amount,
    )
    remember(
        "recourse.recovered", case, by=by, at=at, amount=amount, costs=applied.costs, interest=applied.interest,
        principal=applied.principal, number=number, note=note,
    )  # fmt: skip
    if not (case.costs_amount or case.interest_amount or case.principal_amount):
        case.change(RECOURSE.step("settle", case, SYSTEM), at=at, ended_at=at)
        remember("recourse.settled", case, by=SYSTEM, at=at)
    return case


@transaction.atomic
def write_off(case: Recourse, *, reason: str, by: Member, at: datetime) -> Recourse:
    """Take the open principal off the accounts. The debt stays: what comes back later is still entered (账销案存)."""
    case = Recourse.objects.locked(case)
    step = RECOURSE.step("write_off", case, by)
    amount = case.principal_amount
    if not amount:
        raise NotNow(_("本金已经收回，没有可以核销的。"))
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明核销的依据。"), fields={"reason": _("至少 4 个字")})
    receivables.write_off(case.creditor, case.debtor, amount, key=f"recourse:{case.reference}:off", for_=case, at=at)
    _enter(case, Kind.WRITE_OFF, f"HX{case.reference}", amount, local_day(at), reason[:200], by=by, at=at)
    case.change(step, at=at, written_off_amount=amount)
    remember("recourse.written_off", case, by=by, at=at, amount=amount, reason=reason)
    return case


def interest_on(case: Recourse, day: date) -> int:
    """Return the interest that is open on `day`, in 分."""
    return case.interest_amount + interest(case.principal_amount, case.annual_rate, case.accrued_to, day)


def _book(case: Recourse, entry: RecourseEntry, principal: int, at: datetime) -> int:
    """Book principal that came back; return how much of it had been written off."""
    if not principal:
        return 0
    key = f"recourse:{case.reference}:{entry.pk}"
    if case.state == "written_off":
        receivables.recover_written_off(case.creditor, case.debtor, principal, key=key, for_=case, at=at)
        return principal
    receivables.recover(case.creditor, case.debtor, principal, key=key, for_=case, at=at)
    return 0


def _check(case: Recourse, kind: str, amount: int, number: str, on: date, at: datetime) -> None:
    wrong = {}
    if amount <= 0:
        wrong["amount"] = _("应大于零")
    if not number.strip():
        wrong["number"] = _("写凭证号")
    elif case.entries.filter(kind=kind, number=number.strip()).exists():
        wrong["number"] = _("这张凭证已经登记过")
    if on > local_day(at):
        wrong["on"] = _("不能晚于今天")
    if wrong:
        raise Invalid(_("没有登记：有内容要改。"), advice=_("您填写的内容都还在。"), fields=wrong)


def _enter(
    case: Recourse, kind: str, number: str, amount: int, on: date, note: str, *, by: Actor, at: datetime, **parts: int
) -> RecourseEntry:
    return RecourseEntry.objects.create(
        recourse=case, kind=kind, number=number.strip()[:60], amount=amount, on=on, note=note.strip()[:200],
        by_label=by.actor_label, at=at, **parts,
    )  # fmt: skip
