"""The same sums as reckoning.py for whole libraries at once: columns instead of rows (30,000 firms in a second)."""

from collections.abc import Iterable, Sequence
from datetime import date

from xinshu.credit.reckoning import FULL, MILLI, Card


def scores(card: Card, subjects: Sequence[int], acts: Iterable[tuple[int, str, date]], on: date) -> list[int]:
    """Return the score of every subject on the day `on`, in their order. `acts`: (subject, kind, day)."""
    import numpy as np  # 0.1 s to load: only where a whole library is reckoned

    place = {pk: number for number, pk in enumerate(subjects)}
    items = list(card.items.values())
    index = {item.kind: number for number, item in enumerate(items)}
    of = [(place[pk], index[kind], (on - day).days) for pk, kind, day in acts if kind in index and pk in place]
    sums = np.zeros((len(subjects), max(len(items), 1)), dtype=np.int64)
    if of:
        rows, kinds, ages = np.array(of, dtype=np.int64).T
        longest = max(item.window for item in items)
        fading = np.zeros((len(items), longest + 2), dtype=np.int64)  # the last column: too old, or not yet
        for number, item in enumerate(items):
            fading[number, : item.window + 1] = item.fading
        ages = np.where((ages < 0) | (ages > longest), longest + 1, ages)
        np.add.at(sums, (rows, kinds), fading[kinds, ages])
    for number, item in enumerate(items):
        if item.cap:
            np.clip(sums[:, number], -item.cap * MILLI, item.cap * MILLI, out=sums[:, number])
    weighed = np.zeros(len(subjects), dtype=np.int64)
    for number, dimension in enumerate(card.dimensions):
        mine = [place_ for place_, item in enumerate(items) if item.dimension == number]
        ended = np.clip(dimension.base * MILLI + sums[:, mine].sum(axis=1), 0, FULL)
        weighed += dimension.weight * ended
    return [int(score) for score in (weighed + 5000) // 10_000]
