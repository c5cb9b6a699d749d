"""From a table to numbers, fitted on the rows that are learned from and on no others.

A category becomes the place of its level among the levels seen (another level, or none: missing). Beside the columns
stand the count of missing values and pairs of number columns: their difference and their ratio. Two figures of one
balance sheet tell most when they contradict each other, and trees cannot divide. Pairs are kept coarse (what differs by
less than 1 % is equal, ratios have 8 bits): a model must not live on the rounding of whoever wrote the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from xinshu.scoring.learning.figures import Floats
from xinshu.scoring.learning.kinds import NUMBER, Column, with_role
from xinshu.scoring.learning.reading import Sheet, is_missing, number_of

ALIKE = 0.01
PAIRED_COLUMNS = 64  # of which pairs are made: 64 give 4,032
Pair = tuple[int, int, str]


@dataclass(frozen=True)
class Frame:
    """Feature columns with their values: numbers (nan: missing) or words (None: missing)."""

    columns: tuple[Column, ...]
    values: tuple[NDArray[np.generic], ...]

    def __len__(self) -> int:
        return len(self.values[0])

    def take(self, places: NDArray[np.intp] | slice) -> "Frame":
        """Return some of the rows."""
        return Frame(self.columns, tuple(column[places] for column in self.values))

    def plain(self, position: int) -> list[float | str | None]:
        """Return a column as plain values, None where missing."""
        found = self.values[position].tolist()
        return [None if value is None or value != value else value for value in found]


def frame_of(sheet: Sheet, columns: Sequence[Column]) -> Frame:
    """Return the feature columns of a table."""
    features = with_role(tuple(columns), "feature")
    values: list[NDArray[np.generic]] = []
    for place in features:
        cells = [row[place] for row in sheet.rows]
        if columns[place].kind == NUMBER:
            numbers = (number_of(cell) for cell in cells)
            values.append(np.array([np.nan if one is None else one for one in numbers], dtype=np.float64))
        else:
            words = [None if is_missing(cell) else cell.strip() for cell in cells]
            values.append(np.array(words, dtype=object))
    return Frame(tuple(columns[place] for place in features), tuple(values))


def outcomes_of(sheet: Sheet, columns: Sequence[Column], bad: str) -> Floats:
    """Return 1 for default, 0 for none, row by row."""
    place = with_role(tuple(columns), "target")[0]
    return np.array([float(row[place].strip() == bad) for row in sheet.rows])


def one_row(columns: Sequence[Column], known: dict[str, float | str | None]) -> Frame:
    """Return the frame of one case, from what is known of it by the names of columns."""
    values: list[NDArray[np.generic]] = []
    for column in columns:
        value = known.get(column.name)
        if column.kind == NUMBER:
            values.append(np.array([float(value) if isinstance(value, int | float) else np.nan]))
        else:
            values.append(np.array([None if value is None else str(value)], dtype=object))
    return Frame(tuple(columns), tuple(values))


Levels = dict[str, list[str]]


def levels_in(frame: Frame) -> Levels:
    """Return the levels of the category columns, in order."""
    return {
        column.name: sorted({str(value) for value in values if value is not None})
        for column, values in zip(frame.columns, frame.values, strict=True)
        if column.kind != NUMBER
    }


def plain_matrix(frame: Frame, levels: Levels) -> Floats:
    """Return the columns as numbers, and the count of missing values beside them."""
    out = np.empty((len(frame), len(frame.columns) + 1))
    for position, (column, values) in enumerate(zip(frame.columns, frame.values, strict=True)):
        if column.kind == NUMBER:
            out[:, position] = values.astype(np.float64)
        else:
            places = {level: float(place) for place, level in enumerate(levels[column.name])}
            out[:, position] = [places.get(value, np.nan) for value in values.tolist()]
    out[~np.isfinite(out)] = np.nan
    out[:, -1] = np.isnan(out[:, :-1]).sum(axis=1)
    return out


def all_pairs(frame: Frame, first: Sequence[int]) -> list[Pair]:
    """Return every pair of the number columns among `first`, by difference and by ratio."""
    numbers = [place for place in first if frame.columns[place].kind == NUMBER][:PAIRED_COLUMNS]
    return [(one, other, how) for one, other in combinations(sorted(numbers), 2) for how in ("-", "/")]


def pair_matrix(plain: Floats, pairs: Sequence[Pair]) -> NDArray[np.float32]:
    """Return pairs of columns as numbers, column by column in memory."""
    out = np.empty((len(pairs), len(plain)), dtype=np.float32)
    columns = np.ascontiguousarray(plain.T)
    with np.errstate(all="ignore"):
        for place, (one, other, how) in enumerate(pairs):
            a, b = columns[one], columns[other]
            if how == "-":
                apart = a - b
                apart[np.abs(apart) <= ALIKE * np.maximum(np.abs(a), np.abs(b))] = 0.0
                out[place] = apart
            else:
                out[place] = a / b
        out[~np.isfinite(out)] = np.nan
        bits = out.view(np.uint32)  # to the nearest with 8 bits; missing stays missing
        bits += np.uint32(0x8000)
        bits &= np.uint32(0xFFFF0000)
    return out.T


def matrix(frame: Frame, levels: Levels, pairs: Sequence[Pair]) -> Floats:
    """Return everything that trees look at: columns, the count of missing values, the pairs chosen."""
    plain = plain_matrix(frame, levels)
    return np.hstack([plain, pair_matrix(plain, pairs)]) if pairs else plain
