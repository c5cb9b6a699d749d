"""What is: clients of the interface with their keys, what they called, whom they want told, what was sent to them."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.classification import REVEAL
from xinshu.core.lifecycle import State
from xinshu.integrations.lifecycle import CLIENT, MANAGE, SUBSCRIPTION
from xinshu.ledger.models import Entry


class ApiClients(CaseQuerySet["ApiClient"]):
    """The one door to clients."""

    def visible_to(self, member: Member | None) -> Self:
        """Return what exists for `member`: all of the house for its administrator, one's own name for the others."""
        if member is None:
            return self.none()
        house = self.filter(organisation=member.organisation_id)
        return house if member.can(MANAGE) else house.filter(principal=member.pk)


class ApiClient(Case):
    """A system of one organisation. It acts as `principal`, within `scopes`, once the principal has agreed."""

    name = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="api_clients")
    principal = models.ForeignKey(Member, models.PROTECT, related_name="api_clients")
    scopes = models.JSONField(default=list)  # permissions; what the principal may do still bounds them
    networks = models.JSONField(default=list)  # CIDR; empty: from anywhere
    per_minute = models.PositiveIntegerField(default=120)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ApiClients.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], condition=~Q(state="closed"), name="api_client_name_once"
            ),
            models.CheckConstraint(condition=Q(per_minute__gt=0), name="api_client_rate_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> State:
        return CLIENT.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: people of the house, and the one in whose name it acts."""
        if not isinstance(by, Member) or by.organisation_id != self.organisation_id:
            return set()
        return {"administrator"} | ({"principal"} if by.pk == self.principal_id else set())


class Caller(Member):
    """The principal as a client acts for them: no more than the client's scopes, and the client named in the ledger."""

    client: ApiClient

    class Meta:
        proxy = True

    @property
    def actor_label(self) -> str:
        return f"{super().actor_label} · 接口 {self.client.name}"[:200]

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What both hold: the principal may, and the client was given it; and the clients' own scopes."""
        given = frozenset(self.client.scopes)
        return super().permissions & given | given & {REVEAL}


class ApiKey(models.Model):
    """One key of a client. Of a bearer key only the digest is kept; an HMAC secret is kept encrypted, for it is needed
    to check a signature; of an SM2 key only the public half ever comes here.
    """

    class Kind(models.TextChoices):
        BEARER = "bearer", "只读令牌"
        HMAC = "hmac", "HMAC 签名"
        SM2 = "sm2", "SM2 签名"

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="keys")
    code = models.CharField(max_length=24, unique=True)  # the key's public name
    kind = models.CharField(max_length=6, choices=Kind.choices)
    digest = models.CharField(max_length=64, blank=True)
    sealed = models.BinaryField(null=True)
    public_hex = models.CharField(max_length=130, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="api_key_by_client")]

    def __str__(self) -> str:
        return self.code

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


class Nonce(models.Model):
    """A nonce that a key has used. The database sees to it that there is no second time."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    value = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "value"], name="nonce_once")]

    def __str__(self) -> str:
        return self.value


class Meter(models.Model):
    """A token bucket, kept as the moment (microseconds) at which it will be full again."""

    name = models.CharField(max_length=80, unique=True)
    full_at = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name


class Reply(models.Model):
    """What was answered to an idempotency key: given again to whoever asks the same again."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)  # SM3 of method, path, query, body
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=80, blank=True)
    body = models.BinaryField(default=bytes)
    noted = models.JSONField(default=dict)  # replies.Noted: what the call log keeps with it each time
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="reply_once")]

    def __str__(self) -> str:
        return self.key


class Calls(models.QuerySet["Call"]):
    """The one door to the call log."""

    def visible_to(self, member: Member | None) -> Self:
        """Return the calls of the clients that exist for `member`."""
        return self.filter(client__in=ApiClient.objects.visible_to(member))


class Call(models.Model):
    """One call by a client that proved who it is, or failed to: masked before it is kept."""

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="calls")
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    operation = models.CharField(max_length=120, blank=True, default="")  # the route; "": there is no such
    # The one case it has to do with (leaving.about), and until when nobody outside the house may learn so (开标前保密).
    subject = models.CharField(max_length=16, blank=True, default="")
    subject_type = models.CharField(max_length=60, blank=True, default="")
    subject_id = models.BigIntegerField(null=True)
    sealed_until = models.DateTimeField(null=True)
    query = models.CharField(max_length=500, blank=True)
    sent = models.TextField(blank=True)  # what was sent, masked and cut
    status = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=200, blank=True)  # of a refusal: its words
    replayed = models.BooleanField(default=False)
    fields = models.JSONField(default=list)  # what was answered: names and classes of fields (leaving.py)
    level = models.PositiveSmallIntegerField(default=0)  # the highest of them
    clear = models.PositiveSmallIntegerField(default=0)  # the highest of those that left uncovered
    covered = models.BooleanField(default=False)  # whether any left covered
    address = models.CharField(max_length=64)
    milliseconds = models.PositiveIntegerField()

    objects = Calls.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["client", "-id"], name="call_by_client"),
            models.Index(fields=["at"], name="call_at"),
            models.Index(fields=["subject", "at"], condition=~Q(subject=""), name="call_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Subscriptions(CaseQuerySet["Subscription"]):
    """The one door to subscriptions."""

    def visible_to(self, member: Member | None) -> Self:
        """Return the subscriptions of the house, to its administrator only."""
        if member is None or not member.can(MANAGE):
            return self.none()
        return self.filter(client__organisation=member.organisation_id)


class Subscription(Case):
    """Where a client wants to be told of which events."""

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="subscriptions")
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    sealed = models.BinaryField()  # the HMAC secret, encrypted
    failures = models.PositiveIntegerField(default=0)  # in a row
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = Subscriptions.as_manager()

    class Meta(Case.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.url

    @property
    def standing(self) -> State:
        return SUBSCRIPTION.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: people of the client's house."""
        same = isinstance(by, Member) and by.organisation_id == self.client.organisation_id
        return {"administrator"} if same else set()


class Sending(models.Model):
    """One event for one subscription, as it was when it happened."""

    class State(models.TextChoices):
        WAITING = "waiting", "待推送"
        SENT = "sent", "已送达"
        HELD = "held", "已暂存"
        DROPPED = "dropped", "已作废"

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="sendings")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)  # the reference of the case
    event = models.JSONField()  # CloudEvents 1.0
    fields = models.JSONField(default=list)  # of its data: names and classes (leaving.py)
    level = models.PositiveSmallIntegerField(default=0)
    clear = models.PositiveSmallIntegerField(default=0)
    covered = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "entry"], name="sending_once")]
        indexes = [
            models.Index(fields=["subscription", "-id"], name="sending_by_subscription"),
            models.Index(fields=["at"], name="sending_at"),
            models.Index(fields=["subject"], name="sending_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Attempt(models.Model):
    """One try to deliver a sending, and what came back."""

    sending = models.ForeignKey(Sending, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # None: no answer
    answer = models.CharField(max_length=500, blank=True)  # what came back, masked and cut; else why nothing did
    milliseconds = models.PositiveIntegerField()
    trace = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["trace"], condition=~Q(trace=""), name="attempt_trace")]

    def __str__(self) -> str:
        return f"{self.sending_id} {self.status}"
