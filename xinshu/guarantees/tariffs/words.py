"""A tariff in words, and what it costs on examples: what people see before they publish one."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from xinshu.core.money import yuan
from xinshu.guarantees.pricing import FLAT, MONTH, QUARTER, Paid, Quote, Tariff, percent_of, quote, refund

EXAMPLES = ((500_000_00, 90), (2_000_000_00, 365), (10_000_000_00, 540))  # 分, days


@dataclass(frozen=True)
class Example:
    """One guarantee under a tariff: its fee, the fee under the present one (None: there is none), and an early end."""

    amount: int
    days: int
    fee: Quote
    before: int | None
    ended_after: int  # days
    back: Quote


def examples_of(terms: Tariff, present: Tariff | None, first: date) -> list[Example]:
    """Return the examples under `terms` from the day `first`, beside `present`; each also ended after half its days."""
    found = []
    for amount, days in EXAMPLES:
        last, half = first + timedelta(days=days), days // 2
        fee = quote(amount, first, last, terms)
        before = None if present is None else quote(amount, first, last, present).total
        back = refund(Paid(fee.total, amount, first, last), first + timedelta(days=half), terms)
        found.append(Example(amount, days, fee, before, half, back))
    return found


def price_in_words(terms: Tariff | None) -> str:
    """Return how a tariff charges, in one line."""
    if terms is None:
        return _("请向保证人询价")
    told = {"rate": percent_of(terms.annual_rate)}
    if terms.period == FLAT:
        parts = [_("每笔费率 %(rate)s") % told]
    elif terms.period == MONTH:
        parts = [_("年费率 %(rate)s，不足一月按一月") % told]
    elif terms.period == QUARTER:
        parts = [_("年费率 %(rate)s，不足一季按一季") % told]
    else:
        parts = [_("年费率 %(rate)s") % told]
    if terms.base:
        parts.append(_("另加基本费 %(base)s 元") % {"base": yuan(terms.base)})
    if terms.period_minimum:
        parts.append(_("每期最低 %(least)s 元") % {"least": yuan(terms.period_minimum)})
    if terms.minimum_rate:
        least = {"least": yuan(terms.minimum), "rate": percent_of(terms.minimum_rate)}
        parts.append(_("每笔最低为金额的 %(rate)s 和 %(least)s 元中的高者") % least)
    else:
        parts.append(_("每笔最低 %(least)s 元") % {"least": yuan(terms.minimum)})
    if terms.tax_rate:
        parts.append(_("另加税 %(rate)s") % {"rate": percent_of(terms.tax_rate)})
    return "，".join(parts)
