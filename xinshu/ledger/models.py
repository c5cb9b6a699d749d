"""What is remembered: entries, their deliveries, the nightly rounds, and the tree that proves the entries."""

from typing import Any, ClassVar, NoReturn

from django.db import models

from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import State
from xinshu.ledger.canonical import CanonicalEncoder, canonical_json, canonical_parts, moment_text
from xinshu.ledger.lifecycle import REDACTION, RULE


class Immutable(Exception):
    """Somebody's code tried to change or delete what the ledger remembers. A bug: corrections are new entries."""


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries are added and read, nothing else."""

    def update(self, **_fields: Any) -> NoReturn:
        raise Immutable("An entry is never changed: record a correction.")

    def delete(self) -> NoReturn:
        raise Immutable("An entry is never deleted: record a correction.")


class Entry(models.Model):
    """One thing that happened. Inserted once, never changed: the audit trail, the outbox and the feed in one row."""

    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)  # "guarantees.guarantee"
    subject_id = models.BigIntegerField()
    actor_key = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()  # by the machine's own clock, which nobody moves
    sealed_until = models.DateTimeField(null=True)  # 开标前保密: nobody but the parties may learn of it before then
    data = models.JSONField(default=dict, encoder=CanonicalEncoder)
    salt = models.BinaryField(max_length=16)  # random: a leaf hash in a neighbour's proof cannot be guessed back
    mac = models.BinaryField(max_length=32)  # keyed: a row that the platform did not write has no valid one
    # For operators, who follow what came of a request (core/tracing.py). Not part of what is hashed: it proves nothing.
    trace = models.CharField(max_length=32, null=True)

    objects: ClassVar = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_subject"),
            models.Index(fields=["kind", "id"], name="entry_kind"),
            models.Index(fields=["actor_key", "id"], name="entry_actor"),
            models.Index(fields=["at"], name="entry_at"),
            models.Index(fields=["trace"], name="entry_trace", condition=models.Q(trace__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise Immutable("An entry is never changed: record a correction.")
        super().save(**options)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        raise Immutable("An entry is never deleted: record a correction.")

    @property
    def subject(self) -> str:
        return f"{self.subject_type}:{self.subject_id}"

    @property
    def is_redacted(self) -> bool:
        """Whether the content was cleared when its period had passed (redacting.py): only then has it no salt."""
        return not self.salt

    @property
    def parts(self) -> tuple[str, str]:
        """The canonical text before and after the id (canonical.py)."""
        return canonical_parts(
            actor_key=self.actor_key,
            actor_label=self.actor_label,
            at=moment_text(self.at),
            data=canonical_json(self.data),
            kind=self.kind,
            recorded_at=moment_text(self.recorded_at),
            salt=bytes(self.salt).hex(),
            sealed_until=None if self.sealed_until is None else moment_text(self.sealed_until),
            subject=self.subject,
        )


class Veil(models.Model):
    """A subject whose entries stay secret longer than they were recorded to (veils.py)."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id"], name="veil_once_per_subject")]

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id} until {self.until:%Y-%m-%d %H:%M}"


