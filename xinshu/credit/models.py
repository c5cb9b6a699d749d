"""What is: behaviours that are never changed, cards as versions, records with the score of today, lists, appeals."""

from datetime import date, datetime
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.credit.kinds import APPLICANT, GUARANTOR, SIDES, kind_label
from xinshu.credit.lifecycle import HOLDS, LIST, MANAGE, PAST, VIEW
from xinshu.credit.reckoning import Card as ReadCard
from xinshu.credit.reckoning import read_card
from xinshu.documents.models import File
from xinshu.enterprises.models import Relation
from xinshu.ledger.models import Entry

SETTLED = ("active", "superseded")  # cards that were once activated


class CardQuerySet(CaseQuerySet["Card"]):
    """The one door to cards."""

    def visible_to(self, member: Member) -> "CardQuerySet":
        """Return what exists for `member`: all for the operator; what was activated for whoever sees credit."""
        if member.can(MANAGE):
            return self.all()
        return self.filter(state__in=SETTLED) if member.can(VIEW) else self.none()


class Card(Case):
    """One version of the scoring rules of one side. From its activation on it is never edited."""

    side = models.CharField(max_length=10, choices=list(SIDES.items()))
    number = models.PositiveIntegerField(null=True)  # from activation
    content = models.JSONField()  # reckoning.read_card
    authors = models.JSONField(default=list)  # users who wrote it: none of them activates it
    written_by = models.CharField(max_length=60)
    activated_by = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["side", "number"], name="credit_card_once"),
            models.UniqueConstraint(fields=["side"], condition=Q(state="active"), name="credit_one_active_card"),
            models.UniqueConstraint(fields=["side"], condition=Q(state="draft"), name="credit_one_draft_card"),
            models.CheckConstraint(
                condition=~Q(state__in=SETTLED) | Q(number__isnull=False, activated_at__isnull=False),
                name="credit_card_numbered",
            ),
        ]

    def __str__(self) -> str:
        return f"{SIDES[self.side]} V{self.number or '…'}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: cards are the operator's."""
        return {"operator"} if by.can(MANAGE) else set()

    @property
    def read(self) -> ReadCard:
        return read_card(self.content, self.side)


class Effect(models.Model):
    """A draft measured on all scores of a day: how many rise and fall, who changes bands. Of this content only."""

    card = models.ForeignKey(Card, models.PROTECT, related_name="effects")
    content_sm3 = models.CharField(max_length=64)
    on = models.DateField()
    subjects = models.PositiveIntegerField()
    risen = models.PositiveIntegerField()
    fallen = models.PositiveIntegerField()
    moved = models.PositiveIntegerField()  # into another band
    counts = models.JSONField(default=list)  # [[band before, band after, how many], ...]
    measured_by = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.card} +{self.risen} -{self.fallen}"


class RecordQuerySet(models.QuerySet["Record"]):
    """The one door to records."""

    def visible_to(self, member: Member) -> Self:
        """Return what exists for `member`: the own one, customers', guarantors', and firms on the city's list.

        Of the last two only the public part is theirs (`in_full_for`).
        """
        if member.can(MANAGE):
            return self.all()
        if not member.can(VIEW):
            return self.none()
        public = ListEntry.objects.public().filter(organisation=OuterRef("organisation"), side=OuterRef("side"))
        return self.filter(self._full(member) | Q(side=GUARANTOR) | Exists(public))

    def in_full_for(self, member: Member) -> Self:
        """Return the records whose score, behaviours and reasons `member` may read."""
        if member.can(MANAGE):
            return self.all()
        return self.filter(self._full(member)) if member.can(VIEW) else self.none()

    def held(self, pk: int) -> "Record":
        """Return one record as it stands, its row locked until the transaction ends.

        What its score is made of is read after this: of two acts at once neither misses what the other recorded.
        """
        return self.select_related("organisation").select_for_update(of=("self",), no_key=True).get(pk=pk)

    @staticmethod
    def _full(member: Member) -> Q:
        mine = Q(organisation=member.organisation_id)
        if member.organisation.kind in Organisation.ISSUERS:
            customers = Relation.objects.filter(guarantor=member.organisation_id)
            mine |= Q(side=APPLICANT, organisation__in=customers.values("enterprise__organisation"))
        return mine


