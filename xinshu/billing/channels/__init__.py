"""E-invoice channels (电子发票渠道): asked for an invoice or its red letter, they answer now, later, or twice.

A real provider is one more class of this protocol; `wire.py` writes and reads the JSON that the sandbox speaks.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Party:
    """Buyer or seller as the invoice names them."""

    name: str
    tax_number: str
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""
    mail: str = ""


@dataclass(frozen=True)
class Request:
    """One invoice asked for: our serial names it for ever. Money in 分, tax included; `red_of` cancels that number.

    Nothing in it tells of project or beneficiary: that somebody bids is a secret of buyer and seller.
    """

    serial: str
    seller: Party
    buyer: Party
    special: bool
    amount: int
    net: int
    tax: int
    rate: Decimal
    order_number: str
    asked_at: datetime
    red_of: str = ""


@dataclass(frozen=True)
class Answer:
    """What a channel says of a serial: `pending`, or issued with number, moment and file, or refused with a code."""

    serial: str
    pending: bool = False
    number: str = ""
    amount: int = 0
    issued_at: datetime | None = None
    file: bytes = b""
    code: str = ""
    reason: str = ""


class ChannelDown(Exception):
    """The channel gave no answer that can be read; asking again is safe, a serial is invoiced once."""


class InvoiceChannel(Protocol):
    """A way to e-invoices."""

    def ask(self, request: Request) -> list[Answer]:
        """Ask for `request` and return every answer that arrives: usually one, sometimes the same one twice.

        Asking the same serial again returns what became of it. Raises ChannelDown.
        """
        ...


def channel() -> InvoiceChannel:
    """Return the channel that the settings name."""
    made: InvoiceChannel = import_string(settings.INVOICE_CHANNEL)()
    return made