class Delivery(models.Model):
    """One entry handed to one reaction: run by a worker, retried with back-off, parked after repeated failure."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        DONE = "done", "完成"
        PARKED = "parked", "搁置"

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="deliveries")
    reaction = models.CharField(max_length=200)  # dotted path of the function
    lane = models.CharField(max_length=90)  # the entry's subject: one reaction takes a subject's entries in order
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)  # by the machine's own clock: a lease is about processes
    leased_by = models.CharField(max_length=60, default="", blank=True)
    last_error = models.TextField(default="", blank=True)
    done_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)  # how long the last try took

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "reaction"], name="delivery_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="delivery_due", condition=models.Q(state="waiting")),
            models.Index(fields=["reaction", "lane", "entry"], name="delivery_lane", condition=~models.Q(state="done")),
            models.Index(fields=["state", "id"], name="delivery_state", condition=models.Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} ← #{self.entry_id}"


class NightlyRun(models.Model):
    """One nightly function on one local day. A row without `finished_at` is under way, or to be tried again."""

    day = models.DateField()
    function = models.CharField(max_length=200)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=60, default="", blank=True)
    last_error = models.TextField(default="", blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "day"], name="nightly_once")]

    def __str__(self) -> str:
        return f"{self.function} {self.day}"


class Worker(models.Model):
    """The heartbeat of one worker process."""

    name = models.CharField(max_length=60, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Leaf(models.Model):
    """The place of one entry in the tree. Positions follow entry ids."""

    position = models.BigIntegerField(primary_key=True)
    # No constraint in the database: whoever deletes an entry by force must leave a trace here.
    entry = models.OneToOneField(Entry, models.PROTECT, db_constraint=False)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.position} ← #{self.entry_id}"


class Node(models.Model):
    """The root of the complete subtree over leaves [index << level, (index + 1) << level); level is 8, 16, 24 ..."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="node_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """The signed size and root of the tree at one moment (C2SP tlog-checkpoint; see notes.py)."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    text = models.TextField()  # origin, size, root: what is signed
    signature = models.TextField()  # the platform's signature line
    cosignature = models.TextField(default="", blank=True)  # the witness's line; empty while it has not co-signed
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.size}"

    @property
    def note(self) -> str:
        """The signed note as published."""
        return f"{self.text}\n{self.signature}{self.cosignature}"


class Refused(models.Model):
    """An entry that the sealer would not seal: its keyed digest is wrong; the platform did not write it so."""

    entry_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"#{self.entry_id}"


class Verification(models.Model):
    """One check of the whole ledger: asked for, under way, or with its finding."""

    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    genuine = models.BooleanField(null=True)
    sealed = models.BigIntegerField(default=0)
    waiting = models.BigIntegerField(default=0)
    finding = models.TextField(default="", blank=True)
    entry_number = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.requested_at:%Y-%m-%d %H:%M}"


class ByTwo(Case):
    """Something that one person proposes and another decides. People stand as text: the ledger lies below accounts."""

    proposed_by = models.CharField(max_length=60)
    proposer = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=60, default="", blank=True)
    decider = models.CharField(max_length=200, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=500, default="", blank=True)

    class Meta(Case.Meta):
        abstract = True

    def sides_of(self, by: Actor) -> set[str]:
        """The proposer can only take it back; everybody else is a second person."""
        return {"proposer"} if by.actor_key == self.proposed_by else {"second"}


class RetentionRule(ByTwo):
    """For how long the content of one kind of entry is kept. One per kind is in force."""

    kind = models.CharField(max_length=60)
    months = models.PositiveIntegerField()
    basis = models.CharField(max_length=200)  # the law or regulation that sets the period

    objects = CaseQuerySet["RetentionRule"].as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(state="proposed"), name="one_rule_proposed"),
            models.UniqueConstraint(fields=["kind"], condition=models.Q(state="active"), name="one_rule_in_force"),
            models.CheckConstraint(condition=models.Q(months__gt=0), name="rule_months_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.months}"

    @property
    def standing(self) -> State:
        return RULE.states[self.state]


class Redaction(ByTwo):
    """One clearing under a rule: everything of its kind from before `until`."""

    rule = models.ForeignKey(RetentionRule, models.PROTECT, related_name="redactions")
    until = models.DateTimeField()
    expected = models.PositiveIntegerField()  # entries when it was proposed
    cleared = models.PositiveIntegerField(default=0)

    objects = CaseQuerySet["Redaction"].as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=models.Q(state__in=["proposed", "approved"]), name="one_redaction_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} until {self.until:%Y-%m-%d}"

    @property
    def standing(self) -> State:
        return REDACTION.states[self.state]


class Tombstone(models.Model):
    """Where it is told that an entry's content was cleared: the entry `told`, which lists leaf and what remains."""

    # No constraint in the database, as with leaves: whoever deletes by force must leave a trace here.
    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, db_constraint=False, related_name="tombstone")
    told = models.ForeignKey(Entry, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"#{self.entry_id} ← #{self.told_id}"
