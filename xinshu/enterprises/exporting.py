"""Customers with their records as Excel: one row each, a column for every field, covered as the reader may see them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.enterprises.fields import FIELDS, Field
from xinshu.enterprises.models import Relation
from xinshu.enterprises.queries import FieldView, records_of
from xinshu.ledger.exports import Column, Export, export_sheet
from xinshu.web.words import day

AT_ONCE = 200
CLASSES = {  # of which classified field a value of this kind is
    "phone": "accounts.User.phone",
    "person": "accounts.User.name",
    "uscc": "accounts.Organisation.uscc",
}
PLAIN = "enterprises.RecordField.source_label"  # what a firm's licence or statement says


@dataclass(frozen=True)
class Row:
    """One customer with its record by field code."""

    relation: Relation
    record: dict[str, FieldView]


def rows_of(relations: QuerySet[Relation], at: datetime) -> Iterator[Row]:
    """Yield the customers with their records, some hundred at a time: two queries for each lot."""
    order = relations.select_related("enterprise__organisation", "manager__user").order_by("pk")
    last = 0
    while lot := list(order.filter(pk__gt=last)[:AT_ONCE]):
        organisations: list[Organisation] = [relation.enterprise.organisation for relation in lot]
        records = records_of(organisations, local_day(at))
        for relation in lot:
            yield Row(relation, {view.code: view for view in records[relation.enterprise.organisation_id]})
        last = lot[-1].pk


def _cell(field: Field, row: Row) -> str | float | None:
    value = row.record[field.code].value
    if not value:
        return None
    if field.kind == "money":
        return int(value) / 100  # a cell holds yuan
    return int(value) if field.kind == "count" else value


def _column(field: Field) -> Column:
    money = field.kind == "money"
    return Column(
        field.label, 20 if money else 26, CLASSES.get(field.kind, PLAIN), lambda row: _cell(field, row), money=money
    )


COLUMNS = (
    *(_column(field) for field in FIELDS.values()),
    Column(lazy("客户经理"), 12, "accounts.User.name", lambda row: row.relation.manager.user.name),
    Column(lazy("建立关系"), 12, "enterprises.Enterprise.reference", lambda row: day(row.relation.since)),
    Column(
        lazy("要补或核对"), 40, "enterprises.Enterprise.reference",
        lambda row: "、".join(
            view.label for view in row.record.values() if view.required and view.state in ("missing", "stale")
        ),
    ),
)  # fmt: skip


def export_customers(relations: QuerySet[Relation], *, by: Member, at: datetime) -> Export:
    """Return these customers as a workbook. Raises NotPermitted while exports are stopped, Invalid beyond 50,000."""
    return export_sheet(
        _("客户资料"),
        COLUMNS,
        rows_of(relations, at),
        kind="enterprise.exported",
        subject=by.organisation,
        by=by,
        at=at,
    )
