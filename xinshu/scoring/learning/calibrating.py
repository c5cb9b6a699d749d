"""From a score to a probability: Platt's logistic curve, fitted on predictions of rows that the model had not seen.

Platt and not isotonic: it keeps the order of cases (so AUC and reasons stay), and it holds with thirty defaults.
"""

import numpy as np

from xinshu.scoring.learning.figures import Floats

Curve = tuple[float, float]  # slope, intercept of the log-odds


def fit_curve(score: Floats, y: Floats) -> Curve:
    """Return the curve that makes `score` (log-odds as the model thinks) fit what came, by Newton's method.

    Targets are drawn in by Platt's rule, so that a perfect separation stays finite.
    """
    bads = float(y.sum())
    goods = len(y) - bads
    wanted = np.where(y == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
    at = np.array([1.0, 0.0])
    lost = _lost(score, wanted, at)
    for _round in range(100):
        said = probability_at(score, (float(at[0]), float(at[1])))
        weight, off = said * (1 - said), said - wanted
        first = np.array([float(off @ score), float(off.sum())])
        mixed = float(weight @ score)
        second = np.array([[float(weight @ score**2) + 1e-6, mixed], [mixed, float(weight.sum()) + 1e-6]])
        step = np.linalg.solve(second, first)
        size = 1.0
        while size > 1e-8 and (new := _lost(score, wanted, at - size * step)) > lost:
            size /= 2
        if size <= 1e-8 or lost - new < 1e-12:
            break
        at, lost = at - size * step, new
    return max(float(at[0]), 1e-6), float(at[1])


def _lost(score: Floats, wanted: Floats, at: Floats) -> float:
    """Return the log loss of a curve, stable for large odds."""
    odds = at[0] * score + at[1]
    return float(np.sum(np.logaddexp(0.0, odds) - wanted * odds))


def probability_at(score: Floats, curve: Curve) -> Floats:
    """Return the probability that the curve gives to scores."""
    odds = np.clip(curve[0] * score + curve[1], -40.0, 40.0)
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float64)
