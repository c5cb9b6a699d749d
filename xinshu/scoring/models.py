"""What is: training data, models, their versions, scores kept for replay, drift month by month."""

from typing import Any

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.documents.models import File
from xinshu.scoring.learning.kinds import BOOSTING, SCORECARD, Column, columns_from
from xinshu.scoring.lifecycle import VIEW

FORMS = ((BOOSTING, "梯度提升树"), (SCORECARD, "评分卡"))
GUARANTEE, OTHER = "guarantee", "other"
PURPOSES = ((GUARANTEE, "保函承保"), (OTHER, "内部分析"))


class _HouseQuerySet(CaseQuerySet[Any]):
    """Rows of a house; `owner` says along which path."""

    owner = "owner"

    def visible_to(self, member: Member) -> Any:
        """Return what exists for `member`: the rows of the own house."""
        return self.filter(**{self.owner: member.organisation_id}) if member.can(VIEW) else self.none()


class DataSetQuerySet(_HouseQuerySet):
    """The one door to training data."""


class DataSet(Case):
    """A table that a house brought, with its column dictionary."""

    class Origin(models.TextChoices):
        UPLOAD = "upload", "上传"
        GENERATED = "generated", "演示生成"
        HISTORY = "history", "本机构历史"

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.UPLOAD)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    columns = models.JSONField(default=list)  # kinds.Column, as_json
    looks = models.JSONField(default=list)  # per column: kind, missing, distinct, commonest values, unread
    bad_value = models.CharField(max_length=60, blank=True)  # the target's value for default
    row_count = models.PositiveIntegerField(default=0)
    bad_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)  # where it comes from, which period
    brought_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    owner_id: int
    objects = DataSetQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.owner_id else set()

    @property
    def described(self) -> tuple[Column, ...]:
        """The columns as the dictionary says."""
        return columns_from(self.columns)


class RiskModelQuerySet(_HouseQuerySet):
    """The one door to models."""


class RiskModel(Case):
    """What a house predicts for one purpose: "on" or "off"; how, is in its versions."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=12, choices=PURPOSES, default=GUARANTEE)
    monthly = models.BooleanField(default=True)  # a round of training on the first of every month
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    owner_id: int
    objects = RiskModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="risk_model_named_once"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(purpose="guarantee", state="on"), name="risk_model_of_guarantees_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.owner_id else set()


class ModelVersionQuerySet(_HouseQuerySet):
    """The one door to versions."""

    owner = "model__owner"


class ModelVersion(Case):
    """One trained model. Two of a round, trees and scorecard, were learned from the same rows."""

    model = models.ForeignKey(RiskModel, models.PROTECT, related_name="versions")
    data_set = models.ForeignKey(DataSet, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    round = models.PositiveIntegerField()
    form = models.CharField(max_length=12, choices=FORMS)
    seed = models.PositiveIntegerField(default=0)
    parameters = models.JSONField(default=dict)
    code = models.PositiveIntegerField(default=0)  # learning.model.CODE
    data_sm3 = models.CharField(max_length=64)
    not_before = models.DateTimeField(null=True)  # training waits for quiet hours
    progress = models.JSONField(default=dict)  # {"done", "of", "folds", "unseen"}: what a restarted worker goes on from
    figures = models.JSONField(default=dict)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    model_sm3 = models.CharField(max_length=64, blank=True)
    hands = models.JSONField(default=list)  # users who began or proposed it: none of them promotes it
    begun_by = models.CharField(max_length=60)
    begun_at = models.DateTimeField()
    trained_at = models.DateTimeField(null=True)
    proposed_by = models.CharField(max_length=60, blank=True)
    promoted_by = models.CharField(max_length=60, blank=True)
    promoted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500, blank=True)  # why it failed, was declined, retired

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="model_version_once"),
            models.UniqueConstraint(fields=["model"], condition=Q(state="champion"), name="one_champion_per_model"),
            models.CheckConstraint(
                condition=~Q(state__in=["challenger", "proposed", "champion"]) | ~Q(model_sm3=""),
                name="model_version_trained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} V{self.number}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return self.model.sides_of(by)


class ScoreQuerySet(_HouseQuerySet):
    """The one door to scores."""


class Score(Case):
    """What was said of one case: the values used, what followed, as bytes (canonical JSON) that a replay must give."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="scores")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_key = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=120)
    cause = models.BigIntegerField(
        unique=True, null=True
    )  # the entry that it follows: a reaction run twice scores once
    values = models.TextField()
    result = models.TextField()
    grade = models.CharField(max_length=1, blank=True)
    probability = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    sm3 = models.CharField(max_length=64)
    secret_until = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=60)
    at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True)
    replay_same = models.BooleanField(null=True)

    owner_id: int
    objects = ScoreQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="score_of_subject"),
            models.Index(fields=["owner", "-at"], name="score_of_house"),
            models.Index(fields=["model_version", "at"], name="score_of_version"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.grade}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.owner_id else set()


class Drift(models.Model):
    """How far the cases of a month lie from what a version learned: one row per column, one ("") for the score."""

    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="drifts")
    month = models.DateField()  # its first day
    column = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True)
    psi = models.DecimalField(max_digits=9, decimal_places=4)
    rows = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model_version", "month", "column"], name="drift_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.label} {self.psi}"
