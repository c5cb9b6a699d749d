"""What can be done with a batch: uploaded, uploaded anew, submitted, confirmed by another person, paused, retried."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.cases import new_reference
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.contents import check_name
from xinshu.documents.models import File
from xinshu.documents.sheets import mime_of
from xinshu.documents.uploads import file_of
from xinshu.guarantees.batches.checking import Checked, check_lines
from xinshu.guarantees.batches.columns import LARGEST, Line, lines_of
from xinshu.guarantees.batches.lifecycle import LIFECYCLE
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.models import Tariff
from xinshu.guarantees.payments.sandbox import ACCOUNTS
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record

AT_ONCE = 500  # rows in one insert
State = BatchRow.State


def note(kind: str, batch: Batch, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record that `kind` happened to a batch. While it holds bids that are not open, that stays secret."""
    return record(kind, batch, by=by, at=at, sealed_until=batch.secret_until, rows=batch.row_count, **data)


def prepare_batch(
    content: bytes, file_name: str, *, name: str, guarantor: Organisation, by: Member, at: datetime
) -> Batch:
    """Take in a workbook: every row is kept as typed, with its faults beside it.

    The check is made before the transaction, which only writes. Raises Invalid for a file that cannot be read.
    """
    if not by.can("guarantees.apply"):
        raise NotPermitted(_("您没有申请保函的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    _check_parties(by, guarantor)
    name = " ".join(name.split())[:60]
    if len(name) < 2:
        raise Invalid(_("请给这一批起个名字。"), fields={"name": _("至少 2 个字")})
    file_name = check_name(file_name)
    rows = check_lines(lines_of(content, file_name), guarantor=guarantor, by=by, at=at)
    with transaction.atomic():
        batch = Batch.objects.create(
            reference=new_reference(), state=_state_after(rows), owner=by.organisation, guarantor=guarantor, name=name,
            prepared_by=by, authors=[by.user_id], created_at=at, changed_at=at, **_sums(rows),
        )  # fmt: skip
        _keep_rows(batch, rows)
        batch.file = _keep_upload(batch, content, file_name, by, at)
        batch.save(update_fields=["file"])
        note("batch.prepared", batch, by=by, at=at, faults=batch.fault_count, amount=batch.amount)
    return batch


def replace_rows(batch: Batch, content: bytes, file_name: str, *, by: Member, at: datetime) -> Batch:
    """Take a corrected workbook in the place of the rows; the former file stays on record."""
    LIFECYCLE.step("replace", batch, by)
    file_name = check_name(file_name)
    return _put(batch, lines_of(content, file_name), by=by, at=at, upload=(content, file_name))


def typed_lines(batch: Batch) -> list[Line]:
    """Return the rows of a batch as they were typed."""
    kept = batch.rows.order_by("line").values_list("line", "typed")
    return [Line(line, typed) for line, typed in kept]


def _put(
    batch: Batch, lines: Sequence[Line], *, by: Member, at: datetime, upload: tuple[bytes, str] | None = None
) -> Batch:
    rows = check_lines(lines, guarantor=batch.guarantor, by=by, at=at)
    with transaction.atomic():
        batch = Batch.objects.locked(batch)
        step = LIFECYCLE.step("mark" if _state_after(rows) == "faulty" else "replace", batch, by)
        batch.rows.all().delete()
        _keep_rows(batch, rows)
        changes: dict[str, Any] = _sums(rows)
        if upload is not None:
            changes |= {"file": _keep_upload(batch, *upload, by, at), "prepared_by": by}
            changes["authors"] = sorted({*batch.authors, by.user_id})
        batch.change(step, at=at, **changes)
        note("batch.checked", batch, by=by, at=at, faults=batch.fault_count, amount=batch.amount)
    return batch


def submit_batch(batch: Batch, *, account: str, by: Member, at: datetime) -> Batch:
    """Put a batch before the guarantor's signers. Each row's fee will be charged to `account`.

    It is checked once more before: where a row does not hold any more, the batch comes back in state `faulty`.
    """
    LIFECYCLE.step("submit", batch, by)
    if not by.can("guarantees.pay"):
        raise NotPermitted(_("提交批量出函要指定付款账户，您没有缴费的权限。"))
    if account not in ACCOUNTS:
        raise Invalid(_("请选择付款账户。"), fields={"account": _("请选择")})
    batch = _put(batch, typed_lines(batch), by=by, at=at)
    return batch if batch.state == "faulty" else _submit(batch, account, by, at)


@transaction.atomic
def _submit(batch: Batch, account: str, by: Member, at: datetime) -> Batch:
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("submit", batch, by)
    authors = sorted({*batch.authors, by.user_id})
    batch.change(step, at=at, account=account, prepared_by=by, authors=authors, submitted_at=at, reason="")
    note("batch.submitted", batch, by=by, at=at, amount=batch.amount, fee=batch.fee)
    return batch


@transaction.atomic
def withdraw_batch(batch: Batch, *, by: Member, at: datetime) -> Batch:
    """Take a batch back that nobody has confirmed yet: for the guarantor it exists no more until it is submitted."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("withdraw", batch, by)
    batch.change(step, at=at, submitted_at=None)
    note("batch.withdrawn", batch, by=by, at=at)
    return batch


@transaction.atomic
def return_batch(batch: Batch, *, by: Member, at: datetime, reason: str) -> Batch:
    """Send a batch back to who prepared it."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("return", batch, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，准备人会看到。"), fields={"reason": _("至少 4 个字")})
    batch.change(step, at=at, reason=reason.strip()[:500], submitted_at=None)
    note("batch.returned", batch, by=by, at=at, reason=batch.reason)
    return batch


