"""The system log as an auditor reads it: searched, paged, exported; what is secret until bid opening stays shut."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.actors import Actor
from xinshu.core.clock import CHINA, local_day, moment
from xinshu.core.refusals import Invalid
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.kinds import name_of
from xinshu.ledger.models import Entry
from xinshu.ledger.tombstones import said, tellers
from xinshu.ledger.veils import Secrecy, open_at

EXPORT_LIMIT = 50_000


@dataclass(frozen=True)
class Search:
    """What to look for. `kind` is exact, or a beginning when it ends in a dot; `subject` is type:id."""

    kind: str = ""
    actor: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    def found(self, at: datetime) -> models.QuerySet[Entry]:
        """Return the entries, newest first. Whoever asks for more than days finds no entry that is secret at `at`."""
        entries: models.QuerySet[Entry] = Entry.objects.order_by("-pk")
        if self.since:
            entries = entries.filter(at__gte=moment(self.since))
        if self.until:
            entries = entries.filter(at__lt=moment(self.until + timedelta(days=1)))
        if self.kind or self.actor or self.subject:
            entries = open_at(entries, at)
        if self.kind:
            entries = entries.filter(**{"kind__startswith" if self.kind[-1] == "." else "kind": self.kind})
        if self.actor:
            entries = entries.filter(Q(actor_label__icontains=self.actor) | Q(actor_key=self.actor))
        if self.subject:
            type_, _colon, number = self.subject.partition(":")
            entries = entries.filter(subject_type=type_, subject_id=int(number))
        return entries


@dataclass(frozen=True)
class Line:
    """One entry as an auditor may see it; of a secret one its number and day."""

    number: int
    day: date
    secret: bool
    entry: Entry | None = None
    teller: Entry | None = None  # of an entry whose content was cleared: the entry that tells of it

    @property
    def cleared(self) -> str:
        """Who cleared the content, when, and by which rule; "" where it is there."""
        if self.entry is None or not self.entry.is_redacted:
            return ""
        if self.teller is None:
            return str(_("内容缺失，没有清除记录"))
        return str(
            _("%(day)s 按留存 %(months)s 个月的规则清除：%(proposed_by)s 申请，%(approved_by)s 批准（#%(number)s）")
            % {**said(self.teller), "day": local_day(self.teller.at).isoformat(), "number": self.teller.pk}
        )

    @property
    def kind(self) -> str:
        return name_of(self.entry.kind) if self.entry else ""

    @property
    def stated(self) -> list[tuple[str, str]]:
        """What the entry states, one by one."""
        return [(str(key), str(value)) for key, value in self.entry.data.items()] if self.entry else []

    @property
    def data(self) -> str:
        return canonical_json(self.entry.data) if self.entry and self.entry.data else ""


def lines_of(entries: list[Entry], secrecy: Secrecy) -> list[Line]:
    """Return `entries` as they may be shown."""
    told = tellers(entries)
    return [
        Line(entry.pk, local_day(entry.at), True)
        if secrecy.covers(entry)
        else Line(entry.pk, local_day(entry.at), False, entry, told.get(entry.pk))
        for entry in entries
    ]


def export_log(search: Search, *, by: Actor, member: models.Model, at: datetime) -> bytes:
    """Return what `search` finds as an Excel file, and record that `member` took it away.

    Raises Invalid when it would be more than 50,000 rows.
    """
    found = search.found(at)
    if found[EXPORT_LIMIT : EXPORT_LIMIT + 1].exists():
        raise Invalid(
            _("符合条件的日志超过 %s 条，没有导出。") % f"{EXPORT_LIMIT:,}",
            advice=_("请缩小日期范围后分次导出，筛选条件还在。"),
        )
    secrecy = Secrecy(at)
    lines = (line for chunk in _chunks(found) for line in lines_of(chunk, secrecy))
    export = export_sheet(
        _("系统日志"), COLUMNS, lines, kind="ledger.exported", subject=member, by=by, at=at, searched=searched(search)
    )  # fmt: skip
    return export.content


def _chunks(found: models.QuerySet[Entry]) -> Iterator[list[Entry]]:
    entries = found.iterator(chunk_size=2_000)
    while chunk := list(islice(entries, 2_000)):
        yield chunk


def searched(search: Search) -> dict[str, str]:
    """Return what was looked for, as the ledger keeps it."""
    return {
        "kind": search.kind,
        "actor": search.actor,
        "subject": search.subject,
        "since": search.since.isoformat() if search.since else "",
        "until": search.until.isoformat() if search.until else "",
    }


def _open(line: Line, value: Callable[[Entry], str], shut: str = "") -> str:
    return shut if line.entry is None else value(line.entry)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def _actor(line: Line) -> str:
    return _("已到期清除") if line.cleared else _open(line, lambda entry: entry.actor_label)


def _moment(line: Line) -> str:
    return _open(line, lambda entry: _stamp(entry.at), line.day.isoformat())


COLUMNS = (
    Column(lazy("编号"), 10, "ledger.Entry.kind", lambda line: str(line.number)),
    Column(
        lazy("时间"),
        20,
        "ledger.Entry.kind",
        _moment,
    ),
    Column(lazy("事项"), 22, "ledger.Entry.kind", lambda line: line.kind or str(_("开标前保密"))),
    Column(
        lazy("操作人"),
        30,
        "ledger.Entry.actor_label",
        _actor,
    ),
    Column(lazy("对象"), 34, "ledger.Entry.kind", lambda line: _open(line, lambda e: e.subject)),
    Column(lazy("内容"), 60, "ledger.Entry.data", lambda line: line.cleared or line.data),
    Column(lazy("写入时间"), 20, "ledger.Entry.kind", lambda line: _open(line, lambda e: _stamp(e.recorded_at))),
)
