"""Payment channels (支付渠道): asked to charge an order, they answer now, later, or twice. No money is held."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

TRANSFER = "transfer"  # by bank transfer: no channel is asked, the guarantor's finance says what came and went


@dataclass(frozen=True)
class Order:
    """What a channel is asked to charge or pay out: our order number, the amount in 分, the account at the channel."""

    number: str
    amount: int
    account: str


@dataclass(frozen=True)
class Answer:
    """What a channel says of an order: paid with a receipt, or not, with a reason in words."""

    order_number: str
    paid: bool
    receipt: str = ""
    reason: str = ""


class ChannelDown(Exception):
    """The channel gave no answer; asking again later is safe, since orders are charged once by their number."""


class Channel(Protocol):
    """A way to pay."""

    def charge(self, order: Order) -> list[Answer]:
        """Charge `order` and return every answer that arrives: usually one, sometimes the same one twice.

        Raises ChannelDown when there is none.
        """
        ...

    def refund(self, order: Order) -> Answer:
        """Give back the amount of `order`, the whole of what was charged or a part; asking again gives back once.

        The answer says whether it is paid back. Raises ChannelDown.
        """
        ...

    def pay_out(self, order: Order) -> list[Answer]:
        """Pay the amount of `order` to its account, the payee's; asking again pays once. Answers as `charge` does.

        Raises ChannelDown when there is none.
        """
        ...


def channel(code: str) -> Channel:
    """Return the channel that the settings name for `code`. Raises KeyError for a code that is not configured."""
    made: Channel = import_string(settings.PAYMENT_CHANNELS[code])()
    return made
