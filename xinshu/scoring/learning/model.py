"""A trained model as bytes: canonical JSON with the trees as text. Same data, seed, code and parameters: same bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xinshu.core.sm import sm3
from xinshu.scoring.learning.boosting import PARAMETERS, Boosted, fit_boosted
from xinshu.scoring.learning.drift import Baseline, Value, baseline_of
from xinshu.scoring.learning.figures import Floats
from xinshu.scoring.learning.kinds import BOOSTING, SCORECARD, Column
from xinshu.scoring.learning.preparing import Frame, one_row
from xinshu.scoring.learning.scorecard import Scorecard, fit_scorecard

CODE = 1  # the version of this pipeline: raised whenever the same data would give other bytes
Trained = Boosted | Scorecard


@dataclass(frozen=True)
class Model:
    """A model and what is needed to explain and to watch it: how its columns and its score were distributed."""

    form: str
    trained: Trained
    baselines: tuple[Baseline, ...]  # per column
    score_baseline: Baseline

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.trained.columns

    def to_bytes(self) -> bytes:
        """Return the model as it is kept."""
        kept = {
            "code": CODE, "form": self.form, "model": self.trained.as_json(), "baselines": list(self.baselines),
            "score_baseline": self.score_baseline,
        }  # fmt: skip
        return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Model":
        kept = json.loads(content)
        of: Any = Boosted if kept["form"] == BOOSTING else Scorecard
        return cls(kept["form"], of.from_json(kept["model"]), tuple(kept["baselines"]), kept["score_baseline"])

    def load(self) -> None:
        """Have the library and the trees in memory."""
        if isinstance(self.trained, Boosted):
            _ready = self.trained.booster

    @property
    def sm3(self) -> str:
        return sm3(self.to_bytes()).hex()


def fit(
    frame: Frame, y: Floats, form: str, *, seed: int, parameters: dict[str, Any] | None = None,
    told: Callable[[], None] = lambda: None,
) -> Trained:  # fmt: skip
    """Learn one model of a form from all rows."""
    if form == SCORECARD:
        return fit_scorecard(frame, y, told=told)
    return fit_boosted(frame, y, seed=seed, parameters=parameters, told=told)


def finished(frame: Frame, trained: Trained, unseen: Floats) -> Model:
    """Return the model with its baselines. `unseen`: what was said of the rows while they were left out."""
    form = BOOSTING if isinstance(trained, Boosted) else SCORECARD
    baselines = tuple(baseline_of(frame.plain(place)) for place in range(len(frame.columns)))
    return Model(form, trained, baselines, baseline_of([round(value, 6) for value in unseen.tolist()]))


def parameters_of(form: str) -> dict[str, Any]:
    """Return the parameters that a form is trained with."""
    return dict(PARAMETERS) if form == BOOSTING else {"points_to_double": 20, "max_bins": 6, "max_columns": 15}


@dataclass(frozen=True)
class Reason:
    """One column's part in a score: its value, what it adds to the log-odds, how its value lies among those learned."""

    name: str
    label: str
    value: Value
    adds: float
    rank: float | None  # share of the learned values that lie below; None: missing, or a category

    def as_json(self) -> dict[str, Any]:
        """Return the reason as it is kept: numbers as text."""
        value = "" if self.value is None else (self.value if isinstance(self.value, str) else f"{self.value:.15g}")
        rank = "" if self.rank is None else f"{self.rank:.2f}"
        return {"name": self.name, "label": self.label, "value": value, "missing": self.value is None,
                "adds": f"{self.adds:.4f}", "rank": rank}  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """What a model says of one case."""

    probability: float
    start: float  # the log-odds it starts from
    reasons: tuple[Reason, ...]  # weightiest first
    missing: tuple[str, ...]  # labels of columns without a value
    points: int | None = None  # of a scorecard


def score_one(model: Model, known: dict[str, Value]) -> Scored:
    """Return what the model says of one case. What is not known is missing: it is never zero."""
    frame = one_row(model.columns, known)
    contributions = model.trained.contributions(frame)[0]
    probability = float(model.trained.probabilities(frame)[0])
    reasons = []
    for place, column in enumerate(model.columns):
        value = frame.plain(place)[0]
        reasons.append(
            Reason(column.name, column.label, value, float(contributions[place]), _rank(model.baselines[place], value))
        )
    reasons.sort(key=lambda one: (-abs(one.adds), one.name))
    missing = tuple(one.label for one in reasons if one.value is None)
    points = None
    if isinstance(model.trained, Scorecard):
        points = int(model.trained.points(frame).sum()) + model.trained.base
    return Scored(probability, float(contributions[-1]), tuple(reasons), missing, points)


def _rank(baseline: Baseline, value: Value) -> float | None:
    if value is None or isinstance(value, str) or not baseline["edges"]:
        return None
    place = int(np.searchsorted(baseline["edges"], value, side="right"))
    shares = baseline["shares"][: len(baseline["edges"]) + 1]
    return float((sum(shares[:place]) + shares[place] / 2) / (sum(shares) or 1.0))
