"""What can be asked of papers: the list with its progress, the fields beside their picture, what contradicts, how right."""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.composed import composed
from xinshu.core.refusals import Unknown
from xinshu.documents.lifecycle import BRING, ENTER
from xinshu.documents.models import Reading, ReadingPage, ReadingSettlement, ReadValue
from xinshu.documents.papers.typing import kind_of, label_of, shown
from xinshu.documents.reading.crossing import Paper, Said, contradictions
from xinshu.documents.reading.kinds import KINDS, kind_label

COUNTING = ("read", "offered", "confirmed")  # states in which a paper's word counts


def readings_of(member: Member, view: str = "") -> QuerySet[Reading]:
    """Return the member's papers, newest first, each with how many pages are read and fields doubtful."""
    found = Reading.objects.visible_to(member).select_related("file__blob", "owner", "keeper__user")
    if view == "todo":
        found = found.filter(waits_for(member))
    elif view == "confirmed":
        found = found.filter(state="confirmed")
    doubtful = Q(values__sure=False, values__depends=False, values__decided_at=None)
    return found.annotate(
        pages_done=Count("pages", distinct=True), doubtful=Count("values", filter=doubtful, distinct=True)
    ).order_by("-id")


def waits_for(member: Member) -> Q:
    """Return the condition on papers that something is expected of `member`: as its owner, or as who looks after it."""
    own, open_ones = Q(owner=member.organisation_id), ("read", "refused", "failed")
    waiting = own & (Q(keeper=None, state__in=open_ones) | Q(state="offered"))
    if member.can(BRING):
        waiting |= Q(keeper=member.pk, state__in=(*open_ones, "returned"))
    return waiting


def waiting_papers(member: Member) -> QuerySet[Reading]:
    """Return the papers that wait for `member`, those first that somebody else brought, then the oldest."""
    if not (member.can(ENTER) or member.can(BRING)):
        return Reading.objects.none()
    first = Case(When(state__in=("offered", "returned"), then=0), default=1, output_field=IntegerField())
    return Reading.objects.visible_to(member).filter(waits_for(member)).order_by(first, "id")


def reading_for(member: Member, reference: str) -> Reading:
    """Return one paper. Raises Unknown when it does not exist for this member."""
    found = (
        Reading.objects.visible_to(member)
        .select_related("file__blob", "owner", "keeper__organisation", "brought_by__user", "confirmed_by__user")
        .filter(reference=reference)
    )
    reading = found.first()
    if reading is None:
        raise Unknown(_("没有找到这份材料。"), advice=_("请从材料识别列表进入。"))
    return reading


@dataclass(frozen=True)
class FieldRow:
    """One field on the page: what was read, what is proposed, where it stands, whether a person must look."""

    code: str
    label: str
    kind: str
    read: str  # as people read it
    text: str  # what stands in the box: as typed, else proposed or read
    sure: bool
    look: bool  # a person must look at it
    confidence: str
    page: int
    box: Sequence[int] | None
    note: str = ""
    error: str = ""
    ticked: bool = False
    final: str = ""
    corrected: bool = False

    @property
    def name(self) -> str:
        return f"v-{self.code}"


def rows_of(
    reading: Reading,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    ticked: frozenset[str] = frozenset(),
) -> list[FieldRow]:
    """Return the fields of a paper in reading order; those that its kind has and nobody read come last."""
    typed, errors = typed or {}, errors or {}
    values = list(reading.values.order_by("position"))
    rows = [_row(reading, value, typed, errors, ticked) for value in values]
    known = {value.code for value in values}
    if reading.kind in KINDS and reading.state in ("read", "offered"):
        for field in KINDS[reading.kind].fields:
            if field.code not in known:
                rows.append(FieldRow(field.code, str(field.label), field.kind, "", typed.get(field.code, ""), sure=True,
                                     look=False, confidence="", page=0, box=None, error=errors.get(field.code, "")))  # fmt: skip
    return rows


def _row(
    reading: Reading, value: ReadValue, typed: dict[str, str], errors: dict[str, str], ticked: frozenset[str]
) -> FieldRow:
    kind = kind_of(reading.kind, value.code) or "text"
    read = shown(kind, value.value)
    stands = shown(kind, value.final) if value.final is not None else shown(kind, value.proposed) or read
    note = value.note
    if value.proposed and value.final is None:
        note = _("%(note)s 读作 %(read)s，建议 %(proposed)s。") % {
            "note": note,
            "read": read or _("（空）"),
            "proposed": shown(kind, value.proposed),
        }
    return FieldRow(
        value.code, label_of(reading.kind, value.code), kind, read, typed.get(value.code, stands),
        sure=value.sure, look=not (value.sure or value.depends) or value.code in errors,
        confidence=f"{value.confidence:.1%}" if value.box else "", page=value.page, box=value.box, note=note,
        error=errors.get(value.code, ""), ticked=value.code in ticked,
        final="" if value.final is None else shown(kind, value.final),
        corrected=value.final is not None and value.final != value.value,
    )  # fmt: skip


# what contradicts


