"""What is: rule sets, their versions, trials on history, runs kept for replay, calls of data sources."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.rules.engine.facts import FactType
from xinshu.rules.lifecycle import VIEW

SETTLED = ("active", "superseded")  # what was once activated


class RuleSetQuerySet(CaseQuerySet["RuleSet"]):
    """The one door to rule sets."""

    def visible_to(self, member: Member) -> "RuleSetQuerySet":
        """Return what exists for `member`: the sets of the own house."""
        return self.filter(owner=member.organisation_id) if member.can(VIEW) else self.none()


class RuleSet(Case):
    """What a house asks for one purpose: "on" or "off"; what it asks is in its versions."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="rule_sets")
    purpose = models.CharField(max_length=40)  # purposes.PURPOSES
    name = models.CharField(max_length=60)
    form = models.CharField(max_length=12)  # deciding.FORMS
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    owner_id: int
    objects = RuleSetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="rule_set_named_once")]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.owner_id else set()

    def version_on(self, on: date) -> "RuleVersion | None":
        """Return the version in force on the day `on`: the latest activated that had begun, if it had not ended."""
        begun = self.versions.filter(state__in=SETTLED, valid_from__lte=on).order_by("-number").first()
        return begun if begun is not None and (begun.valid_until is None or on <= begun.valid_until) else None


class RuleVersionQuerySet(CaseQuerySet["RuleVersion"]):
    """The one door to versions."""

    def visible_to(self, member: Member) -> "RuleVersionQuerySet":
        """Return what exists for `member`: the versions of the own house."""
        return self.filter(rule_set__owner=member.organisation_id) if member.can(VIEW) else self.none()


class RuleVersion(Case):
    """One version. `known` holds the types of facts as they were when it was written: a replay reads by them."""

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(null=True)  # from activation
    content = models.JSONField(default=dict)
    known = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # the last day; None: until the next version
    authors = models.JSONField(default=list)  # users who wrote it: none of them activates it
    written_by = models.CharField(max_length=60)
    activated_by = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "number"], name="rule_version_once"),
            models.CheckConstraint(
                condition=~Q(state__in=SETTLED) | Q(number__isnull=False, activated_at__isnull=False),
                name="rule_version_numbered",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="rule_version_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set} V{self.number}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return self.rule_set.sides_of(by)

    @property
    def types(self) -> dict[str, FactType]:
        """The facts that it may ask for, by code."""
        return types_from(self.known)


def types_from(known: list[list[Any]]) -> dict[str, FactType]:
    """Read the types of facts as a version keeps them."""
    return {row[0]: FactType(row[0], row[1], row[2], row[3], row[4], tuple(row[5])) for row in known}


class RunQuerySet(CaseQuerySet["Run"]):
    """The one door to runs."""

    def visible_to(self, member: Member) -> "RunQuerySet":
        """Return what exists for `member`: the runs of the own house, which is inside every case it asked about."""
        return self.filter(rule_set__owner=member.organisation_id) if member.can(VIEW) else self.none()


class Run(Case):
    """One decision: facts and result as the bytes (canonical JSON) that a replay must give again."""

    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="runs")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="runs")
    subject_key = models.CharField(max_length=60)  # the credit code, the reference of a case
    subject_name = models.CharField(max_length=120)
    on = models.DateField()  # the day that counted as today
    facts = models.TextField(blank=True)
    result = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, blank=True)
    label = models.CharField(max_length=200, blank=True)
    engine = models.PositiveSmallIntegerField(default=0)  # deciding.ENGINE
    sm3 = models.CharField(max_length=64, blank=True)  # of facts and result; stands in the ledger, too
    asked_by = models.CharField(max_length=60)
    secret_until = models.DateTimeField(null=True)  # its entry in the ledger stays shut until then
    at = models.DateTimeField()

    objects = RunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["rule_set", "-at"], name="rule_run_of_set"),
            models.Index(fields=["subject_key", "-at"], name="rule_run_of_subject"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(state="kept") | ~Q(sm3=""), name="rule_run_kept_whole")]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.outcome}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return self.rule_set.sides_of(by)


class Trial(models.Model):
    """A draft run against kept runs: of `runs` decisions `changed` would be others. Of this content and no other."""

    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="trials")
    content_sm3 = models.CharField(max_length=64)
    runs = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    counts = models.JSONField(default=list)  # [[before, after, how many], ...]
    tried_by = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.changed} / {self.runs}"


class TrialLine(models.Model):
    """One decision that the draft would change."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="lines")
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    before = models.CharField(max_length=8)
    before_label = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=8)
    after_label = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.before} {self.after}"


class SourceCall(models.Model):
    """One call of a data source, answered or not. The newest answered one of a key is the cache."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="calls")
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10)  # sources.protocol.OUTCOMES
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.JSONField(default=dict)
    as_of = models.CharField(max_length=32, blank=True)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["source", "key", "-at"], name="source_call_of_key"),
            models.Index(fields=["owner", "-at"], name="source_call_of_house"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key} {self.outcome}"


class SourceState(models.Model):
    """The circuit breaker of a source: failures in a row, and until when nobody asks it."""

    source = models.CharField(max_length=40, unique=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.source
