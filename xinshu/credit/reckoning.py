"""From behaviours to a score (企业评分): dimensions, weights, points that fade, caps, bands. Pure.

A card gives each dimension (维度) a base of 0 to 100 points; behaviours add to it or take from it for as long as their
window lasts, fading by their half-life, and a kind never beyond its cap. Dimensions end at 0 and 100. The score is
their sum by weight (percent, 100 in all), 0 to 1000. Reckoned in thousandths of a point, whole numbers only: the column
way (columns.py) and this one give the same.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from xinshu.credit.kinds import KINDS
from xinshu.rules.engine.answers import Problems

MILLI, FULL = 1000, 100_000  # thousandths of a point; of a full dimension
MOST_DIMENSIONS, MOST_BANDS, LONGEST = 6, 6, 3650  # days of a window
TONES = ("ok", "info", "warn", "danger", "mute")


@dataclass(frozen=True)
class Dimension:
    """One side of a firm's conduct: its share of the score in percent, the points it begins with."""

    name: str
    weight: int
    base: int


@dataclass(frozen=True)
class Item:
    """What one kind of behaviour is worth. `half_life` 0: it does not fade; `cap` 0: as many as there are."""

    kind: str
    dimension: int
    points: int
    window: int
    half_life: int
    cap: int

    @property
    def fading(self) -> tuple[int, ...]:
        """Thousandths of a point by age in days, from the day itself to the window's last."""
        return _fading(self.points, self.window, self.half_life)


@lru_cache(maxsize=256)
def _fading(points: int, window: int, half_life: int) -> tuple[int, ...]:
    if not half_life:
        return (points * MILLI,) * (window + 1)
    return tuple(round(points * MILLI * 0.5 ** (age / half_life)) for age in range(window + 1))


@dataclass(frozen=True)
class Band:
    """From so many points on: what it is called, how it looks."""

    least: int
    label: str
    tone: str


@dataclass(frozen=True)
class Card:
    """A card ready to reckon; bands from the highest down, the last takes everybody else."""

    dimensions: tuple[Dimension, ...]
    items: Mapping[str, Item]
    bands: tuple[Band, ...]

    def band_of(self, score: int) -> Band:
        return next((band for band in self.bands if score >= band.least), self.bands[-1])


@dataclass(frozen=True)
class Act:
    """A behaviour as reckoned: which one it is, its kind, the day it happened."""

    key: int
    kind: str
    on: date


@dataclass(frozen=True)
class Line:
    """What one behaviour gives on the day asked: thousandths of a point, from which day, until which."""

    act: Act
    milli: int
    until: date


