"""Checking the rows against the house's customers and their records: whose row it is, what it would change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.enterprises.conflicts import Word, takes_over
from xinshu.enterprises.fields import FIELDS
from xinshu.enterprises.importing.reading import KEYS, Line
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.enterprises.queries import FieldView, records_of

AT_ONCE = 200
NEW, ASIDE = "new", "aside"  # what becomes of a value; one that is the same becomes nothing


@dataclass(frozen=True)
class Checked:
    """A row with its customer, and what it would bring: (field, new or aside)."""

    line: Line
    enterprise: Enterprise | None
    brings: tuple[tuple[str, str], ...] = ()


def check_lines(lines: Sequence[Line], house: Organisation, at: datetime) -> list[Checked]:
    """Say of every row whose it is, what is wrong and what it would change. Some queries for every 200 rows."""
    customers = Enterprise.objects.filter(relations__guarantor=house).select_related("organisation")
    found: list[Checked] = []
    for first in range(0, len(lines), AT_ONCE):
        lot = lines[first : first + AT_ONCE]
        codes = [line.values["uscc"] for line in lot if "uscc" in line.values]
        names = [line.typed["legal_name"] for line in lot if "legal_name" in line.typed]
        by_code = {one.organisation.uscc: one for one in customers.filter(organisation__uscc__in=codes)}
        by_name = {one.organisation.name: one for one in customers.filter(organisation__name__in=names)}
        owners = [_owner(line, by_code, by_name) for line in lot]
        records = records_of([one.organisation for one in owners if one is not None], local_day(at))
        found += [_checked(line, one, records) for line, one in zip(lot, owners, strict=True)]
    return _without_twice(found)


def _owner(line: Line, by_code: dict[str | None, Enterprise], by_name: dict[str, Enterprise]) -> Enterprise | None:
    if code := line.values.get("uscc"):
        return by_code.get(code)
    return by_name.get(line.typed.get("legal_name", ""))


def _checked(line: Line, enterprise: Enterprise | None, records: dict[int, list[FieldView]]) -> Checked:
    if enterprise is None:
        key = next((code for code in KEYS if code in line.typed), KEYS[0])
        fault = (key, _("不是本机构的客户，或没有写信用代码和企业名称。"))
        return Checked(replace(line, faults=(*line.faults, fault)), None)
    standing = {view.code: view for view in records[enterprise.organisation_id]}
    brings = [
        (code, fate) for code, value in line.values.items() if (fate := _fate(code, value, standing[code])) is not None
    ]
    return Checked(line, enterprise, tuple(brings))


def _fate(code: str, value: str, view: FieldView) -> str | None:
    if value == view.value:
        return None
    if not view.value:
        return NEW
    word = Word(view.value, view.source_code or RecordField.Source.ENTERED, verified=view.verified_at is not None)
    return NEW if takes_over(Word(value, RecordField.Source.IMPORTED), word) else ASIDE


def _without_twice(rows: Iterable[Checked]) -> list[Checked]:
    rows = list(rows)
    many = Counter(row.enterprise.pk for row in rows if row.enterprise is not None)
    fault = (KEYS[0], _("同一家企业在表里不止一行。"))
    return [
        replace(row, line=replace(row.line, faults=(*row.line.faults, fault)))
        if row.enterprise is not None and many[row.enterprise.pk] > 1 else row
        for row in rows
    ]  # fmt: skip


def labels_of(brings: Iterable[Sequence[str]], fate: str) -> str:
    """Return the names of the fields with this fate, in one line."""
    return "、".join(FIELDS[code].label for code, of in brings if of == fate)
