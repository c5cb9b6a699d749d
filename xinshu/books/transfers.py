"""How an account changes: transfer, post, void. Few statements (they cost), rows in id order (no deadlock).

Written as SQL because these are the platform's hottest rows: one INSERT that is also the idempotency check, then one
guarded UPDATE per account. A refusal puts back by hand what the call itself had written, under the locks that it still
holds: no savepoint is paid for on the way that nearly always succeeds, and a caller may catch Overdrawn and go on.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.models import Account, Transfer
from xinshu.core.money import yuan
from xinshu.core.refusals import NotNow, Refusal

_INTO = "INSERT INTO books_transfer (amount, state, key, subject_type, subject_id, at, settled_at, debit_id, credit_id)"
_ONCE = " ON CONFLICT (key) DO NOTHING RETURNING id, debit_id, credit_id"
_INSERT = f"{_INTO} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s){_ONCE}"
_INSERT_BETWEEN = (
    f"{_INTO} SELECT %s, %s, %s, %s, %s, %s, %s, debit.id, credit.id"  # noqa: S608  (our own words)
    " FROM books_account debit JOIN books_account credit"
    " ON credit.holder_id = debit.holder_id AND credit.party_id = debit.party_id AND credit.unit = debit.unit"
    " WHERE debit.holder_id = %s AND debit.party_id = %s AND debit.unit = %s"
    f" AND debit.purpose = %s AND credit.purpose = %s{_ONCE}"
)
_SETTLE = "UPDATE books_transfer SET state = %s, settled_at = %s WHERE state = 'pending' AND "
_SETTLED = " RETURNING id, amount, key, subject_type, subject_id, debit_id, credit_id"
_BY_ID = f"{_SETTLE}id = %s{_SETTLED}"
_BY_SUBJECT = f"{_SETTLE}subject_type = %s AND subject_id = %s AND key LIKE %s{_SETTLED}"
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
    if amount <= 0 or debit.unit != credit.unit:
        raise ValueError("a transfer moves a positive amount between accounts of one unit")
    asked = _asked(amount, key, at, for_, pending)
    asked.debit_id, asked.credit_id = debit.pk, credit.pk
    return _written(asked, _INSERT, [debit.pk, credit.pk]) or _first(asked)


def transfer_between(
    holder: Organisation,
    party: Organisation,
    unit: str,
    purposes: tuple[str, str],
    amount: int,
    *,
    key: str,
    at: datetime,
    for_: models.Model,
    pending: bool = False,
) -> Transfer | None:
    """Do as `transfer` between two accounts of one holder and party, found by purpose in the same statement.

    None, and nothing moved, when the accounts are not open or the key is used: the rare ways, for the caller to tell
    apart. Raises Overdrawn.
    """
    if amount <= 0:
        raise ValueError("a transfer moves a positive amount")
    return _written(_asked(amount, key, at, for_, pending), _INSERT_BETWEEN, [holder.pk, party.pk, unit, *purposes])


def post(pending: Transfer, *, at: datetime) -> Transfer:
    """Make a pending transfer final. Posting twice is posting once. Raises NotNow when it was voided."""
    return _settled(Transfer.State.POSTED, at, _BY_ID, [pending.pk]) or _was(pending, Transfer.State.POSTED)


def void(pending: Transfer, *, at: datetime) -> Transfer:
    """Give a pending transfer back. Voiding twice is voiding once. Raises NotNow when it was posted."""
    return _settled(Transfer.State.VOIDED, at, _BY_ID, [pending.pk]) or _was(pending, Transfer.State.VOIDED)


def post_for(for_: models.Model, prefix: str, *, at: datetime) -> Transfer | None:
    """Make final what is pending for a case under keys that begin with `prefix`; None when nothing is."""
    subject = [for_._meta.label_lower, for_.pk, f"{prefix}%"]
    return _settled(Transfer.State.POSTED, at, _BY_SUBJECT, subject)


def balance(account: Account) -> int:
    """Return what is posted on `account` now, in 分 (credits less debits), read afresh."""
    account.refresh_from_db(fields=Account.SUMS)
    return account.balance


def available(account: Account) -> int:
    """Return what may still be debited from `account` now, in 分, read afresh."""
    account.refresh_from_db(fields=Account.SUMS)
    return account.available


def _asked(amount: int, key: str, at: datetime, for_: models.Model | None, pending: bool) -> Transfer:
    return Transfer(
        amount=amount,
        state=Transfer.State.PENDING if pending else Transfer.State.POSTED,
        key=key,
        subject_type=for_._meta.label_lower if for_ else "",
        subject_id=for_.pk if for_ else None,
        at=at,
        settled_at=None if pending else at,
    )


def _written(asked: Transfer, statement: str, accounts: list[Any]) -> Transfer | None:
    """Insert `asked` and move its amount; None when its key is used (or its accounts are not open)."""
    _must_be_in_a_transaction()
    moment = connection.ops.adapt_datetimefield_value
    facts: list[Any] = [asked.amount, asked.state, asked.key, asked.subject_type, asked.subject_id]
    suffix = "pending" if asked.state == Transfer.State.PENDING else "posted"
    with connection.cursor() as cursor:
        cursor.execute(statement, [*facts, moment(asked.at), moment(asked.settled_at), *accounts])
        row = cursor.fetchone()
        if row is None:
            return None
        asked.pk, debit_id, credit_id = row
        asked.debit_id, asked.credit_id = debit_id, credit_id
        take = (debit_id, f"{_ADD[f'debits_{suffix}']}{_UNLESS_OVERDRAWN}", [asked.amount, debit_id, asked.amount])
        give = (credit_id, _ADD[f"credits_{suffix}"], [asked.amount, credit_id])
        if not _both(cursor, take, give):
            if credit_id < debit_id:
                cursor.execute(_ADD[f"credits_{suffix}"], [-asked.amount, credit_id])
            cursor.execute("DELETE FROM books_transfer WHERE id = %s", [asked.pk])
            raise _overdrawn(debit_id, asked.amount)
    asked._state.adding, asked._state.db = False, connection.alias
    return asked


def _settled(state: Transfer.State, at: datetime, statement: str, which: list[Any]) -> Transfer | None:
    """Post or void the pending transfer that `statement` finds; None when there is none."""
    _must_be_in_a_transaction()
    with connection.cursor() as cursor:
        cursor.execute(statement, [state, connection.ops.adapt_datetimefield_value(at), *which])
        row = cursor.fetchone()
        if row is None:
            return None
        names = ("id", "amount", "key", "subject_type", "subject_id", "debit_id", "credit_id")
        done = Transfer(state=state, settled_at=at, **dict(zip(names, row, strict=True)))
        sides = [(done.debit_id, "debits"), (done.credit_id, "credits")]
        if state == Transfer.State.POSTED:
            _both(cursor, *((pk, _POST[side], [done.amount, done.amount, pk]) for pk, side in sides))
        else:
            _both(cursor, *((pk, _ADD[f"{side}_pending"], [-done.amount, pk]) for pk, side in sides))
    done._state.adding, done._state.db = False, connection.alias
    return done


def _both(cursor: CursorWrapper, *updates: tuple[int, str, list[int]]) -> bool:
    """Run the updates of two accounts in id order, the second only when the first found its row; tell whether both did.

    PostgreSQL takes both in one statement: between two, every other transfer on the same line would wait for us.
    """
    (_low, first, of_first), (_high, second, of_second) = sorted(updates)
    if connection.vendor == "postgresql":
        statement = f"WITH first AS ({first} RETURNING id) {second} AND EXISTS (SELECT 1 FROM first)"  # noqa: S608
        cursor.execute(statement, [*of_first, *of_second])
        return cursor.rowcount == 1
    cursor.execute(first, of_first)
    if cursor.rowcount == 0:
        return False
    cursor.execute(second, of_second)
    return cursor.rowcount == 1


def _was(pending: Transfer, state: Transfer.State) -> Transfer:
    """Return a transfer that was already settled as asked. Raises NotNow when it was settled the other way."""
    now = Transfer.objects.get(pk=pending.pk)
    if now.state == state:
        return now
    raise NotNow(
        _("这笔预占已经是“%(state)s”，不能再改。") % {"state": now.get_state_display()},
        advice=_("刷新页面可以看到最新进展。"),
    )


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
