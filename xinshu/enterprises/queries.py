"""What can be asked: the record as it stood on a day, field by field, in one query; what contradicts it; history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.core.composed import composed
from xinshu.documents.models import File
from xinshu.enterprises.fields import FIELDS, Field
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.web.words import mask_phone, mask_uscc, yuan

POINTED_OUT = timedelta(days=30)  # how long a change is shown as one

REUSED, CHANGED, STALE, MISSING = "reused", "changed", "stale", "missing"


@dataclass(frozen=True)
class FieldView:
    """One field as a form shows it: 沿用 reused, 已变更 changed (from `old`), 过期 stale, 要补 missing."""

    field: Field
    state: str
    value: str = ""  # money in 分
    old: str = ""
    source: str = ""  # "营业执照", "历史申请 YZLG2026-0612-0193"
    recorded_at: datetime | None = None
    valid_until: date | None = None
    confidence: str = ""
    version: int = 0  # the newest version seen; handed back with a change, so that nobody overwrites unseen
    source_code: str = ""  # RecordField.Source
    file: File | None = None
    place: str = ""  # "第 2 页"
    valid_from: date | None = None
    recorded_by: str = ""  # actor key
    verified_by: str = ""  # the person's name
    verified_at: datetime | None = None

    @property
    def code(self) -> str:
        return self.field.code

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def required(self) -> bool:
        return self.field.required

    @property
    def shown(self) -> str:
        """The value as pages show it: amounts in yuan, telephone and credit code in part."""
        return shown(self.field, self.value)

    @property
    def shown_old(self) -> str:
        return shown(self.field, self.old)


def shown(field: Field, value: str) -> str:
    """Return `value` as pages show it."""
    if not value:
        return ""
    match field.kind:
        case "money":
            return yuan(int(value))
        case "phone":
            return mask_phone(value)
        case "uscc":
            return mask_uscc(value)
    return value


def record_of(organisation: Organisation, on: date, *, known_on: date | None = None) -> list[FieldView]:
    """Return every field of FIELDS as it was true on the day `on`, in the table's order. One query.

    `known_on`: from what was known at the end of that day (None: of `on` itself). Of several versions the one that
    begins latest stands; of those that begin on one day, the one recorded last.
    """
    known = moment((known_on or on) + timedelta(days=1))
    return _records([organisation], _versions_of_one(organisation.pk, known, on), on)[organisation.pk]


def records_of(
    organisations: Sequence[Organisation], on: date, *, known_on: date | None = None
) -> dict[int, list[FieldView]]:
    """Return what `record_of` does for many at once, by the organisation's id. One query."""
    known = moment((known_on or on) + timedelta(days=1))
    theirs = Q(enterprise__organisation__in=[one.pk for one in organisations])
    return _records(organisations, _versions(theirs, known, on), on)


def _versions(whose: Q, known: datetime, on: date) -> QuerySet[RecordField]:
    """The last two versions of every field that were recorded before the moment `known` and true on the day `on`."""
    return (
        RecordField.objects.standing()
        .filter(whose, recorded_at__lt=known, valid_from__lte=on)
        .annotate(
            house=F("enterprise__organisation"),
            place_in_line=Window(RowNumber(), partition_by=[F("enterprise"), F("code")], order_by=LATEST),
        )
        .filter(place_in_line__lte=2)
        .select_related("source_file", "verified_by__user")
        .order_by("house", "code", "place_in_line")
    )


@composed
def _versions_of_one(organisation: int, known: datetime, on: date) -> QuerySet[RecordField]:
    return _versions(Q(enterprise__organisation=organisation), known, on)


def _records(organisations: Sequence[Organisation], versions: Iterable[Any], on: date) -> dict[int, list[FieldView]]:
    """`versions`: those that `_versions` finds, each with its `house`."""
    found: dict[tuple[int, str], list[RecordField]] = {}
    for version in versions:
        found.setdefault((version.house, version.code), []).append(version)
    return {
        one.pk: [_view(field, found.get((one.pk, field.code), []), one, on) for field in FIELDS.values()]
        for one in organisations
    }


LATEST = [F("valid_from").desc(), F("id").desc()]


def place_words(place: dict[str, object]) -> str:
    """Return where in a document something stands, in words: "第 2 页"; "" where that is not known."""
    page = place.get("page")
    return _("第 %(n)s 页") % {"n": page} if page else ""


