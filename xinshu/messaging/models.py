"""What is: notices, and what becomes of them outside: messages, templates, preferences, addresses, calls."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.core.sm import hmac_sm3, sm4_decrypt, sm4_encrypt
from xinshu.messaging.kinds import CHANNELS, PRIORITIES
from xinshu.messaging.lifecycle import MESSAGE, TEMPLATE
from xinshu.messaging.topics import PROGRESS

LONGEST = 300  # characters of a text


class NoticeQuerySet(models.QuerySet["Notice"]):
    """A notice exists for its addressee and nobody else."""

    def visible_to(self, member: Member | None) -> "NoticeQuerySet":
        """Return what `member` was told and has not removed."""
        return self.filter(member=member, removed_at=None) if member else self.none()

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def mark_read(self, at: datetime) -> int:
        """Mark what is still unread as read at `at`; return how many that were."""
        return self.unread().update(read_at=at)


class Notice(models.Model):
    """One line of news for one member, at most once per `key`, and per `merge` where two sources tell the same."""

    class Tone(models.TextChoices):
        OK = "ok", "办成"
        INFO = "info", "告知"
        WARN = "warn", "待办"
        DANGER = "danger", "紧急"

    member = models.ForeignKey(Member, models.CASCADE, related_name="notices")
    reference = models.CharField(
        max_length=16, default=new_reference, editable=False
    )  # counting ids would tell volumes
    text = models.CharField(max_length=LONGEST)
    link = models.CharField(max_length=300, blank=True)
    tone = models.CharField(max_length=8, choices=Tone.choices, default=Tone.INFO)
    subject_type = models.CharField(max_length=60, blank=True)  # "guarantees.guarantee"
    subject_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=80, blank=True)  # kinds.py; empty: only on the page
    topic = models.CharField(max_length=16, default=PROGRESS)  # topics.py
    score = models.PositiveSmallIntegerField(null=True)  # 0 to 100: how much it concerns the member, where that is told
    merge = models.CharField(max_length=120, blank=True)  # names what happened, whoever tells it
    also = models.JSONField(default=list)  # the further keys under which the same was told
    sealed_until = models.DateTimeField(null=True)  # 开标前保密: no figure of the operator counts it before
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # the addressee followed its link
    followed_at = models.DateTimeField(null=True)  # somebody of the house took up what it tells of
    business_at = models.DateTimeField(null=True)  # an application that came of it was handed in
    issued_at = models.DateTimeField(null=True)  # and became a letter of guarantee
    removed_at = models.DateTimeField(null=True)  # kept as a row, so that a repeated reaction does not bring it back

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="notice_once_per_key"),
            models.UniqueConstraint(fields=["member", "merge"], condition=~Q(merge=""), name="notice_once_per_merge"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="notice_score_percent"),
        ]
        indexes = [
            models.Index(fields=["at", "topic"], name="notice_by_week"),
            models.Index(fields=["member", "at"], name="notice_by_person"),
            models.Index(fields=["subject_type", "subject_id"], name="notice_about"),
            models.Index(fields=["member", "-at", "-id"], condition=models.Q(removed_at=None), name="notice_of_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None, removed_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text


def seal(text: str) -> bytes:
    """Return `text` encrypted as it is stored: addresses and provider tokens never lie in the database in the clear."""
    return sm4_encrypt(_key(b"text"), text.encode())


def unseal(stored: bytes | memoryview) -> str:
    """Return what `seal` encrypted."""
    return sm4_decrypt(_key(b"text"), bytes(stored)).decode()


def digest_of(text: str) -> str:
    """Return a keyed digest under which a sealed text is found again."""
    return hmac_sm3(_key(b"digest"), text.encode()).hex()


def _key(purpose: bytes) -> bytes:
    return hmac_sm3(bytes.fromhex(settings.FILE_KEY), b"xinshu.messaging." + purpose)[:16]


def operates(by: Actor) -> set[str]:
    """Return the sides on which `by` stands towards messages: the operator looks after them, nobody else."""
    is_operator = isinstance(by, Member) and by.organisation.kind == Organisation.Kind.OPERATOR
    return {"operator"} if is_operator else set()


class TemplateQuerySet(CaseQuerySet["MessageTemplate"]):
    """Templates of messages."""

    def visible_to(self, member: Member | None) -> "TemplateQuerySet":
        return self if member is not None and member.can("messaging.manage") else self.none()


class MessageTemplate(Case):
    """One version of what a kind of message says on one channel. Never edited once it was active."""

    kind = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=list(CHANNELS.items()))
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=100, blank=True)
    text = models.TextField(max_length=1000)
    provider_code = models.CharField(max_length=80, blank=True)  # SMS_154950909, 1110, a WeChat template id
    approval = models.CharField(max_length=10, blank=True)  # what the provider last said: lifecycle.APPROVALS
    approval_note = models.CharField(max_length=300, blank=True)
    approval_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)

    objects = TemplateQuerySet.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["kind", "channel", "number"], name="message_template_version_once"),
            models.UniqueConstraint(
                fields=["kind", "channel"], condition=Q(state="active"), name="message_template_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.channel} V{self.number}"

    @property
    def standing(self) -> State:
        return TEMPLATE.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        return operates(by)


class Digest(models.Model):
    """What waits for one person on one channel until `due_at`, to be sent as one message."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8)
    due_at = models.DateTimeField()
    # 开标前保密: what is secret never shares a digest with what is not, or the open half would tell of the other.
    sealed = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel", "due_at", "sealed"], name="digest_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.due_at:%Y-%m-%d %H:%M}"


