"""Who pays a firm a small amount (打款认证): one Protocol (setting SMALL_PAYER), a sandbox for demo and tests."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class NotPaid(Exception):
    """The bank did not take the order; the message says why."""


@dataclass(frozen=True)
class Order:
    """One order to pay: `reference` is the same for the same order, so that a bank pays it once. `fen`: the amount."""

    reference: str
    account_name: str
    account_no: str
    bank: str
    fen: int
    tell: str  # a mobile of the firm, for a sandbox to tell


class SmallPayer(Protocol):
    """A bank that pays on order. Only the worker asks, never a page."""

    label: str

    def pay(self, order: Order) -> None:
        """Pay, or find it paid already. Raises NotPaid."""
        ...


def payer() -> SmallPayer | None:
    """Return the installation's payer; None where it has none, and with it no such method."""
    if not settings.SMALL_PAYER:
        return None
    made: SmallPayer = import_string(settings.SMALL_PAYER)()
    return made
