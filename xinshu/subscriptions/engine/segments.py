"""A segment: subscriptions compiled for matching, never changed again. One automaton over all their keywords, columns
for everything else, rows in the order of the keyword by which they are found. What is found under a word passes a gate
first (kinds and regions, each pair kept once), whose number stands beside it: most rows are never touched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from daachorse import CharwiseDoubleArrayAhoCorasick
from numpy.typing import NDArray

from xinshu.subscriptions.engine.language import Node, holds, wanted_of, words_of
from xinshu.subscriptions.engine.sieves import KEPT, Sets
from xinshu.subscriptions.engine.truth import FULL, SLOTS, cover_of, keys_of, table_of
from xinshu.subscriptions.engine.wanted import (
    BASE,
    FILTER,
    IN_TITLE,
    MAYBE,
    MORE_WORD,
    MORE_WORDS,
    NO,
    UNKNOWN,
    YES,
    Notice,
    Wanted,
)

KIND_BITS = 16
_NUMBER = itemgetter(2)  # of (start, end, number)
_ANY_KIND = (1 << KIND_BITS) - 1
_MOST = 2**63 - 1
_ONES = np.array([bin(n).count("1") for n in range(1 << SLOTS)], np.int16)
_BITS = (1 << np.arange(SLOTS)).astype(np.uint8)
_ROW = np.dtype(
    [
        ("id", np.int64), ("table", np.uint64), ("least", np.int64), ("most", np.int64), ("words", np.int32, SLOTS),
        ("regions", np.int32), ("trades", np.int32), ("tags", np.int32), ("kinds", np.uint16), ("positive", np.uint8),
        ("score", np.uint8), ("unsure", np.bool_), ("wide", np.bool_),
    ]
)  # fmt: skip
Rows = NDArray[Any]
Numbers = NDArray[np.int64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Hits:
    """Which subscriptions an announcement meets, each once, with the score."""

    ids: Numbers
    scores: NDArray[np.int16]


NOTHING = Hits(np.empty(0, np.int64), np.empty(0, np.int16))


class Segment:
    """See above. `alive`: which rows still count; a changed subscription's old row is dead."""

    def __init__(self, kinds: Sequence[str]) -> None:
        if len(kinds) >= KIND_BITS:
            raise ValueError("more kinds of notices than bits")
        self.kinds = {kind: number for number, kind in enumerate(kinds)}
        self.words: dict[str, int] = {}
        self.regions, self.trades, self.tags = Sets(), Sets(), Sets()
        self.wide: dict[int, Node] = {}  # by id: what has more words than slots
        self.rows: Rows = np.empty(0, _ROW)
        self.alive: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.dead = 0

    # building

    def row(self, wanted: Wanted) -> tuple[Any, ...]:
        """Return a subscription as a row of columns; its words and sets get their numbers."""
        expression = wanted.whole
        words = words_of(expression)
        numbers = tuple(self.words.setdefault(word, len(self.words)) for word in words)
        wide = len(words) > SLOTS
        if wide and expression is not None:
            self.wide[wanted.id] = expression
        looked_for = wanted_of(expression)
        kinds = sum(1 << self.kinds[kind] for kind in wanted.kinds if kind in self.kinds)
        ranged = wanted.least_amount is not None or wanted.most_amount is not None
        return (
            wanted.id,
            FULL if wide else table_of(expression, {word: slot for slot, word in enumerate(words)}),
            (wanted.least_amount or 0) if ranged else -1,
            _MOST if wanted.most_amount is None else wanted.most_amount,
            (-1,) * SLOTS if wide else numbers + (-1,) * (SLOTS - len(numbers)),
            self.regions.number(wanted.regions),
            self.trades.number(wanted.trades),
            self.tags.number(wanted.tags),
            kinds if wanted.kinds else _ANY_KIND,
            0 if wide else sum(1 << slot for slot, word in enumerate(words) if word in looked_for),
            wanted.least_score,
            wanted.unsure,
            wide,
        )

    def index(self, rows: Rows, sample: Sequence[str]) -> "Segment":
        """Build the automaton and put every row under the words by which it is found; `sample`: texts to count in."""
        words = list(self.words)
        self.automaton = CharwiseDoubleArrayAhoCorasick(words) if words else None
        costs = np.append(self._costs(words, sample), np.float32(np.inf))  # -1, no word: never chosen
        keys = keys_of(rows["table"], costs[rows["words"]])
        row_of, word_of = np.nonzero(keys[:, None] & _BITS)
        numbers = rows["words"][row_of, word_of]
        always = (keys == 0) & ~rows["wide"]
        more = [(place, self.words[word]) for place in np.flatnonzero(rows["wide"])
                for word in cover_of(self.wide[int(rows["id"][place])]) or ()]  # fmt: skip
        unkeyed = [
            place for place in np.flatnonzero(rows["wide"]) if cover_of(self.wide[int(rows["id"][place])]) is None
        ]
        if more:
            row_of = np.append(row_of, [place for place, _word in more])
            numbers = np.append(numbers, [word for _place, word in more])
        order = np.lexsort((row_of, numbers))
        found_at = np.append(np.flatnonzero(always), np.array(unkeyed, np.int64)).astype(np.int64)
        # rows in the order of their first word: those that are found together lie together
        first = np.concatenate([found_at, row_of[order]])
        _once, places = np.unique(first, return_index=True)
        arranged = first[np.sort(places)]
        moved = np.empty(len(rows), np.intp)
        moved[arranged] = np.arange(len(rows))
        self.rows, self.alive = rows[arranged], np.ones(len(rows), np.bool_)
        self.words_of, self.tables_of = (self.rows[name].copy() for name in ("words", "table"))
        self.always = moved[found_at]
        self.entries = moved[row_of[order]]
        gates = self.rows["kinds"].astype(np.int64) << 32 | self.rows["regions"]
        self.gates, gate_of = np.unique(gates, return_inverse=True)
        self.gates_of, self.gates_of_always = (gate_of[one].astype(np.int32) for one in (self.entries, self.always))
        self.answers: dict[tuple[str, str], NDArray[np.bool_]] = {}
        self.first = np.zeros(len(words) + 1, np.int64)
        np.cumsum(np.bincount(numbers, minlength=len(words)), out=self.first[1:])
        self.repeats = len(self.entries) + len(self.always) > len(rows)
        self.by_id = np.argsort(self.rows["id"], kind="stable").astype(np.int32)
        return self

    def _costs(self, words: list[str], sample: Sequence[str]) -> NDArray[np.float32]:
        """Return how often each word is met: counted in the sample, and the shorter the more often."""
        counts = np.array([1 / len(word) for word in words], np.float32)
        for text in sample:
            if found := self._in(text):
                counts[list(found)] += 1
        return counts

    # asking

    def _in(self, text: str) -> set[int]:
        if self.automaton is None:
            return set()
        return set(map(_NUMBER, self.automaton.find_overlapping(text)))

    def match(self, notice: Notice) -> Hits:
        """Return the living subscriptions that an announcement meets. What rules out most is asked first."""
        in_title = self._in(notice.title)
        found = in_title | self._in(notice.body)
        numbers = np.fromiter(found, np.int64, len(found))
        place = self._candidates(numbers, self._allowed(notice))
        if self.dead:
            place = place[self.alive[place]]
        place, ways = self._holding(place, found, numbers)
        if not len(place):
            return NOTHING

        rows = self.rows[place]
        titled = self._occurring(place, np.fromiter(in_title, np.int64, len(in_title))) & rows["positive"] > 0
        words = _ONES[ways & rows["positive"]]
        if self.wide:
            self._count_wide(rows, found, in_title, words, titled)
        return self._scored(rows, notice, words, titled)

    def _occurring(self, place: Places, numbers: Numbers) -> NDArray[np.uint8]:
        """Return for every row which of its words occur, a bit each."""
        occurs = np.zeros(len(self.words) + 1, np.uint8)  # the last: no word
        occurs[numbers] = 1
        return np.packbits(occurs[self.words_of[place]], axis=1, bitorder="little")[:, 0]

    def _holding(self, place: Places, found: set[int], numbers: Numbers) -> tuple[Places, NDArray[np.uint8]]:
        """Return the rows whose expression holds, and in which way their words occur."""
        ways = self._occurring(place, numbers)
        holding = (self.tables_of[place] >> ways.astype(np.uint64) & np.uint64(1)).astype(np.bool_)
        if self.wide:
            for one in np.flatnonzero(holding & self.rows["wide"][place]):
                expression = self.wide[int(self.rows["id"][place[one]])]
                holding[one] = holds(expression, lambda word: self.words[word] in found)
        return place[holding], ways[holding]

    def _count_wide(
        self, rows: Rows, found: set[int], in_title: set[int], words: NDArray[np.int16], titled: NDArray[np.bool_]
    ) -> None:
        for place in np.flatnonzero(rows["wide"]):
            numbers = {self.words[word] for word in wanted_of(self.wide[int(rows["id"][place])])}
            words[place], titled[place] = len(numbers & found), bool(numbers & in_title)

    def _scored(self, rows: Rows, notice: Notice, words: NDArray[np.int16], titled: NDArray[np.bool_]) -> Hits:
        """Return those that no other filter rules out, with their points."""
        ranged = rows["least"] >= 0
        if notice.amount is None:
            amount = np.where(ranged, MAYBE, YES)
        else:
            amount = np.where((rows["least"] <= notice.amount) & (notice.amount <= rows["most"]) | ~ranged, YES, NO)
        asked = (rows["regions"] > 0, rows["trades"] > 0, ranged, rows["tags"] > 0)
        answers = (
            self.regions.code(notice.region)[rows["regions"]], self.trades.code(notice.trade)[rows["trades"]], amount,
            self.tags.any_of(notice.tags)[rows["tags"]],
        )  # fmt: skip
        met = sum((one & (answer == YES)).astype(np.int16) for one, answer in zip(asked, answers, strict=True))
        untold = sum((answer == MAYBE).astype(np.int16) for answer in answers)
        more = np.minimum(np.maximum(words - 1, 0), MORE_WORDS) * MORE_WORD
        points = BASE + IN_TITLE * titled + more + FILTER * met + UNKNOWN * untold
        scores = np.minimum(np.maximum(points, 0), 100).astype(np.int16)
        kept = (rows["unsure"] | (untold == 0)) & (scores >= rows["score"])
        for answer in answers:
            kept &= answer > NO
        ids, scores = rows["id"][kept], scores[kept]
        if self.repeats:
            ids, places = np.unique(ids, return_index=True)
            scores = scores[places]
        return Hits(ids, scores)

    def _allowed(self, notice: Notice) -> NDArray[np.bool_]:
        """Return which gates (a set of kinds with a set of regions) let an announcement pass; remembered."""
        asked = (notice.kind, notice.region)
        found = self.answers.get(asked)
        if found is None:
            if len(self.answers) >= KEPT:
                self.answers.clear()
            kind = np.uint16(1 << self.kinds.get(notice.kind, KIND_BITS - 1))
            kinds, regions = (self.gates >> 32).astype(np.uint16), self.gates & 0xFFFF_FFFF
            found = (kinds & kind > 0) & (self.regions.code(notice.region)[regions] > NO)
            self.answers[asked] = found
        return found

    def _candidates(self, numbers: Numbers, allowed: NDArray[np.bool_]) -> Places:
        """Return the rows under the words that occur, and those found under none, where their gate is open."""
        always = self.always[allowed[self.gates_of_always]]
        starts = self.first[numbers]
        lengths = self.first[numbers + 1] - starts
        total = int(lengths.sum())
        if not total:
            return always
        ranges = np.arange(total) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        return np.concatenate([always, self.entries[ranges[allowed[self.gates_of[ranges]]]]])

    # changing

    def drop(self, ids: Iterable[int]) -> int:
        """Let subscriptions count no more; return how many of them stood here."""
        asked = np.unique(np.fromiter(ids, np.int64))
        own = self.rows["id"][self.by_id]
        at = np.searchsorted(own, asked)
        at, asked = at[at < len(own)], asked[at < len(own)]
        places = self.by_id[at[own[at] == asked]]
        dropped = int(self.alive[places].sum())
        self.alive[places] = False
        self.dead += dropped
        return dropped

    def __len__(self) -> int:
        return len(self.alive) - self.dead


