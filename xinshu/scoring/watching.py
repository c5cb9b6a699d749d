"""Drift month by month, in SQL and plain Python; the monthly round of training."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import moment
from xinshu.documents.blobs import read_blob
from xinshu.ledger.recording import record
from xinshu.scoring.actions.scores import asked_from
from xinshu.scoring.actions.versions import begin_training
from xinshu.scoring.facts import known_by_column
from xinshu.scoring.learning.drift import ALARM, FEWEST, psi
from xinshu.scoring.learning.kinds import columns_from
from xinshu.scoring.models import DataSet, Drift, ModelVersion, RiskModel, Score

QUIET_HOUR = 2  # training begins at two in the morning


def month_before(on: date) -> date:
    """Return the first day of the month before that of `on`."""
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def measure_drift(version: ModelVersion, month: date, *, at: datetime) -> list[Drift]:
    """Measure what a version scored in a month against what it learned, and tell its house when it shifted.

    Nothing is measured of fewer than 50 cases. A month that was measured stays as it was.
    """
    if version.drifts.filter(month=month).exists() or version.file is None:
        return []
    scores = Score.objects.filter(
        model_version=version, at__gte=moment(month), at__lt=moment(_next_month(month))
    ).values_list("values", "probability")
    found = list(scores)
    if len(found) < FEWEST:
        return []
    return keep_drift(version, month, (([asked_from(text).known, said]) for text, said in found), at=at)


@transaction.atomic
def keep_drift(version: ModelVersion, month: date, cases: Iterable[Any], *, at: datetime) -> list[Drift]:
    """Keep the PSI of every column and of the score over `cases`: (facts by code, probability)."""
    assert version.file is not None
    kept = json.loads(read_blob(version.file.blob))
    columns = columns_from(kept["model"]["columns"])
    known, said = [], []
    for facts, probability in cases:
        known.append(known_by_column(columns, facts))
        said.append(None if probability is None else float(probability))
    measured: list[tuple[str, str, float]] = [("", _("模型评分"), psi(kept["score_baseline"], said))]
    for column, baseline in zip(columns, kept["baselines"], strict=True):
        measured.append((column.name, column.label, psi(baseline, [one.get(column.name) for one in known])))
    rows = [
        Drift(model_version=version, month=month, column=name, label=label, psi=Decimal(f"{value:.4f}"), rows=len(said))
        for name, label, value in measured
    ]
    Drift.objects.bulk_create(rows)
    shifted = [row.label for row in rows if row.psi >= Decimal(str(ALARM))]
    if shifted:
        record("scoring.drifted", version, by=SYSTEM, at=at, name=version.model.name, number=version.number,
               month=month.isoformat(), columns=shifted[:20])  # fmt: skip
    return rows


def measure_all(on: date, at: datetime) -> int:
    """Measure the month that has ended, of every champion. Returns how many were measured."""
    champions = ModelVersion.objects.filter(state="champion").select_related("model", "file__blob")
    return sum(bool(measure_drift(version, month_before(on), at=at)) for version in champions)


def retrain_due(on: date, at: datetime) -> int:
    """Begin the monthly round of every model that has one: on the newest table, where that is not what it knows.

    Runs on the first of a month. The same table would give the same bytes, so nothing is trained twice.
    """
    if on.day != 1:
        return 0
    begun = 0
    for model in RiskModel.objects.filter(state="on", monthly=True).order_by("pk"):
        newest = (
            DataSet.objects.filter(owner=model.owner_id, state="ready").select_related("file__blob")
            .order_by("-created_at", "-pk").first()
        )  # fmt: skip
        last = model.versions.order_by("-number").first()
        if newest is None or newest.file is None or last is None or last.state == "training":
            continue
        if last.data_sm3 == newest.file.blob.sm3:
            continue
        begin_training(model, newest, by=SYSTEM, at=at, not_before=moment(on) + timedelta(hours=QUIET_HOUR))
        begun += 1
    return begun
