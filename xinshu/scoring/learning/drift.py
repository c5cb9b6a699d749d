"""How far what is scored now lies from what was learned: PSI per column and of the score. Plain Python.

PSI = sum over bins of (now - then) ln(now / then). Usual reading (Siddiqi, Credit Risk Scorecards): under 0.10 stable,
0.10 to 0.25 watch, above 0.25 shifted. A bin that is empty on one side counts as half a case.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

BINS = 10
WATCH, ALARM = 0.10, 0.25
FEWEST = 50  # scored cases below which a month says nothing
Baseline = dict[str, Any]  # {"edges": [...], "shares": [...], "missing": share} or {"levels": [...], "shares": ...}
Value = float | str | None


def baseline_of(values: Sequence[Value]) -> Baseline:
    """Return how a column was distributed: tenths of its numbers, or its levels; missing on its own."""
    known = [value for value in values if value is not None]
    missing = 1 - len(known) / len(values) if values else 0.0
    if any(isinstance(value, str) for value in known):
        levels = sorted({str(value) for value in known})
        edges: list[float] = []
    else:
        numbers = sorted(float(value) for value in known)
        levels = []
        edges = sorted({numbers[len(numbers) * place // BINS] for place in range(1, BINS)}) if numbers else []
    kept: Baseline = {"edges": edges, "levels": levels, "missing": missing}
    return {**kept, "shares": _shares(kept, values)}


def _shares(kept: Baseline, values: Sequence[Value]) -> list[float]:
    """Return the share of each bin; the last two are "another level" and "missing"."""
    levels, edges = kept["levels"], kept["edges"]
    places = {level: place for place, level in enumerate(levels)}
    counts = [0] * ((len(levels) if levels else len(edges) + 1) + 2)
    for value in values:
        if value is None:
            counts[-1] += 1
        elif levels:
            counts[places.get(str(value), -2)] += 1
        elif isinstance(value, str):
            counts[-2] += 1
        else:
            counts[bisect_right(edges, float(value))] += 1
    return [count / len(values) for count in counts] if values else [0.0] * len(counts)


def psi(kept: Baseline, values: Sequence[Value]) -> float:
    """Return the PSI of `values` against how the column was distributed when it was learned."""
    if not values:
        return 0.0
    least = 0.5 / len(values)
    total = 0.0
    for then, now in zip(kept["shares"], _shares(kept, values), strict=True):
        if then or now:
            then, now = max(then, least), max(now, least)
            total += (now - then) * math.log(now / then)
    return total


def level_of(value: float) -> str:
    """Return how a PSI is read: "ok", "warn" (from 0.10), "danger" (from 0.25)."""
    return "danger" if value >= ALARM else "warn" if value >= WATCH else "ok"
