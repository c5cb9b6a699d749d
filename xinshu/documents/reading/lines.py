"""What stands on a page: lines of text with their places, put into rows as a person would read them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Box = tuple[int, int, int, int]  # left, top, right, bottom in thousandths of the page


@dataclass(frozen=True)
class Line:
    """One piece of text as it was read. `also`: what a second look at the same place read instead.

    `confidence` is the reader's own, 0 to 1; a text layer is believed (1.0).
    """

    text: str
    box: Box
    confidence: float = 1.0
    page: int = 1
    also: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def height(self) -> int:
        return max(1, self.box[3] - self.box[1])


@dataclass(frozen=True)
class Sheet:
    """One page. `printed`: its text was in the file and not guessed from a picture."""

    number: int
    lines: tuple[Line, ...]
    printed: bool = False

    @cached_property
    def rows(self) -> tuple["Row", ...]:
        """Return the lines in rows, from the top, each from the left."""
        found: list[list[Line]] = []
        for line in sorted(self.lines, key=lambda line: line.middle):
            home = next((row for row in reversed(found[-4:]) if _level(row, line)), None)
            if home is None:
                found.append([line])
            else:
                home.append(line)
        return tuple(Row(tuple(sorted(row, key=lambda line: line.box[0]))) for row in found)

    @cached_property
    def text(self) -> str:
        """Return all rows, a line each, bare of blanks."""
        return "\n".join(bare(row.text) for row in self.rows)


def _level(row: list[Line], line: Line) -> bool:
    """Say whether the line stands in the row: at the height of its nearest neighbour, and beside, not over it."""
    near = min(row, key=lambda other: abs(other.box[0] - line.box[0]))
    shared = min(near.box[3], line.box[3]) - max(near.box[1], line.box[1])
    tall = max(near.height, line.height) > 3 * min(near.height, line.height)  # a heading that runs down the margin
    beside = all(line.box[0] >= other.box[2] - 25 or line.box[2] <= other.box[0] + 25 for other in row)
    return beside and not tall and shared >= 0.5 * min(near.height, line.height)


@dataclass(frozen=True)
class Row:
    """Lines beside each other. `text` holds them with a tab between; `at` finds the line of a position in it."""

    lines: tuple[Line, ...]

    @cached_property
    def text(self) -> str:
        return "\t".join(half(line.text) for line in self.lines)

    def at(self, start: int, end: int) -> tuple[Line, ...]:
        """Return the lines that have a part of text[start:end]."""
        found, position = [], 0
        for line in self.lines:
            length = len(half(line.text))
            if position < end and position + length > start:
                found.append(line)
            position += length + 1
        return tuple(found)


def around(lines: Iterable[Line]) -> Box | None:
    """Return the box around lines; None for none."""
    boxes = [line.box for line in lines]
    if not boxes:
        return None
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def half(text: str) -> str:
    """Return text in half-width signs, ideographic variants and radicals folded (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def bare(text: str) -> str:
    """Return text without any blank."""
    return re.sub(r"\s+", "", half(text))


def as_rows(lines: Iterable[Line]) -> list[list[Any]]:
    """Return lines as plain data, to be kept: [text, box, confidence, also]."""
    return [[line.text, list(line.box), round(line.confidence, 3), list(line.also)] for line in lines]


def of_rows(rows: Iterable[list[Any]], page: int) -> Iterator[Line]:
    """Yield lines from plain data; what is no line is left out."""
    for text, box, confidence, also in rows:
        left, top, right, bottom = (min(1000, max(0, int(edge))) for edge in box)
        yield Line(str(text), (left, top, right, bottom), float(confidence), page, tuple(map(str, also)))
