"""What can be asked: the record as it stood on a day, field by field, in one query."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day, moment
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


def record_of(organisation: Organisation, on: date) -> list[FieldView]:
    """Return every field of FIELDS as known at the end of the day `on`, in the table's order. One query."""
    versions = (
        RecordField.objects.filter(
            enterprise__organisation=organisation, recorded_at__lt=moment(on + timedelta(days=1))
        )
        .annotate(place=Window(RowNumber(), partition_by=F("code"), order_by=F("id").desc()))
        .filter(place__lte=2)
        .order_by("code", "place")
    )
    by_code: dict[str, list[RecordField]] = {}
    for version in versions:
        by_code.setdefault(version.code, []).append(version)
    return [_view(field, by_code.get(field.code, []), organisation, on) for field in FIELDS.values()]


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
        source=latest.source_label or latest.get_source_display(),
        recorded_at=latest.recorded_at,
        valid_until=latest.valid_until,
        confidence="" if latest.confidence is None else f"{latest.confidence:.1%}",
        version=latest.pk,
    )


@dataclass(frozen=True)
class Version:
    """One line of the record's history."""

    label: str
    value: str
    source: str
    at: datetime


def history_of(enterprise: Enterprise, limit: int) -> list[Version]:
    """Return the latest versions of all fields, newest first. One query."""
    return [
        Version(
            label=FIELDS[row.code].label,
            value=shown(FIELDS[row.code], row.value),
            source=row.source_label or row.get_source_display(),
            at=row.recorded_at,
        )
        for row in enterprise.fields.filter(code__in=FIELDS).order_by("-id")[:limit]
    ]
