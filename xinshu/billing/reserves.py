"""Reserves of a guarantee company, by the house's own method: rates and their source are data. Pure.

Shipped: 融资性担保公司管理暂行办法 (2010) 第三十一条, 50 % of the year's fees as 未到期责任准备, at least 1 % of
the balance guaranteed at the end of the year as 担保赔偿准备, only the difference once that has reached 10 % of it.
It has been replaced since (not verified for every kind of house): a house sets what holds for it, with its source.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from xinshu.core.money import share


@dataclass(frozen=True)
class Method:
    """Rates as shares of one (0.5 is 50 %); `opening`: 担保赔偿准备 carried over from last year, in 分."""

    unearned_rate: Decimal = Decimal("0.5")
    claims_rate: Decimal = Decimal("0.01")
    claims_cap: Decimal = Decimal("0.1")
    opening: int = 0
    at_once: bool = True  # the tariff's minimum is earned on the first day
    source: str = ""


SHIPPED = Method()
SHIPPED_SOURCE = _("融资性担保公司管理暂行办法（2010）第三十一条，平台缺省，适用性请自行确认")


@dataclass(frozen=True)
class Reserves:
    """What is to be set aside, in 分: `addition` this year, `claims` in all, `cap` the most there need be."""

    unearned: int
    addition: int
    claims: int
    cap: int


def reserves(income: int, balance: int, method: Method) -> Reserves:
    """Return the reserves for a year's fee `income` and the `balance` guaranteed, both in 分."""
    cap = share(balance, method.claims_cap)
    addition = min(share(balance, method.claims_rate), max(0, cap - method.opening))
    return Reserves(share(income, method.unearned_rate), addition, method.opening + addition, cap)
