"""What is: enterprises, the versions of their fields, how old their parts are, and whose customers they are."""

from typing import Self

from django.db import models

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.documents.models import File


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    """Enterprises, and the one door to them."""

    def visible_to(self, member: Member) -> Self:
        """Return what exists for `member`: its own record, and those of its institution's customers."""
        mine = models.Q(organisation=member.organisation_id)
        if member.can("enterprises.view"):
            # asked of each row by the unique index: a list of all customers would be drawn up for every question
            customers = Relation.objects.filter(guarantor=member.organisation_id, enterprise=models.OuterRef("pk"))
            mine |= models.Q(models.Exists(customers))
        return self.filter(mine)


class Enterprise(models.Model):
    """The record of one organisation that applies for guarantees."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="enterprise")

    objects = EnterpriseQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.organisation)


class RecordFieldQuerySet(models.QuerySet["RecordField"]):
    """Versions of fields."""

    def standing(self) -> Self:
        """Return what was taken into the record, without what only stands beside it."""
        return self.filter(aside=False)

    def contradicting(self) -> Self:
        """Return what stands beside the record and nobody has decided on."""
        return self.filter(aside=True, settlement=None)


class RecordField(models.Model):
    """One version of one field. Only ever inserted: what stands is chosen from them by day (`queries.record_of`).

    `aside`: it contradicted what stood, and no rule decided. Taken up later, it comes in as a version of its own, so
    that what was known on any past day can still be told.
    """

    class Source(models.TextChoices):
        ENTERED = "entered", "本人填写"
        MANAGER = "manager", "客户经理填写"
        LICENCE = "licence", "营业执照"
        REGISTRY = "registry", "登记机关数据"
        APPLICATION = "application", "历史申请"
        AWARD_NOTICE = "award_notice", "中标公告"
        IMPORTED = "imported", "批量导入"
        CERTIFICATE = "certificate", "资质证书"
        STATEMENT = "statement", "财务报表"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="fields")
    code = models.CharField(max_length=40)  # fields.FIELDS
    value = models.CharField(max_length=500)  # money in 分, days in ISO
    source = models.CharField(max_length=12, choices=Source.choices)
    source_label = models.CharField(max_length=120, blank=True)  # which one: "历史申请 YZLG2026-0612-0193"
    source_file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")  # the document it was read from
    # where in it: {"page": from 1, "box": [left, top, right, bottom] in thousandths of the page}, both optional
    place = models.JSONField(default=dict)
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True)  # of a machine that read it, 0 to 1
    valid_from = models.DateField()  # since when it is true
    valid_until = models.DateField(null=True)
    recorded_at = models.DateTimeField()  # since when it is known here
    recorded_by = models.CharField(max_length=60)  # actor key
    verified_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # compared it with its source
    verified_at = models.DateTimeField(null=True)
    aside = models.BooleanField(default=False)

    settlement: "Settlement"
    objects = RecordFieldQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["enterprise", "code", "-id"], name="record_field_latest"),
            models.Index(fields=["enterprise"], condition=models.Q(aside=True), name="record_field_aside"),
            models.Index(
                fields=["value"], condition=models.Q(code__in=("legal_name", "former_name")), name="record_field_names"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verified_by=None, verified_at=None)
                | models.Q(verified_by__isnull=False, verified_at__isnull=False),
                name="record_field_verified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}={self.value}"


class Settlement(models.Model):
    """What was decided on a contradicting value: taken up (`entered` is the version made of it) or left aside."""

    version = models.OneToOneField(RecordField, models.PROTECT, related_name="settlement")
    taken = models.BooleanField()
    entered = models.ForeignKey(RecordField, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)  # actor key; the system where a rule decided

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(taken=False, entered=None) | models.Q(taken=True, entered__isnull=False),
                name="settlement_names_what_was_entered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {'taken' if self.taken else 'left'}"


class PartAge(models.Model):
    """When a part of a record was last entered or confirmed."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="ages")
    part = models.CharField(max_length=20)  # fields.PARTS
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=60)  # actor key

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enterprise", "part"], name="part_age_once")]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.part} {self.updated_at:%Y-%m-%d}"


