"""A segment: subscriptions compiled for matching, never changed again. One automaton over all their keywords, columns
for everything else, rows in the order of the keyword by which they are found. What is found under a word passes its
filters first, whose numbers stand beside it (`sieves`): most rows are never touched.
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
from xinshu.subscriptions.engine.sieves import SHUT, Places, Points, Terms
from xinshu.subscriptions.engine.truth import FULL, SLOTS, cover_of, keys_of, table_of
from xinshu.subscriptions.engine.wanted import BASE, IN_TITLE, MORE_WORD, MORE_WORDS, Notice, Wanted

_NUMBER = itemgetter(2)  # of (start, end, number)
_FOUND, _TITLED = 1, 2  # marks of a word: it occurs, it occurs in the title
_ONES = np.array([bin(n).count("1") for n in range(1 << SLOTS)], np.int16)
_BITS = (1 << np.arange(SLOTS)).astype(np.uint8)
_ROW = np.dtype(
    [
        ("id", np.int64), ("table", np.uint64), ("words", np.int32, SLOTS), ("places", np.int32), ("terms", np.int32),
        ("positive", np.uint8), ("score", np.uint8), ("wide", np.bool_),
    ],
    align=True,
)  # fmt: skip
Rows = NDArray[Any]
Numbers = NDArray[np.int64]
Marks = NDArray[np.uint8]


@dataclass(frozen=True)
class Hits:
    """Which subscriptions an announcement meets, each once, with the score."""

    ids: Numbers
    scores: NDArray[np.int16]


NOTHING = Hits(np.empty(0, np.int64), np.empty(0, np.int16))


class Segment:
    """See above. `alive`: which rows still count; a changed subscription's old row is dead."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.words: dict[str, int] = {}
        self.places, self.terms = Places(kinds), Terms()
        self.wide: dict[int, Node] = {}  # by id: what has more words than slots
        self.rows: Rows = np.empty(0, _ROW)
        self.alive: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.dead = 0

    # building

    def row(self, wanted: Wanted) -> tuple[Any, ...]:
        """Return a subscription as a row of columns; its words and filters get their numbers."""
        expression = wanted.whole
        words = words_of(expression)
        numbers = tuple(self.words.setdefault(word, len(self.words)) for word in words)
        wide = len(words) > SLOTS
        if wide and expression is not None:
            self.wide[wanted.id] = expression
        looked_for = wanted_of(expression)
        return (
            wanted.id,
            FULL if wide else table_of(expression, {word: slot for slot, word in enumerate(words)}),
            (-1,) * SLOTS if wide else numbers + (-1,) * (SLOTS - len(numbers)),
            self.places.number(wanted),
            self.terms.number(wanted),
            0 if wide else sum(1 << slot for slot, word in enumerate(words) if word in looked_for),
            wanted.least_score,
            wide,
        )

    def index(self, rows: Rows, sample: Sequence[str]) -> "Segment":
        """Build the automaton and put every row under the words by which it is found; `sample`: texts to count in.

        What holds without any of its words is found under the number after the last word, which always occurs.
        """
        words = list(self.words)
        self.automaton = CharwiseDoubleArrayAhoCorasick(words) if words else None
        self.places.seal()
        self.terms.seal()
        costs = np.append(self._costs(words, sample), np.float32(np.inf))  # -1, no word: never chosen
        keys = keys_of(rows["table"], costs[rows["words"]])
        row_of, word_of = np.nonzero(keys[:, None] & _BITS)
        always = np.flatnonzero((keys == 0) & ~rows["wide"])
        wide = [(place, word) for place in np.flatnonzero(rows["wide"]) for word in self._keys_of_wide(rows[place])]
        row_of = np.concatenate([row_of, always, np.array([place for place, _word in wide], np.intp)])
        numbers = np.concatenate(
            [rows["words"][row_of[: len(word_of)], word_of], np.full(len(always), len(words)),
             np.array([word for _place, word in wide], np.intp)]
        )  # fmt: skip
        order = np.lexsort((row_of, numbers))
        # rows in the order of their first word: those that are found together lie together
        found = row_of[order]
        _once, first = np.unique(found, return_index=True)
        arranged = found[np.sort(first)]
        moved = np.empty(len(rows), np.int32)
        moved[arranged] = np.arange(len(rows))
        self.rows, self.alive = rows[arranged], np.ones(len(rows), np.bool_)
        self.entries = moved[found]
        self.places_of, self.terms_of = (self.rows[name][self.entries] for name in ("places", "terms"))
        self.first = np.zeros(len(words) + 2, np.int64)
        np.cumsum(np.bincount(numbers, minlength=len(words) + 1), out=self.first[1:])
        self.repeats = len(self.entries) > len(rows)
        self.by_id = np.argsort(self.rows["id"], kind="stable").astype(np.int32)
        return self

    def _keys_of_wide(self, row: Any) -> list[int]:
        cover = cover_of(self.wide[int(row["id"])])
        return [len(self.words)] if cover is None else [self.words[word] for word in cover]

    def _costs(self, words: list[str], sample: Sequence[str]) -> NDArray[np.float32]:
        """Return how often each word is met: counted in the sample, and the shorter the more often."""
        counts = np.array([1 / len(word) for word in words], np.float32)
        for text in sample:
            counts[np.unique(self._in(text))] += 1
        return counts

    # asking

    def _in(self, text: str) -> Numbers:
        """Return the words that occur, as often as they do."""
        found = self.automaton.find_overlapping(text) if self.automaton is not None else []
        return np.fromiter(map(_NUMBER, found), np.int64, len(found))

    def match(self, notice: Notice) -> Hits:
        """Return the living subscriptions that an announcement meets. What rules out most is asked first."""
        marks = np.zeros(len(self.words) + 2, np.uint8)  # the last: no word
        marks[self._in(notice.body)] = _FOUND
        marks[self._in(notice.title)] = _FOUND | _TITLED
        marks[-2] = _FOUND
        places, points = self._candidates(notice, marks)
        if self.dead:
            alive = np.flatnonzero(self.alive.take(places))
            places, points = places.take(alive), points.take(alive)
        if not len(places):
            return NOTHING
        rows = self.rows.take(places)
        holding, worth = self._read(rows, marks)
        points += worth
        scores = np.minimum(np.maximum(points, 0), 100)
        met = np.flatnonzero(holding & (scores >= rows["score"]))
        return self._each_once(rows["id"].take(met), scores.take(met))

    def _candidates(self, notice: Notice, marks: Marks) -> tuple[NDArray[np.int32], Points]:
        """Return the rows found under the words that occur whose filters let an announcement pass, and their points."""
        numbers = np.flatnonzero(marks != 0)
        starts = self.first.take(numbers)
        lengths = self.first.take(numbers + 1) - starts
        found = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        points = self.places.points(notice).take(self.places_of.take(found))
        passing = np.flatnonzero(points > SHUT)
        found, points = found.take(passing), points.take(passing)
        points += self.terms.points(notice, self.terms_of.take(found))
        passing = np.flatnonzero(points > SHUT // 2)
        return self.entries.take(found.take(passing)), points.take(passing)

    def _read(self, rows: Rows, marks: Marks) -> tuple[NDArray[np.bool_], Points]:
        """Return for every row whether its expression holds, and what its words are worth."""
        seen = marks.take(rows["words"])
        ways, positive = (seen & _FOUND) @ _BITS, rows["positive"]
        holding = (rows["table"] >> ways & np.uint64(1)).astype(np.bool_)
        titled = (seen >> 1) @ _BITS & positive > 0
        words = _ONES.take(ways & positive)
        for place in np.flatnonzero(rows["wide"]) if self.wide else ():
            expression = self.wide[int(rows["id"][place])]
            holding[place] = holds(expression, lambda word: bool(marks[self.words[word]]))
            own = marks[[self.words[word] for word in wanted_of(expression)]]
            titled[place], words[place] = (own & _TITLED).any(), np.count_nonzero(own)
        more = np.minimum(np.maximum(words - 1, 0), MORE_WORDS) * MORE_WORD
        return holding, BASE + IN_TITLE * titled + more

    def _each_once(self, ids: Numbers, scores: NDArray[np.int16]) -> Hits:
        """Return hits without the repeats of what is found under several words."""
        if self.repeats and len(ids):
            both = np.sort(ids << 7 | scores)
            both = both[np.append(True, both[1:] != both[:-1])]
            ids, scores = both >> 7, (both & 127).astype(np.int16)
        return Hits(ids, scores)

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
    made = Segment(list(segments[0].places.kinds))
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
        part["places"] = made.places.take(one.places, part["places"])
        part["terms"] = made.terms.take(one.terms, part["terms"])
        parts.append(part)
    return made.index(np.concatenate(parts), sample)


def together(hits: Iterable[Hits]) -> Hits:
    """Return the hits of several segments as one."""
    all_of_them = [one for one in hits if len(one.ids)]
    if len(all_of_them) < 2:
        return next(chain(all_of_them, (NOTHING,)))
    return Hits(np.concatenate([one.ids for one in all_of_them]), np.concatenate([one.scores for one in all_of_them]))
