"""The call log: searched, taken away as Excel; whoever takes it is recorded."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

import xlsxwriter
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import CHINA, moment
from xinshu.core.refusals import Invalid
from xinshu.integrations.models import Call
from xinshu.ledger.recording import record

EXPORT_LIMIT = 50_000
OUTCOMES = {"ok": Q(status__lt=400), "refused": Q(status__gte=400, status__lt=500), "broken": Q(status__gte=500)}


@dataclass(frozen=True)
class Search:
    """What to look for; everything optional."""

    q: str = ""  # in path, query or address
    client: str = ""  # reference
    outcome: str = ""
    since: date | None = None
    until: date | None = None

    def found(self, member: Member) -> models.QuerySet[Call]:
        """Return the calls that exist for `member`, newest first."""
        calls = Call.objects.visible_to(member).order_by("-pk")
        if self.q:
            calls = calls.filter(Q(path__icontains=self.q) | Q(query__icontains=self.q) | Q(address=self.q))
        if self.client:
            calls = calls.filter(client__reference=self.client)
        if self.outcome:
            calls = calls.filter(OUTCOMES[self.outcome])
        if self.since:
            calls = calls.filter(at__gte=moment(self.since))
        if self.until:
            calls = calls.filter(at__lt=moment(self.until + timedelta(days=1)))
        return calls.select_related("client", "key")


@transaction.atomic
def export_calls(search: Search, *, by: Member, at: datetime) -> bytes:
    """Return what `search` finds as an Excel file, as masked as it is kept. Raises Invalid beyond 50,000 rows."""
    found = search.found(by)
    if found[EXPORT_LIMIT : EXPORT_LIMIT + 1].exists():
        raise Invalid(
            _("符合条件的调用超过 %s 条，没有导出。") % f"{EXPORT_LIMIT:,}", advice=_("请缩小日期范围后分次导出。")
        )
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("调用日志"))
    titles = (
        _("时间"), _("系统"), _("密钥"), _("方法"), _("地址"), _("参数"), _("内容"), _("状态"), _("结果"),
        _("来源"), _("毫秒"),
    )  # fmt: skip
    sheet.write_row(0, 0, titles, book.add_format({"bold": True}))
    count = 0
    for count, call in enumerate(found.iterator(chunk_size=2_000), 1):
        cells = (
            f"{call.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", call.client.name, call.key.code, call.method, call.path,
            call.query, call.sent, str(call.status), call.outcome, call.address, str(call.milliseconds),
        )  # fmt: skip
        for column, value in enumerate(cells):
            sheet.write_string(count, column, value)
    book.close()
    record("api_calls.exported", by.organisation, by=by, at=at, rows=count)
    return content.getvalue()