@dataclass(frozen=True)
class Part:
    """One dimension as reckoned: its lines, what caps took away or gave back, where it ended (thousandths)."""

    dimension: Dimension
    lines: tuple[Line, ...]
    capped: int
    bounded: int
    milli: int

    @property
    def points(self) -> int:
        """Whole points, for a bar: 0 to 100."""
        return (self.milli + MILLI // 2) // MILLI


@dataclass(frozen=True)
class Reckoned:
    """A score with all that it is made of."""

    score: int
    band: Band
    parts: tuple[Part, ...]


def reckon(card: Card, acts: Iterable[Act], on: date) -> Reckoned:
    """Return the score on the day `on` of whoever did `acts`, with every line that led there."""
    lines: dict[str, list[Line]] = {}
    for act in sorted(acts, key=lambda one: (one.on, one.key)):
        item, age = card.items.get(act.kind), (on - act.on).days
        if item is not None and 0 <= age <= item.window:
            line = Line(act, item.fading[age], act.on + timedelta(days=item.window))
            lines.setdefault(act.kind, []).append(line)
    parts = []
    for place, dimension in enumerate(card.dimensions):
        told: list[Line] = []
        raw = kept = 0
        for kind, of in lines.items():
            item = card.items[kind]
            if item.dimension == place:
                told += of
                summed = sum(line.milli for line in of)
                raw += summed
                kept += _capped(summed, item.cap)
        begun = dimension.base * MILLI + kept
        milli = min(max(begun, 0), FULL)
        parts.append(Part(dimension, tuple(told), kept - raw, milli - begun, milli))
    score = total((part.dimension.weight, part.milli) for part in parts)
    return Reckoned(score, card.band_of(score), tuple(parts))


def total(parts: Iterable[tuple[int, int]]) -> int:
    """Return the score, 0 to 1000, of (weight in percent, thousandths of a dimension); a half counts up."""
    return (sum(weight * milli for weight, milli in parts) + 5000) // 10_000


def _capped(summed: int, cap: int) -> int:
    return min(max(summed, -cap * MILLI), cap * MILLI) if cap else summed


def read_card(content: Mapping[str, Any], side: str) -> Card:
    """Read a card as it is kept (JSON). Raises Problems: place and what is wrong there."""
    problems: list[tuple[str, str]] = []
    dimensions = tuple(Dimension(str(row["name"]), row["weight"], row["base"]) for row in content.get("dimensions", ()))
    if not 1 <= len(dimensions) <= MOST_DIMENSIONS:
        problems.append((_("维度"), _("写 1 到 %(n)s 个") % {"n": MOST_DIMENSIONS}))
    if len({one.name for one in dimensions}) < len(dimensions):
        problems.append((_("维度"), _("名称不能重复")))
    if any(not 0 <= one.base <= 100 for one in dimensions):
        problems.append((_("维度"), _("起始分在 0 到 100 之间")))
    if any(one.weight < 1 for one in dimensions) or sum(one.weight for one in dimensions) != 100:
        problems.append((_("维度"), _("权重都大于零，合起来是 100%")))
    items = {}
    for row in content.get("items", ()):
        item = Item(**{name: row[name] for name in ("kind", "dimension", "points", "window", "half_life", "cap")})
        name = str(KINDS[item.kind].label) if item.kind in KINDS else item.kind
        if item.kind not in KINDS or KINDS[item.kind].side != side or item.kind in items:
            problems.append((name, _("没有这种行为")))
            continue
        problems += [(name, words) for words in _wrong(item, len(dimensions))]
        items[item.kind] = item
    bands = tuple(Band(row["least"], str(row["label"]), str(row["tone"])) for row in content.get("bands", ()))
    if not 2 <= len(bands) <= MOST_BANDS:
        problems.append((_("等级"), _("写 2 到 %(n)s 级") % {"n": MOST_BANDS}))
    if any(one.least <= two.least for one, two in itertools.pairwise(bands)):
        problems.append((_("等级"), _("起点从高到低，不能相同")))
    if bands and (bands[-1].least != 0 or bands[0].least > 1000 or any(band.least < 0 for band in bands)):
        problems.append((_("等级"), _("最后一级从 0 分起，最高不超过 1000 分")))
    if len({band.label for band in bands}) < len(bands) or any(band.tone not in TONES for band in bands):
        problems.append((_("等级"), _("名称不能重复，颜色要选")))
    if problems:
        raise Problems(problems)
    return Card(dimensions, items, bands)


def _wrong(item: Item, dimensions: int) -> list[str]:
    wrong = []
    if not 0 <= item.dimension < dimensions:
        wrong.append(_("选一个有名称的维度"))
    if not -100 <= item.points <= 100:
        wrong.append(_("分值在 -100 到 100 之间"))
    elif item.points and (item.points > 0) != KINDS[item.kind].good:
        wrong.append(_("守信的行为加分，失信的行为减分"))
    if not 1 <= item.window <= LONGEST:
        wrong.append(_("有效期 1 到 %(n)s 天") % {"n": LONGEST})
    if not 0 <= item.half_life <= LONGEST:
        wrong.append(_("半衰期 0 到 %(n)s 天") % {"n": LONGEST})
    if not 0 <= item.cap <= 100:
        wrong.append(_("封顶 0 到 100 分"))
    return wrong


def points_text(milli: int) -> str:
    """Return thousandths of a point as people read them: "+1.50"."""
    sign = "-" if milli < 0 else "+"
    whole, rest = divmod((abs(milli) + 5) // 10, 100)
    return f"{sign}{whole}.{rest:02d}" if (whole or rest) else "0.00"
