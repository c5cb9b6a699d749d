"""Behaviours come in: told by the ledger, or entered by hand with a document; corrections are rows that name them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.credit.kinds import KINDS
from xinshu.credit.lifecycle import MANAGE
from xinshu.credit.models import Appeal, Behaviour, Record
from xinshu.credit.scores import open_records, refresh
from xinshu.documents.uploads import keep_file
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record

Upload = tuple[bytes, str]  # content, name
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Seen:
    """What an entry of the ledger says of somebody: kind of behaviour, day, the case by its number, whose business."""

    kind: str
    subject: Organisation
    on: date
    case: str
    house: Organisation | None


def record_of(organisation: Organisation, side: str) -> Record:
    """Return the record of an organisation on one side; open it where there is none yet."""
    open_records(side, [organisation.pk])
    return Record.objects.select_related("organisation").get(organisation=organisation, side=side)


@transaction.atomic
def note_behaviour(seen: Seen, entry: Entry, *, at: datetime) -> Behaviour:
    """Record what an entry says. A second time finds it there: one behaviour per entry, subject and kind."""
    about = record_of(seen.subject, KINDS[seen.kind].side)
    found, new = Behaviour.objects.get_or_create(
        entry=entry, record=about, kind=seen.kind,
        defaults={
            "happened_on": seen.on, "case": seen.case[:60], "house": seen.house, "recorded_at": at,
            "recorded_by": SYSTEM.actor_key, "recorded_label": SYSTEM.actor_label,
        },
    )  # fmt: skip
    if new:
        _followed("credit.recorded", found, about, by=SYSTEM, at=at, source=entry.pk)
    return found


@transaction.atomic
def record_behaviour(
    about: Record, kind: str, on: date, *, document: str, note: str, upload: Upload | None, by: Member, at: datetime
) -> Behaviour:
    """Enter a behaviour by hand, with the document that proves it. Raises Invalid per field.

    Of what comes by itself the ledger is the proof: by hand it can be corrected, not entered.
    """
    must_manage(by)
    problems = _wrong(about, kind, on, at)
    if kind in KINDS and not KINDS[kind].by_hand:
        problems["kind"] = _("这种行为由业务自动记录，不能手工记录")
    if len(document.strip()) < 2:
        problems["document"] = _("写文书的名称和文号")
    if upload is None:
        problems["file"] = _("上传证明它的文书")
    if problems or upload is None:
        raise Invalid(_("信用行为没有记录，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    file = keep_file(*upload, by.organisation, by, at, subject=about)
    return _insert(
        Behaviour(
            record=about, kind=kind, happened_on=on, case=document.strip()[:60], file=file, note=note.strip()[:500]
        ),
        "credit.recorded", about, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def correct_behaviour(
    wrong: Behaviour,
    kind: str,
    on: date | None,
    *,
    reason: str,
    by: Member,
    at: datetime,
    deciding: Appeal | None = None,
) -> Behaviour:
    """Correct a behaviour by a new row that names it: revoked (`kind` ""), or what it was instead and when.

    The first row stays and is shown; from now on the new one counts. Raises Changed where it was corrected meanwhile,
    NotNow where an appeal against it is open, other than the one that this is `deciding`: it would be left in the air.
    """
    must_manage(by)
    about = Record.objects.held(wrong.record_id)
    appeals = wrong.appeals.filter(state="open")
    if (appeals.exclude(pk=deciding.pk) if deciding else appeals).exists():
        raise NotNow(_("对这一条的异议正在处理，没有更正。"), advice=_("请在异议里决定，成立的在那里更正。"))
    on = (on if kind else None) or wrong.happened_on
    problems = _wrong(about, kind, on, at) if kind else {}
    if (kind, on) == (wrong.kind, wrong.happened_on) or (not kind and not wrong.kind):
        problems["kind"] = _("和原来的一样，没有要更正的")
    if len(reason.strip()) < 4:
        problems["reason"] = _("写明为什么更正，至少 4 个字")
    if problems:
        raise Invalid(_("没有更正，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    row = Behaviour(
        record=about, kind=kind, happened_on=on, case=wrong.case, house_id=wrong.house_id, file_id=wrong.file_id,
        note=reason.strip()[:500], corrects=wrong,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return _insert(row, "credit.corrected", about, by=by, at=at, corrects=wrong.reference)
    except IntegrityError:
        raise Changed(
            _("这一条已经更正过，您的更正没有记录。"), case=wrong, advice=_("请在最新的更正上再更正。")
        ) from None


def must_manage(by: Actor) -> None:
    """Raise NotPermitted unless `by` keeps the credit libraries."""
    if not by.can(MANAGE):
        raise NotPermitted(_("您没有维护信用库的权限。"), advice=_("有异议的，可以在信用档案上提出。"))


def _insert(row: Behaviour, kind: str, about: Record, *, by: Member, at: datetime, **told: Any) -> Behaviour:
    row.recorded_at, row.recorded_by = at, by.actor_key
    row.recorded_label, row.recorder = by.actor_label[:60], by.user_id
    row.save()
    _followed(kind, row, about, by=by, at=at, **told)
    return row


def _followed(kind: str, row: Behaviour, about: Record, *, by: Actor, at: datetime, **told: Any) -> None:
    record(kind, row, by=by, at=at, behaviour=row.kind, on=row.happened_on.isoformat(), note=row.note, **told)
    refresh(about, at)


def _wrong(about: Record, kind: str, on: date, at: datetime) -> dict[str, str]:
    problems = {}
    if kind not in KINDS or KINDS[kind].side != about.side:
        problems["kind"] = _("请选择")
    if not EARLIEST <= on <= local_day(at):
        problems["happened_on"] = _("不能晚于今天，也不能早于 2000 年")
    return problems