@dataclass(frozen=True)
class Place:
    """One value with where it stands, in words and as an address."""

    value: ReadValue
    words: str  # 营业执照“执照.pdf”第 1 页
    shown: str


@dataclass(frozen=True)
class Conflict:
    """Two places that contradict each other. `about`: on what."""

    about: str
    first: Place
    second: Place

    @property
    def papers(self) -> set[int]:
        """The papers that disagree."""
        return {self.first.value.reading_id, self.second.value.reading_id}

    @property
    def words(self) -> str:
        """Say it in one sentence that names both places."""
        return _("%(about)s：%(one)s写明“%(a)s”，%(two)s写明“%(b)s”") % {
            "about": self.about, "one": self.first.words, "a": self.first.shown, "two": self.second.words,
            "b": self.second.shown,
        }  # fmt: skip

    @property
    def sources(self) -> str:
        """Say what disagrees with what, without what they say."""
        return _("%(about)s：%(one)s与%(two)s不一致") % {
            "about": self.about,
            "one": self.first.words,
            "two": self.second.words,
        }


def conflicts_of(organisation: Organisation) -> list[Conflict]:
    """Return what the papers of an enterprise say against each other and nobody has explained. Two queries."""
    papers: dict[int, dict[str, Said]] = {}
    by_key: dict[int, ReadValue] = {}
    for value in _counting(organisation.pk):
        by_key[value.pk] = value
        papers.setdefault(value.reading_id, {})[value.code] = Said(value.pk, value.stands)
    kinds = {value.reading_id: value.reading.kind for value in by_key.values()}
    found = contradictions([Paper(kinds[number], said) for number, said in papers.items()])
    if not found:
        return []
    settled = set(
        ReadingSettlement.objects.filter(first__reading__owner=organisation).values_list("first_id", "second_id")
    )
    return [
        Conflict(one.about, _place(by_key[one.first.key]), _place(by_key[one.second.key]))
        for one in found
        if (one.first.key, one.second.key) not in settled
    ]


@composed
def _counting(owner: int) -> QuerySet[ReadValue]:
    counts = Q(reading__state="confirmed") | Q(reading__state__in=("read", "offered"), sure=True)
    values = ReadValue.objects.filter(counts, reading__owner=owner)
    return values.select_related("reading__file").order_by("reading_id", "position")


def _place(value: ReadValue) -> Place:
    words = _("%(kind)s“%(name)s”第 %(page)d 页") % {
        "kind": kind_label(value.reading.kind),
        "name": value.reading.file.name,
        "page": value.page,
    }
    return Place(value, words, shown(kind_of(value.reading.kind, value.code), value.stands))


def page_of(reading: Reading, number: int) -> ReadingPage:
    """Return one page. Raises Unknown."""
    page = reading.pages.select_related("picture").filter(number=number).first()
    if page is None:
        raise Unknown(_("没有找到这一页。"), advice=_("可能还没有识别到这一页，请稍后刷新。"))
    return page


# how right


@dataclass(frozen=True)
class Accuracy:
    """How often people left a kind of paper as it was read. `sure_wrong`: told sure and yet corrected."""

    kind: str
    papers: int
    fields: int
    right: int
    sure: int
    sure_wrong: int
    proposed_right: int

    @property
    def label(self) -> str:
        return str(kind_label(self.kind))

    @property
    def share(self) -> Decimal:
        """Return the share of fields read right, as a percentage."""
        return _percent(self.right, self.fields)

    @property
    def mended(self) -> Decimal:
        """Return the share after what the machine itself proposed."""
        return _percent(self.right + self.proposed_right, self.fields)

    @property
    def asked(self) -> Decimal:
        """Return the share of fields that a person was asked to look at."""
        return _percent(self.fields - self.sure, self.fields)


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1")) if whole else Decimal(0)


TARGET = Decimal(97)


def accuracy(since: datetime) -> list[Accuracy]:
    """Return, by kind, how confirmed readings since a moment compare with what people made of them. One query.

    Counts of the whole platform: no value and no name leaves its house by them.
    """
    right = Q(final=F("value"))
    rows = (
        ReadValue.objects.filter(reading__state="confirmed", reading__confirmed_at__gte=since, final__isnull=False)
        .exclude(value="", final="")
        .values(kind=F("reading__kind"))
        .annotate(
            papers=Count("reading", distinct=True),
            fields=Count("id"),
            right=Count("id", filter=right),
            sure_ones=Count("id", filter=Q(sure=True) | Q(depends=True)),
            sure_wrong=Count("id", filter=Q(sure=True) & ~right),
            proposed_right=Count("id", filter=~right & Q(final=F("proposed"))),
        )
        .order_by(Case(*(When(reading__kind=code, then=n) for n, code in enumerate(KINDS)), default=99,
                       output_field=IntegerField()))
    )  # fmt: skip
    return [
        Accuracy(row["kind"], row["papers"], row["fields"], row["right"], row["sure_ones"], row["sure_wrong"],
                 row["proposed_right"])
        for row in rows
    ]  # fmt: skip
