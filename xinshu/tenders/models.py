"""What is: announcements and their versions, whose names they print, and the opportunities that came of them."""

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.enterprises.naming.comparing import Point
from xinshu.tenders.lifecycle import OPPORTUNITY
from xinshu.tenders.reading.facts import Reading, of_rows
from xinshu.tenders.reading.kinds import KINDS

BY_HAND = "by-hand"  # the source of what people paste or upload


class Announcement(models.Model):
    """One notice of one source, public. Columns beside the versions say what the newest one tells, for lists."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    source = models.CharField(max_length=60)  # a code of the source; BY_HAND, or who delivers it over the interface
    source_id = models.CharField(max_length=120)  # the source's own id; of what is entered by hand, its digest
    url = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=12)  # reading.kinds
    title = models.CharField(max_length=300)
    published_at = models.DateTimeField(null=True)
    region_code = models.CharField(max_length=12, blank=True)
    trade = models.CharField(max_length=6, blank=True)  # reading.trades; what begins with a code lies within it
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    entered_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # told to its own people
    latest = models.PositiveIntegerField(default=1)  # the number of the newest version
    project_name = models.CharField(max_length=300, blank=True)
    project_number = models.CharField(max_length=80, blank=True)
    buyer = models.CharField(max_length=120, blank=True)
    winners = models.CharField(max_length=500, blank=True)
    amount = models.BigIntegerField(null=True)  # 分: the sum of the lots where all are sure, else null
    words = models.TextField(blank=True)  # what the search looks into, in small letters
    title_key = models.CharField(max_length=32, blank=True)  # sameness.keys_of
    number_key = models.CharField(max_length=80, blank=True)
    told_again_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="told_again")  # who told it first

    told_again_of_id: int | None

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="announcement_once")]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="announcement_newest"),
            models.Index(fields=["kind", "-published_at"], name="announcement_kind"),
            models.Index(fields=["amount"], name="announcement_amount"),
            models.Index(fields=["region_code", "kind", "published_at", "told_again_of"], name="announcement_map"),
            models.Index(fields=["title_key"], name="announcement_title_key"),
            models.Index(fields=["number_key"], name="announcement_number_key"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        """What its kind is called."""
        return str(KINDS.get(self.kind, self.kind))


class Listed(models.Model):
    """By what an announcement is found in the list (lines.py, listing.py), kept with it.

    `place` is its place in the order of publication, so that the index of pieces, whose rows are numbered by it, gives
    the newest first and stops at a page. `grams` are the pieces of `text`, and marks of kind, region, amount….
    On SQLite an FTS5 table follows by triggers, on PostgreSQL a GIN index stands over it; see core/pieces.py.
    """

    place = models.BigIntegerField(primary_key=True)
    announcement = models.OneToOneField(Announcement, models.PROTECT, related_name="listed")
    text = models.TextField()
    grams = models.TextField()
    shape = models.PositiveSmallIntegerField(null=True)  # lines.SHAPE when it was made

    class Meta:
        indexes = [models.Index(fields=["shape"], name="listed_shape")]

    def __str__(self) -> str:
        return self.text.partition("\n")[0]


class Revision(models.Model):
    """One version (版本) of an announcement: the text as received, and what was read from it. Only ever inserted."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=12)
    body = models.TextField()  # as received: HTML, or text
    sm3 = models.CharField(max_length=64)  # of the body
    text = models.TextField()  # the page's text; facts point into it
    facts = models.JSONField(default=list)  # reading.facts.Fact as plain data
    received_at = models.DateTimeField()
    received_from = models.CharField(max_length=60)  # actor key

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["announcement", "number"], name="revision_numbered"),
            models.UniqueConstraint(fields=["announcement", "sm3"], name="revision_content_once"),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} V{self.number}"

    @property
    def reading(self) -> Reading:
        """What was read from this version."""
        return Reading(self.kind, self.text, of_rows(self.facts))