class Record(models.Model):
    """信用档案 of an organisation on one side, with the score of `on`. The score follows from behaviours and card."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="credit_records")
    side = models.CharField(max_length=10, choices=list(SIDES.items()))
    score = models.PositiveSmallIntegerField(null=True)  # 0 to 1000; None: no card is active
    band = models.CharField(max_length=20, blank=True)
    tone = models.CharField(max_length=8, blank=True)
    card = models.ForeignKey(Card, models.PROTECT, null=True, related_name="+")
    on = models.DateField(null=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "side"], name="credit_record_once")]
        indexes = [models.Index(fields=["side", "score"], name="credit_record_by_score")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.band}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        mine = {"subject"} if getattr(by, "organisation_id", None) == self.organisation_id else set()
        return mine | ({"operator"} if by.can(MANAGE) else set())


class EffectLine(models.Model):
    """One score that the draft would change."""

    effect = models.ForeignKey(Effect, models.CASCADE, related_name="lines")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    before = models.PositiveSmallIntegerField(null=True)
    after = models.PositiveSmallIntegerField()
    before_band = models.CharField(max_length=20, blank=True)
    after_band = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["effect", "before_band", "after_band"], name="credit_effect_by_band")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

    @property
    def by_how_much(self) -> int:
        return self.after - (self.before or 0)


class Kept(TypeError):
    """A behaviour was to be changed or deleted. Corrections are new ones."""


class BehaviourQuerySet(models.QuerySet["Behaviour"]):
    """Behaviours, and which of them count."""

    def known(self, at: datetime) -> Self:
        """Return what was recorded by the moment `at`."""
        return self.filter(recorded_at__lte=at)

    def counting(self, at: datetime) -> Self:
        """Return what counted at the moment `at`: known by then, not corrected by then, not a mere revocation."""
        corrected = Behaviour.objects.known(at).filter(corrects=OuterRef("pk"))
        return self.known(at).exclude(kind="").filter(~Exists(corrected))

    def visible_to(self, member: Member) -> Self:
        """Return the behaviours of records that `member` reads in full."""
        full = Record.objects.in_full_for(member)
        return self.filter(record__in=full)


class Behaviour(models.Model):
    """One thing somebody did. Inserted once (the database refuses a change); a correction is a row that names it.

    A correction with `kind` "" revokes; with a kind it says what it was instead. Each row is corrected once at most;
    a correction can itself be corrected: the last of the chain counts.
    """

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    record = models.ForeignKey(Record, models.PROTECT, related_name="behaviours")
    kind = models.CharField(max_length=20, blank=True)  # kinds.KINDS
    happened_on = models.DateField()
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")  # the ledger's evidence
    case = models.CharField(max_length=60, blank=True)  # number or reference of the case, the document's number
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    house = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+"
    )  # in whose business it happened
    note = models.CharField(max_length=500, blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="correction")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)  # actor key
    recorded_label = models.CharField(max_length=60)
    recorder = models.IntegerField(null=True)  # the user behind it: decides on no appeal against it

    correction: "Behaviour"
    objects = BehaviourQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "record", "kind"], condition=Q(entry__isnull=False), name="behaviour_once_per_entry"
            ),
            models.CheckConstraint(condition=~Q(kind="") | Q(corrects__isnull=False), name="behaviour_has_kind"),
        ]
        indexes = [models.Index(fields=["record", "-happened_on"], name="behaviour_of_record")]

    def __str__(self) -> str:
        return f"{self.label} {self.happened_on}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise Kept("a behaviour is never changed: record a correction")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise Kept("a behaviour is never deleted: record a correction")

    @property
    def label(self) -> str:
        return kind_label(self.kind)


class ListEntryQuerySet(CaseQuerySet["ListEntry"]):
    """The one door to lists."""

    def visible_to(self, member: Member) -> "ListEntryQuerySet":
        """Return what exists for `member`: the own house's entries, and the city's once they were confirmed.

        Of the city's that hold no longer only those about the own organisation: it was told of their end.
        """
        if member.can(MANAGE):
            return self.filter(owner=None)
        if not member.can(VIEW):
            return self.none()
        own = Q(owner=member.organisation_id)
        if not member.can(LIST):
            own &= Q(state__in=(*HOLDS, *PAST))
        past = Q(owner=None, organisation=member.organisation_id, state__in=PAST)
        return self.filter(own | past | Q(owner=None, state__in=HOLDS))

    def public(self) -> "ListEntryQuerySet":
        """Return the city's entries that hold: anybody who sees credit may know them."""
        return self.filter(owner=None, state__in=HOLDS)

    def on(self, day: date) -> "ListEntryQuerySet":
        """Return those that hold on `day`, whether or not the nightly round has come by."""
        return self.filter(state__in=HOLDS, valid_from__lte=day).filter(valid_until__gte=day)


