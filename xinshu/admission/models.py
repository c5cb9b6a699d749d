"""What is: tags and who carries them, rounds, questionnaires with versions and sheets, answers, gates and matches."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.lifecycle import FILLS, VIEW
from xinshu.admission.questions import Question, question_from
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.rules.engine.facts import FactType
from xinshu.rules.models import RuleSet, Run, types_from

FIRM, PERSON, PROPERTY, VEHICLE = "firm", "person", "property", "vehicle"
SUBJECTS = {FIRM: lazy("企业"), PERSON: lazy("个人"), PROPERTY: lazy("房产"), VEHICLE: lazy("车辆")}
RECORD, SOURCE, ASKED, BY_PERSON = "record", "source", "asked", "person"
ORIGINS = {
    RECORD: lazy("企业资料规则"), SOURCE: lazy("数据源"), ASKED: lazy("问卷"), BY_PERSON: lazy("人工"),
}  # fmt: skip
ON_CHANGE, DAILY, MONTHLY = "change", "daily", "monthly"
RHYTHMS = {ON_CHANGE: lazy("资料变动时"), DAILY: lazy("每天"), MONTHLY: lazy("每月")}


def _is(by: Actor, organisation_id: int) -> bool:
    return getattr(by, "organisation_id", None) == organisation_id


class TagQuerySet(CaseQuerySet["Tag"]):
    """The one door to tags."""

    def visible_to(self, member: Member) -> "TagQuerySet":
        """Return what exists for `member`: the tags of the own house."""
        return self.filter(house=member.organisation_id) if member.can(VIEW) else self.none()


class Tag(Case):
    """One tag of a house. `content`: one rule as `rules` reads it, over facts whose types `known` keeps; {}: a person
    gives it. `valid_days`: evidence (or a person's word) older than that no longer counts.
    """

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="tags")
    name = models.CharField(max_length=30)
    note = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=8)  # ORIGINS
    content = models.JSONField(default=dict)
    known = models.JSONField(default=list)
    rhythm = models.CharField(max_length=8, blank=True)  # RHYTHMS; "": a person's
    keeper = models.ForeignKey(Member, models.PROTECT, related_name="+")  # who answers for it
    valid_days = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    house_id: int
    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["house", "name"], name="tag_named_once"),
            models.CheckConstraint(condition=Q(valid_days=None) | Q(valid_days__gte=1), name="tag_days_sane"),
        ]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if _is(by, self.house_id) else set()

    @property
    def types(self) -> dict[str, FactType]:
        """The facts that its rule may ask for, by code."""
        return types_from(self.known)


class Carry(models.Model):
    """A firm carries a tag: since when, why, until when. Rows are ended, never deleted."""

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="carriers")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    why = models.JSONField(default=list)  # [{"fact", "value", "source", "as_of"}], or [{"note"}] of a person
    given_by = models.CharField(max_length=60)
    valid_until = models.DateField(null=True)  # the last day on which the evidence counts
    until = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=200, blank=True)
    ended_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "firm"], condition=Q(until=None), name="tag_carried_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="carry_times_ordered"),
        ]
        indexes = [models.Index(fields=["firm", "tag"], condition=Q(until=None), name="carry_of_firm")]

    def __str__(self) -> str:
        return f"{self.firm_id} {self.tag_id}"


class Round(models.Model):
    """One refreshing of a tag (生成日志): how many were looked at, how many began and ceased to carry it."""

    class Cause(models.TextChoices):
        CHANGE = "change", lazy("资料变动")
        DAILY = "daily", lazy("每天")
        MONTHLY = "monthly", lazy("每月")
        EXPIRY = "expiry", lazy("有效期到")
        HAND = "hand", lazy("人工发起")
        EDITED = "edited", lazy("标签修改")
        OFF = "off", lazy("标签停用")

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="rounds")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    looked = models.PositiveIntegerField()
    begun = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["tag", "-at"], name="round_of_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id} +{self.begun} -{self.ended}"


class QuestionnaireQuerySet(CaseQuerySet["Questionnaire"]):
    """The one door to questionnaires."""

    def visible_to(self, member: Member) -> "QuestionnaireQuerySet":
        """Return what exists for `member`: those of the own house."""
        return self.filter(house=member.organisation_id) if member.can(VIEW) else self.none()


class Questionnaire(Case):
    """What a house asks firms, of themselves or of a person, property or vehicle; the questions are in its versions."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="questionnaires")
    name = models.CharField(max_length=40)
    subject = models.CharField(max_length=8)  # SUBJECTS
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    house_id: int
    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["house", "name"], name="questionnaire_named_once")]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if _is(by, self.house_id) else set()

    def present(self) -> "QuestionnaireVersion | None":
        """The version that is sent now."""
        return self.versions.filter(state="active").first()


