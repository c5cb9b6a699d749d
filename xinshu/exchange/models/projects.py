"""What is: records of sources with all that arrived, differences, rules, and messages about projects."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.exchange.lifecycle import COUNTS, DIFFERENCE, EDIT, PROJECT_MESSAGE, SUPERVISE
from xinshu.exchange.models.lines import InLine
from xinshu.projects.models import Project


class Records(models.QuerySet["ProjectRecord"]):
    """The one door to what sources have told."""

    def visible_to(self, member: Member) -> Self:
        """Return a source's own; to whoever may register projects what was announced, and what stands beside theirs."""
        sees = Q(pk__in=())
        if member.can(SUPERVISE):
            sees |= Q(source=member.organisation_id)
        if member.can(EDIT):
            own = Difference.objects.filter(project__registered_by=member.organisation_id)
            sees |= Q(withdrawn=False) | Q(pk__in=own.values("record"))
        return self.filter(sees, version__gt=0)


class ProjectRecord(models.Model):
    """What one source (a department or trading centre) says of one project: the newest version that it sent."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    source = models.ForeignKey(Organisation, models.PROTECT, related_name="project_records")
    external_id = models.CharField(max_length=80)  # the source's own id of the project
    version = models.PositiveIntegerField(default=0)  # the source's own counting
    withdrawn = models.BooleanField(default=False)
    name = models.CharField(max_length=300, blank=True)
    number = models.CharField(max_length=80, blank=True, db_index=True)  # 招标（标段）编号: finds our projects
    facts = models.JSONField(default=dict)  # see projects/facts.py
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = Records.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="project_record_once")]
        indexes = [models.Index(fields=["source", "-changed_at"], name="project_record_by_source")]

    def __str__(self) -> str:
        return self.name or self.external_id


class Arrival(models.Model):
    """One content of one version as it came, whatever became of it. The same again only counts up."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", "已采纳"
        OLDER = "older", "版本较旧，未覆盖"
        CONFLICT = "conflict", "同版本内容不同，待决定"
        ADOPTED = "adopted", "已改用这一份"
        DISMISSED = "dismissed", "已弃用这一份"

    record = models.ForeignKey(ProjectRecord, models.PROTECT, related_name="arrivals")
    version = models.PositiveIntegerField()
    withdrawn = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)  # SM3 over what it says
    receipt = models.CharField(max_length=32, unique=True)  # 回执: the same for the same content
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    times = models.PositiveIntegerField(default=1)  # how often it came
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "version", "digest"], name="arrival_once")]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.record} V{self.version} {self.outcome}"


class Differences(CaseQuerySet["Difference"]):
    """The one door to differences."""

    def visible_to(self, member: Member) -> Self:
        """Return those of one's own registrations: what others typed of the same lot is nobody else's business."""
        mine = self.filter(project__registered_by=member.organisation_id)
        return mine if member.can("guarantees.view") else self.none()


class Difference(Case):
    """One field in which a source and one registrant's project do not say the same. Both sides are kept."""

    record = models.ForeignKey(ProjectRecord, models.PROTECT, related_name="differences")
    project = models.ForeignKey(Project, models.PROTECT, related_name="differences")
    field = models.CharField(max_length=30)
    theirs = models.JSONField(null=True)
    ours = models.JSONField(null=True)
    their_version = models.PositiveIntegerField()
    seen_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decider = models.CharField(max_length=200, blank=True)

    objects = Differences.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["record", "project", "field"], name="difference_once")]
        indexes = [models.Index(fields=["project", "state"], name="difference_by_project")]

    def __str__(self) -> str:
        return f"{self.project} {self.field}"

    def sides_of(self, by: Actor) -> set[str]:
        organisation = getattr(by, "organisation_id", None)
        return {"registrant"} if organisation is not None and organisation == self.project.registered_by_id else set()

    @property
    def standing(self) -> State:
        return DIFFERENCE.states[self.state]


class FieldRule(models.Model):
    """Which side wins without asking, in one field of what one source tells: decided by the registrant's house."""

    class Wins(models.TextChoices):
        ASK = "ask", "逐次决定"
        THEIRS = "theirs", "以对方为准"
        OURS = "ours", "以本单位为准"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    source = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    field = models.CharField(max_length=30)
    wins = models.CharField(max_length=8, choices=Wins.choices)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "source", "field"], name="field_rule_once")]

    def __str__(self) -> str:
        return f"{self.field} {self.wins}"


class ProjectMessages(CaseQuerySet["ProjectMessage"]):
    """The one door to messages about projects."""

    def visible_to(self, member: Member, at: datetime) -> Self:
        """Return what exists for `member`: of one's own registrations, and to the receiver what it was told."""
        told = Q(project__registered_by=member.organisation_id) if member.can("guarantees.view") else Q(pk__in=())
        if member.can(SUPERVISE):
            told |= Q(receiver=member.organisation_id)
        return self.filter(told)


class ProjectMessage(InLine):
    """What one receiving system is told of one lot: the project when it first may be told, then what changed."""

    FAMILY, TABLE, WITH = "project_message", PROJECT_MESSAGE, ("project",)

    class Event(models.TextChoices):
        NEW = "project_new", "新项目"
        CHANGED = "project_changed", "项目变化"

    project = models.ForeignKey(Project, models.PROTECT, related_name="messages")
    lot = models.CharField(max_length=90)  # the number, else the one registration: whose it is, is not told
    event = models.CharField(max_length=16, choices=Event.choices)

    objects = ProjectMessages.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["lot", "destination", "number"], name="project_message_in_order"),
            models.UniqueConstraint(fields=["destination", "entry"], name="project_message_once"),
            models.CheckConstraint(
                condition=~Q(state__in=COUNTS) | Q(receipted_at__isnull=False), name="project_message_by_receipt"
            ),
        ]
        indexes = [models.Index(fields=["receiver", "-id"], name="project_message_receiver")]

    @property
    def line(self) -> Any:
        """Return the messages about the same lot to the same system."""
        return ProjectMessage.objects.filter(lot=self.lot, destination=self.destination)

    @property
    def secret_until(self) -> datetime | None:
        """Return until when its project is secret: only where an opening was put off after it was told."""
        return self.project.secret_until

    def sides_of(self, by: Actor) -> set[str]:
        organisation = getattr(by, "organisation_id", None)
        sides = {"registrant": self.project.registered_by_id, "receiver": self.receiver_id}
        return {side for side, house in sides.items() if organisation is not None and house == organisation}
