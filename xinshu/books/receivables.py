"""What a guarantor paid out for a customer (代偿) and is owed: line occupancy turned into a receivable, and its end.

The line of what was paid out is not free again: it goes back to the pool, and granting it anew is a new decision.
Only principal stands here; interest and costs of recourse are the context's own reckoning (claims/recourse.py).
"""

from datetime import datetime

from django.db import models
from django.db.models import Sum

from xinshu.accounts.models import Organisation
from xinshu.books.fees import CASH
from xinshu.books.lines import POOL, standing_occupancy
from xinshu.books.models import Account, Transfer
from xinshu.books.transfers import open_account, transfer

RECEIVABLE, LOSS = "receivable", "written_off"


def convert(
    issuer: Organisation, party: Organisation, amount: int, *, key: str, for_: models.Model, at: datetime
) -> Transfer:
    """Turn `amount` 分 of what a case occupies of the line into a receivable, when that much was paid out.

    The same `key` converts once. Raises NotNow when the case occupies nothing, Overdrawn beyond what it occupies.
    """
    occupied = standing_occupancy(for_)
    pool = open_account(issuer, POOL, Account.Unit.LINE)
    transfer(occupied.credit, pool, amount, key=f"convert:{key}", at=at, for_=for_)
    cash, receivable = _accounts(issuer, party)
    return transfer(cash, receivable, amount, key=f"paid-out:{key}", at=at, for_=for_)


def converted(for_: models.Model) -> int:
    """Return how much of what a case occupied was turned into a receivable, in 分."""
    found = Transfer.objects.filter(
        subject_type=for_._meta.label_lower, subject_id=for_.pk, credit__purpose=POOL, credit__unit=Account.Unit.LINE
    )
    return found.aggregate(sum=Sum("amount"))["sum"] or 0


def recover(
    issuer: Organisation, party: Organisation, amount: int, *, key: str, for_: models.Model, at: datetime
) -> Transfer:
    """Note that `party` paid back `amount` 分 of principal. Raises Overdrawn beyond what it owes."""
    cash, receivable = _accounts(issuer, party)
    return transfer(receivable, cash, amount, key=key, at=at, for_=for_)


def write_off(
    issuer: Organisation, party: Organisation, amount: int, *, key: str, for_: models.Model, at: datetime
) -> Transfer:
    """Note that `amount` 分 of principal is given up in the accounts; the debt itself is not (账销案存)."""
    _cash, receivable = _accounts(issuer, party)
    return transfer(receivable, _loss(issuer, party), amount, key=key, at=at, for_=for_)


def recover_written_off(
    issuer: Organisation, party: Organisation, amount: int, *, key: str, for_: models.Model, at: datetime
) -> Transfer:
    """Note that principal came back after it was written off. Raises Overdrawn beyond what was."""
    cash, _receivable = _accounts(issuer, party)
    return transfer(_loss(issuer, party), cash, amount, key=key, at=at, for_=for_)


def owed(issuer: Organisation, party: Organisation) -> int:
    """Return the principal that `party` owes `issuer` for what was paid out, in 分."""
    account = Account.objects.filter(holder=issuer, party=party, purpose=RECEIVABLE, unit=Account.Unit.CNY).first()
    return account.balance if account else 0


def _accounts(issuer: Organisation, party: Organisation) -> tuple[Account, Account]:
    cash = open_account(issuer, CASH, Account.Unit.CNY)
    receivable = open_account(issuer, RECEIVABLE, Account.Unit.CNY, party=party, debits_must_not_exceed_credits=True)
    return cash, receivable


def _loss(issuer: Organisation, party: Organisation) -> Account:
    return open_account(issuer, LOSS, Account.Unit.CNY, party=party, debits_must_not_exceed_credits=True)
