"""The training itself, in the worker: one step a turn, so that other work has its turn between and a crash costs one.

Steps: five folds, the later rows by the earlier (where there is a time column), the model of all rows. What the folds
said of the rows left out is kept with the version; a worker that comes after a crash goes on with the next step.
"""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from xinshu.core.refusals import Refusal
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import Blob
from xinshu.scoring.actions.data import sheet_of_set
from xinshu.scoring.actions.versions import fail_training, finish_training, note_progress
from xinshu.scoring.learning.kinds import TIME, Column, with_role
from xinshu.scoring.learning.reading import Sheet, problems_of
from xinshu.scoring.models import ModelVersion

if TYPE_CHECKING:
    from xinshu.scoring.learning.model import Model

FOLDS = 5
LATEST = 0.2  # share of the rows, latest first, that the earlier ones are tried on
FEWEST_LATE = 10  # of each outcome among them


def take_step(version: ModelVersion, *, at: datetime) -> bool:
    """Do the next step of a training; return whether there is another. What cannot work fails in words."""
    try:
        return _step(version, at)
    except Refusal as refused:
        fail_training(version, f"{refused.message}{refused.advice}", at=at)
    except (ValueError, ArithmeticError, MemoryError) as error:
        version.refresh_from_db()
        words = _("计算没有得出结果（%(why)s）。训练数据还在，请检查列字典后再训练一轮。")
        fail_training(version, words % {"why": str(error)[:200] or type(error).__name__}, at=at)
    return False


def _step(version: ModelVersion, at: datetime) -> bool:
    import numpy as np

    from xinshu.scoring.learning import boosting, figures, preparing
    from xinshu.scoring.learning.model import CODE, finished, fit, parameters_of

    data_set = version.data_set
    sheet, columns = sheet_of_set(data_set), data_set.described
    if wrong := problems_of(sheet, columns, data_set.bad_value):
        fail_training(version, " ".join(wrong), at=at)
        return False
    frame, y = preparing.frame_of(sheet, columns), preparing.outcomes_of(sheet, columns, data_set.bad_value)
    later = _later(sheet, columns)
    steps = FOLDS + (1 if later else 0) + 1
    progress: dict[str, Any] = {"done": 0, "of": steps, "folds": [], "unseen": [None] * len(y), **version.progress}
    done = progress["done"]
    if done < FOLDS:
        learned, left = boosting.folds_of(y, FOLDS, version.seed)[done]
        said = fit(frame.take(learned), y[learned], version.form, seed=version.seed).probabilities(frame.take(left))
        for place, value in zip(left.tolist(), said.tolist(), strict=True):
            progress["unseen"][place] = round(value, 6)
        progress["folds"].append(figures.figures_of(y[left], said) | {"table": []})
    elif later and done == FOLDS:
        early, late = (np.array(places, dtype=np.intp) for places in later)
        enough = min(y[late].sum(), len(late) - y[late].sum()) >= FEWEST_LATE and 0 < y[early].sum() < len(early)
        if enough:
            said = fit(frame.take(early), y[early], version.form, seed=version.seed).probabilities(frame.take(late))
            progress["late"] = figures.figures_of(y[late], said)
    else:
        trained = fit(frame, y, version.form, seed=version.seed)
        unseen = np.array(progress["unseen"], dtype=np.float64)
        model = finished(frame, trained, unseen)
        told = {
            "folds": progress["folds"], "cross": figures.figures_of(y, unseen), "late": progress.get("late"),
            "timed": bool(later), "period": _period(sheet, columns), "beside": _beside(version, sheet, columns, y),
        }  # fmt: skip
        content = model.to_bytes()
        finish_training(version, content, model.sm3, told, parameters_of(version.form), CODE, at=at)
        return False
    note_progress(version, {**progress, "done": done + 1})
    return True


def _later(sheet: Sheet, columns: tuple[Column, ...]) -> tuple[list[int], list[int]] | None:
    """Return which rows are earlier and which later; None without a time column."""
    times = with_role(columns, TIME)
    if not times:
        return None
    order = sorted(range(len(sheet.rows)), key=lambda row: (_day(sheet.rows[row][times[0]]), row))
    cut = len(order) - round(len(order) * LATEST)
    first_late = _day(sheet.rows[order[cut]][times[0]])
    early = [row for row in order[:cut] if _day(sheet.rows[row][times[0]]) < first_late]  # a day is on one side only
    return sorted(early), sorted(set(order) - set(early))


def _day(cell: str) -> str:
    digits = "".join(letter for letter in cell if letter.isdigit())
    return digits.ljust(8, "0")


def _period(sheet: Sheet, columns: tuple[Column, ...]) -> list[str]:
    times = with_role(columns, TIME)
    if not times:
        return []
    cells = sorted((row[times[0]].strip() for row in sheet.rows), key=_day)
    return [cells[0][:20], cells[-1][:20]]


def _beside(version: ModelVersion, sheet: Sheet, columns: tuple[Column, ...], y: Any) -> dict[str, Any] | None:
    """Return what the present champion says of the same rows. `seen`: it has learned from some of them."""
    from xinshu.scoring.learning import figures, preparing

    champion = version.model.versions.filter(state="champion").select_related("file__blob").first()
    if champion is None:
        return None
    asked = model_of(champion)
    places = {column.name: place for place, column in enumerate(columns)}
    absent = [column.label for column in asked.columns if column.name not in places]
    cells = [[row[places[one.name]] if one.name in places else "" for one in asked.columns] for row in sheet.rows]
    frame = preparing.frame_of(Sheet([one.name for one in asked.columns], cells), asked.columns)
    told = figures.figures_of(y, asked.trained.probabilities(frame))
    seen = champion.data_sm3 == version.data_sm3
    return {**told, "number": champion.number, "seen": seen, "absent": absent}


def model_of(version: ModelVersion) -> "Model":
    """Return the trained model of a version, read once per process by what it says."""
    assert version.file is not None
    return _model(version.model_sm3, version.file.blob_id)


@lru_cache(maxsize=8)
def _model(sm3: str, blob: int) -> "Model":
    from xinshu.scoring.learning.model import Model

    model = Model.from_bytes(read_blob(Blob.objects.get(pk=blob)))
    if model.sm3 != sm3:
        raise ValueError(_("保存的模型与登记的摘要不符。"))
    return model
