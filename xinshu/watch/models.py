"""What is: rules, traces of applications, cases with evidence, events, alerts, screenings."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.guarantees.models import Guarantee
from xinshu.projects.models import Project
from xinshu.rules.models import Run
from xinshu.watch.lifecycle import ALERT, CASE, MANAGE, RULE, UNENDED, VIEW
from xinshu.watch.patterns import GRADES, PATTERNS, Pattern, kind_label

GRADE_CHOICES = tuple(GRADES.items())


def may_watch(member: Member) -> bool:
    """Tell whether there is anything to watch for `member`: whoever works at an institution that issues."""
    return member.organisation.kind in Organisation.ISSUERS and member.can(VIEW)


class WatchRuleQuerySet(CaseQuerySet["WatchRule"]):
    """The one door to rules."""

    def visible_to(self, member: Member) -> "WatchRuleQuerySet":
        """Return what exists for `member`: the own house's rules, or the platform's for its own people."""
        if member.can(MANAGE):
            return self.filter(owner=None)
        return self.filter(owner=member.organisation_id) if may_watch(member) else self.none()


class WatchRule(Case):
    """One version of how a pattern is watched: by a house, or (owner None) by all that have none of their own."""

    owner = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="watch_rules")
    pattern = models.CharField(max_length=20)  # patterns.PATTERNS
    number = models.PositiveIntegerField(null=True)  # from activation
    on = models.BooleanField(default=True)
    grade = models.CharField(max_length=8, choices=GRADE_CHOICES)
    blocks = models.BooleanField(default=False)
    limits = models.JSONField(default=dict)  # by the names of the pattern's limits: ints
    authors = models.JSONField(default=list)  # users who wrote it: none of them activates it
    written_by = models.CharField(max_length=60)
    activated_by = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    owner_id: int | None
    objects = WatchRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "pattern", "number"], name="watch_rule_numbered"),
            models.UniqueConstraint(
                fields=["pattern", "number"], condition=Q(owner=None), name="watch_rule_numbered_platform"
            ),
            models.UniqueConstraint(
                fields=["owner", "pattern"], condition=Q(state="draft", owner__isnull=False), name="watch_rule_draft"
            ),
            models.UniqueConstraint(
                fields=["pattern"], condition=Q(state="draft", owner=None), name="watch_rule_draft_platform"
            ),
            models.UniqueConstraint(
                fields=["owner", "pattern"], condition=Q(state="active", owner__isnull=False), name="watch_rule_active"
            ),
            models.UniqueConstraint(
                fields=["pattern"], condition=Q(state="active", owner=None), name="watch_rule_active_platform"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of.label} V{self.number or '—'}"

    @property
    def of(self) -> Pattern:
        """The pattern that it is a rule of."""
        return PATTERNS[self.pattern]

    @property
    def standing(self) -> State:
        return RULE.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Name the side on which `by` stands: the house's, or the platform's own people's."""
        if self.owner_id is None:
            return {"house"} if by.can(MANAGE) else set()
        own = getattr(by, "organisation_id", None) == self.owner_id
        return {"house"} if own and not by.can(MANAGE) else set()


class Trace(models.Model):
    """What one application left behind: by whom, from which device and address, out of which account. Digests only.

    `tender`: the lot of a bid, as a digest of its number and buyer (two bidders register a lot each for itself).
    """

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="+")
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    tender = models.CharField(max_length=64, blank=True)
    what = models.CharField(max_length=8)  # patterns.TRACES
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["guarantee", "what", "digest"], name="watch_trace_once")]
        indexes = [
            models.Index(
                fields=["tender", "what", "digest", "firm"], condition=~Q(tender=""), name="watch_trace_of_tender"
            ),
            models.Index(fields=["what", "digest", "at", "firm"], name="watch_trace_of_value"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.digest[:8]}"


def unopened(at: datetime) -> Q:
    """Return the condition on traces that their bids are still secret at `at`."""
    return Q(project__opens_at=None) | Q(project__opens_at__gt=at)


class WatchCaseQuerySet(CaseQuerySet["WatchCase"]):
    """The one door to cases."""

    def told(self) -> "WatchCaseQuerySet":
        """Return those of which anybody may know.

        What several bidders of one tender share is told when the last of their bids is open, and stays told: were the
        openings asked again, a bidder could unfreeze itself by putting its own one off.
        """
        return self.exclude(state="sealed")

    def visible_to(self, member: Member) -> "WatchCaseQuerySet":
        """Return what exists for `member`: the own house's cases, sealed ones for nobody."""
        return self.told().filter(house=member.organisation_id) if may_watch(member) else self.none()


class WatchCase(Case):
    """Something odd at one house (风险案件): found by a pattern, joined by what is found again while it is open."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="watch_cases")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")  # the first that it was found at
    pattern = models.CharField(max_length=20)
    key = models.CharField(max_length=160)  # the same thing found again has the same key
    rule_number = models.PositiveIntegerField(default=0)  # the version that found it; 0: as shipped
    grade = models.CharField(max_length=8, choices=GRADE_CHOICES)
    blocks = models.BooleanField(default=False)
    tender = models.CharField(max_length=64, blank=True)
    trace = models.CharField(max_length=8, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    responsible = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # when the house learned of it
    due_on = models.DateField(null=True)
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)  # the reason with which it was ended

    house_id: int
    objects = WatchCaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["house", "pattern", "key"], condition=Q(state__in=UNENDED), name="watch_case_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="sealed") | Q(opened_at__isnull=False), name="watch_case_opened_when_told"
            ),
        ]
        indexes = [
            models.Index(fields=["house", "state", "-changed_at"], name="watch_case_of_house"),
            models.Index(fields=["tender"], condition=Q(state="sealed"), name="watch_case_sealed"),
        ]

    def __str__(self) -> str:
        return f"{self.of.label} {self.firm}"

    @property
    def of(self) -> Pattern:
        return PATTERNS[self.pattern]

    @property
    def standing(self) -> State:
        return CASE.states[self.state]

    def shares_a_secret(self, at: datetime) -> bool:
        """Return whether any bid of what it is about is still unopened at `at`: of what bidders share, nothing else."""
        shared = Trace.objects.filter(tender=self.tender, what=self.trace, digest=self.digest)
        return bool(self.tender) and shared.filter(unopened(at)).exists()

    def sides_of(self, by: Actor) -> set[str]:
        """Name the side on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.house_id else set()


class Evidence(models.Model):
    """One thing that a case rests on, with the guarantee where it is the house's own."""

    case = models.ForeignKey(WatchCase, models.PROTECT, related_name="evidence")
    firm = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # whom the gate stops
    guarantee = models.ForeignKey(Guarantee, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=80)
    text = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="watch_evidence_once")]
        indexes = [models.Index(fields=["firm", "case"], name="watch_evidence_of_firm")]

    def __str__(self) -> str:
        return self.text


