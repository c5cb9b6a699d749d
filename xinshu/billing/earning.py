"""How much of a fee is earned by the end of a day: pure, in whole 分, straight over the days of the cover.

Every order is its own piece of income. A fee covers from the effective day to the last day of the guarantee as it
stands; the fee of an amendment from the day it was paid, if that is later. What the tariff version bound at issue takes
at least is earned on the first day where the house's method says so. Before issue nothing is earned. When a guarantee
ends early, earning stops: what the tariff gives back is owed from that day on (not earned, and returned once it is paid
back), the rest is earned that day. An extension lengthens the cover; the difference falls into the period in which it
is accepted. On every day: received = earned + returned + unearned.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from xinshu.core.money import share


@dataclass(frozen=True)
class Cover:
    """One fee and the days it pays for, both ends within; `ended`: the day of an early end, which gives back `owed`."""

    fee: int
    starts: date
    expires: date
    at_once: int = 0
    ended: date | None = None
    owed: int = 0


def earned(cover: Cover, on: date) -> int:
    """Return what of the fee is earned by the end of the day `on`, in 分; it ends at the fee less what goes back.

    It never falls, but on the day of an early end where more goes back than was still to be earned.
    """
    if cover.ended is not None and on >= cover.ended:
        return cover.fee - cover.owed
    if on >= cover.expires:
        return cover.fee
    if on < cover.starts:
        return 0
    at_once = min(cover.at_once, cover.fee)
    days, total = (on - cover.starts).days + 1, (cover.expires - cover.starts).days + 1
    return at_once + share(cover.fee - at_once, Fraction(days, total))


def unearned(cover: Cover, on: date, returned: int = 0) -> int:
    """Return what of the fee is neither earned by the end of `on` nor `returned`: still to be earned, or to go back."""
    return cover.fee - earned(cover, on) - returned
