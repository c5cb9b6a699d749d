"""Statistics of guarantees by type, region, guarantor or month of issue: one statement in SQL, from what exists for
the member; behind every row stand exactly the register's rows under the same filters.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import CHINA, local_day
from xinshu.guarantees import kinds
from xinshu.guarantees.queries import NOTHING, Filters, register

KIND, REGION, GUARANTOR, MONTH = "kind", "region", "guarantor", "month"
DIMENSIONS = {
    KIND: gettext_lazy("保函类型"),
    REGION: gettext_lazy("行政区划"),
    GUARANTOR: gettext_lazy("保证人"),
    MONTH: gettext_lazy("出函月份"),
}
_GROUPS: dict[str, Any] = {
    KIND: F("kind"),
    REGION: F("project__region_code"),
    GUARANTOR: F("guarantor__name"),
    MONTH: TruncMonth("issued_at", tzinfo=CHINA),
}
LIVE = Q(state__in=("issuing", "in_force"))


@dataclass(frozen=True)
class Row:
    """One group (or the total): numbers, and amounts in 分. `fee` counts only where the member's house is a party."""

    label: str
    url: str
    number: int
    face: int
    live_number: int
    live: int
    fee: int
    paid: int


def statistics(member: Member, at: datetime, filters: Filters, by: str) -> list[Row]:
    """Return the groups of what was issued under `filters`, largest face first (months in their order)."""
    grouped = _issued(member, at, filters).annotate(group=_GROUPS[by]).values("group")
    rows = grouped.annotate(**_sums(member)).order_by("group" if by == MONTH else "-face", "group")
    return [_row(_label(by, one["group"]), _drill(filters, by, one["group"]), one) for one in rows]


def total(member: Member, at: datetime, filters: Filters) -> Row:
    """Return the sum of everything under `filters`."""
    return _row(_("合计"), _drill(filters), _issued(member, at, filters).aggregate(**_sums(member)))


def of_this_year(filters: Filters, at: datetime) -> Filters:
    """Return `filters` with a period of issue: this year so far where none is asked for."""
    today = local_day(at)
    until = filters.issued_to or today
    return replace(filters, issued_from=filters.issued_from or until.replace(month=1, day=1), issued_to=until)


def _issued(member: Member, at: datetime, filters: Filters) -> QuerySet[Any]:
    return register(member, at, filters).filter(issued_at__isnull=False).order_by()


def _sums(member: Member) -> dict[str, Any]:
    mine = Q(applicant=member.organisation_id) | Q(guarantor=member.organisation_id)
    return {
        "number": Count("pk"),
        "face": Sum("first_amount", default=0),
        "live_number": Count("pk", filter=LIVE),
        "live": Sum(F("available_amount") + F("reserved_amount"), filter=LIVE, default=0),
        "fee": Sum("fee_amount", filter=mine, default=0),
        "paid": Sum("paid_amount", default=0),
    }


def _row(label: str, url: str, sums: dict[str, Any]) -> Row:
    return Row(label, url, *(int(sums[name]) for name in ("number", "face", "live_number", "live", "fee", "paid")))


def _label(by: str, group: Any) -> str:
    if by == KIND:
        return str(kinds.KINDS[group].label)
    if by == MONTH:
        return f"{group.astimezone(CHINA):%Y-%m}"
    return group or _("没有填写")


def _drill(filters: Filters, by: str = "", group: Any = None) -> str:
    """Return the register's address with the same filters, narrowed to the group."""
    if by == MONTH:
        first = group.astimezone(CHINA).date()
        last = date(first.year, first.month, monthrange(first.year, first.month)[1])
        begun, until = filters.issued_from or first, filters.issued_to or last
        filters = replace(filters, issued_from=max(first, begun), issued_to=min(last, until))
    elif by:
        narrowed: dict[str, Any] = {by: group or NOTHING}
        filters = replace(filters, **narrowed)
    return f"{reverse('guarantees:list')}?{urlencode({name: value for name, value in vars(filters).items() if value})}"
