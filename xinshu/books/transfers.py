"""How an account changes: transfer, post, void. Few statements (they cost), rows in id order (no deadlock).

Written as SQL because these are the platform's hottest rows: one INSERT that is also the idempotency check, then one
guarded UPDATE per account. A refusal puts back by hand what the call itself had written, under the locks that it still
holds: no savepoint is paid for on the way that nearly always succeeds, and a caller may catch Overdrawn and go on.
"""

from datetime import datetime
from typing import ClassVar

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.models import Account, Transfer
from xinshu.core.money import yuan
from xinshu.core.refusals import NotNow, Refusal

_INSERT = (
    "INSERT INTO books_transfer (debit_id, credit_id, amount, state, key, subject_type, subject_id, at, settled_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id"
)
_SETTLE = (
    "UPDATE books_transfer SET state = %s, settled_at = %s WHERE id = %s AND state = 'pending'"
    " RETURNING debit_id, credit_id, amount"
)
_ADD = {  # what one step adds to one account; only a new debit can overdraw, so only that one asks
    column: f"UPDATE books_account SET {column} = {column} + %s WHERE id = %s"  # noqa: S608  (our own column names)
    for column in Account.SUMS
}
_POST = {
    side: f"UPDATE books_account SET {side}_pending = {side}_pending - %s, {side}_posted = {side}_posted + %s WHERE id = %s"  # noqa: S608, E501
    for side in ("debits", "credits")
}
_UNLESS_OVERDRAWN = " AND (NOT debits_must_not_exceed_credits OR credits_posted - debits_posted - debits_pending >= %s)"


class Overdrawn(Refusal):
    """The account does not hold what was asked of it. `available` and `wanted` in 分."""

    title: ClassVar[str] = "额度不足"

    def __init__(self, message: str, *, available: int, wanted: int, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.available, self.wanted = available, wanted


def open_account(
    holder: Organisation,
    purpose: str,
    unit: str,
    *,
    party: Organisation | None = None,
    debits_must_not_exceed_credits: bool = False,
) -> Account:
    """Return the account, opened now if it was not yet."""
    account, _new = Account.objects.get_or_create(
        holder=holder,
        party=party,
        purpose=purpose,
        unit=unit,
        defaults={"debits_must_not_exceed_credits": debits_must_not_exceed_credits},
    )
    return account


def transfer(
    debit: Account,
    credit: Account,
    amount: int,
    *,
    key: str,
    at: datetime,
    for_: models.Model | None = None,
    pending: bool = False,
) -> Transfer:
    """Move `amount` 分 from `debit` to `credit`, or set it aside when `pending`.

    The same `key` returns the first transfer and moves nothing; with other contents it is refused (NotNow). Raises
    Overdrawn when a guarded account is short: then nothing was written. Must run inside a transaction.
    """
    _must_be_in_a_transaction()
    if amount <= 0 or debit.unit != credit.unit:
        raise ValueError("a transfer moves a positive amount between accounts of one unit")
    moved = Transfer(
        debit=debit,
        credit=credit,
        amount=amount,
        state=Transfer.State.PENDING if pending else Transfer.State.POSTED,
        key=key,
        subject_type=for_._meta.label_lower if for_ else "",
        subject_id=for_.pk if for_ else None,
        at=at,
        settled_at=None if pending else at,
    )
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                debit.pk,
                credit.pk,
                amount,
                moved.state,
                key,
                moved.subject_type,
                moved.subject_id,
                moment(at),
                moment(moved.settled_at),
            ],
        )
        row = cursor.fetchone()
        if row is None:
            return _first(moved)
        moved.pk = row[0]
        suffix = "pending" if pending else "posted"
        steps = [
            (debit.pk, f"{_ADD[f'debits_{suffix}']}{_UNLESS_OVERDRAWN}", [amount, debit.pk, amount]),
            (credit.pk, _ADD[f"credits_{suffix}"], [amount, credit.pk]),
        ]
        steps.sort()
        for account_id, statement, values in steps:
            cursor.execute(statement, values)
            if account_id == debit.pk and cursor.rowcount == 0:
                if credit.pk < debit.pk:
                    cursor.execute(_ADD[f"credits_{suffix}"], [-amount, credit.pk])
                cursor.execute("DELETE FROM books_transfer WHERE id = %s", [moved.pk])
                raise _overdrawn(debit.pk, amount)
    moved._state.adding, moved._state.db = False, connection.alias
    return moved


