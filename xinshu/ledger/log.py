"""The system log as an auditor reads it: searched, paged, exported; what is secret until bid opening stays shut."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

import xlsxwriter
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.core.actors import Actor
from xinshu.core.clock import CHINA, local_day, moment
from xinshu.core.refusals import Invalid
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.kinds import name_of
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
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


def line_of(entry: Entry, secrecy: Secrecy) -> Line:
    """Return `entry` as it may be shown."""
    secret = secrecy.covers(entry)
    return Line(entry.pk, local_day(entry.at), secret, None if secret else entry)


@transaction.atomic
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
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("系统日志"))
    for column, width in enumerate((10, 20, 22, 30, 34, 60, 20)):
        sheet.set_column(column, column, width)
    titles = (_("编号"), _("时间"), _("事项"), _("操作人"), _("对象"), _("内容"), _("写入时间"))
    sheet.write_row(0, 0, titles, book.add_format({"bold": True}))
    count, secrecy = 0, Secrecy(at)
    for count, entry in enumerate(found.iterator(chunk_size=2_000), 1):
        for column, value in enumerate(_cells(line_of(entry, secrecy))):
            sheet.write_string(count, column, value[:32_000])
    book.close()
    record(
        "ledger.exported",
        member,
        by=by,
        at=at,
        rows=count,
        searched={
            "kind": search.kind,
            "actor": search.actor,
            "subject": search.subject,
            "since": search.since.isoformat() if search.since else "",
            "until": search.until.isoformat() if search.until else "",
        },
    )
    return content.getvalue()


def _cells(line: Line) -> tuple[str, ...]:
    entry = line.entry
    if entry is None:
        return (str(line.number), line.day.isoformat(), _("开标前保密"), "", "", "", "")
    return (
        str(line.number),
        f"{entry.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        line.kind,
        entry.actor_label,
        entry.subject,
        line.data,
        f"{entry.recorded_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
    )
