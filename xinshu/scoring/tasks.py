"""What follows: training step by step, news for the house, replays; drift and the monthly round at night."""

from datetime import date, datetime

from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.scoring import watching
from xinshu.scoring.actions.scores import keep_replay
from xinshu.scoring.announcements import KINDS, announce
from xinshu.scoring.models import ModelVersion, Score
from xinshu.scoring.training import model_of, take_step


@reacts_to("scoring.training_begun", together=False)
def train(entry: Entry) -> None:
    """Take one step of a training, then let other work have its turn."""
    related = ("model__owner", "data_set__file__blob")
    version = ModelVersion.objects.select_related(*related).get(pk=entry.subject_id)
    if version.state != "training":
        return
    at = now()
    if version.not_before is not None and at < version.not_before:
        raise Later(version.not_before)
    if take_step(version, at=max(at, version.begun_at)):
        raise Later(now())


@reacts_to(*KINDS)
def tell_the_house(entry: Entry) -> None:
    """Put a notice before whom it concerns."""
    announce(entry)


@reacts_to("scoring.replay_asked", together=False)
def replay(entry: Entry) -> None:
    """Reckon a score again from what is kept. A second time finds it done."""
    score = Score.objects.select_related("model_version__file__blob").get(pk=entry.subject_id)
    if score.state == "replaying":
        if score.model_version is not None:
            model_of(score.model_version).load()  # before the transaction begins, as load_champion does
        told = history_of(score).filter(kind="scoring.scored").order_by("pk").first()
        keep_replay(score, str(told.data["sm3"]) if told is not None else "", at=now())


@every_night
def watch_drift(on: date, at: datetime) -> None:
    """Measure how far the month that has ended lies from what champions learned."""
    watching.measure_all(on, at)


@every_night
def retrain_monthly(on: date, at: datetime) -> None:
    """Begin the monthly round of training."""
    watching.retrain_due(on, at)
