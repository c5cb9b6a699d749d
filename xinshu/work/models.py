"""What is: approval plans and their runs, signatures, delegations, stopped clocks, an institution's own days."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import State
from xinshu.work.lifecycle import APPROVAL, DELEGATION, PLAN
from xinshu.work.plan import Level, level_of

STOP_REASONS: dict[str, str | Promise] = {  # a closed list: whoever waits is told which
    "applicant": _("等待申请人补充材料"),
    "court": _("等待法院或仲裁机构文书"),
    "co_handler": _("等待会办单位意见"),
    "site_visit": _("实地核查"),
    "expert": _("专家评审"),
}


class Plans(CaseQuerySet["ApprovalPlan"]):
    """Plans, as somebody may meet them."""

    def visible_to(self, member: Member) -> Self:
        """Return the plans of the member's own organisation, for those who sign or design there."""
        return self.filter(organisation=member.organisation_id) if member.can("work.plans") else self.none()


class ApprovalPlan(Case):
    """One version of how an organisation approves one kind of case. Never edited once it is in use."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="approval_plans")
    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    levels = models.JSONField(default=list)  # plan.Level, in order
    escalates_to = models.CharField(max_length=60, blank=True)  # badge of those who hear of what is overdue
    hands = models.JSONField(default=list)  # users who wrote it: none of them activates it
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # None: set up by the platform
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    objects = Plans.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "number"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=Q(state="active"), name="plan_active_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=Q(state="draft"), name="plan_draft_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.kind} V{self.number}"

    @property
    def standing(self) -> State:
        return PLAN.states[self.state]

    @property
    def steps(self) -> tuple[Level, ...]:
        return tuple(level_of(row) for row in self.levels)

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: whoever wrote a plan does not activate it (双人启用)."""
        if not isinstance(by, Member) or by.organisation_id != self.organisation_id:
            return set()
        return {"designer"} if by.user_id in self.hands else {"designer", "activator"}


class Approval(Case):
    """One run of one plan version for one case."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="approvals")
    kind = models.CharField(max_length=20)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    plan = models.ForeignKey(ApprovalPlan, models.PROTECT, related_name="approvals")
    levels = models.JSONField()  # those of the plan, and the added ones
    facts = models.JSONField()
    facts_digest = models.CharField(max_length=64)
    keepers = models.JSONField(default=list)  # users who made the case: they do not sign it
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    # Drawn from levels and signatures at every act, so that lists need not decide every run:
    level = models.CharField(max_length=20, blank=True)  # key of the open level
    level_name = models.CharField(max_length=40, blank=True)
    badge = models.CharField(max_length=60, blank=True)  # who signs there; empty: people by name
    short = models.BooleanField(default=False)  # people are missing
    opened_at = models.DateTimeField()  # when the open level opened
    due_on = models.DateField(null=True)  # None: nothing to do, or the clock is stopped
    escalated_at = models.DateTimeField(null=True)

    objects: CaseQuerySet["Approval"] = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(state__in=["open", "returned"]),
                name="approval_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "kind", "badge"], condition=Q(state="open"), name="approval_waiting"),
            models.Index(fields=["subject_type", "subject_id"], name="approval_subject"),
            models.Index(fields=["due_on"], condition=Q(state="open"), name="approval_due"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id} {self.level_name}"

    @property
    def standing(self) -> State:
        return APPROVAL.states[self.state]

    @property
    def steps(self) -> tuple[Level, ...]:
        return tuple(level_of(row) for row in self.levels)

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands. Who of the committee is next, the plan decides (plan.decide)."""
        organisation = getattr(by, "organisation_id", None)
        return {"committee", "keeper"} if organisation == self.organisation_id else {"keeper"}


