"""One door to each row of this context, for its pages; and one way out for its lists."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA
from xinshu.core.refusals import NotPermitted, Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.watch.models import Alert, Screening, WatchCase, WatchRule

EXPORT_UP_TO = 50_000


def house_of(request: HttpRequest) -> Member:
    """Return the member, where it is an institution's. Raises NotPermitted."""
    member = member_of(request)
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有风险监测。"))
    return member


def case_of(request: HttpRequest, reference: str) -> WatchCase:
    """Return a case that exists for the member. Raises Unknown."""
    found = WatchCase.objects.visible_to(house_of(request)).filter(reference=reference)
    return _one(found.select_related("house", "firm", "responsible__user").first(), _("没有找到这个风险案件。"))


def alert_of(request: HttpRequest, reference: str) -> Alert:
    """Return an alert of the own house. Raises Unknown."""
    found = Alert.objects.visible_to(house_of(request)).filter(reference=reference)
    return _one(found.select_related("house", "firm", "event", "manager__user").first(), _("没有找到这条预警。"))


def rule_of(request: HttpRequest, reference: str) -> WatchRule:
    """Return a version of the own rules. Raises Unknown."""
    found = WatchRule.objects.visible_to(member_of(request)).filter(reference=reference)
    return _one(found.select_related("owner").first(), _("没有找到这份监测规则。"))


def screening_of(request: HttpRequest, reference: str) -> Screening:
    """Return a screening of the own house. Raises Unknown."""
    found = Screening.objects.visible_to(house_of(request)).filter(reference=reference)
    return _one(found.select_related("firm").first(), _("没有找到这次初筛。"))


def _one(row: Any, message: str) -> Any:
    if row is None:
        raise Unknown(message, advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return row


def sheet(
    request: HttpRequest, name: str, kind: str, columns: Sequence[Column], rows: Iterable[Any], at: datetime
) -> FileResponse:
    """Download a list. Who took it out, and how it was narrowed, is recorded."""
    member = member_of(request)
    made = export_sheet(
        name, columns, rows, kind=kind, subject=member.organisation, by=member, at=at,
        query=request.GET.urlencode()[:500],
    )  # fmt: skip
    filename = f"{name}-{at.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=filename)


def stamp(at: datetime | None) -> str:
    """Return a moment as sheets write it."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""
