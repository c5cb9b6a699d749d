"""How good a probability of default is: AUC, KS, Brier, calibration by tenths. `y`: 1 for default, 0 for none."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Figures = dict[str, Any]


def auc(y: Floats, score: Floats) -> float:
    """Return the chance that a default is scored above a good case, ties counted half (Mann-Whitney)."""
    order = np.argsort(score, kind="stable")
    ordered = score[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[starts[1:], len(score)]
    ranks = np.empty(len(score))
    ranks[order] = np.repeat((starts + ends + 1) / 2, ends - starts)
    bads = float(y.sum())
    goods = len(y) - bads
    return float((ranks[y == 1].sum() - bads * (bads + 1) / 2) / (bads * goods))


def ks(y: Floats, score: Floats) -> float:
    """Return the widest gap between the distributions of the score among defaults and good cases."""
    order = np.argsort(-score, kind="stable")
    hit = np.cumsum(y[order]) / y.sum()
    miss = np.cumsum(1 - y[order]) / (len(y) - y.sum())
    last = np.r_[score[order][1:] != score[order][:-1], True]  # only where the score changes
    return float(np.abs(hit - miss)[last].max())


def brier(y: Floats, probability: Floats) -> float:
    """Return the mean square of what was said less what came."""
    return float(np.mean((probability - y) ** 2))


def calibration(y: Floats, probability: Floats, parts: int = 10) -> list[dict[str, Any]]:
    """Return per tenth of the probability: how many cases, what was said on average, what came."""
    order = np.argsort(probability, kind="stable")
    rows = []
    for piece in np.array_split(order, parts):
        if len(piece):
            said, came = float(probability[piece].mean()), float(y[piece].mean())
            rows.append(
                {"rows": len(piece), "said": round(said, 6), "came": round(came, 6), "bad": int(y[piece].sum())}
            )
    return rows


def calibration_gap(table: list[dict[str, Any]]) -> float:
    """Return the expected calibration error: the mean distance between said and came, weighted by cases."""
    rows = sum(row["rows"] for row in table)
    return float(sum(row["rows"] * abs(row["said"] - row["came"]) for row in table) / rows)


def figures_of(y: Floats, probability: Floats) -> Figures:
    """Return all of them, rounded to six places."""
    table = calibration(y, probability)
    return {
        "rows": len(y),
        "bad": int(y.sum()),
        "auc": round(auc(y, probability), 6),
        "ks": round(ks(y, probability), 6),
        "brier": round(brier(y, probability), 6),
        "gap": round(calibration_gap(table), 6),
        "table": table,
    }
