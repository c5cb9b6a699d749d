"""A firm's live risk level: what its alerts still weigh, each halved in its half-life. Pure.

Points: an alert brings POINTS[grade] on the day of its event and half of that one half-life later. Bands by the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Generic, TypeVar

from django.utils.translation import gettext_lazy as lazy

from xinshu.watch.patterns import POINTS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

What = TypeVar("What")
BANDS: tuple[tuple[int, str, "StrOrPromise", str], ...] = (
    # from points  code      word             tone
    (60,           "high",   lazy("高风险"), "danger"),
    (30,           "raised", lazy("较高"),   "warn"),
    (10,           "some",   lazy("关注"),   "info"),
    (0,            "calm",   lazy("平稳"),   "ok"),
)  # fmt: skip
LOOK_BACK = 8  # half-lives after which an event weighs nothing that anybody would see


@dataclass(frozen=True)
class Weighed(Generic[What]):
    """One alert and what it still weighs, in tenths of a point."""

    what: What
    tenths: int

    @property
    def points(self) -> str:
        return f"{self.tenths / 10:.1f}"


@dataclass(frozen=True)
class Level(Generic[What]):
    """The sum in tenths of a point, and what makes it, the heaviest first."""

    tenths: int
    made_of: tuple[Weighed[What], ...]

    @property
    def points(self) -> str:
        return f"{self.tenths / 10:.1f}"

    @property
    def code(self) -> str:
        return band_of(self.tenths)[1]

    @property
    def label(self) -> "StrOrPromise":
        return band_of(self.tenths)[2]

    @property
    def tone(self) -> str:
        return band_of(self.tenths)[3]


def band_of(tenths: int) -> "tuple[int, str, StrOrPromise, str]":
    """Return the row of BANDS in which a sum of tenths of a point lies."""
    return next(band for band in BANDS if tenths >= band[0] * 10)


def weight(grade: str, half_life: int, happened_on: date, on: date) -> int:
    """Return what an event of that day weighs on the day `on`, in tenths of a point. What is to come weighs in full."""
    days = max(0, (on - happened_on).days)
    if days > LOOK_BACK * half_life:
        return 0
    return int(POINTS[grade] * 10 * 0.5 ** (days / half_life) + 0.5)


def level_of(alerts: Iterable[tuple[What, str, int, date]], on: date) -> Level[What]:
    """Return the level that alerts (what, grade, half-life in days, day) make on the day `on`."""
    weighed = [Weighed(what, weight(grade, half_life, day, on)) for what, grade, half_life, day in alerts]
    kept = sorted((one for one in weighed if one.tenths), key=lambda one: -one.tenths)
    return Level(sum(one.tenths for one in kept), tuple(kept))