class Standing(models.Model):
    """Somebody's place at the open level: a seat by name, or barred from signing there."""

    approval = models.ForeignKey(Approval, models.CASCADE, related_name="standings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    barred = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "user", "barred"], name="standing_once")]
        indexes = [models.Index(fields=["user", "barred"], name="standing_user")]

    def __str__(self) -> str:
        return f"{self.approval_id} {self.user_id} {'barred' if self.barred else 'named'}"


class Signature(models.Model):
    """What somebody did to an approval. A signature that no longer counts keeps its row, with `voided_at`."""

    class Act(models.TextChoices):
        APPROVE = "approve", "同意"
        REJECT = "reject", "不同意"
        ADD = "add", "加签"
        BACK = "back", "退回上级"
        RETURN = "return", "退回申请人"
        RESUBMIT = "resubmit", "重新提交"
        WITHDRAW = "withdraw", "撤回"
        APPOINT = "appoint", "指定代签人"
        LIFT = "lift", "撤销加签"
        UPDATE = "update", "要素变化"

    MARKS = (Act.APPROVE, Act.REJECT)

    approval = models.ForeignKey(Approval, models.PROTECT, related_name="signatures")
    act = models.CharField(max_length=10, choices=Act.choices)
    level = models.CharField(max_length=20, blank=True)
    level_name = models.CharField(max_length=40, blank=True)
    group = models.CharField(max_length=40, blank=True)  # nobody counts twice in one group
    hand = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # None: the platform
    hand_label = models.CharField(max_length=200)
    seat = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # whose signature it is
    delegation = models.ForeignKey("Delegation", models.PROTECT, null=True, related_name="signatures")
    opinion = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # of the facts that it judges
    closes = models.BooleanField(default=False)
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["approval", "group", who],
                condition=Q(voided_at=None, act__in=["approve", "reject"]),
                name=f"signature_{who}_once_per_group",
            )
            for who in ("hand", "seat")
        ]

    def __str__(self) -> str:
        return f"{self.approval_id} {self.level_name} {self.act}"


class Delegations(CaseQuerySet["Delegation"]):
    """Delegations, as somebody may meet them."""

    def visible_to(self, member: Member) -> Self:
        """Return what `member` has given and was given."""
        return self.filter(Q(principal=member) | Q(delegate=member))

    def on(self, day: date) -> Self:
        """Return those that count on `day`."""
        return self.filter(state="given", starts_on__lte=day, ends_on__gte=day)


class Delegation(Case):
    """One member signs for another for a time: in the own name, on behalf of."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="delegations")
    principal = models.ForeignKey(Member, models.PROTECT, related_name="delegations_given")
    delegate = models.ForeignKey(Member, models.PROTECT, related_name="delegations_received")
    kinds = models.JSONField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = Delegations.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="delegation_period_ordered"),
            models.CheckConstraint(condition=~Q(principal=models.F("delegate")), name="delegation_to_another"),
        ]
        indexes = [models.Index(fields=["delegate", "ends_on"], condition=Q(state="given"), name="delegation_given")]

    def __str__(self) -> str:
        return f"{self.principal_id} → {self.delegate_id}"

    @property
    def standing(self) -> State:
        return DELEGATION.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        return {"principal"} if isinstance(by, Member) and by.pk == self.principal_id else set()


class StoppedClock(models.Model):
    """A time in which the limit does not run: for a listed reason, on evidence, and the applicant sees it."""

    approval = models.ForeignKey(Approval, models.PROTECT, related_name="stops")
    reason = models.CharField(max_length=12, choices=[(code, code) for code in STOP_REASONS])
    note = models.CharField(max_length=200)
    evidence_name = models.CharField(max_length=200)
    evidence_reference = models.CharField(max_length=40)
    evidence_sm3 = models.CharField(max_length=64)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["approval"], condition=Q(to_at=None), name="clock_stopped_once"),
            models.CheckConstraint(
                condition=Q(reason__in=list(STOP_REASONS)) & ~Q(evidence_sm3=""), name="clock_stopped_on_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approval_id} {self.reason}"

    @property
    def reason_words(self) -> str:
        return str(STOP_REASONS[self.reason])


class OwnDay(models.Model):
    """A day on which one institution works, or does not, against the common calendar."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="own_days")
    day = models.DateField()
    works = models.BooleanField()
    note = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="own_day_once")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.day}"
