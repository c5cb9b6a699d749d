"""A segment: subscriptions compiled for matching, never changed again. One automaton over all their keywords, columns
for everything else, rows in the order of the keyword by which they are found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from daachorse import CharwiseDoubleArrayAhoCorasick
from numpy.typing import NDArray

from xinshu.subscriptions.engine.language import Node, holds, wanted_of, words_of
from xinshu.subscriptions.engine.sieves import Sets
from xinshu.subscriptions.engine.truth import FULL, SLOTS, cover_of, keys_of, table_of
from xinshu.subscriptions.engine.wanted import (
    BASE,
    FILTER,
    IN_TITLE,
    MAYBE,
    MORE_WORD,
    MORE_WORDS,
    UNKNOWN,
    YES,
    Notice,
    Wanted,
)

KIND_BITS = 16
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
        moved = np.empty(len(rows), np.int32)
        moved[arranged] = np.arange(len(rows), dtype=np.int32)
        self.rows, self.alive = rows[arranged], np.ones(len(rows), np.bool_)
        self.always = moved[found_at]
        self.entries = moved[row_of[order]]
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
        return {number for _start, _end, number in self.automaton.find_overlapping(text)}

    def match(self, notice: Notice) -> Hits:
        """Return the living subscriptions that an announcement meets."""
        in_title = self._in(notice.title)
        found = in_title | self._in(notice.body)
        numbers = np.fromiter(found, np.int64, len(found))
        place = self._candidates(numbers)
        place = place[self.alive[place]]
        rows = self.rows[place]
        kind = self.kinds.get(notice.kind, KIND_BITS - 1)
        region = self.regions.code(notice.region)[rows["regions"]]
        kept = (rows["kinds"] >> np.uint16(kind) & 1).astype(np.bool_) & (region > 0)
        rows, region = rows[kept], region[kept]
        if not len(rows):
            return NOTHING

        occurs = np.zeros(len(self.words) + 1, np.uint8)  # the last: no word
        occurs[numbers] = 1
        occurs[np.fromiter(in_title, np.int64, len(in_title))] = 3
        here = occurs[rows["words"]]
        ways = (here > 0) @ _BITS
        kept = (rows["table"] >> ways.astype(np.uint64) & np.uint64(1)).astype(np.bool_)
        if rows["wide"].any():
            kept &= self._wide(rows, found)
        rows, region, here, ways = rows[kept], region[kept], here[kept], ways[kept]
        if not len(rows):
            return NOTHING

        words = _ONES[ways & rows["positive"]]
        titled = ((here > 1) @ _BITS & rows["positive"]) > 0
        if rows["wide"].any():
            self._count_wide(rows, found, in_title, words, titled)
        trade = self.trades.code(notice.trade)[rows["trades"]]
        tags = self.tags.any_of(notice.tags)[rows["tags"]]
        ranged = rows["least"] >= 0
        if notice.amount is None:
            amount = np.where(ranged, MAYBE, YES)
        else:
            amount = np.where((rows["least"] <= notice.amount) & (notice.amount <= rows["most"]) | ~ranged, YES, 0)
        asked = (rows["regions"] > 0, rows["trades"] > 0, ranged, rows["tags"] > 0)
        answers = (region, trade, amount, tags)
        met = sum((one & (answer == YES)).astype(np.int16) for one, answer in zip(asked, answers, strict=True))
        untold = sum((answer == MAYBE).astype(np.int16) for answer in answers)
        more = np.clip(words - 1, 0, MORE_WORDS) * MORE_WORD
        scores = np.clip(BASE + IN_TITLE * titled + more + FILTER * met + UNKNOWN * untold, 0, 100).astype(np.int16)
        kept = (trade > 0) & (amount > 0) & (tags > 0) & (rows["unsure"] | (untold == 0)) & (scores >= rows["score"])
        ids, scores = rows["id"][kept], scores[kept]
        if self.repeats:
            ids, places = np.unique(ids, return_index=True)
            scores = scores[places]
        return Hits(ids, scores)

    def _candidates(self, numbers: Numbers) -> NDArray[np.int32]:
        """Return the rows under the words that occur, and those that are found under none."""
        starts = self.first[numbers]
        lengths = self.first[numbers + 1] - starts
        total = int(lengths.sum())
        if not total:
            return self.always
        ranges = np.arange(total) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        return np.concatenate([self.always, self.entries[ranges]])

    def _wide(self, rows: Rows, found: set[int]) -> NDArray[np.bool_]:
        answer = np.ones(len(rows), np.bool_)
        for place in np.flatnonzero(rows["wide"]):
            answer[place] = holds(self.wide[int(rows["id"][place])], lambda word: self.words[word] in found)
        return answer

    def _count_wide(
        self, rows: Rows, found: set[int], in_title: set[int], words: NDArray[np.int16], titled: NDArray[np.bool_]
    ) -> None:
        for place in np.flatnonzero(rows["wide"]):
            numbers = {self.words[word] for word in wanted_of(self.wide[int(rows["id"][place])])}
            words[place], titled[place] = len(numbers & found), bool(numbers & in_title)

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
        return dropped

    def __len__(self) -> int:
        return int(self.alive.sum())


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
