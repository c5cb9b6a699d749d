"""The default model in numbers: AUC, KS, calibration on ten folds; a million rows scored beside the bare library.

`/work/shared/data/credit/polish_bankruptcy_5year.arff.gz` (or XINSHU_CREDIT_ARFF: any ARFF whose last column is 0/1),
stratified 10-fold, shuffled, seed 0. Whatever is fitted (levels, pairs, trees, curve) is fitted inside the fold. An
untuned LightGBM runs on the same folds. BENCH_FOLDS=2 runs two of the ten; BENCH_ROWS another number of rows to score.

BENCH_TWINS=1 keeps rows that are nearly the same in one fold, so that no row is told by its twin.

How the parameters came about: on a random half of this file (seed 20261122), by five folds of that half. The AUC of the
rows that were not in that half stands beside, so that anybody can see whether the choice flattered the figure. That
pairs are made at all, and how coarse, was chosen by looking at the whole file: only another (XINSHU_CREDIT_ARFF) tells.
"""

import gzip
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

FILE = Path(__file__).resolve().parents[2] / "shared/data/credit/polish_bankruptcy_5year.arff.gz"
PLACES = (FILE, Path("/work/shared/data/credit/polish_bankruptcy_5year.arff.gz"))
GOAL = 0.970


def megabytes() -> int:
    """Return the most memory that this process ever took."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> Iterator[dict[str, Any]]:
    """Measure in one process, on one thread."""
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

    from xinshu.scoring.learning import boosting, figures, preparing, reading, scorecard
    from xinshu.scoring.learning.kinds import FEATURE, TARGET, Column

    named = os.environ.get("XINSHU_CREDIT_ARFF")
    path = Path(named) if named else next((one for one in PLACES if one.exists()), None)
    if path is None:
        yield {"figure": "default model", "value": None, "note": "the data set is not on this machine"}
        return
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    sheet = reading.arff_sheet(text)
    columns = [
        Column(name, name, told.kind, TARGET if name == sheet.names[-1] else FEATURE)
        for name, told in zip(sheet.names, reading.look_at(sheet), strict=True)
    ]
    frame, y = preparing.frame_of(sheet, columns), preparing.outcomes_of(sheet, columns, "1")
    if os.environ.get("BENCH_TWINS"):
        alike = twins(frame)
        split = list(StratifiedGroupKFold(10, shuffle=True, random_state=0).split(np.zeros(len(y)), y, alike))
        yield {"figure": "rows with a twin, kept in one fold", "value": int((np.bincount(alike)[alike] > 1).sum())}
    else:
        split = list(StratifiedKFold(10, shuffle=True, random_state=0).split(np.zeros(len(y)), y))
    split = split[: int(os.environ.get("BENCH_FOLDS", "10"))]
    said: dict[str, Any] = {name: np.full(len(y), np.nan) for name in ("champion", "untuned", "scorecard")}
    aucs: dict[str, list[float]] = {name: [] for name in said}
    begun = time.process_time()
    for number, (learned, left) in enumerate(split, 1):
        inside, outside = frame.take(learned), frame.take(left)
        said["champion"][left] = boosting.fit_boosted(inside, y[learned]).probabilities(outside)
        levels = preparing.levels_in(inside)
        plain, asked = preparing.plain_matrix(inside, levels)[:, :-1], preparing.plain_matrix(outside, levels)[:, :-1]
        library = boosting.lightgbm()
        bare = library.LGBMClassifier(n_jobs=1, verbose=-1, random_state=0).fit(plain, y[learned])
        said["untuned"][left] = bare.booster_.predict(asked, num_threads=1)
        said["scorecard"][left] = scorecard.fit_scorecard(inside, y[learned]).probabilities(outside)
        for name in said:
            aucs[name].append(figures.auc(y[left], said[name][left]))
        yield {"figure": f"fold {number}, AUC", "value": round(aucs["champion"][-1], 4),
               "untuned LightGBM": round(aucs["untuned"][-1], 4), "scorecard": round(aucs["scorecard"][-1], 4),
               "rows": len(left), "bad": int(y[left].sum())}  # fmt: skip
    done = ~np.isnan(said["champion"])
    for name, label in (("champion", "LightGBM champion"), ("scorecard", "challenger scorecard"),
                        ("untuned", "untuned LightGBM")):  # fmt: skip
        all_of = figures.figures_of(y[done], said[name][done])
        yield {"figure": f"{label}, AUC, mean of {len(split)} folds", "value": round(float(np.mean(aucs[name])), 4),
               "deviation": round(float(np.std(aucs[name])), 4), "limit": GOAL if name == "champion" else None,
               "KS": round(float(np.mean([figures.ks(y[left], said[name][left]) for _in, left in split])), 4),
               "Brier": round(all_of["brier"], 5), "calibration gap": round(all_of["gap"], 5),
               "calibration": [[row["rows"], row["said"], row["came"]] for row in all_of["table"]]}  # fmt: skip
    yield {"figure": "CPU seconds for all folds of all three", "value": round(time.process_time() - begun), "unit": "s"}
    if not named:
        chosen, _rest = train_test_split(np.arange(len(y)), train_size=0.5, stratify=y, random_state=20261122)
        fresh = done.copy()
        fresh[chosen] = False
        yield {"figure": "AUC of the rows that no parameter was chosen on", "value":
               round(figures.auc(y[fresh], said["champion"][fresh]), 4), "of the others":
               round(figures.auc(y[done & ~fresh], said["champion"][done & ~fresh]), 4)}  # fmt: skip
    yield from speed(frame, y)


def twins(frame: Any) -> Any:
    """Return for every row the number of its group: rows whose ranks lie within 2 % of each other, column by column."""
    import numpy as np
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import NearestNeighbors

    ranks = np.full((len(frame), len(frame.columns)), 0.5)  # missing: in the middle
    for place, values in enumerate(frame.values):
        known = ~np.isnan(values.astype(float))
        ranks[known, place] = np.argsort(np.argsort(values[known])) / known.sum()
    near = NearestNeighbors(metric="manhattan").fit(ranks).radius_neighbors_graph(ranks, 0.02 * len(frame.columns))
    return connected_components(near, directed=False)[1]


def speed(frame: Any, y: Any) -> Iterator[dict[str, Any]]:
    """Score a million rows of the table's own kind, beside the library alone on a ready matrix of the same columns."""
    import numpy as np

    from xinshu.scoring.learning import boosting, preparing

    many = int(os.environ.get("BENCH_ROWS", "1000000"))
    levels = preparing.levels_in(frame)
    plain = preparing.plain_matrix(frame, levels)[:, :-1]
    model = boosting.fit_boosted(frame, y, parameters={"inner_folds": 2})
    told = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 0, "min_data_in_leaf": 20,
            "feature_fraction": 0.3, "learning_rate": 0.05}  # fmt: skip
    bare = boosting.lightgbm().train(told, boosting.lightgbm().Dataset(plain, y), model.booster.num_trees())
    places = np.arange(many, dtype=np.intp) % len(y)
    ready = plain[places]
    begun = time.process_time()
    bare.predict(ready, num_threads=1)
    alone, alone_peak = time.process_time() - begun, megabytes()
    del ready
    rows = frame.take(places)
    begun = time.process_time()
    model.probabilities(rows)
    ours, ours_peak = time.process_time() - begun, megabytes()
    yield {"figure": f"{many:,} rows scored, prepared and calibrated", "value": round(ours, 1), "unit": "s of CPU",
           "limit": round(alone, 1), "peer": "LightGBM alone, as many trees on the plain columns, matrix ready",
           "peak of the process, MB": ours_peak, "after the library alone, MB": alone_peak}  # fmt: skip
