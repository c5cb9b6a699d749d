"""退费: a guarantee that ends early gives back what its tariff, the version at issue, says; finance decides, once.

Counted in the act that ends the guarantee, so that nobody has to remember it. Finance approves what was counted, or
states another amount with a reason, which a second person confirms. The money goes back the way it came; where it came
by bank transfer, finance transfers it and notes the bank's number.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.fees import return_fee
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.lifecycle import Row
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.changing import FEE_RETURN
from xinshu.guarantees.history import note
from xinshu.guarantees.models import FeeReturn, Guarantee
from xinshu.guarantees.models.changes import WITH_PARTIES
from xinshu.guarantees.payments import TRANSFER
from xinshu.guarantees.returning import owed_back


def ask_returns(guarantee: Guarantee, *, on: date, at: datetime) -> list[FeeReturn]:
    """Put before finance what of each order comes back of a guarantee, locked, that has just ended on `on`."""
    made = []
    for owed in owed_back(guarantee, on):
        if owed.quote.total <= 0 or FeeReturn.objects.filter(payment=owed.payment).exists():
            continue
        row = FeeReturn.objects.create(
            guarantee=guarantee, payment=owed.payment, state="asked", reason=_("提前结束担保"), ended_on=on,
            computed_amount=owed.quote.total, amount=owed.quote.total, lines=[vars(line) for line in owed.quote.lines],
            proposed_at=at, changed_at=at,
        )  # fmt: skip
        assert guarantee.tariff is not None
        note(
            "fee_return.asked", row, by=SYSTEM, at=at, amount=row.amount, order=owed.payment.order_number,
            tariff=guarantee.tariff.number, lines=row.lines,
        )  # fmt: skip
        made.append(row)
    return made


@transaction.atomic
def approve_return(row: FeeReturn, *, by: Member, at: datetime) -> FeeReturn:
    """Give back what was counted."""
    row = FeeReturn.objects.locked(row)
    row.change(FEE_RETURN.step("approve", row, by), at=at, decided_at=at)
    return _send(row, by=by, at=at)


@transaction.atomic
def state_return(row: FeeReturn, *, amount: int, reason: str, by: Member, at: datetime) -> FeeReturn:
    """State another amount (分, zero: nothing goes back) and why; a second person confirms it."""
    row = FeeReturn.objects.locked(row)
    step = FEE_RETURN.step("state", row, by)
    wrong = {}
    if not 0 <= amount <= row.payment.amount:
        wrong["amount"] = _("应在零和已交的 %(fee)s 元之间") % {"fee": yuan(row.payment.amount)}
    elif amount == row.computed_amount:
        wrong["amount"] = _("与计算的金额相同，请直接按计算退费")
    if len(reason.strip()) < 4:
        wrong["reason"] = _("至少 4 个字，申请人会看到")
    if wrong:
        raise Invalid("；".join(wrong.values()) + "。", fields=wrong, advice=_("修改后再提交，退费金额暂不变。"))
    row.change(step, at=at, amount=amount, stated_reason=reason.strip()[:500], stated_by_key=by.actor_key)
    note("fee_return.stated", row, by=by, at=at, amount=amount, computed=row.computed_amount, reason=reason.strip())
    return row


@transaction.atomic
def confirm_stated(row: FeeReturn, *, by: Member, at: datetime) -> FeeReturn:
    """Confirm the amount that somebody else stated."""
    row = FeeReturn.objects.locked(row)
    step = FEE_RETURN.step("confirm", row, by)
    if row.stated_by_key == by.actor_key:
        raise NotPermitted(_("金额由您另定，须由另一人复核。"))
    row.change(step, at=at, decided_at=at)
    return _send(row, by=by, at=at)


@transaction.atomic
def send_back_stated(row: FeeReturn, *, reason: str, by: Member, at: datetime) -> FeeReturn:
    """Not confirm it: what was counted stands again until somebody decides."""
    row = FeeReturn.objects.locked(row)
    step = FEE_RETURN.step("send_back", row, by)
    row.change(step, at=at, amount=row.computed_amount, stated_reason="", stated_by_key="")
    note("fee_return.sent_back", row, by=by, at=at, reason=reason.strip()[:500])
    return row


@transaction.atomic
def retry_return(row: FeeReturn, *, by: Member, at: datetime) -> FeeReturn:
    """Ask the channel once more after it did not pay back."""
    row = FeeReturn.objects.locked(row)
    row.change(FEE_RETURN.step("retry", row, by), at=at, failure="")
    note("fee_return.retried", row, by=by, at=at, order=row.payment.order_number)
    return row


@transaction.atomic
def give_back_by_transfer(row: FeeReturn, *, receipt: str, by: Member, at: datetime) -> FeeReturn:
    """Note that finance has transferred it back; `receipt` is the bank's number for it."""
    row = FeeReturn.objects.locked(row)
    step = FEE_RETURN.step("give_back", row, by)
    if not receipt.strip():
        raise Invalid(_("请填写退款的银行流水号。"), fields={"receipt": _("还没有填写")})
    return _paid(row, step, receipt.strip()[:60], by=by, at=at)


@transaction.atomic
def confirm_return(row: FeeReturn, *, receipt: str, at: datetime) -> FeeReturn:
    """Take note that the channel paid it back. A second notice changes nothing."""
    row = _now(row)
    if row.state != "paying":
        return row
    return _paid(row, FEE_RETURN.step("pay", row, SYSTEM), receipt[:60], by=SYSTEM, at=at)


@transaction.atomic
def fail_return(row: FeeReturn, *, reason: str, at: datetime) -> FeeReturn:
    """Take note that the channel did not pay back; finance looks at it."""
    row = _now(row)
    if row.state != "paying":
        return row
    row.change(FEE_RETURN.step("fail", row, SYSTEM), at=at, failure=reason[:200])
    note("fee_return.failed", row, by=SYSTEM, at=at, reason=reason[:200])
    return row


def _send(row: FeeReturn, *, by: Actor, at: datetime) -> FeeReturn:
    """Let what was decided go its way: to the channel, to finance's own transfer, or nowhere where it is nothing."""
    told = {"amount": row.amount, "order": row.payment.order_number, "reason": row.stated_reason}
    if not row.amount:
        row.change(FEE_RETURN.step("drop", row, SYSTEM), at=at, ended_at=at)
        note("fee_return.dropped", row, by=by, at=at, **told)
        return row
    if row.payment.channel == TRANSFER:
        row.change(FEE_RETURN.step("wait_for_transfer", row, SYSTEM), at=at)
    note("fee_return.approved", row, by=by, at=at, **told)
    return row


def _paid(row: FeeReturn, step: Row, receipt: str, *, by: Actor, at: datetime) -> FeeReturn:
    case, order = row.guarantee, row.payment.order_number
    return_fee(case.applicant, case.guarantor, row.amount, key=f"refund:{order}", for_=case, at=at)
    row.change(step, at=at, ended_at=at, receipt=receipt)
    note("fee_return.paid", row, by=by, at=at, amount=row.amount, order=order, receipt=receipt)
    return row


def _now(row: FeeReturn) -> FeeReturn:
    """Return it as it stands, locked: a channel's word holds whatever version anybody has on a page."""
    rows = FeeReturn.objects.select_related(*WITH_PARTIES, "payment").select_for_update(of=("self",))
    found: FeeReturn = rows.get(pk=row.pk)
    return found
