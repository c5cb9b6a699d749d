"""The sandbox bank: no money moves, the amount is told by 演示短信. Firms with 拒收 in the name have no account."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from xinshu.accounts.models import SandboxMessage
from xinshu.certification.paying import NotPaid, Order
from xinshu.core.clock import now
from xinshu.core.money import yuan


class Sandbox:
    """A bank for laptops, demos and tests."""

    label = "打款银行（沙箱）"

    def __init__(self) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured("The sandbox pays nobody: production needs a real XINSHU_SMALL_PAYER.")

    def pay(self, order: Order) -> None:
        if "拒收" in order.account_name:
            raise NotPaid("账户户名不符，已退回")
        text = f"【演示银行】{order.account_name}尾号 {order.account_no[-4:]} 的账户收到 {yuan(order.fen)} 元。"
        if not SandboxMessage.objects.filter(phone=order.tell, text=text).exists():
            SandboxMessage.objects.create(phone=order.tell, text=text[:200], at=now())
