"""Fees: a record of what the payment channel reported as paid. The platform holds no money and pools none."""

from datetime import datetime

from django.db import models

from xinshu.accounts.models import Organisation
from xinshu.books.models import Account, Transfer
from xinshu.books.transfers import open_account, transfer

CASH, FEES = "cash", "fees"


def collect_fee(
    payer: Organisation, issuer: Organisation, amount: int, *, key: str, for_: models.Model, at: datetime
) -> Transfer:
    """Note that `payer` paid `issuer` a fee of `amount` 分 for a case. The same `key` is the same payment.

    `cash` stands for the payer's own money outside the platform: it is not guarded and goes below nothing. `fees` is
    kept per payer, so that many payments at once do not queue for one row of the issuer.
    """
    cash, fees = _accounts(payer, issuer)
    return transfer(cash, fees, amount, key=key, at=at, for_=for_)


def return_fee(
    payer: Organisation, issuer: Organisation, amount: int, *, key: str, for_: models.Model, at: datetime
) -> Transfer:
    """Note that `issuer` gave a fee back to `payer`. The same `key` is the same refund."""
    cash, fees = _accounts(payer, issuer)
    return transfer(fees, cash, amount, key=key, at=at, for_=for_)


def _accounts(payer: Organisation, issuer: Organisation) -> tuple[Account, Account]:
    cash = open_account(payer, CASH, Account.Unit.CNY)
    fees = open_account(issuer, FEES, Account.Unit.CNY, party=payer)
    return cash, fees
