"""Taking what a search finds away as Excel: who did is an exchange too, and recorded."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.classification import Level
from xinshu.core.clock import CHINA
from xinshu.integrations.exchanges.search import Search
from xinshu.integrations.exchanges.sources import SOURCES, Exchange
from xinshu.ledger.exports import Column, export_sheet

LABELS = {source.code: source.label for source in SOURCES}


def export_exchanges(search: Search, *, by: Member, at: datetime) -> bytes:
    """Return what `search` finds as an Excel file. Raises NotPermitted, Invalid beyond 50,000 rows."""
    export = export_sheet(
        _("数据交换"), COLUMNS, search.all(by=by, at=at), kind="exchanges.exported", subject=by, by=by, at=at,
        searched=search.told(),
    )  # fmt: skip
    return export.content


def _at(exchange: Exchange) -> str:
    at = exchange.at.astimezone(CHINA)
    return f"{at:%Y-%m-%d}" if exchange.secret else f"{at:%Y-%m-%d %H:%M:%S}"


def _fields(exchange: Exchange) -> str:
    return "、".join(
        f"{one['field']}（{Level(one['level']).label if one['level'] else _('未分级')}，"
        f"{_('遮盖') if one['covered'] else _('明文')}）"
        for one in exchange.fields
    )


def _open(exchange: Exchange, value: object) -> str:
    return "" if exchange.secret else str(value)


COLUMNS = (
    Column(lazy("时间"), 20, "ledger.Entry.kind", _at),
    Column(
        lazy("来源"),
        14,
        "ledger.Entry.kind",
        lambda one: str(_("开标前保密")) if one.secret else str(LABELS[one.source]),
    ),
    Column(lazy("方向"), 8, "ledger.Entry.kind", lambda one: _open(one, one.direction_label)),
    Column(lazy("接收方或调用方"), 34, "ledger.Entry.actor_label", lambda one: one.receiver),
    Column(lazy("系统或渠道"), 26, "integrations.ApiClient.name", lambda one: one.by_what),
    Column(lazy("事项"), 44, "ledger.Entry.kind", lambda one: one.what),
    Column(lazy("结果"), 12, "ledger.Entry.kind", lambda one: one.outcome),
    Column(lazy("业务编号"), 18, "integrations.Call.subject", lambda one: one.subject),
    Column(lazy("形式"), 22, "ledger.Entry.kind", lambda one: one.form),
    Column(lazy("送出字段"), 60, "integrations.Call.fields", _fields),
    Column(lazy("备注"), 12, "ledger.Entry.kind", lambda one: one.note),
)