class ListEntry(Case):
    """名单: somebody is on a list for a reason and a time, with an effect. `owner` None: the city's."""

    class Colour(models.TextChoices):
        BLACK = "black", "黑名单"
        GREY = "grey", "灰名单"
        RED = "red", "红名单"
        KEY = "key", "重点企业名单"
        TOP = "top100", "百强企业名单"
        CORE = "core", "骨干企业名单"
        ODD = "odd", "异常企业名单"

    class Effect(models.TextChoices):
        BLOCK = "block", "不得自动通过，也不得批准"
        ASK = "ask", "转人工审批"
        FAVOUR = "favour", "优待（可由规则采用）"
        MARK = "mark", "仅作标识，不影响审批"

    owner = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="credit_lists")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=list(SIDES.items()))
    colour = models.CharField(max_length=6, choices=Colour.choices)
    effect = models.CharField(max_length=6, choices=Effect.choices)
    reason = models.CharField(max_length=500)
    evidence = models.CharField(max_length=200)  # the document by its number, the behaviour, the case
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField()  # the last day
    proposed_by = models.IntegerField()  # the user: another one confirms
    proposed_label = models.CharField(max_length=60)
    confirmed_label = models.CharField(max_length=60, blank=True)
    lift_asked_by = models.IntegerField(null=True)  # the user: another one lifts
    lift_label = models.CharField(max_length=60, blank=True)
    lift_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="credit_list_days"),
            models.UniqueConstraint(
                fields=["owner", "organisation", "side", "colour"],
                condition=Q(state__in=["proposed", *HOLDS]),
                name="credit_listed_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "side", "colour"],
                condition=Q(state__in=["proposed", *HOLDS], owner=None),
                name="credit_listed_once_by_city",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="credit_list_of_firm")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_colour_display()}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: an entry is its owner's."""
        if self.owner_id is None:
            return {"operator"} if by.can(MANAGE) else set()
        return {"house"} if getattr(by, "organisation_id", None) == self.owner_id else set()

    @property
    def tone(self) -> str:
        return {"black": "danger", "grey": "warn", "odd": "warn", "red": "ok"}.get(self.colour, "info")


class AppealQuerySet(CaseQuerySet["Appeal"]):
    """The one door to appeals."""

    def visible_to(self, member: Member) -> "AppealQuerySet":
        """Return what exists for `member`: the own organisation's; all for the operator."""
        if member.can(MANAGE):
            return self.all()
        return self.filter(record__organisation=member.organisation_id) if member.can(VIEW) else self.none()


class Appeal(Case):
    """异议 of the subject: against one behaviour, or against the score as a whole (`behaviour` None)."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="appeals")
    behaviour = models.ForeignKey(Behaviour, models.PROTECT, null=True, related_name="appeals")
    text = models.CharField(max_length=1000)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    score = models.PositiveSmallIntegerField(null=True)  # as it was when the appeal was raised
    raised_by = models.CharField(max_length=60)
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    due_rule = models.CharField(max_length=600)
    decision = models.CharField(max_length=1000, blank=True)
    outcome = models.OneToOneField(Behaviour, models.PROTECT, null=True, related_name="decided")  # the correction
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["behaviour"], condition=Q(state="open"), name="credit_one_appeal_per_behaviour"
            ),
            models.UniqueConstraint(
                fields=["record"], condition=Q(state="open", behaviour=None), name="credit_one_appeal_per_score"
            ),
            models.CheckConstraint(
                condition=~Q(state="upheld") | Q(outcome__isnull=False), name="credit_upheld_corrects"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return self.record.sides_of(by)