class MessageQuerySet(CaseQuerySet["Message"]):
    """Messages on channels. Their text is their addressee's; the operator sees what became of them."""

    def visible_to(self, member: Member | None, at: datetime) -> "MessageQuerySet":
        """Return what exists for the operator's `member` at `at`: nothing that is still secret (开标前保密)."""
        if member is None or not member.can("messaging.manage"):
            return self.none()
        return self.filter(Q(sealed_until=None) | Q(sealed_until__lte=at))


class Message(Case):
    """One notice on one channel to one address: what was tried, what the provider said. At most one per notice."""

    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="messages")
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="messages")  # None: a test send
    kind = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=list(CHANNELS.items()))
    provider = models.CharField(max_length=12, blank=True)
    priority = models.PositiveSmallIntegerField(choices=list(PRIORITIES.items()))
    template = models.ForeignKey(MessageTemplate, models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict)
    address_sealed = models.BinaryField(default=bytes)
    masked = models.CharField(max_length=80, blank=True)  # the address as people may see it
    digest = models.ForeignKey(Digest, models.CASCADE, null=True, related_name="messages")
    sealed_until = models.DateTimeField(null=True)  # 开标前保密: the operator does not learn of it before
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True)  # of the present key
    doubtful = models.BooleanField(default=False)  # some attempt under this key had no clear end
    key = models.CharField(max_length=80, blank=True)  # what the provider tells repetitions by, where it does
    serial = models.CharField(max_length=80, blank=True)  # what the provider calls it
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # the addressee came by its link
    reason = models.CharField(max_length=300, blank=True)  # why it failed, is unknown, or was not sent

    objects = MessageQuerySet.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="message_once_per_notice_channel")]
        indexes = [
            models.Index(fields=["state", "-id"], name="message_by_state"),
            models.Index(fields=["created_at"], name="message_created"),
            models.Index(fields=["provider", "serial"], condition=~Q(serial=""), name="message_by_serial"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.channel} · {self.masked}"

    @property
    def standing(self) -> State:
        return MESSAGE.states[self.state]

    @property
    def address(self) -> str:
        return unseal(self.address_sealed) if self.address_sealed else ""

    def sides_of(self, by: Actor) -> set[str]:
        return operates(by)


class Receipt(models.Model):
    """What a provider reported about one message, each report once however often it comes."""

    provider = models.CharField(max_length=12)
    serial = models.CharField(max_length=80, blank=True)
    our_reference = models.CharField(max_length=16, blank=True)  # where the provider hands it back
    delivered = models.BooleanField()
    code = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="receipts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "serial", "our_reference", "delivered", "code"], name="receipt_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.serial} {self.code}"


class Call(models.Model):
    """One call to a provider, as it may be shown: numbers masked, secrets and contents left out."""

    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="calls")
    channel = models.CharField(max_length=8)
    provider = models.CharField(max_length=12)
    act = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    request = models.TextField()
    status = models.CharField(max_length=40, blank=True)
    answer = models.TextField(blank=True)
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    trace = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="call_newest"),
            models.Index(fields=["trace"], condition=~Q(trace=""), name="provider_call_trace"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.act} {self.status}"


class Preference(models.Model):
    """How one person wants one channel, in general (no topic) or in one topic: when, and from which priority on."""

    class Rhythm(models.TextChoices):
        AT_ONCE = "at_once", "即时"
        DAILY = "daily", "每日汇总"
        WEEKLY = "weekly", "每周汇总"
        OFF = "off", "不接收"

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=8, choices=list(CHANNELS.items()))
    rhythm = models.CharField(max_length=8, choices=Rhythm.choices)
    least = models.PositiveSmallIntegerField(choices=list(PRIORITIES.items()))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic", "channel"], name="preference_once_per_topic")]

    def __str__(self) -> str:
        return f"{self.channel} {self.rhythm}"


class QuietHours(models.Model):
    """When one person is not to be disturbed, in China's time; over midnight when it ends before it begins."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    begins = models.TimeField(null=True)  # None: never
    ends = models.TimeField(null=True)

    def __str__(self) -> str:
        return f"{self.begins}–{self.ends}"


class TopicRule(models.Model):
    """What one person has decided for one topic besides the channels: least scores, quiet hours of its own."""

    class Quiet(models.TextChoices):
        GENERAL = "general", "与总设置相同"
        OWN = "own", "另设时段"
        NEVER = "never", "不设免打扰"

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=16)
    least_score = models.PositiveSmallIntegerField(default=0)  # of channels
    toast_score = models.PositiveSmallIntegerField(default=0)  # of what appears on an open page by itself
    quiet = models.CharField(max_length=8, choices=Quiet.choices, default=Quiet.GENERAL)
    begins = models.TimeField(null=True)
    ends = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="topic_rule_once"),
            models.CheckConstraint(condition=Q(least_score__lte=100), name="topic_rule_percent"),
            models.CheckConstraint(condition=Q(toast_score__lte=100), name="topic_rule_toast_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.least_score}"


class Address(models.Model):
    """Where one person is reached on a channel that needs an address of its own; used once confirmed."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=list(CHANNELS.items()))
    sealed = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64, blank=True)
    masked = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)  # of the code that confirms it
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="address_once_per_channel")]
        indexes = [models.Index(fields=["code_digest"], condition=~Q(code_digest=""), name="address_by_code")]

    def __str__(self) -> str:
        return self.masked

    @property
    def text(self) -> str:
        return unseal(self.sealed) if self.sealed else ""


class AccessToken(models.Model):
    """A provider's token, shared by all processes: fetching a new one makes the old one void."""

    provider = models.CharField(max_length=12, unique=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.provider
