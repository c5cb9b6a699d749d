"""What is: sources with their recipes, hosts and when they may be asked, runs, items, alarms, pages kept for a look."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.collecting.lifecycle import MANAGE, SOURCE
from xinshu.collecting.reading.recipes import KINDS, Recipe, recipe_of
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.tenders.models import Announcement


class SourceQuerySet(CaseQuerySet["Source"]):
    """The one door to sources."""

    def visible_to(self, member: Member) -> "SourceQuerySet":
        """Return what exists for `member`: the sources of the own house, for those who run them."""
        return self.filter(owner=member.organisation_id) if member.can(MANAGE) else self.none()


class Source(Case):
    """One platform's list (来源). How it is read stands in its newest version."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    code = models.CharField(max_length=40, unique=True)  # what its announcements carry as their source
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    minutes = models.PositiveIntegerField(default=60)  # between two runs
    delay_seconds = models.PositiveIntegerField(default=2)  # between two requests; the host's own delay, where larger
    number = models.PositiveIntegerField(default=1)  # of the newest version
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # what the runs showed
    failures = models.PositiveIntegerField(default=0)  # runs that failed, since the last good one
    last_good_at = models.DateTimeField(null=True)
    usually = models.PositiveIntegerField(default=0)  # notices on the first page, when it was last read well
    dated = models.BooleanField(default=False)  # whether these had days
    list_etag = models.CharField(max_length=200, blank=True)  # of the first page, once a whole run was good
    list_modified = models.CharField(max_length=60, blank=True)

    owner_id: int
    objects = SourceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "state", "name"], name="source_of_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_label(self) -> str:
        """What its kind is called."""
        return str(KINDS.get(self.kind, self.kind))

    @property
    def standing(self) -> State:
        """The state, with its word and tone."""
        return SOURCE.states[self.state]

    @property
    def recipe(self) -> Recipe:
        """How it is read now."""
        return self.versions.get(number=self.number).recipe

    def sides_of(self, by: Actor) -> set[str]:
        """Name the side on which `by` stands."""
        return {"operator"} if getattr(by, "organisation_id", None) == self.owner_id else set()


class SourceVersion(models.Model):
    """What a recipe said from a moment on. Only ever inserted."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # reading.recipes.Recipe as plain data
    written_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="source_version_once")]

    def __str__(self) -> str:
        return f"{self.source_id} V{self.number}"

    @property
    def recipe(self) -> Recipe:
        """The recipe that it keeps."""
        return recipe_of(self.content)


class Host(models.Model):
    """A host (站点) that is asked: its robots rules with their age, and the moment from which it may be asked again."""

    name = models.CharField(max_length=260, unique=True)  # scheme, name and port
    robots = models.TextField(blank=True)
    robots_at = models.DateTimeField(null=True)
    robots_status = models.PositiveSmallIntegerField(default=0)  # 0: never answered
    free_at = models.DateTimeField()  # while somebody asks it, this lies ahead: one request at a time

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One pass over a source's list. Where it stands lies in its row, so that any worker goes on there."""

    class State(models.TextChoices):
        PLANNED = "planned", "待采集"
        RUNNING = "running", "采集中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        STOPPED = "stopped", "已停止"

    OPEN = (State.PLANNED, State.RUNNING)

    source = models.ForeignKey(Source, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)  # the last step
    ended_at = models.DateTimeField(null=True)
    next_address = models.CharField(max_length=600, blank=True)  # the page of the list to read next; "" when read
    pages = models.PositiveIntegerField(default=0)  # of the list, read so far
    listed = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)  # announcements that are new
    edited = models.PositiveIntegerField(default=0)  # announcements with a new version
    same = models.PositiveIntegerField(default=0)  # asked again and found as they were
    failed = models.PositiveIntegerField(default=0)  # notices that could not be taken
    tries = models.PositiveIntegerField(default=0)  # requests for the present page that came to nothing
    etag = models.CharField(max_length=200, blank=True)  # of the first page
    modified = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=300, blank=True)  # why it failed

    source_id: int

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state__in=("planned", "running")), name="run_one_open"
            )
        ]
        indexes = [models.Index(fields=["source", "-id"], name="run_of_source")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.state} {self.due_at:%m-%d %H:%M}"

    @property
    def tone(self) -> str:
        """The tone of its state."""
        return {"done": "ok", "failed": "danger", "running": "info"}.get(self.state, "mute")


class Item(models.Model):
    """One notice of a source's list (条目): what the list last told of it, and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "待读取"
        TAKEN = "taken", "已采集"
        GONE = "gone", "页面不存在"
        BARRED = "barred", "站点不允许抓取"
        UNREAD = "unread", "没有读到正文"
        REFUSED = "refused", "内容不能保存"

    source = models.ForeignKey(Source, models.PROTECT, related_name="items")
    source_key = models.CharField(max_length=120)  # the platform's own id
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=600, blank=True)
    published_at = models.DateTimeField(null=True)
    region_code = models.CharField(max_length=12, blank=True)
    fingerprint = models.CharField(max_length=32)
    body = models.TextField(blank=True)  # of the list, until it is taken
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    problem = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    etag = models.CharField(max_length=200, blank=True)
    modified = models.CharField(max_length=60, blank=True)
    announcement = models.ForeignKey(Announcement, models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField()  # first on the list
    checked_at = models.DateTimeField(null=True)  # last asked

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_key"], name="item_once")]
        indexes = [
            models.Index(fields=["source", "outcome", "id"], name="item_waiting"),
            models.Index(fields=["source", "seen_at"], name="item_seen"),
        ]

    def __str__(self) -> str:
        return self.title


class KeptPage(models.Model):
    """A page as it came when something was wrong with it: bounded in size, removed after its time."""

    DAYS = timedelta(days=30)
    LARGEST = 200_000  # bytes
    MOST = 20  # of one source

    source = models.ForeignKey(Source, models.PROTECT, related_name="kept")
    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    url = models.CharField(max_length=600)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField()  # as it came
    content = models.BinaryField()  # its beginning
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["source", "-at"], name="kept_of_source")]

    def __str__(self) -> str:
        return self.url


class Alarm(models.Model):
    """Something is wrong with a source (告警). At most one of a kind is open; it ends when a run is good again."""

    class Kind(models.TextChoices):
        UNREACHABLE = "unreachable", "来源访问不了"
        LIST_GONE = "list_gone", "列表页不存在"
        BARRED = "barred", "站点不允许抓取"
        EMPTY = "empty", "列表读不到公告，页面可能改版"
        BROKEN = "broken", "列表里缺标题、网址或日期，页面可能改版"
        NOTICE_GONE = "notice_gone", "公告页面不存在"
        NOTICE_UNREAD = "notice_unread", "公告页面读不到正文"

    source = models.ForeignKey(Source, models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    text = models.CharField(max_length=300)
    page = models.ForeignKey(KeptPage, models.SET_NULL, null=True, related_name="alarms")
    run = models.ForeignKey(Run, models.PROTECT, related_name="alarms")
    times = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind"], condition=Q(ended_at__isnull=True), name="alarm_one_open"
            )
        ]
        indexes = [models.Index(fields=["source", "-opened_at"], name="alarm_of_source")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind}"
