"""The call log: searched, taken away as Excel; whoever takes it is recorded."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import CHINA, moment
from xinshu.integrations.leaving import in_words
from xinshu.integrations.models import Call
from xinshu.ledger.exports import Column, export_sheet

OUTCOMES = {"ok": Q(status__lt=400), "refused": Q(status__gte=400, status__lt=500), "broken": Q(status__gte=500)}


@dataclass(frozen=True)
class Search:
    """What to look for; everything optional."""

    q: str = ""  # in path, query or address
    client: str = ""  # reference
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    level: int | None = None  # answers with fields of this class or above

    def found(self, member: Member) -> models.QuerySet[Call]:
        """Return the calls that exist for `member`, newest first."""
        calls = Call.objects.visible_to(member).order_by("-pk")
        if self.q:
            calls = calls.filter(Q(path__icontains=self.q) | Q(query__icontains=self.q) | Q(address=self.q))
        if self.client:
            calls = calls.filter(client__reference=self.client)
        if self.outcome:
            calls = calls.filter(OUTCOMES[self.outcome])
        if self.level:
            calls = calls.filter(level__gte=self.level)
        if self.since:
            calls = calls.filter(at__gte=moment(self.since))
        if self.until:
            calls = calls.filter(at__lt=moment(self.until + timedelta(days=1)))
        return calls.select_related("client", "key")


def export_calls(search: Search, *, by: Member, at: datetime) -> bytes:
    """Return what `search` finds as an Excel file, as masked as it is kept. Raises Invalid beyond 50,000 rows."""
    found = search.found(by)
    export = export_sheet(
        _("调用日志"), COLUMNS, found.iterator(chunk_size=2_000), kind="api_calls.exported", subject=by.organisation,
        by=by, at=at,
    )  # fmt: skip
    return export.content


COLUMNS = (
    Column(
        lazy("时间"),
        20,
        "integrations.Call.path",
        lambda call: f"{call.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
    ),
    Column(lazy("系统"), 24, "integrations.ApiClient.name", lambda call: call.client.name),
    Column(lazy("密钥"), 24, "integrations.ApiKey.code", lambda call: call.key.code),
    Column(lazy("方法"), 8, "integrations.Call.method", lambda call: call.method),
    Column(lazy("地址"), 36, "integrations.Call.path", lambda call: call.path),
    Column(lazy("参数"), 24, "integrations.Call.query", lambda call: call.query),
    Column(lazy("内容"), 40, "integrations.Call.sent", lambda call: call.sent),
    Column(lazy("状态"), 8, "integrations.Call.status", lambda call: str(call.status)),
    Column(lazy("结果"), 30, "integrations.Call.outcome", lambda call: call.outcome),
    Column(lazy("送出字段"), 48, "integrations.Call.fields", lambda call: in_words(call.fields)),
    Column(lazy("来源"), 18, "integrations.Call.address", lambda call: call.address),
    Column(lazy("毫秒"), 8, "integrations.Call.milliseconds", lambda call: str(call.milliseconds)),
)
