"""Who is in a segment: its rule asked of every customer of the house, in memory, from a few queries of columns."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.insights.facts import facts_of, for_segments
from xinshu.insights.models import SegmentVersion
from xinshu.rules.engine.answers import Evidence, Types
from xinshu.rules.engine.deciding import Prepared, prepare


@dataclass(frozen=True)
class Crowd:
    """What a rule comes to today: customers looked at, who is in (firm's id → evidence), of how many nobody can say."""

    looked: int
    firms: dict[int, tuple[Evidence, ...]]
    unknown: int

    @property
    def size(self) -> int:
        return len(self.firms)


def content_of(rule: dict[str, Any]) -> dict[str, Any]:
    """Return the content that `rules` reads, of a rule {"join", "conditions"} or {"expression"}."""
    return {"form": "conditions", "rules": [{"name": "-", "weight": "ask", "on": True, **rule}]}


def crowd_of(house: Organisation, content: dict[str, Any], at: datetime) -> Crowd:
    """Return who is in a segment that says `content`. Raises Problems where it cannot be read."""
    types = {one.code: one for one in for_segments(house)}
    return _crowd(house, prepare(content, types), types, at)


def crowd_of_version(version: SegmentVersion, at: datetime) -> Crowd:
    """Return who is in a segment now, by one of its versions."""
    types = version.types
    return _crowd(version.segment.house, prepare(version.content, types), types, at)


def _crowd(house: Organisation, prepared: Prepared, types: Types, at: datetime) -> Crowd:
    on = local_day(at)
    known = facts_of(house, [types[code] for code in prepared.facts], at)
    inside: dict[int, tuple[Evidence, ...]] = {}
    nobody_knows = 0
    for firm, facts in known.items():
        answer = prepared.decide(facts, on).answers[0]
        if answer.truth is True:
            inside[firm] = answer.evidence
        elif answer.truth is None:
            nobody_knows += 1
    return Crowd(len(known), inside, nobody_knows)


def reading_of(version: SegmentVersion) -> str:
    """Return a version's rule in plain words."""
    return prepare(version.content, version.types).readings[0][1]