BAD_NEWS = Q(polarity__lt=0, about_firm=True)  # of events: what is no noise


class RiskEvent(models.Model):
    """Something that a source told of a firm. `house`: whose partner pushed it in (None: polled for all).

    `same_as`: the event that it tells once more, from another source or in other words.
    """

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    house = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="risk_events")
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)  # patterns.EVENTS
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    polarity = models.SmallIntegerField()  # -1 bad, 0 neither, 1 good news
    about_firm = models.BooleanField()  # the firm is what it is about, not only named in it
    score = models.SmallIntegerField()  # of the words, bad below zero
    words = models.JSONField(default=list)  # [[word, weight], ...] that made it so
    simhash = models.CharField(max_length=16)  # 64 bits in hex
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="risk_event_once"),
        ]
        indexes = [models.Index(fields=["firm", "kind", "-happened_at"], name="risk_event_of_firm")]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        return str(kind_label(self.kind))

    @property
    def is_noise(self) -> bool:
        """Whether it is no bad news about the firm: kept, alerting nobody."""
        return self.polarity >= 0 or not self.about_firm


class AlertQuerySet(CaseQuerySet["Alert"]):
    """The one door to alerts."""

    def visible_to(self, member: Member) -> "AlertQuerySet":
        """Return what exists for `member`: the own house's alerts."""
        return self.filter(house=member.organisation_id) if may_watch(member) else self.none()


class Alert(Case):
    """An event before one house that has to do with the firm (预警)."""

    event = models.ForeignKey(RiskEvent, models.PROTECT, related_name="alerts")
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="watch_alerts")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    manager = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # of the customer, when raised
    grade = models.CharField(max_length=8, choices=GRADE_CHOICES)
    half_life = models.PositiveIntegerField()  # days
    happened_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    changed_at = models.DateTimeField()
    outcome = models.CharField(max_length=500, blank=True)

    house_id: int
    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "house"], name="watch_alert_once")]
        indexes = [
            models.Index(fields=["house", "state", "-raised_at"], name="watch_alert_of_house"),
            models.Index(fields=["house", "firm", "-happened_at"], name="watch_alert_of_firm"),
        ]

    def __str__(self) -> str:
        return self.event.title

    @property
    def standing(self) -> State:
        return ALERT.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Name the side on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.house_id else set()


class ScreeningQuerySet(models.QuerySet["Screening"]):
    """The one door to screenings."""

    def visible_to(self, member: Member) -> "ScreeningQuerySet":
        """Return what exists for `member`: the own house's screenings."""
        return self.filter(house=member.organisation_id) if may_watch(member) else self.none()


class Screening(models.Model):
    """One look at a firm before business with it (风险初筛): the runs of every rule set that the house has for it."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    firm = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # where it is known here
    uscc = models.CharField(max_length=18)
    name = models.CharField(max_length=120)
    runs = models.ManyToManyField(Run, related_name="screenings")
    asked_by = models.CharField(max_length=200)
    at = models.DateTimeField()

    house_id: int
    objects = ScreeningQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["house", "-at"], name="watch_screening_of_house"),
            models.Index(fields=["house", "uscc", "-at"], name="watch_screening_of_firm"),
        ]

    def __str__(self) -> str:
        return self.name


def limits_of(rule: WatchRule | None, pattern: Pattern) -> dict[str, Any]:
    """Return the thresholds of a rule, the usual ones where it says nothing."""
    told = rule.limits if rule is not None else {}
    return {name: told.get(name, limit.usual) for name, limit in pattern.limits.items()}
