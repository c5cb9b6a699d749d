"""What is: subscriptions, what they found, announcements as they were compared, and how far subscriptions changed."""

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.subscriptions.lifecycle import OVERSEE, SUBSCRIPTION, VIEW
from xinshu.tenders.models import Announcement

NEVER = 0  # the version of what was never compared


class SubscriptionQuerySet(CaseQuerySet["Subscription"]):
    """The one door to subscriptions."""

    def visible_to(self, member: Member) -> "SubscriptionQuerySet":
        """Return what exists for `member`: the own subscriptions."""
        return self.filter(owner=member) if member.can(VIEW) else self.none()

    def counted_by(self, member: Member) -> "SubscriptionQuerySet":
        """Return what `member` may count: the whole house's, for its head. Never what stands in them."""
        return self.filter(house=member.organisation_id) if member.can(OVERSEE) else self.none()


class Subscription(Case):
    """What one person wants to hear of. Empty filters let everything pass.

    `stamp`: how many changes there had been to all subscriptions when this one last changed.
    """

    owner = models.ForeignKey(Member, models.PROTECT, related_name="subscriptions")
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    line = models.CharField(max_length=300, blank=True)  # keywords, in engine.language
    qualifications = models.JSONField(default=list)  # words, one of which the notice asks for
    kinds = models.JSONField(default=list)  # tenders.reading.kinds
    regions = models.JSONField(default=list)  # leading digits of division codes
    trades = models.JSONField(default=list)  # leading signs of trade codes
    tags = models.JSONField(default=list)  # keys of admission.Tag of the house
    least_amount = models.BigIntegerField(null=True)  # 分
    most_amount = models.BigIntegerField(null=True)
    least_score = models.PositiveSmallIntegerField(default=0)
    unsure = models.BooleanField(default=True)  # also what does not tell its region, trade or amount
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    stamp = models.BigIntegerField()

    owner_id: int
    house_id: int
    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="subscription_named_once"),
            models.UniqueConstraint(fields=["stamp"], name="subscription_stamp_once"),
            models.CheckConstraint(condition=Q(least_score__lte=100), name="subscription_score_percent"),
        ]
        indexes = [models.Index(fields=["house", "owner"], name="subscription_house")]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> State:
        """The state, with its word and tone."""
        return SUBSCRIPTION.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"owner"} if isinstance(by, Member) and by.pk == self.owner_id else set()


class Counter(models.Model):
    """One row: how many changes there were to subscriptions. Locked by each, so that they commit in their order.

    `life`: drawn when the row is made; a process that knows another one has read another database.
    """

    life = models.CharField(max_length=16, default=new_reference)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class Compared(models.Model):
    """An announcement as subscriptions were last compared with it: which version, and its text as it compares."""

    announcement = models.OneToOneField(Announcement, models.PROTECT, primary_key=True, related_name="compared")
    number = models.PositiveIntegerField()  # of the version; NEVER: only its text is kept
    published_at = models.DateTimeField(db_index=True)  # or received
    title = models.TextField()
    body = models.TextField(blank=True)
    tags = models.JSONField(default=list)  # that houses gave the firms it names
    matched = models.PositiveIntegerField(default=0)  # subscriptions

    def __str__(self) -> str:
        return f"{self.announcement_id} V{self.number}"


class HitQuerySet(models.QuerySet["Hit"]):
    """The one door to matches."""

    def visible_to(self, member: Member) -> "HitQuerySet":
        """Return what the member's own subscriptions found."""
        return self.filter(subscription__owner=member) if member.can(VIEW) else self.none()


class Hit(models.Model):
    """An announcement meets a subscription: since which version, how well and why, and what its owner makes of it."""

    class Verdict(models.TextChoices):
        NONE = "", "未评价"
        FOLLOWED = "followed", "已跟进"
        IRRELEVANT = "irrelevant", "不相关"

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="hits")
    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="subscription_hits")
    first = models.PositiveIntegerField()  # version that met it first
    number = models.PositiveIntegerField()  # newest version that meets it
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=dict)  # words with whether in the title, filters met, filters not told
    at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True, default="")
    converted_at = models.DateTimeField(null=True)

    objects = HitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "announcement"], name="subscription_hit_once"),
            models.CheckConstraint(condition=Q(score__lte=100), name="subscription_hit_percent"),
        ]
        indexes = [
            models.Index(fields=["subscription", "-at", "-id"], name="subscription_hit_newest"),
            models.Index(fields=["announcement", "first"], name="subscription_hit_first"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.announcement_id} {self.score}"
