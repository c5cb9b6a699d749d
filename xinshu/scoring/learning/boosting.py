"""The champion: gradient-boosted trees (LightGBM) over columns and pairs, calibrated on rows left out.

One thread, deterministic, seeded: the same rows give the same bytes.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xinshu.scoring.learning.calibrating import Curve, fit_curve, probability_at
from xinshu.scoring.learning.figures import Floats
from xinshu.scoring.learning.kinds import CATEGORY, Column, columns_from
from xinshu.scoring.learning.preparing import (
    Frame,
    Levels,
    Pair,
    all_pairs,
    levels_in,
    matrix,
    pair_matrix,
    plain_matrix,
)

PARAMETERS: dict[str, Any] = {
    "trees": 250, "learning_rate": 0.05, "num_leaves": 31, "feature_fraction": 0.3, "min_data_in_leaf": 20,
    "pairs": 100, "look_trees": 60, "inner_folds": 3, "few_trees": 100,
}  # fmt: skip
FEW = 100  # defaults below which pairs are not chosen: among thousands some fit by chance
CHUNK = 50_000  # rows that are prepared at once
Told = Callable[[], None]


def lightgbm() -> Any:
    """Return the library, told to keep its threads from spinning. Loads for about a second."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import lightgbm as library

    return library


def _grow(x: Any, y: Floats, trees: int, seed: int, categories: Sequence[int], **parameters: Any) -> Any:
    library = lightgbm()
    told = {
        "objective": "binary", "verbose": -1, "num_threads": 1, "seed": seed, "deterministic": True,
        "force_row_wise": True, **parameters,
    }  # fmt: skip
    columns = list(categories)
    data = library.Dataset(x, y, params=told, categorical_feature=columns, free_raw_data=True)
    return library.train(told, data, trees)


def _categories(frame: Frame) -> list[int]:
    return [place for place, column in enumerate(frame.columns) if column.kind == CATEGORY]


def choose_pairs(
    frame: Frame, y: Floats, levels: Levels, seed: int, parameters: dict[str, Any], most: int
) -> list[Pair]:
    """Return the `most` pairs that a quick look finds most telling on these rows."""
    if not most:
        return []
    plain = plain_matrix(frame, levels)
    seen = range(len(frame.columns))
    if len(frame.columns) > 64:
        quick = _grow(plain, y, 40, seed, _categories(frame), learning_rate=0.1, num_leaves=15, max_bin=63)
        seen = np.argsort(-quick.feature_importance("gain")[:-1], kind="stable").tolist()
    pairs = all_pairs(frame, list(seen))
    if not pairs:
        return []
    x = np.hstack([plain.astype(np.float32), pair_matrix(plain, pairs)])
    look = _grow(
        x, y, parameters["look_trees"], seed, _categories(frame), learning_rate=0.1, num_leaves=15,
        feature_fraction=0.2, min_data_in_leaf=parameters["min_data_in_leaf"], max_bin=63,
    )  # fmt: skip
    gain = look.feature_importance("gain")[plain.shape[1] :]
    best = np.argsort(-gain, kind="stable")[:most]
    return [pairs[place] for place in sorted(best.tolist()) if gain[place] > 0]


def _fit(frame: Frame, y: Floats, seed: int, parameters: dict[str, Any]) -> tuple[Levels, list[Pair], Any]:
    levels = levels_in(frame)
    bads = int(min(y.sum(), len(y) - y.sum()))
    few = bads < FEW
    best = 0 if few else min(parameters["pairs"], bads // 3)
    pairs = choose_pairs(frame, y, levels, seed, parameters, best)
    grown = {name: parameters[name] for name in ("learning_rate", "num_leaves", "feature_fraction", "min_data_in_leaf")}
    booster = _grow(
        matrix(frame, levels, pairs), y, parameters["few_trees" if few else "trees"], seed, _categories(frame), **grown
    )
    return levels, pairs, booster


def folds_of(y: Floats, parts: int, seed: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return stratified folds, shuffled by `seed`, as (learned from, left out)."""
    from sklearn.model_selection import StratifiedKFold

    split = StratifiedKFold(parts, shuffle=True, random_state=seed).split(np.zeros(len(y)), y)
    return [(learned, left) for learned, left in split]


@dataclass(frozen=True)
class Boosted:
    """A trained model: what it prepares, its trees, its curve."""

    columns: tuple[Column, ...]
    levels: Levels
    pairs: tuple[Pair, ...]
    text: str
    curve: Curve

    def as_json(self) -> dict[str, Any]:
        """Return the model as it is kept."""
        return {
            "columns": [column.as_json() for column in self.columns], "levels": self.levels,
            "pairs": [list(pair) for pair in self.pairs], "text": self.text, "curve": list(self.curve),
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Boosted":
        pairs = tuple((int(one), int(other), str(how)) for one, other, how in kept["pairs"])
        slope, intercept = kept["curve"]
        return cls(columns_from(kept["columns"]), kept["levels"], pairs, kept["text"], (slope, intercept))

    @cached_property
    def booster(self) -> Any:
        """The trees, ready to be asked."""
        return lightgbm().Booster(model_str=self.text)

    def probabilities(self, frame: Frame) -> Floats:
        """Return the probability of default, row by row; prepared in pieces, so that memory stays small."""
        out = np.empty(len(frame))
        for begin in range(0, len(frame), CHUNK):
            piece = slice(begin, begin + CHUNK)
            raw = self.booster.predict(
                matrix(frame.take(piece), self.levels, self.pairs), raw_score=True, num_threads=1
            )
            out[piece] = probability_at(raw, self.curve)
        return out

    def contributions(self, frame: Frame) -> Floats:
        """Return what each column adds to the log-odds, row by row; a pair's share goes to its two columns, half each.

        The last two columns: the count of missing values, and where the model starts from.
        """
        raw = self.booster.predict(matrix(frame, self.levels, self.pairs), pred_contrib=True, num_threads=1)
        wide = len(self.columns)
        out = np.zeros((len(frame), wide + 2))
        out[:, : wide + 1], out[:, -1] = raw[:, : wide + 1], raw[:, -1]
        for place, (one, other, _how) in enumerate(self.pairs, wide + 1):
            out[:, one] += raw[:, place] / 2
            out[:, other] += raw[:, place] / 2
        out *= self.curve[0]
        out[:, -1] += self.curve[1]
        return out


def fit_boosted(
    frame: Frame, y: Floats, *, seed: int = 0, parameters: dict[str, Any] | None = None, told: Told = lambda: None
) -> Boosted:
    """Learn from all rows; the curve comes from inner folds in which all is done anew."""
    parameters = {**PARAMETERS, **(parameters or {})}
    unseen = np.empty(len(y))
    for learned, left in folds_of(y, parameters["inner_folds"], seed):
        part = frame.take(learned)
        levels, pairs, booster = _fit(part, y[learned], seed, parameters)
        unseen[left] = booster.predict(matrix(frame.take(left), levels, pairs), raw_score=True, num_threads=1)
        told()
    levels, pairs, booster = _fit(frame, y, seed, parameters)
    told()
    return Boosted(frame.columns, levels, tuple(pairs), booster.model_to_string(), fit_curve(unseen, y))
