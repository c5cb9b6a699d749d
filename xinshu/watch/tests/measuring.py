"""How well headlines are read, beside the labelled set: precision and recall of "somebody should look", kinds right."""

from dataclasses import dataclass
from pathlib import Path

from xinshu.watch.reading.classifying import classify

HEADLINES = Path(__file__).with_name("headlines.tsv")


@dataclass(frozen=True)
class Score:
    """Of one half of the set: shares, and what was read wrong (headline, labelled, read)."""

    precision: float
    recall: float
    kinds: float
    wrong: tuple[tuple[str, int, bool], ...]
    number: int


def measured(half: str) -> Score:
    """Return how one half ("a" mended on, "b" held out) is read."""
    lines = HEADLINES.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    rows = [row for row in rows if row[0] == half]
    read = [(classify(row[2], row[1]), row) for row in rows]
    hits = sum(one.is_risk and row[4] == "1" for one, row in read)
    called, true = sum(one.is_risk for one, _row in read), sum(row[4] == "1" for row in rows)
    kinds = [one.kind == row[3] for one, row in read if row[4] == "1"]
    wrong = tuple((row[2], int(row[4]), one.is_risk) for one, row in read if one.is_risk != (row[4] == "1"))
    return Score(hits / max(called, 1), hits / max(true, 1), sum(kinds) / max(len(kinds), 1), wrong, len(rows))