def post(pending: Transfer, *, at: datetime) -> Transfer:
    """Make a pending transfer final. Posting twice is posting once. Raises NotNow when it was voided."""
    return _settle(pending, Transfer.State.POSTED, at)


def void(pending: Transfer, *, at: datetime) -> Transfer:
    """Give a pending transfer back. Voiding twice is voiding once. Raises NotNow when it was posted."""
    return _settle(pending, Transfer.State.VOIDED, at)


def balance(account: Account) -> int:
    """Return what is posted on `account` now, in 分 (credits less debits), read afresh."""
    account.refresh_from_db(fields=Account.SUMS)
    return account.balance


def available(account: Account) -> int:
    """Return what may still be debited from `account` now, in 分, read afresh."""
    account.refresh_from_db(fields=Account.SUMS)
    return account.available


def _settle(pending: Transfer, state: str, at: datetime) -> Transfer:
    _must_be_in_a_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [state, connection.ops.adapt_datetimefield_value(at), pending.pk])
        row = cursor.fetchone()
        if row is None:
            pending.refresh_from_db()
            if pending.state == state:
                return pending
            raise NotNow(
                _("这笔预占已经是“%(state)s”，不能再改。") % {"state": pending.get_state_display()},
                advice=_("刷新页面可以看到最新进展。"),
            )
        debit_id, credit_id, amount = row
        for account_id, side in sorted([(debit_id, "debits"), (credit_id, "credits")]):
            if state == Transfer.State.POSTED:
                cursor.execute(_POST[side], [amount, amount, account_id])
            else:
                cursor.execute(_ADD[f"{side}_pending"], [-amount, account_id])
    pending.state, pending.settled_at = state, at
    return pending


def _first(asked: Transfer) -> Transfer:
    """Return the transfer that already holds the key, if it says the same."""
    first = Transfer.objects.select_related("debit", "credit").get(key=asked.key)
    same = ("debit_id", "credit_id", "amount", "subject_type", "subject_id")
    if [getattr(first, name) for name in same] != [getattr(asked, name) for name in same]:
        raise NotNow(
            _("这笔记账已经办过，但内容不同：先前是 %(first)s 元，这次是 %(now)s 元。")
            % {"first": yuan(first.amount), "now": yuan(asked.amount)},
            advice=_("先前的一笔保留不变。请刷新页面核对后再办。"),
        )
    first.repeated = True
    return first


def _overdrawn(account_id: int, wanted: int) -> Overdrawn:
    account = Account.objects.select_related("holder", "party").get(pk=account_id)
    free = account.available
    if account.unit == Account.Unit.LINE and account.party:
        return Overdrawn(
            _("%(party)s 在 %(holder)s 的可用额度是 %(free)s 元，不够 %(wanted)s 元。")
            % {"party": account.party, "holder": account.holder, "free": yuan(free), "wanted": yuan(wanted)},
            available=free,
            wanted=wanted,
            advice=_("额度没有变动。可以减少金额、解除在保的保函，或向保证人申请增加额度。"),
        )
    return Overdrawn(
        _("账户可用余额是 %(free)s 元，不够 %(wanted)s 元。") % {"free": yuan(free), "wanted": yuan(wanted)},
        available=free,
        wanted=wanted,
        advice=_("余额没有变动。"),
    )


def _must_be_in_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a transfer belongs inside the transaction of the act it is for")
