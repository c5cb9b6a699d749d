"""One exchange opened: the facts, the fields with their classes, the contents with every value covered, the tries."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.classification import Level, shown
from xinshu.core.masking import COVERED, text
from xinshu.integrations.exchanges import taken
from xinshu.integrations.exchanges.search import source_named
from xinshu.integrations.exchanges.sources import Exchange
from xinshu.integrations.models import Call, Sending
from xinshu.ledger.models import Entry
from xinshu.ledger.veils import Secrecy
from xinshu.messaging.models import Message

ENVELOPE = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema")


@dataclass(frozen=True)
class Try:
    """One try to hand it over, and what came back."""

    at: datetime
    what: str
    status: str
    answer: str
    milliseconds: int


@dataclass(frozen=True)
class Detail:
    """An exchange with all that an auditor may see of it."""

    exchange: Exchange
    facts: list[tuple[str, Any]]
    contents: list[tuple[str, str]] = field(default_factory=list)  # what they are called, text
    tries: list[Try] = field(default_factory=list)

    @property
    def fields(self) -> list[tuple[str, str, bool]]:
        """Name, class in words, whether it left covered."""
        return [
            (one["field"], Level(one["level"]).label if one["level"] else _("未分级"), one["covered"])
            for one in self.exchange.fields
        ]


def detail_of(code: str, number: int, *, by: Member, at: datetime) -> Detail | None:
    """Return one exchange opened; None where there is none, or it is still secret."""
    source = source_named(code)
    row = source.every().filter(pk=min(number, 2**62)).first() if source is not None else None
    if source is None or row is None:
        return None
    exchange = source.shown([row], by, Secrecy(at))[0]
    return None if exchange.secret else TELL[code](exchange, row, by)


def _call(exchange: Exchange, call: Call, by: Member) -> Detail:
    query = "&".join(f"{name}={COVERED}" for name, _value in parse_qsl(call.query, keep_blank_values=True))
    facts = [
        (_("机构"), exchange.receiver),
        (_("系统"), call.client.name),
        (_("密钥"), call.key.code),
        (_("接口"), exchange.what),
        (_("地址"), call.path if call.subject else ""),
        (_("来源"), shown("integrations.Call.address", call.address, by)),
        (_("状态"), call.status),
        (_("结果"), call.outcome if call.subject else call.outcome.partition("：")[0]),
        (_("用时"), _("%(n)s 毫秒") % {"n": call.milliseconds}),
    ]
    contents = [(_("参数"), query)] if query else []
    if call.sent:
        contents.append((_("对方发来"), covered(call.sent)))
    return Detail(exchange, facts, contents)


def _event(exchange: Exchange, sending: Sending, by: Member) -> Detail:
    where = urlsplit(sending.subscription.url)
    facts = [
        (_("机构"), exchange.receiver),
        (_("系统"), exchange.by_what),
        (_("接收地址"), f"{where.scheme}://{where.netloc}"),
        (_("发生时间"), sending.entry.at),
        (_("送达时间"), sending.sent_at),
        (_("事件编号"), sending.event.get("id", "")),
    ]
    told = {name: sending.event[name] for name in ENVELOPE if name in sending.event}
    told["data"] = _leaves(sending.event.get("data", {}))
    tries = [
        Try(one.at, _("推送"), str(one.status or _("没有答复")), text(one.answer), one.milliseconds)
        for one in sending.attempts.order_by("-pk")
    ]
    return Detail(exchange, facts, [(_("推送内容"), _pretty(told))], tries)


def _file(exchange: Exchange, entry: Entry, by: Member) -> Detail:
    told = shown("ledger.Entry.data", entry.data, by) or {}
    facts = [
        (_("取走人"), exchange.receiver),
        (_("事项"), exchange.what),
        (_("行数"), f"{told['rows']:,}" if "rows" in told else ""),
        (_("导出编号"), told.get("export", "")),
        (_("日志编号"), f"#{entry.pk}"),
        (_("文件摘要"), told.get("sm3", "")),
    ]
    if entry.kind in taken.whole():
        return Detail(exchange, facts)
    rest = {
        name: value
        for name, value in told.items()
        if name not in ("rows", "export", "fields", "covered", "levels", "level", "clear", "sm3") and value
    }
    return Detail(exchange, facts, [(_("导出条件"), _pretty(_leaves(rest)))] if rest else [])


def _message(exchange: Exchange, message: Message, by: Member) -> Detail:
    facts = [
        (_("收件人"), exchange.receiver),
        (_("渠道"), exchange.by_what),
        (_("服务商"), message.provider),
        (_("消息种类"), exchange.what),
        (_("模板"), f"V{message.template.number}" if message.template else ""),
        (_("提交时间"), message.sent_at),
        (_("送达时间"), message.delivered_at),
        (_("说明"), text(message.reason)),
    ]
    tries = [
        Try(one.at, f"{one.provider} {one.act}", one.status, one.answer, one.milliseconds)
        for one in message.calls.order_by("-pk")
    ]
    return Detail(exchange, facts, [], tries)


TELL: dict[str, Callable[[Exchange, Any, Member], Detail]] = {
    "calls": _call, "events": _event, "files": _file, "messages": _message,
}  # fmt: skip


def covered(sent: str) -> str:
    """Return the body of a call as the log keeps it, with every value covered: names stay."""
    try:
        return _pretty(_leaves(json.loads(sent)))
    except ValueError:  # cut, or no JSON: then the log keeps its kind and size only
        return sent if sent.startswith("（") else _("（内容较长，日志只留开头，不显示）")


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _leaves(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_leaves(part) for part in value]
    return value if value is None or value == "" or isinstance(value, bool) else COVERED


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
