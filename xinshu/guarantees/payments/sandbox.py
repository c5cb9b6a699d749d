"""The sandbox channel: behaves like a bank's gateway on a bad day, steered by the account that the payer picks."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from xinshu.guarantees.payments import Answer, ChannelDown, Order

ACCOUNTS = {
    "6000-0001": _("沙箱账户 · 余额充足"),
    "6000-0002": _("沙箱账户 · 余额不足"),
    "6000-0003": _("沙箱账户 · 网关先断后通"),
    "6000-0004": _("沙箱账户 · 重复通知到账"),
}


class Sandbox:
    """Charges by account: 0001 at once, 0002 refuses, 0003 is down the first time, 0004 tells twice."""

    _asked: ClassVar[set[str]] = set()  # orders that have met the broken line once, as a gateway would remember

    def charge(self, order: Order) -> list[Answer]:
        if order.account == "6000-0002":
            return [Answer(order.number, paid=False, reason=str(_("付款账户余额不足")))]
        if order.account == "6000-0003" and order.number not in self._asked:
            self._asked.add(order.number)
            raise ChannelDown(order.number)
        answer = Answer(order.number, paid=True, receipt=f"SBX-{order.number}")
        return [answer, answer] if order.account == "6000-0004" else [answer]

    def pay_out(self, order: Order) -> list[Answer]:
        """Pay out by the end of the payee's account: …0002 is refused, …0003 down at first, …0004 told twice."""
        if order.account.endswith("0002"):
            return [Answer(order.number, paid=False, reason=str(_("收款账号与户名不符")))]
        if order.account.endswith("0003") and order.number not in self._asked:
            self._asked.add(order.number)
            raise ChannelDown(order.number)
        answer = Answer(order.number, paid=True, receipt=f"SBX-O-{order.number}")
        return [answer, answer] if order.account.endswith("0004") else [answer]

    def refund(self, order: Order) -> Answer:
        return Answer(order.number, paid=True, receipt=f"SBX-R-{order.number}")