class QuestionnaireVersionQuerySet(CaseQuerySet["QuestionnaireVersion"]):
    """The one door to versions."""

    def visible_to(self, member: Member) -> "QuestionnaireVersionQuerySet":
        """Return what exists for `member`: those of the own house."""
        return self.filter(questionnaire__house=member.organisation_id) if member.can(VIEW) else self.none()


class QuestionnaireVersion(Case):
    """One version: its questions as plain data (questions.py)."""

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(null=True)  # from activation
    content = models.JSONField(default=list)
    authors = models.JSONField(default=list)  # users who wrote it: none of them activates it
    written_by = models.CharField(max_length=60)
    activated_by = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = QuestionnaireVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="questionnaire_version_once"),
            models.UniqueConstraint(fields=["questionnaire"], condition=Q(state="active"), name="one_version_active"),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire} V{self.number}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return self.questionnaire.sides_of(by)

    @property
    def questions(self) -> list[Question]:
        """What it asks, in order."""
        kept: list[dict[str, Any]] = self.content
        return [question_from(one) for one in kept]


class SheetQuerySet(CaseQuerySet["Sheet"]):
    """The one door to sheets."""

    def visible_to(self, member: Member) -> "SheetQuerySet":
        """Return what exists for `member`: the own firm's, and those that the own house sent."""
        found = self.none()
        if member.can(FILLS):
            found = found | self.filter(firm=member.organisation_id)
        if member.can(VIEW):
            found = found | self.filter(house=member.organisation_id)
        return found


class Sheet(Case):
    """A questionnaire before one firm: what was typed so far, and since it was handed in its answers as facts."""

    version_asked = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="sheets")
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="sheets")
    about = models.CharField(max_length=60, blank=True)  # which person, property, vehicle; "": the firm itself
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    typed = models.JSONField(default=dict)  # code: text, list of texts, or a file's reference
    changed_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True)
    handed_in_by = models.CharField(max_length=60, blank=True)

    house_id: int
    firm_id: int
    objects = SheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="handed_in") | Q(handed_in_at__isnull=False), name="sheet_handed_in_when"
            ),
        ]
        indexes = [models.Index(fields=["firm", "state"], name="sheet_of_firm")]

    def __str__(self) -> str:
        return f"{self.version_asked} {self.firm}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {side for side, pk in (("firm", self.firm_id), ("house", self.house_id)) if _is(by, pk)}


class Given(models.Model):
    """One answer as a fact: newest first is what holds."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="given")
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    about = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40)  # purposes.code_of
    value = models.JSONField()  # as rules.engine.facts keeps it
    on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["house", "code", "firm", "-id"], name="given_latest")]

    def __str__(self) -> str:
        return self.code


class GateQuerySet(CaseQuerySet["Gate"]):
    """The one door to gates."""

    def visible_to(self, member: Member) -> "GateQuerySet":
        """Return what exists for `member`: those of the own house."""
        return self.filter(house=member.organisation_id) if member.can(VIEW) else self.none()


class Gate(Case):
    """Whom a product admits (准入方案): a rule set per kind of subject. `shows_unmet`: firms read what they miss."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="gates")
    shelf = models.CharField(max_length=20)  # shelves.SHELVES
    product = models.CharField(max_length=16)  # its reference on that shelf
    product_name = models.CharField(max_length=60)
    subject = models.CharField(max_length=8)  # SUBJECTS
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, null=True, related_name="gates")
    shows_unmet = models.BooleanField(default=True)
    authors = models.JSONField(default=list)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    house_id: int
    objects = GateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shelf", "product", "subject"], name="gate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_name} {self.subject}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: whoever is no guarantor's stands before it as a firm."""
        if _is(by, self.house_id):
            return {"house"}
        return {"firm"} if isinstance(by, Member) and by.organisation.kind in FIRMS else set()


FIRMS = (Organisation.Kind.ENTERPRISE, Organisation.Kind.PERSON)


class Match(models.Model):
    """One matching of a firm (or what it has) with a gate; rule by rule it stands in the run."""

    class Cause(models.TextChoices):
        FIRM = "firm", lazy("企业核对")
        HOUSE = "house", lazy("机构核对")
        REVIEW = "review", lazy("自动审查")

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="matches")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    about = models.CharField(max_length=60, blank=True)
    run = models.OneToOneField(Run, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["gate", "firm", "-id"], name="match_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.firm_id}"
