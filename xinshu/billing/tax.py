"""Tax inside a price: how much of what was paid is the fee, how much the value added tax on it. No database."""

from decimal import Decimal
from fractions import Fraction

from xinshu.core.money import share


def net_and_tax(amount: int, rate: Decimal) -> tuple[int, int]:
    """Split `amount` 分, tax included, at `rate` (0.06): the net price rounded once, the tax is the rest."""
    net = share(amount, 1 / (1 + Fraction(rate)))
    return net, amount - net