def _view(field: Field, versions: list[RecordField], organisation: Organisation, on: date) -> FieldView:
    if not versions:
        known = {"legal_name": organisation.name, "uscc": organisation.uscc or ""}.get(field.code, "")
        return FieldView(field, REUSED if known else MISSING, value=known, source=_("机构注册信息") if known else "")
    latest, before = versions[0], versions[1:]
    day = local_day(latest.recorded_at)
    over = latest.valid_until is not None and latest.valid_until < on
    old = before[0].value if before and before[0].value != latest.value else ""
    if not latest.value:
        state = MISSING
    elif over or (field.days is not None and day + timedelta(days=field.days) < on):
        state = STALE
    elif old and on - day <= POINTED_OUT:
        state = CHANGED
    else:
        state = REUSED
    return FieldView(
        field,
        state,
        value=latest.value,
        old=old if state == CHANGED else "",
        source=source_words(latest),
        recorded_at=latest.recorded_at,
        valid_until=latest.valid_until,
        confidence=confidence_words(latest),
        version=latest.pk,
        source_code=latest.source,
        file=latest.source_file,
        place=place_words(latest.place),
        valid_from=latest.valid_from,
        recorded_by=latest.recorded_by,
        verified_by=latest.verified_by.user.name if latest.verified_by else "",
        verified_at=latest.verified_at,
    )


def source_words(version: RecordField) -> str:
    return version.source_label or str(version.get_source_display())


def confidence_words(version: RecordField) -> str:
    return "" if version.confidence is None else f"{version.confidence:.1%}"


# what contradicts


@dataclass(frozen=True)
class Rival:
    """A value that contradicts what stands, with where it comes from."""

    version: RecordField
    view: FieldView  # what stands

    @property
    def shown(self) -> str:
        return shown(self.view.field, self.version.value)

    @property
    def source(self) -> str:
        return source_words(self.version)

    @property
    def confidence(self) -> str:
        return confidence_words(self.version)

    @property
    def place(self) -> str:
        return place_words(self.version.place)


def rivals_of(enterprise: Enterprise, record: Sequence[FieldView], *, known_on: date | None = None) -> list[Rival]:
    """Return what stands beside `record` undecided, oldest first; `known_on`: as it was at the end of that day."""
    found = enterprise.fields.filter(aside=True).select_related("source_file")
    if known_on is None:
        found = found.contradicting()
    else:
        until = moment(known_on + timedelta(days=1))
        found = found.filter(Q(settlement=None) | Q(settlement__at__gte=until), recorded_at__lt=until)
    views = {view.code: view for view in record}
    return [Rival(version, views[version.code]) for version in found.order_by("id") if version.code in views]


# history


@dataclass(frozen=True)
class Version:
    """One line of the record's history."""

    label: str
    value: str
    source: str
    at: datetime
    by: str = ""
    valid_from: date | None = None
    verified: bool = False
    aside: str = ""  # what became of a value that contradicted: words
    reason: str = ""


def history_of(enterprise: Enterprise, limit: int, code: str = "") -> list[Version]:
    """Return the latest versions of all fields (or of one), what stood aside included, newest first."""
    rows = enterprise.fields.filter(code=code) if code in FIELDS else enterprise.fields.filter(code__in=FIELDS)
    versions = list(rows.select_related("settlement", "verified_by__user").order_by("-id")[:limit])
    names = names_of(version.recorded_by for version in versions)
    return [
        Version(
            label=FIELDS[row.code].label,
            value=shown(FIELDS[row.code], row.value),
            source=source_words(row),
            at=row.recorded_at,
            by=names.get(row.recorded_by, ""),
            valid_from=row.valid_from,
            verified=row.verified_at is not None,
            aside=_fate(row),
            reason=row.settlement.reason if row.aside and hasattr(row, "settlement") else "",
        )
        for row in versions
    ]


def _fate(row: RecordField) -> str:
    if not row.aside:
        return ""
    if not hasattr(row, "settlement"):
        return _("与资料不一致，待决定")
    return _("已采用") if row.settlement.taken else _("未采用")


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """Return the names behind actor keys ("member:12", "system"). One query at most."""
    wanted = set(keys)
    pks = [int(key[7:]) for key in wanted if key.startswith("member:") and key[7:].isdecimal()]
    members = Member.objects.filter(pk__in=pks).select_related("user") if pks else ()
    return {**{member.actor_key: member.user.name for member in members}, SYSTEM.actor_key: SYSTEM.actor_label}
