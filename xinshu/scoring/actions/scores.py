"""What a model and the rules say of a case: kept with version and values, replayed from them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.core.sm import sm3
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.recording import record
from xinshu.scoring.facts import known_by_column
from xinshu.scoring.grading import Flag, RuleSaid, grade_of
from xinshu.scoring.learning.drift import Value
from xinshu.scoring.lifecycle import VIEW
from xinshu.scoring.models import GUARANTEE, ModelVersion, Score
from xinshu.scoring.training import model_of

FACTS, FLAGS, RULES = "facts", "flags", "rules"
MOST_REASONS = 8
ENGINE = 1  # what `answer` says and how: raised with any change to it, the former way kept for replays


@dataclass(frozen=True)
class Asked:
    """A case to be graded: what is known of it by the codes of facts, what contradicts, what the rules said."""

    known: dict[str, Value]
    flags: Sequence[Flag]
    rules: Sequence[RuleSaid]
    as_of: date


def champion_of(house: Organisation) -> ModelVersion | None:
    """Return the version with which a house scores its guarantees now."""
    found = ModelVersion.objects.filter(
        model__owner=house, model__purpose=GUARANTEE, model__state="on", state="champion"
    )
    return found.select_related("model", "file__blob").first()


def load_champion(house: Organisation) -> None:
    """Have the trees at hand before a transaction begins: loading takes a second, and SQLite has one writer."""
    version = champion_of(house)
    if version is not None:
        model_of(version).load()


def values_text(asked: Asked) -> str:
    """Return what was known as the bytes that are kept: numbers as text, what is missing as null."""
    known = {code: f"{value:.15g}" if isinstance(value, float) else value for code, value in asked.known.items()}
    return canonical_json({
        FACTS: known, "kinds": {code: isinstance(value, float) for code, value in asked.known.items()},
        FLAGS: [asdict(flag) for flag in asked.flags], RULES: [asdict(rule) for rule in asked.rules],
        "as_of": asked.as_of.isoformat(),
    })  # fmt: skip


def asked_from(text: str) -> Asked:
    """Read what was known as it is kept."""
    kept = json.loads(text)
    known: dict[str, Value] = {
        code: float(value) if value is not None and kept["kinds"][code] else value
        for code, value in kept[FACTS].items()
    }
    flags, rules = [Flag(**one) for one in kept[FLAGS]], [RuleSaid(**one) for one in kept[RULES]]
    return Asked(known, flags, rules, date.fromisoformat(kept["as_of"]))


def answer(asked: Asked, version: ModelVersion | None) -> dict[str, Any]:
    """Return what version and rules say, as JSON without floats. Worker only: it loads the library."""
    probability: float | None = None
    told: dict[str, Any] = {"model": None}
    if version is not None:
        from xinshu.scoring.learning.model import score_one

        scored = score_one(model_of(version), known_by_column(model_of(version).columns, asked.known))
        probability = round(scored.probability, 6)
        told = {
            "model": version.model_sm3, "probability": f"{probability:.6f}", "points": scored.points,
            "start": f"{scored.start:.4f}", "of": len(model_of(version).columns), "missing": list(scored.missing),
            "reasons": [one.as_json() for one in scored.reasons[:MOST_REASONS] if abs(one.adds) >= 0.005],
        }  # fmt: skip
    grade, steps = grade_of(probability, asked.rules, asked.flags)
    return {**told, "engine": ENGINE, "grade": grade, "steps": steps}


def digest_of(values: str, result: str) -> str:
    """Return the digest that stands in the ledger beside the score."""
    return sm3(f"{values}\n{result}".encode()).hex()


@transaction.atomic
def score_case(
    house: Organisation, subject: models.Model, key: str, name: str, asked: Asked, *, cause: int | None,
    secret_until: datetime | None, by: Actor, at: datetime,
) -> Score:  # fmt: skip
    """Grade a case of a house and keep it. Raises IntegrityError where the `cause` has its score already.

    Must run in the worker: the champion's trees are loaded.
    """
    version = champion_of(house)
    text = values_text(asked)
    result = answer(asked_from(text), version)
    told = canonical_json(result)
    probability = Decimal(result["probability"]) if version is not None else None
    score = Score.objects.create(
        state="kept", owner=house, model_version=version, subject_type=subject._meta.label_lower,
        subject_id=subject.pk, subject_key=key[:60], subject_name=name[:120], cause=cause, values=text, result=told,
        grade=result["grade"], probability=probability, sm3=digest_of(text, told), secret_until=secret_until,
        asked_by=by.actor_label[:60], at=at,
    )  # fmt: skip
    record(
        "scoring.scored",
        score,
        by=by,
        at=at,
        sealed_until=secret_until,
        grade=score.grade,
        sm3=score.sm3,
        version=version.number if version else 0,
    )
    return score


@transaction.atomic
def ask_replay(score: Score, *, by: Member, at: datetime) -> Score:
    """Have the worker reckon a score again from the values and the version that are kept."""
    score = Score.objects.locked(score)
    if "house" not in score.sides_of(by) or not by.can(VIEW):
        raise NotPermitted(_("您没有“重放”的权限。"))
    if score.state == "replaying":
        raise NotNow(_("正在重放。"), advice=_("通常几秒完成，请稍后刷新。"))
    score.change(state="replaying")
    record("scoring.replay_asked", score, by=by, at=at, sealed_until=score.secret_until)
    return score


@transaction.atomic
def keep_replay(score: Score, told: str, *, at: datetime) -> Score:
    """Keep whether the same bytes came out, and whether they are those that the ledger knows. `told`: its digest."""
    score = Score.objects.locked(score)
    result = canonical_json(answer(asked_from(score.values), score.model_version))
    same = result == score.result and digest_of(score.values, score.result) == score.sm3 == told
    score.change(state="kept", replayed_at=at, replay_same=same)
    record("scoring.replayed", score, by=SYSTEM, at=at, sealed_until=score.secret_until, same=same)
    return score


def scores_of(subject: models.Model, house: int) -> models.QuerySet[Score]:
    """Return what was said of a case for a house, newest first."""
    found: models.QuerySet[Score] = Score.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk, owner=house
    )
    return found.select_related("model_version__model").order_by("-id")
