"""The challenger: a scorecard a person can add up. Bins by optbinning, weights by logistic regression, whole points.

600 points are odds of 50 good to 1 bad, every 20 points double the odds. The probability follows from the rounded
points, so that what is added up by hand is what is said. A missing value has a bin of its own; where none was seen in
learning it counts as the average case and the reason says so.
"""

import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xinshu.scoring.learning.figures import Floats
from xinshu.scoring.learning.kinds import NUMBER, Column, columns_from
from xinshu.scoring.learning.preparing import Frame

BASE, ODDS, DOUBLE = 600, 50, 20
FACTOR = DOUBLE / math.log(2)
OFFSET = BASE - FACTOR * math.log(ODDS)
MOST_COLUMNS = 15  # a card with more is not read by anybody
LEAST_VALUE = 0.02  # information value below which a column says nothing (Siddiqi)
Bins = dict[str, Any]  # {"column", "edges" or "groups", "points": [...], "missing": points, "seen_missing": bool}


def _optimal_binning() -> Any:
    """Return the library's class. It loads for seconds, and a solver under it complains of another: keep it quiet."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import contextlib
            import io

            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                from optbinning import OptimalBinning
    finally:
        logging.disable(level)
    return OptimalBinning


def _rough_value(values: NDArray[np.generic], numeric: bool, y: Floats) -> float:
    """Return about how much a column tells (information value over tenths or levels): which to bin with care."""
    if numeric:
        numbers = values.astype(np.float64)
        known = ~np.isnan(numbers)
        if not known.any():
            return 0.0
        edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, 11)[1:-1]))
        places = np.where(known, np.digitize(numbers, edges), len(edges) + 1)
    else:
        _levels, places = np.unique(np.array([str(value) for value in values]), return_inverse=True)
    bads = np.bincount(places, y) + 0.5
    goods = np.bincount(places, 1 - y) + 0.5
    bad, good = bads / bads.sum(), goods / goods.sum()
    return float(np.sum((good - bad) * np.log(good / bad)))


@dataclass(frozen=True)
class Scorecard:
    """A trained card: base points and bins."""

    columns: tuple[Column, ...]
    base: int
    bins: tuple[Bins, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the card as it is kept."""
        return {"columns": [one.as_json() for one in self.columns], "base": self.base, "bins": list(self.bins)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Scorecard":
        return cls(columns_from(kept["columns"]), kept["base"], tuple(kept["bins"]))

    def points(self, frame: Frame) -> NDArray[np.int64]:
        """Return the points per bin column, row by row."""
        out = np.zeros((len(frame), len(self.bins)), dtype=np.int64)
        for place, bins in enumerate(self.bins):
            values = frame.values[bins["column"]]
            if "edges" in bins:
                numbers = values.astype(np.float64)
                points = np.array(bins["points"])[np.digitize(numbers, bins["edges"])]
                out[:, place] = np.where(np.isnan(numbers), bins["missing"], points)
            else:
                told: dict[Any, int] = {
                    level: at for group, at in zip(bins["groups"], bins["points"], strict=True) for level in group
                }
                missing = int(bins["missing"])
                found: list[int] = [told.get(value, missing) for value in values.tolist()]
                out[:, place] = found
        return out

    def probabilities(self, frame: Frame) -> Floats:
        """Return the probability of default that the points stand for."""
        odds = (self.points(frame).sum(axis=1) + self.base - OFFSET) / FACTOR  # log-odds of good
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(odds, -40, 40))), dtype=np.float64)

    def contributions(self, frame: Frame) -> Floats:
        """Return what each column adds to the log-odds of default, against the average case; shape as of Boosted."""
        out = np.zeros((len(frame), len(self.columns) + 2))
        for place, bins in enumerate(self.bins):
            out[:, bins["column"]] -= self.points(frame)[:, place] / FACTOR
        out[:, -1] = -(self.base - OFFSET) / FACTOR
        return out


def fit_scorecard(frame: Frame, y: Floats, *, told: Callable[[], None] = lambda: None) -> Scorecard:
    """Learn a card from all rows."""
    from sklearn.linear_model import LogisticRegression

    optimal_binning = _optimal_binning()
    rough = [
        _rough_value(values, column.kind == NUMBER, y)
        for column, values in zip(frame.columns, frame.values, strict=True)
    ]
    best = [place for place in np.argsort([-one for one in rough], kind="stable") if rough[place] >= LEAST_VALUE]
    found: list[Bins] = []
    woe: list[Floats] = []
    overall = math.log((len(y) - y.sum() + 0.5) / (y.sum() + 0.5))

    def weight(inside: NDArray[np.bool_]) -> float:
        return math.log(((1 - y)[inside].sum() + 0.5) / (y[inside].sum() + 0.5)) - overall

    for place in sorted(int(one) for one in best[:MOST_COLUMNS]):
        values, numeric = frame.values[place], frame.columns[place].kind == NUMBER
        kind = "numerical" if numeric else "categorical"
        asked = values if numeric else np.array(["" if one is None else one for one in values], dtype=object)
        missing = np.isnan(values.astype(np.float64)) if numeric else asked == ""
        if missing.all():
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            binning = optimal_binning(dtype=kind, solver="cp", max_n_bins=6, min_bin_size=0.03, time_limit=60)
            binning.fit(asked[~missing], y[~missing].astype(int))
        column = np.zeros(len(y))
        if numeric:
            edges = [float(edge) for edge in binning.splits]
            places = np.digitize(values.astype(np.float64), edges)
            inside = [~missing & (places == at) for at in range(len(edges) + 1)]
            bins: Bins = {"column": place, "edges": edges}
        else:
            groups = [sorted(str(level) for level in group) for group in binning.splits]
            inside = [np.isin(asked.astype(str), group) & ~missing for group in groups]
            bins = {"column": place, "groups": groups}
        weights = [weight(one) for one in inside]
        seen = int(missing.sum()) >= 5
        for one, value in zip([*inside, missing], [*weights, weight(missing) if seen else 0.0], strict=True):
            column[one] = value
        if len(weights) > 1 or seen:
            found.append({**bins, "weights": weights, "missing": weight(missing) if seen else 0.0, "seen": seen})
            woe.append(column)
        told()
    if not found:
        return Scorecard(frame.columns, round(OFFSET + FACTOR * overall), ())
    model = LogisticRegression(C=1.0, max_iter=1000).fit(np.array(woe).T, 1 - y)  # of being good
    base = round(OFFSET + FACTOR * float(model.intercept_[0]))
    cards = tuple(
        {
            **{name: bins[name] for name in ("column", "edges", "groups") if name in bins},
            "points": [round(FACTOR * float(slope) * value) for value in bins["weights"]],
            "missing": round(FACTOR * float(slope) * bins["missing"]), "seen_missing": bins["seen"],
        }
        for bins, slope in zip(found, model.coef_[0], strict=True)
    )  # fmt: skip
    return Scorecard(frame.columns, base, cards)