class Match(models.Model):
    """A name in an announcement is that of an organisation, and why. Unsure ones are shown as such, never pushed."""

    class How(models.TextChoices):
        EXACT = "exact", "名称一致"
        WRITTEN = "written", "括号或空格写法不同"
        FORM = "form", "“有限公司”与“有限责任公司”写法不同"
        FORMER = "former", "曾用名"
        BRANCH = "branch", "分支机构，总公司是客户"
        NAMESAKE = "namesake", "有同名机构，未核实"
        SLIP = "slip", "疑似错字"
        SHORT = "short", "疑似简称"
        SIMILAR = "similar", "名称相近"
        UNSURE_NAME = "unsure_name", "公告里的名称没有读准"

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="matches")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)  # as the notice prints it
    role = models.CharField(max_length=12)  # winner, member, candidate
    lot = models.PositiveSmallIntegerField(default=0)
    how = models.CharField(max_length=12, choices=How.choices)
    score = models.PositiveSmallIntegerField()  # percent
    sure = models.BooleanField()
    reasons = models.JSONField(default=list)  # enterprises.naming.comparing.Point as plain data
    revision = models.PositiveIntegerField()  # the newest version that says so

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "organisation", "lot"], name="match_once"),
            models.CheckConstraint(condition=Q(score__lte=100), name="match_score_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.score}%"

    @property
    def points(self) -> list[Point]:
        """Which parts of the two names were compared, and what came of it."""
        return [Point(**row) for row in self.reasons]


class OpportunityQuerySet(CaseQuerySet["Opportunity"]):
    """Opportunities: each exists for the people of one house."""

    def visible_to(self, member: Member) -> "OpportunityQuerySet":
        """Return the opportunities of the member's own house."""
        return self.filter(house=member.organisation_id) if member.can("tenders.view") else self.none()


class Opportunity(Case):
    """One award as business of one house (商机): an institution's with its customer, or the winner's own."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="opportunities")
    match = models.ForeignKey(Match, models.PROTECT, related_name="opportunities")
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="opportunities")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")  # who won
    manager = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # of the customer, when pushed
    pushed_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)  # why it was set aside
    score = models.PositiveSmallIntegerField(default=0)  # worth.py, when it was pushed
    reasons = models.JSONField(default=list)  # [words, points] that add up to it
    trade = models.CharField(max_length=2, blank=True)  # by which earlier answers are counted
    band = models.PositiveSmallIntegerField(default=0)  # of the amount, 0: not known
    amount = models.BigIntegerField(null=True)  # 分, of the award, as it was read when it was pushed

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["match", "house"], name="opportunity_once"),
            models.CheckConstraint(condition=Q(score__lte=100), name="opportunity_score_percent"),
        ]
        indexes = [
            models.Index(fields=["house", "-pushed_at"], name="opportunity_house"),
            models.Index(fields=["manager", "state"], name="opportunity_manager"),
            models.Index(fields=["pushed_at"], name="opportunity_pushed"),
        ]

    def __str__(self) -> str:
        return f"{self.firm} · {self.announcement}"

    @property
    def standing(self) -> State:
        """The state, with its word and tone."""
        return OPPORTUNITY.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Name the side on which `by` stands."""
        own = getattr(by, "organisation_id", None)
        return {"house"} if own is not None and own == self.house_id else set()


class Stage(models.TextChoices):
    """How far an opportunity came: each reached at most once."""

    PUSHED = "pushed", "推送"
    OPENED = "opened", "查看"
    FOLLOWED = "followed", "跟进"
    BEGUN = "begun", "发起申请"
    SUBMITTED = "submitted", "提交"
    ISSUED = "issued", "出函"


STAGES: tuple[str, ...] = tuple(Stage.values)


class Step(models.Model):
    """An opportunity reached a stage: one row however often it is told, so that a count of rows is the truth."""

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="steps")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    at = models.DateTimeField()
    case = models.CharField(max_length=16, blank=True)  # reference of the guarantee that brought it there
    amount = models.BigIntegerField(null=True)  # 分, of that guarantee
    after = models.PositiveBigIntegerField(null=True)  # seconds since the stage before

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["opportunity", "stage"], name="step_once")]
        indexes = [models.Index(fields=["stage", "at"], name="step_stage")]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.stage}"