class Rhythm(models.Model):
    """After how many days an institution wants a part of its customers' records looked at again."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    part = models.CharField(max_length=20)  # fields.PARTS
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "part"], name="rhythm_once"),
            models.CheckConstraint(condition=models.Q(days__gte=7, days__lte=3650), name="rhythm_days_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.guarantor} {self.part} {self.days}"


class Relation(models.Model):
    """An enterprise is the customer of a guarantor, looked after by one account manager (客户经理)."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="customers")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="relations")
    manager = models.ForeignKey(Member, models.PROTECT, related_name="customers")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "enterprise"], name="one_manager_per_institution"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.manager}"


class HandOver(models.Model):
    """A customer went from one account manager to another, and why."""

    relation = models.ForeignKey(Relation, models.PROTECT, related_name="hand_overs")
    former = models.ForeignKey(Member, models.PROTECT, related_name="+")
    manager = models.ForeignKey(Member, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)  # actor key

    def __str__(self) -> str:
        return f"{self.relation_id}: {self.former_id} → {self.manager_id}"


class Reminder(models.Model):
    """The manager was reminded of a part that had grown old: once per period, which ends on `next_on`."""

    relation = models.ForeignKey(Relation, models.PROTECT, related_name="reminders")
    part = models.CharField(max_length=20)  # fields.PARTS
    due_on = models.DateField()  # the first day of the period
    next_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["relation", "part", "due_on"], name="reminded_once_per_period")]

    def __str__(self) -> str:
        return f"{self.relation_id} {self.part} {self.due_on}"


class SearchText(models.Model):
    """By what an enterprise is found (search/): names, their pinyin initials and codes, a line each.

    `grams` is `text` cut into the pieces that the databases index, and the houses whose customer it is. On SQLite an
    FTS5 table follows this one by triggers, on PostgreSQL a GIN index stands over it; see migration 0002.
    """

    enterprise = models.OneToOneField(Enterprise, models.PROTECT, primary_key=True, related_name="search_text")
    text = models.TextField()
    grams = models.TextField()

    def __str__(self) -> str:
        return self.text.partition("\n")[0]


class KnownName(models.Model):
    """A name that a firm has, or had before, under the keys by which naming/ finds who is meant. Kept by reaction."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="known_names")
    name = models.CharField(max_length=500)
    former = models.BooleanField()  # not its present one
    folded = models.CharField(max_length=120)  # naming.parts: the whole, its slips made one
    core = models.CharField(max_length=120)  # trade name and industry
    trade = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="known_name_once")]
        indexes = [
            models.Index(fields=["folded"], name="known_name_folded"),
            models.Index(fields=["core"], name="known_name_core"),
            models.Index(fields=["trade"], name="known_name_trade"),
        ]

    def __str__(self) -> str:
        return self.name


class RecordImportQuerySet(CaseQuerySet["RecordImport"]):
    """The one door to imports."""

    def visible_to(self, member: Member) -> "RecordImportQuerySet":
        """Return what exists for `member`: those of the own house."""
        return self.filter(house=member.organisation_id) if member.can("enterprises.import") else self.none()


class RecordImport(Case):
    """One workbook of customers' records (importing/)."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    prepared_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    row_count = models.PositiveIntegerField()
    fault_count = models.PositiveIntegerField()  # rows with faults
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    house_id: int
    objects = RecordImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.house_id else set()


class ImportRow(models.Model):
    """One row as typed, what it means, what is wrong ([code, words]), what it would bring ([code, new or aside])."""

    class State(models.TextChoices):
        WAITING = "waiting", "待导入"
        DONE = "done", "已导入"
        FAILED = "failed", "没有导入"

    batch = models.ForeignKey(RecordImport, models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+")
    typed = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    brings = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    entered = models.PositiveSmallIntegerField(default=0)
    aside = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "state", "line"], name="import_row_waiting")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.line}"
