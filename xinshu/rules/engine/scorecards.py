"""Scorecards (评分卡): points by bins of facts, bands by points, the reasons by what cost most. Pure.

A fact that is not known leaves the score open between what it could yet give; the band is told only where both ends lie
in the same one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinshu.rules.engine.answers import (
    ASK,
    OUTCOMES,
    STILL_OPEN,
    Answer,
    Decide,
    Problems,
    Result,
    Types,
    evidence_of,
)
from xinshu.rules.engine.comparing import BadTest, Test, read_test
from xinshu.rules.engine.facts import NOTHING, Facts

MOST_ITEMS, MOST_BINS, MOST_BANDS, FARTHEST = 50, 20, 10, 10_000


@dataclass(frozen=True)
class Bin:
    """Points for those who pass `test` (None: everybody else)."""

    test: Test | None
    points: int
    reason: str


@dataclass(frozen=True)
class Item:
    """One characteristic: a fact and its bins, the first that fits counts. The last one takes everybody else."""

    name: str
    fact: str
    bins: tuple[Bin, ...]

    @property
    def reads(self) -> str:
        return "；".join(f"{one.test.reads() if one.test else _('其余')} {one.points:+d}" for one in self.bins)

    @property
    def best(self) -> int:
        return max(one.points for one in self.bins)

    def reached(self, facts: Facts, today: date) -> list[Bin]:
        """Return the bins that it may be, in order: one, where the fact is known."""
        value = facts.get(self.fact, NOTHING).value
        if value is None:
            return list(self.bins)
        for one in self.bins:
            if one.test is None or one.test.holds(value, today) is True:
                return [one]
        return list(self.bins)  # never: the last bin takes everybody


@dataclass(frozen=True)
class Band:
    """From so many points on: a word and an outcome."""

    least: int
    label: str
    outcome: str


@dataclass(frozen=True)
class Scorecard:
    """A scorecard ready to be asked; bands from the highest down, the last without a lower end."""

    base: int
    items: tuple[Item, ...]
    bands: tuple[Band, ...]

    def band_of(self, score: int) -> Band:
        return next((band for band in self.bands if score >= band.least), self.bands[-1])


def read_scorecard(content: dict[str, Any], types: Types) -> Scorecard:
    """Read a scorecard. Raises Problems."""
    items, bands = content.get("items"), content.get("bands")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise Problems([("", _("请填 1 到 %(n)s 个评分项") % {"n": MOST_ITEMS})])
    if not isinstance(bands, list) or not 1 <= len(bands) <= MOST_BANDS:
        raise Problems([("", _("请填 1 到 %(n)s 个分档") % {"n": MOST_BANDS})])
    read, problems = [], []
    for number, one in enumerate(items, 1):
        try:
            read.append(_read_item(one, types))
        except BadTest as wrong:
            problems.append((_("评分项 %(n)s") % {"n": number}, str(wrong)))
    steps: list[Band] = []
    for number, one in enumerate(bands, 1):
        try:
            steps.append(_read_band(one))
        except BadTest as wrong:
            problems.append((_("分档 %(n)s") % {"n": number}, str(wrong)))
    if len({band.least for band in steps}) < len(steps):
        problems.append((_("分档"), _("两个分档的起点相同")))
    try:
        base = _points(content.get("base", 0))
    except BadTest as wrong:
        problems.append((_("基础分"), str(wrong)))
    if problems:
        raise Problems(problems)
    return Scorecard(base, tuple(read), tuple(sorted(steps, key=lambda band: -band.least)))


def _points(said: Any) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or abs(said) > FARTHEST:
        raise BadTest(_("分数填 -%(n)s 到 %(n)s 的整数") % {"n": FARTHEST})
    return said


def _read_item(said: Any, types: Types) -> Item:
    if not isinstance(said, dict) or said.get("fact") not in types:
        raise BadTest(_("请选择评分的内容"))
    bins = said.get("bins")
    if not isinstance(bins, list) or not 1 <= len(bins) <= MOST_BINS:
        raise BadTest(_("还没有分段"))
    fact = types[said["fact"]]
    read = tuple(
        Bin(
            None if one.get("test") is None else read_test(one["test"], fact),
            _points(one.get("points")),
            str(one.get("reason", "")).strip()[:60],
        )
        for one in bins
    )
    if [number for number, one in enumerate(read) if one.test is None] != [len(read) - 1]:
        raise BadTest(_("最后一段要是“其余”，前面各段写条件"))
    return Item(str(said.get("name", "")).strip()[:60] or str(fact.label), said["fact"], read)


def _read_band(said: Any) -> Band:
    if not isinstance(said, dict) or said.get("outcome") not in OUTCOMES or not str(said.get("label", "")).strip():
        raise BadTest(_("请填名称和结论"))
    return Band(_points(said.get("least")), str(said["label"]).strip()[:30], str(said["outcome"]))


def decider(card: Scorecard, types: Types) -> Decide:
    """Return how `card` decides. Its answers begin with what cost most."""

    def decide(facts: Facts, today: date) -> Result:
        answers, low, high = [], card.base, card.base
        for item in card.items:
            bins = item.reached(facts, today)
            least, most = min(one.points for one in bins), max(one.points for one in bins)
            low, high = low + least, high + most
            known = len(bins) == 1
            truth = (bins[0].points == item.best) if known else None
            reason = bins[0].reason if known else ""
            evidence = evidence_of((item.fact,), facts, types)
            answers.append((item.best - least, Answer(item.name, item.reads, truth, evidence, reason, (least, most))))
        answers.sort(key=lambda one: -one[0])
        told = tuple(answer for _loss, answer in answers)
        lowest = card.band_of(low)
        if lowest == card.band_of(high):
            return Result(lowest.outcome, lowest.label, told, (low, high))
        return Result(ASK, "", told, (low, high), STILL_OPEN)

    return decide