def build(wanted: Iterable[Wanted], kinds: Sequence[str], sample: Sequence[str] = ()) -> Segment:
    """Return a segment of these subscriptions, each given once."""
    segment = Segment(kinds)
    return segment.index(np.fromiter((segment.row(one) for one in wanted), _ROW), sample)


def merge(segments: Sequence[Segment], sample: Sequence[str] = ()) -> Segment:
    """Return one segment of all that is alive in several: columns are renumbered, no expression is read again."""
    made = Segment(list(segments[0].kinds))
    parts = []
    for one in segments:
        part = one.rows[one.alive.copy()]
        used = np.zeros(len(one.words) + 1, np.bool_)
        used[part["words"]] = True
        for wide in (number for number in part["id"][part["wide"]].tolist()):
            made.wide[wide] = one.wide[wide]
            used[[one.words[word] for word in words_of(one.wide[wide])]] = True
        renumbered = np.full(len(one.words) + 1, -1, np.int32)
        for (word, number), in_use in zip(one.words.items(), used[:-1].tolist(), strict=True):
            if in_use:
                renumbered[number] = made.words.setdefault(word, len(made.words))
        part["words"] = renumbered[part["words"]]
        for name in ("regions", "trades", "tags"):
            into = getattr(made, name)
            part[name] = np.array([into.number(some) for some in getattr(one, name).numbers], np.int32)[part[name]]
        parts.append(part)
    return made.index(np.concatenate(parts), sample)


def together(hits: Iterable[Hits]) -> Hits:
    """Return the hits of several segments as one."""
    all_of_them = [one for one in hits if len(one.ids)]
    if len(all_of_them) < 2:
        return next(chain(all_of_them, (NOTHING,)))
    return Hits(np.concatenate([one.ids for one in all_of_them]), np.concatenate([one.scores for one in all_of_them]))
