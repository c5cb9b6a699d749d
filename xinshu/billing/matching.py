"""Matching bank lines with fees and refunds: pure, in one pass over each side, nothing matched twice.

First by the order number in the remark (score 100), then by amount and payer within a window of days, where line and
movement are each other's only candidate (90, less 5 a day). Whatever is not beyond doubt is left to a person, with a
note that says why.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from xinshu.core.cases import ALPHABET
from xinshu.core.money import yuan

WINDOW = 5  # days between the bank's day and ours
SURE = 100
_ORDER = re.compile(f"P[{ALPHABET}]{{16}}")
_PUNCTUATION = re.compile(r"[\s()（）·.,，。\-]+")


@dataclass(frozen=True)
class Line:
    """One line of a bank's statement: signed amount in 分 (money in is positive), the other side, the remark."""

    pk: int
    on: date
    amount: int
    payer: str
    remark: str


@dataclass(frozen=True)
class Moved:
    """One fee (positive) or refund (negative) of ours."""

    pk: int
    on: date
    amount: int
    payer: str
    order: str


@dataclass(frozen=True)
class Pair:
    """A line and a movement that belong together, how sure that is (0 to 100), and why."""

    line: int
    moved: int
    score: int
    reason: str


@dataclass
class Matched:
    """What was found: pairs, and for every line that is left a note why."""

    pairs: list[Pair] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)


def bare(name: str) -> str:
    """Return a name without width, spaces and brackets, as banks write them one way and another."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", name)).upper()


def orders_in(remark: str) -> list[str]:
    """Return the order numbers that a remark holds, whatever the bank put between their letters."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", remark)).upper()
    return list(dict.fromkeys(_ORDER.findall(text)))


def match(lines: Iterable[Line], moved: Iterable[Moved], window: int = WINDOW) -> Matched:
    """Pair `lines` with what was `moved`, each at most once."""
    lines, moved = sorted(lines, key=lambda one: (one.on, one.pk)), sorted(moved, key=lambda one: (one.on, one.pk))
    found, taken = Matched(), set[int]()
    by_order: dict[tuple[str, bool], Moved] = {(one.order, one.amount > 0): one for one in moved}
    rest = []
    for line in lines:
        orders = orders_in(line.remark)
        if not orders:
            rest.append(line)
            continue
        known = [one for order in orders if (one := by_order.get((order, line.amount > 0))) is not None]
        fits = next((one for one in known if one.amount == line.amount and one.pk not in taken), None)
        if fits is not None:
            taken.add(fits.pk)
            found.pairs.append(Pair(line.pk, fits.pk, SURE, _("摘要中有订单号 %s，金额一致") % fits.order))
        elif not known:
            found.notes[line.pk] = _("摘要中的订单号 %s 没有对应的收付") % orders[0]
        elif all(one.amount != line.amount for one in known):
            found.notes[line.pk] = _("订单号 %(order)s 相符，金额不符：我方 %(amount)s 元") % {
                "order": known[0].order,
                "amount": yuan(known[0].amount),
            }
        else:
            found.notes[line.pk] = _("订单号 %s 已有另一笔流水，可能重复付款") % known[0].order
    _by_payer(rest, [one for one in moved if one.pk not in taken], window, found)
    return found


def _by_payer(lines: list[Line], moved: list[Moved], window: int, found: Matched) -> None:
    """Pair by amount and payer those that are each other's only candidate within the window."""
    groups: dict[tuple[int, str], list[Moved]] = defaultdict(list)
    for one in moved:
        groups[one.amount, bare(one.payer)].append(one)
    candidates = {
        line.pk: [one for one in groups.get((line.amount, bare(line.payer)), []) if _days(line, one) <= window]
        for line in lines
    }
    wanted: dict[int, int] = defaultdict(int)
    for ones in candidates.values():
        for one in ones:
            wanted[one.pk] += 1
    for line in lines:
        ones = candidates[line.pk]
        if len(ones) == 1 and wanted[ones[0].pk] == 1:
            days = _days(line, ones[0])
            reason = _("金额、户名一致，相差 %s 天") % days if days else _("金额、户名一致，同一天")
            found.pairs.append(Pair(line.pk, ones[0].pk, 90 - 5 * days, reason))
        elif ones:
            found.notes[line.pk] = _("同金额、同户名的不止一笔，请人工选择")
        else:
            found.notes[line.pk] = _("没有金额和户名都相符的收付")


def _days(line: Line, one: Moved) -> int:
    return abs((line.on - one.on).days)
