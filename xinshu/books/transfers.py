"""How an account changes: transfer, post, void. The SQL of it is statements.py.

A refusal puts back by hand what the call itself had written, under the locks that it still holds: no savepoint is paid
for on the way that nearly always succeeds, and a caller may catch Overdrawn and go on.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.models import Account, Transfer
from xinshu.books.moves import PENDING_BY_ID, PENDING_OF_SUBJECT, move, settle, undo
from xinshu.core.composed import composed
from xinshu.core.money import yuan
from xinshu.core.refusals import NotNow, Refusal


class Overdrawn(Refusal):
    """The account does not hold what was asked of it. `available` and `wanted` in 分."""

    title: ClassVar[str] = "额度不足"

    def __init__(self, message: str, *, available: int, wanted: int, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.available, self.wanted = available, wanted


class TooConcentrated(Overdrawn):
    """The single-client, the group or the total limit of the issuer is short, whatever line was granted."""

    title: ClassVar[str] = "超过集中度限额"


def open_account(
    holder: Organisation,
    purpose: str,
    unit: str,
    *,
    party: Organisation | None = None,
    debits_must_not_exceed_credits: bool = False,
) -> Account:
    """Return the account, opened now if it was not yet."""
    found = _of_party.first(holder.pk, party.pk, purpose, unit) if party else _own.first(holder.pk, purpose, unit)
    if found is not None:
        return found
    account, _new = Account.objects.get_or_create(
        holder=holder,
        party=party,
        purpose=purpose,
        unit=unit,
        defaults={"debits_must_not_exceed_credits": debits_must_not_exceed_credits},
    )
    return account


@composed
def _of_party(holder: int, party: int, purpose: str, unit: str) -> models.QuerySet[Account]:
    return Account.objects.filter(holder=holder, party=party, purpose=purpose, unit=unit)


@composed
def _own(holder: int, purpose: str, unit: str) -> models.QuerySet[Account]:
    return Account.objects.filter(holder=holder, party=None, purpose=purpose, unit=unit)


def transfer(
    debit: Account,
    credit: Account,
    amount: int,
    *,
    key: str,
    at: datetime,
    for_: models.Model | None = None,
    pending: bool = False,
    due_at: datetime | None = None,
) -> Transfer:
    """Move `amount` 分 from `debit` to `credit`, or set it aside when `pending`.

    The same `key` returns the first transfer and moves nothing; with other contents it is refused (NotNow). Raises
    Overdrawn when a guarded account is short: then nothing was written. Must run inside a transaction.
    """
    if amount <= 0 or debit.unit != credit.unit:
        raise ValueError("a transfer moves a positive amount between accounts of one unit")
    asked = _asked(amount, key, at, for_, pending, due_at)
    asked.debit_id, asked.credit_id = debit.pk, credit.pk
    return _written(asked, [debit.pk, credit.pk]) or _first(asked)


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
    due_at: datetime | None = None,
) -> Transfer | None:
    """Do as `transfer` between two accounts of one holder and party, found by purpose in the same statement.

    None, and nothing moved, when the accounts are not open or the key is used: the rare ways, for the caller to tell
    apart. Raises Overdrawn.
    """
    if amount <= 0:
        raise ValueError("a transfer moves a positive amount")
    return _written(_asked(amount, key, at, for_, pending, due_at), [holder.pk, party.pk, unit, *purposes])


def post(pending: Transfer, *, at: datetime) -> Transfer:
    """Make a pending transfer final. Posting twice is posting once. Raises NotNow when it was voided."""
    return _settled(Transfer.State.POSTED, at, PENDING_BY_ID, [pending.pk]) or _was(pending, Transfer.State.POSTED)


def void(pending: Transfer, *, at: datetime) -> Transfer:
    """Give a pending transfer back. Voiding twice is voiding once. Raises NotNow when it was posted."""
    return _settled(Transfer.State.VOIDED, at, PENDING_BY_ID, [pending.pk]) or _was(pending, Transfer.State.VOIDED)


def post_for(for_: models.Model, prefix: str, *, at: datetime) -> Transfer | None:
    """Make final what is pending for a case under keys that begin with `prefix`; None when nothing is."""
    subject = [for_._meta.label_lower, for_.pk, f"{prefix}%"]
    return _settled(Transfer.State.POSTED, at, PENDING_OF_SUBJECT, subject)


def balance(account: Account) -> int:
    """Return what is posted on `account` now, in 分 (credits less debits), read afresh."""
    account.refresh_from_db(fields=Account.SUMS)
    return account.balance


def available(account: Account) -> int:
    """Return what may still be debited from `account` now, in 分, read afresh."""
    account.refresh_from_db(fields=Account.SUMS)
    return account.available


def _asked(
    amount: int, key: str, at: datetime, for_: models.Model | None, pending: bool, due_at: datetime | None
) -> Transfer:
    return Transfer(
        amount=amount,
        state=Transfer.State.PENDING if pending else Transfer.State.POSTED,
        key=key,
        subject_type=for_._meta.label_lower if for_ else "",
        subject_id=for_.pk if for_ else None,
        at=at,
        settled_at=None if pending else at,
        due_at=due_at,
    )


def _written(asked: Transfer, accounts: list[Any]) -> Transfer | None:
    """Write `asked` and move its amount; None when its key is used (or its accounts are not open)."""
    _must_be_in_a_transaction()
    with connection.cursor() as cursor:
        moved = move(cursor, asked, accounts)
        if moved is None:
            return None
        if moved.pk is None:
            undo(cursor, moved, asked.state, asked.amount)
            if Transfer.objects.filter(key=asked.key).exists():  # somebody wrote it while we waited for the line
                return None
            raise refusal_of(moved.debit_id, moved.credit_id, asked.amount)
    assert moved.at is not None
    asked.pk, asked.debit_id, asked.credit_id, asked.at = moved.pk, moved.debit_id, moved.credit_id, moved.at
    asked.settled_at = asked.settled_at and moved.at
    asked._state.adding, asked._state.db = False, connection.alias
    return asked


def _settled(state: Transfer.State, at: datetime, which: str, of: list[Any]) -> Transfer | None:
    """Post or void the pending transfer that `which` finds; None when there is none."""
    _must_be_in_a_transaction()
    with connection.cursor() as cursor:
        found = settle(cursor, state, at, which, of)
    if found is None:
        return None
    done = Transfer(state=state, **found)
    done._state.adding, done._state.db = False, connection.alias
    return done


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


def refusal_of(debit_id: int, credit_id: int, wanted: int) -> Overdrawn:
    """Return which limit stops `wanted` 分 from moving between the two accounts, and what is left of it."""
    accounts = Account.objects.select_related("holder", "party", "group", "total").in_bulk([debit_id, credit_id])
    debit, credit = accounts[debit_id], accounts[credit_id]
    if not debit.debits_must_not_exceed_credits or debit.available >= wanted:
        return _too_concentrated(credit, wanted)
    free = debit.available
    if debit.unit == Account.Unit.LINE and debit.party:
        return Overdrawn(
            _("%(party)s 在 %(holder)s 的可用额度是 %(free)s 元，不够 %(wanted)s 元。")
            % {"party": debit.party, "holder": debit.holder, "free": yuan(free), "wanted": yuan(wanted)},
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


def _too_concentrated(account: Account, wanted: int) -> TooConcentrated:
    words: dict[str, object] = {"party": account.party, "holder": account.holder, "wanted": yuan(wanted)}
    if account.ceiling is not None and account.exposure + wanted > account.ceiling:
        free = max(0, account.ceiling - account.exposure)
        words |= {"ceiling": yuan(account.ceiling), "used": yuan(account.exposure), "free": yuan(free)}
        message = _(
            "%(holder)s 对 %(party)s 的单一客户限额是 %(ceiling)s 元，已用 %(used)s 元，剩余 %(free)s 元，"
            "不够 %(wanted)s 元。"
        )
    elif account.group is None or account.group.room is None or account.group.room >= wanted:
        total = account.total
        free = (total.room if total else None) or 0
        words |= {"ceiling": yuan(total.ceiling or 0) if total else "", "used": yuan(total.used) if total else ""}
        words["free"] = yuan(free)
        return TooConcentrated(
            _(
                "%(holder)s 全部客户的责任余额上限是 %(ceiling)s 元（净资产的法定倍数），已用 %(used)s 元，"
                "剩余 %(free)s 元，不够 %(wanted)s 元。"
            )
            % words,
            available=free,
            wanted=wanted,
            advice=_("额度没有变动。可以减少金额、等在保的保函解除，或在净资产增加后登记新的净资产。"),
        )
    else:
        group = account.group
        free = group.room or 0 if group else 0
        words |= {"group": group, "ceiling": yuan(group.ceiling or 0) if group else "", "free": yuan(free)}
        words["used"] = yuan(group.used) if group else ""
        message = _(
            "%(holder)s 对“%(group)s”的集团客户限额是 %(ceiling)s 元，集团成员合计已用 %(used)s 元，"
            "剩余 %(free)s 元，不够 %(wanted)s 元。"
        )
    return TooConcentrated(
        message % words,
        available=free,
        wanted=wanted,
        advice=_("额度没有变动。可以减少金额，或等该客户（集团）在保的保函解除后再办。"),
    )


def _must_be_in_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a transfer belongs inside the transaction of the act it is for")