@transaction.atomic
def discard_batch(batch: Batch, *, by: Member, at: datetime) -> Batch:
    """Give a batch up that was never submitted, or came back."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("discard", batch, by)
    batch.change(step, at=at)
    note("batch.discarded", batch, by=by, at=at)
    return batch


@transaction.atomic
def confirm_batch(batch: Batch, *, by: Member, at: datetime) -> Batch:
    """Bind the guarantor to issue every row that its rules let pass. Raises NotPermitted for who prepared it."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("confirm", batch, by)
    if by.user_id in batch.authors:
        raise NotPermitted(_("准备和确认须由两人办理，这一批由您准备，请由其他签发人确认。"))
    batch.change(step, at=at, confirmed_by=by, confirmed_at=at)
    note("batch.confirmed", batch, by=by, at=at, amount=batch.amount, fee=batch.fee)
    return batch


@transaction.atomic
def pause_batch(batch: Batch, *, by: Member, at: datetime) -> Batch:
    """Stop after the row at hand."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("pause", batch, by)
    batch.change(step, at=at)
    note("batch.paused", batch, by=by, at=at)
    return batch


@transaction.atomic
def resume_batch(batch: Batch, *, by: Member, at: datetime) -> Batch:
    """Go on with the rows that are left."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("resume", batch, by)
    batch.change(step, at=at)
    note("batch.resumed", batch, by=by, at=at)
    return batch


@transaction.atomic
def retry_failed(batch: Batch, *, by: Member, at: datetime) -> Batch:
    """Work on the failed rows again, each from where it stopped; whoever does so signs what is issued now."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("retry", batch, by)
    if by.user_id in batch.authors:
        raise NotPermitted(_("准备和签发须由两人办理，这一批由您准备，请由其他签发人重试。"))
    failed = batch.rows.filter(state=State.FAILED)
    count = failed.update(state=State.WAITING, reason="", tries=0, settled_at=None)
    if not count:
        raise NotNow(_("没有失败的行，不需要重试。"))
    batch.change(step, at=at, confirmed_by=by, finished_at=None)
    note("batch.retried", batch, by=by, at=at, failed=count)
    return batch


@transaction.atomic
def finish_batch(batch: Batch, *, at: datetime) -> Batch:
    """Close the work once no row is left."""
    batch = Batch.objects.locked(batch)
    step = LIFECYCLE.step("finish", batch, SYSTEM)
    if batch.rows.filter(state=State.WAITING).exists():
        raise NotNow(_("还有没办的行。"))
    counted = batch.rows.order_by().aggregate(
        **{state.value: Count("pk", filter=Q(state=state)) for state in (State.DONE, State.REFERRED, State.FAILED)}
    )
    batch.change(step, at=at, finished_at=at)
    note("batch.finished", batch, by=SYSTEM, at=at, **counted)
    return batch


def hand_over_batches(leaver: int, successor: Member, *, at: datetime) -> int:
    """Give the batches that the member with id `leaver` prepared to a colleague; returns how many.

    Not one that this colleague confirmed: two people stand behind every batch.
    """
    open_ = Batch.objects.filter(prepared_by=leaver, owner=successor.organisation).exclude(state="discarded")
    batches = list(
        open_.exclude(confirmed_by=successor).select_related("prepared_by__user", "prepared_by__organisation")
    )
    for batch in batches:
        _hand_over(batch, successor, at)
    return len(batches)


@transaction.atomic
def _hand_over(batch: Batch, successor: Member, at: datetime) -> None:
    former = batch.prepared_by.actor_label
    batch = Batch.objects.locked(batch)
    batch.change(at=at, prepared_by=successor, authors=sorted({*batch.authors, successor.user_id}))
    note("batch.handed_over", batch, by=SYSTEM, at=at, former=former, successor=successor.actor_label)


def _check_parties(by: Member, guarantor: Organisation) -> None:
    house = by.organisation
    if house.kind in Organisation.ISSUERS and guarantor.pk != house.pk:
        raise Invalid(_("只能为本机构批量出函。"), fields={"guarantor": _("请选择本机构")})
    if guarantor.kind not in Organisation.ISSUERS or not guarantor.active:
        raise Invalid(_("请选择担保公司、银行或保险公司作为保证人。"), fields={"guarantor": _("不能出具保函")})
    if not Tariff.objects.filter(guarantor=guarantor).exists():
        raise Invalid(_("这家保证人还没有费率，不能报价。"), fields={"guarantor": _("请换一家")})


def _state_after(rows: Sequence[Checked]) -> str:
    return "faulty" if any(row.faults for row in rows) else "ready"


def _sums(rows: Sequence[Checked]) -> dict[str, int]:
    whole = [row for row in rows if not row.faults]
    return {
        "row_count": len(rows),
        "fault_count": len(rows) - len(whole),
        "amount": sum(row.amount or 0 for row in whole),
        "fee": sum(row.fee or 0 for row in whole),
    }


def _keep_rows(batch: Batch, rows: Sequence[Checked]) -> None:
    BatchRow.objects.bulk_create(
        [
            BatchRow(
                batch=batch, line=row.line.number, key=row.key, typed=dict(row.line.typed), faults=row.faults,
                notes=row.notes, kind=row.kind, project=row.project, applicant=row.applicant, product=row.product,
                amount=row.amount, effective_on=row.effective_on, expires_on=row.expires_on, fee=row.fee,
            )
            for row in rows
        ],
        batch_size=AT_ONCE,
    )  # fmt: skip


def _keep_upload(batch: Batch, content: bytes, name: str, by: Member, at: datetime) -> File:
    mime = mime_of(content, name, largest=LARGEST)
    until = batch.secret_until
    return file_of(content, name, mime, batch.owner, by, at, subject=batch, sealed_until=until)
