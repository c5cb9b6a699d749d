"""What can be done with an import: prepared from a workbook, started, taken in row by row, finished, discarded."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import new_reference
from xinshu.core.refusals import NotPermitted, Refusal
from xinshu.documents.contents import check_name
from xinshu.documents.sheets import mime_of
from xinshu.documents.uploads import file_of
from xinshu.enterprises.actions import Origin, enter_fields
from xinshu.enterprises.importing.checking import ASIDE, check_lines
from xinshu.enterprises.importing.lifecycle import IMPORTS, LIFECYCLE
from xinshu.enterprises.importing.reading import LARGEST, lines_of
from xinshu.enterprises.models import ImportRow, RecordImport
from xinshu.ledger.recording import record

AT_ONCE, TURN = 500, 50  # rows of one insert; rows until others have their turn
State = ImportRow.State


def prepare_import(content: bytes, file_name: str, *, by: Member, at: datetime) -> RecordImport:
    """Take in a workbook: every row is kept as typed with its faults and what it would change. Raises Invalid."""
    if by.organisation.kind not in Organisation.ISSUERS or not by.can(IMPORTS):
        raise NotPermitted(_("您没有导入客户资料的权限。"), advice=_("需要导入的，请联系本机构管理员开通。"))
    file_name = check_name(file_name)
    rows = check_lines(lines_of(content, file_name), by.organisation, at)
    faults = sum(bool(row.line.faults) for row in rows)
    with transaction.atomic():
        one = RecordImport.objects.create(
            reference=new_reference(), state="faulty" if faults else "ready", house=by.organisation, name=file_name,
            prepared_by=by, row_count=len(rows), fault_count=faults, created_at=at, changed_at=at,
        )  # fmt: skip
        ImportRow.objects.bulk_create(
            (
                ImportRow(batch=one, line=row.line.number, enterprise=row.enterprise, typed=row.line.typed,
                          values=row.line.values, faults=[list(fault) for fault in row.line.faults],
                          brings=[list(bring) for bring in row.brings])
                for row in rows
            ),
            batch_size=AT_ONCE,
        )  # fmt: skip
        one.file = file_of(
            content,
            file_name,
            mime_of(content, file_name, largest=LARGEST),
            by.organisation,
            by,
            at,
            subject=one,
            sealed_until=None,
        )
        one.save(update_fields=["file"])
        record("import.prepared", one, by=by, at=at, rows=len(rows), faults=faults)
    return one


@transaction.atomic
def start_import(one: RecordImport, *, by: Member, at: datetime) -> RecordImport:
    """Have the worker take it in (tasks.take_in_rows)."""
    one = RecordImport.objects.locked(one)
    step = LIFECYCLE.step("start_import", one, by)
    one.change(step, started_at=at, changed_at=at)
    record("import.started", one, by=by, at=at, rows=one.row_count)
    return one


@transaction.atomic
def discard_import(one: RecordImport, *, by: Member, at: datetime) -> RecordImport:
    """Throw it away; no record has changed."""
    one = RecordImport.objects.locked(one)
    step = LIFECYCLE.step("discard_import", one, by)
    one.change(step, changed_at=at)
    record("import.discarded", one, by=by, at=at)
    return one


def take_in(pk: int, *, at: datetime, rows: int = TURN) -> bool:
    """Take in up to `rows` rows of a running import; return whether some are left.

    Each row is entered in one transaction with the mark that it is done: who comes after a crash goes on there.
    """
    waiting = ImportRow.objects.filter(batch=pk, batch__state="running", state=State.WAITING).order_by("line")
    for row in list(waiting.select_related("batch__prepared_by__user", "enterprise__organisation")[:rows]):
        _enter(row, at)
    if waiting.exists():
        return True
    with transaction.atomic():
        one = RecordImport.objects.get(pk=pk)
        if one.state == "running":
            step = LIFECYCLE.step("finish_import", one, SYSTEM)
            one.change(step, finished_at=at, changed_at=at)
            record("import.finished", one, by=SYSTEM, at=at, rows=one.row_count)
    return False


def _enter(row: ImportRow, at: datetime) -> None:
    assert row.enterprise is not None
    label = _("批量导入：%(name)s，%(who)s") % {"name": row.batch.name[:60], "who": row.batch.prepared_by.user.name}
    try:
        with transaction.atomic():
            origin = Origin("imported", label)
            entered = enter_fields(row.enterprise, row.values, by=SYSTEM, at=at, origin=origin)
            row.state, row.entered = State.DONE, len(entered)
            row.aside = sum(fate == ASIDE for _code, fate in row.brings)
            row.save(update_fields=["state", "entered", "aside"])
    except Refusal as refusal:
        ImportRow.objects.filter(pk=row.pk).update(state=State.FAILED, reason=refusal.message[:300])
