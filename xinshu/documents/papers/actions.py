"""What can be done with papers: bring them, read them (the worker), confirm what they say, take them back."""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.blobs import forget_blob, keep_blob, read_blob
from xinshu.documents.lifecycle import BRING, ENTER, READING
from xinshu.documents.models import Reading, ReadingPage, ReadingSettlement, ReadValue
from xinshu.documents.papers.apart import REFUSALS, Seen, Unreadable
from xinshu.documents.papers.concealing import blackened
from xinshu.documents.papers.typing import as_kept, identities_of, kind_of
from xinshu.documents.reading.kinds import KINDS, UNKNOWN
from xinshu.documents.reading.lines import Sheet, as_rows, of_rows
from xinshu.documents.reading.readers import conceals, covered, read_document
from xinshu.documents.reading.statements import contradicting
from xinshu.documents.reading.values import Value
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record

READABLE = ("application/pdf", "image/png", "image/jpeg")
TRIES = 3  # crashes of the reader until a person has to say "again"
MOST = 40  # files in one upload


@transaction.atomic
def bring(
    content: bytes, name: str, batch: str, *, by: Member, at: datetime, customer: Organisation | None = None,
    asks_owner: bool = False,
) -> Reading:  # fmt: skip
    """Keep a file and have it read. Raises Invalid: kinds and sizes as for every file; brought before; not readable.

    `customer`: whose paper it is, where an account manager brings it; that they look after it is for the caller to say
    (enterprises/bringing.py). `asks_owner`: once read, it goes to the customer for confirmation.
    """
    if not by.can(ENTER if customer is None else BRING):
        raise NotPermitted(_("您没有上传识别材料的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    owner = customer or by.organisation
    file = keep_file(content, name, owner, by, at, takes="PDF、PNG、JPEG")
    if file.blob.mime not in READABLE:
        raise Invalid(_("“%(name)s”没有保存：只能识别 PDF、PNG 和 JPEG。") % {"name": file.name},
                      advice=_("请换成这几种格式再上传。"))  # fmt: skip
    # of a customer's papers a manager is told only of those that they may see
    twin = (
        Reading.objects.visible_to(by).filter(owner=owner, file__blob=file.blob_id).exclude(state="withdrawn").first()
    )
    if twin is not None:
        raise Invalid(_("“%(name)s”以前上传过，没有重复保存。") % {"name": file.name}, advice=_("可以在列表里找到它。"))
    reading = Reading.objects.create(
        file=file, owner=owner, batch=batch, brought_by=by, brought_at=at, state="queued",
        keeper=None if customer is None else by, asks_owner=asks_owner and customer is not None,
    )  # fmt: skip
    file.subject_type, file.subject_id = reading._meta.label_lower, reading.pk
    file.save(update_fields=["subject_type", "subject_id"])
    record("reading.queued", reading, by=by, at=at, organisation=reading.owner_id, file=file.pk, batch=batch)
    return reading


# the worker


@transaction.atomic
def begin(reading: Reading, *, at: datetime) -> Reading:
    """Note that the worker has the file in hand; after a crash it goes on with the pages that are missing."""
    reading = Reading.objects.locked(reading)
    step = READING.step("begin", reading, SYSTEM)
    first = reading.state == "queued"
    reading.change(step, why="")
    if first:
        record("reading.begun", reading, by=SYSTEM, at=at, organisation=reading.owner_id)
    return reading


@transaction.atomic
def keep_page(reading: Reading, seen: Seen) -> ReadingPage:
    """Keep one page. Of an identity card number, birth and address go before anything is stored."""
    sheet, found, picture = seen.sheet, list[dict[str, Any]](), seen.picture
    concealed = conceals(sheet)
    if concealed:
        sheet, found, picture = _covered(sheet, picture)
    page, _new = ReadingPage.objects.get_or_create(
        reading=reading, number=sheet.number,
        defaults={
            "printed": sheet.printed, "turned": seen.turned, "width": seen.width, "height": seen.height,
            "lines": as_rows(sheet.lines), "concealed": concealed, "found": found,
            "picture": keep_blob(picture, "image/jpeg"),
        },
    )  # fmt: skip
    return page


def _covered(sheet: Sheet, picture: bytes) -> tuple[Sheet, list[dict[str, Any]], bytes]:
    """Return a card's page as it may be kept: its lines, what had to be read before, its picture."""
    found = [asdict(value) for value in read_document([sheet], "identity").values]
    kept, hidden = covered(sheet)
    return kept, found, blackened(picture, hidden)


@transaction.atomic
def finish(reading: Reading, *, at: datetime) -> Reading:
    """Read the fields from the pages; a file on which nothing is written is refused."""
    reading = Reading.objects.locked(reading)
    pages = list(reading.pages.order_by("number"))
    if not any(page.lines for page in pages):
        return _refused(reading, str(NOTHING), at)
    step = READING.step("finish", reading, SYSTEM)
    _read_fields(reading, pages, "")
    reading.change(
        step, kind=reading.kind, certainty=reading.certainty, remarks=reading.remarks, sums=reading.sums, read_at=at
    )
    unsure = reading.values.filter(sure=False, depends=False).count()
    record("reading.read", reading, by=SYSTEM, at=at, organisation=reading.owner_id, paper=reading.kind, batch=reading.batch,
           pages=len(pages), fields=reading.values.count(), unsure=unsure)  # fmt: skip
    if reading.asks_owner:
        _offer(reading, SYSTEM, at)
    return reading


NOTHING = _("没有认出文字：图片可能过暗、模糊，或是空白页。请重新拍照或扫描。")


@transaction.atomic
def refuse(reading: Reading, why: Unreadable, *, at: datetime) -> Reading:
    """Note that this file cannot be read, and say why."""
    return _refused(Reading.objects.locked(reading), str(REFUSALS[why.code]), at)


def _refused(reading: Reading, why: str, at: datetime) -> Reading:
    step = READING.step("refuse", reading, SYSTEM)
    reading.change(step, why=why, read_at=at)
    record("reading.refused", reading, by=SYSTEM, at=at, organisation=reading.owner_id, batch=reading.batch)
    return reading


@transaction.atomic
def count_crash(reading: Reading, *, at: datetime) -> Reading:
    """Note that the reader crashed; after TRIES of them the file waits for a person."""
    reading = Reading.objects.locked(reading)
    if reading.tries + 1 < TRIES:
        return reading.change(tries=reading.tries + 1)
    step = READING.step("fail", reading, SYSTEM)
    reading.change(
        step,
        tries=reading.tries + 1,
        why=_("识别程序三次中断。文件已保存，可以重新识别，或换一份清楚的文件。"),
        read_at=at,
    )
    record("reading.failed", reading, by=SYSTEM, at=at, organisation=reading.owner_id, batch=reading.batch)
    return reading


def sheets_of(pages: Collection[ReadingPage]) -> list[Sheet]:
    """Return pages as the readers take them."""
    return [Sheet(page.number, tuple(of_rows(page.lines, page.number)), page.printed) for page in pages]


def _read_fields(reading: Reading, pages: Collection[ReadingPage], kind: str) -> None:
    """Read the fields anew and put them in place of those there were; sets kind, certainty, remarks and sums."""
    concealed = [page for page in pages if page.concealed]
    mostly = concealed and 2 * len(concealed) >= len(pages)  # a card among other papers does not make them one
    found = read_document(sheets_of(pages), kind or ("identity" if mostly else ""))
    values = list(found.values)
    if found.kind == "identity":
        kept = {value.code: value for page in concealed for value in (Value(**told) for told in page.found)}
        values = list({**{value.code: value for value in values}, **kept}.values())
    reading.kind = "" if found.kind == UNKNOWN else found.kind
    reading.certainty = Decimal(str(round(min(found.certainty, 1.0), 3)))
    reading.remarks = list(found.remarks)
    reading.sums = {
        column: [[one.total, [list(part) for part in one.parts]] for one in sums] for column, sums in found.sums.items()
    }
    _unsettle(reading.values.all())
    reading.values.all().delete()
    taken: set[str] = set()
    rows: list[ReadValue] = []
    for value in values:
        if value.code in taken or len(value.code) > 80:
            continue
        taken.add(value.code)
        rows.append(
            ReadValue(
                reading=reading, position=len(rows), code=value.code, value=value.value[:500], sure=value.sure,
                depends=value.depends, confidence=Decimal(str(round(min(max(value.confidence, 0), 1), 3))),
                page=value.page, box=list(value.box) if value.box else None, note=value.note[:200],
                proposed=value.proposed[:500],
            )
        )  # fmt: skip
    ReadValue.objects.bulk_create(rows)


def _unsettle(values: QuerySet[ReadValue]) -> None:
    """Let explanations of these values go: what was explained is said no longer. The ledger keeps that it was."""
    ReadingSettlement.objects.filter(Q(first__in=values) | Q(second__in=values)).delete()


# people


@transaction.atomic
def say_kind(reading: Reading, kind: str, *, by: Member, at: datetime) -> Reading:
    """Read the fields anew, as of a document of the kind that a person says it is. No page is looked at again.

    What a person says is an identity card is covered now, where the machine had not known it for one.
    """
    reading = Reading.objects.locked(reading)
    step = READING.step("say_kind", reading, by)
    if kind not in KINDS:
        raise Invalid(_("请选择材料类型。"), fields={"kind": _("还没有选择")})
    before, pages = reading.kind, list(reading.pages.select_related("picture").order_by("number"))
    if kind == "identity":
        for page in pages:
            _conceal(page)
    _read_fields(reading, pages, kind)
    reading.change(step, kind=kind, certainty=Decimal(1), remarks=reading.remarks, sums=reading.sums)
    record("reading.kind_said", reading, by=by, at=at, organisation=reading.owner_id, paper=kind, before=before)
    return reading


def _conceal(page: ReadingPage) -> None:
    """Cover a page that was kept as it is."""
    if page.concealed:
        return
    (sheet,), former = sheets_of([page]), page.picture
    sheet, page.found, picture = _covered(sheet, read_blob(former))
    page.lines, page.concealed, page.picture = as_rows(sheet.lines), True, keep_blob(picture, "image/jpeg")
    page.save(update_fields=["lines", "found", "concealed", "picture"])
    if former.pk != page.picture_id:
        with suppress(ProtectedError):  # another page or a file is of the same bytes
            forget_blob(former)


@transaction.atomic
def retry(reading: Reading, *, by: Member, at: datetime) -> Reading:
    """Have a file read once more that could not be."""
    reading = Reading.objects.locked(reading)
    step = READING.step("retry", reading, by)
    reading.change(step, tries=0, why="", read_at=None)
    record("reading.queued", reading, by=by, at=at, organisation=reading.owner_id, file=reading.file_id,
           batch=reading.batch, again=True)  # fmt: skip
    return reading


@transaction.atomic
def offer(reading: Reading, *, by: Member, at: datetime) -> Reading:
    """Leave the confirmation to the customer whose paper it is: its people are told (tasks.ask_owner)."""
    return _offer(Reading.objects.locked(reading), by, at)


def _offer(reading: Reading, by: Actor, at: datetime) -> Reading:
    step = READING.step("offer", reading, by)
    reading.change(step, why="")
    record("reading.offered", reading, by=by, at=at, organisation=reading.owner_id, batch=reading.batch,
           manager=reading.keeper_id)  # fmt: skip
    return reading


@transaction.atomic
def reject(reading: Reading, *, reason: str, by: Member, at: datetime) -> Reading:
    """Send a paper back to the account manager who brought it. It stays as it is; nothing of it enters the record."""
    reading = Reading.objects.locked(reading)
    step = READING.step("reject", reading, by)
    if not reason.strip():
        raise Invalid(_("请写明原因。"), fields={"reason": _("还没有填写")})
    reading.change(step, why=reason.strip()[:300])
    record("reading.returned", reading, by=by, at=at, organisation=reading.owner_id, manager=reading.keeper_id,
           reason=reading.why)  # fmt: skip
    return reading


@transaction.atomic
def withdraw(reading: Reading, *, reason: str, by: Member, at: datetime) -> Reading:
    """Let a paper count no longer: it is not held against others, nothing more is taken from it. Raises Invalid."""
    reading = Reading.objects.locked(reading)
    step = READING.step("withdraw", reading, by)
    if not reason.strip():
        raise Invalid(_("请写明原因。"), fields={"reason": _("还没有填写")})
    reading.change(step, why=reason.strip()[:300])
    record("reading.withdrawn", reading, by=by, at=at, organisation=reading.owner_id, reason=reading.why)
    return reading


@transaction.atomic
def confirm(
    reading: Reading, typed: Mapping[str, str], looked_at: Collection[str], *, by: Member, at: datetime
) -> Reading:
    """Keep what a person says the paper says, and let it go out as one entry with places and confidences.

    `typed` by field as people write it; a field that is not in it stands as it was read. What the machine was not sure
    of must be in `looked_at` or changed; sums are held once more against what now stands. Raises Invalid per field.
    """
    reading = Reading.objects.locked(reading)
    step = READING.step("confirm", reading, by)
    if not reading.kind:
        raise Invalid(_("请先选择材料类型，再确认。"), fields={"kind": _("还没有选择")})
    values = {value.code: value for value in reading.values.order_by("position")}
    finals, problems = _finals(reading, values, typed)
    for code, value in values.items():
        changed = code in typed and finals.get(code) != value.value
        if not (value.sure or value.depends or changed or code in looked_at) and code not in problems:
            problems[code] = _("机器没有把握，请对照原件：一致的勾选“与原件一致”，不一致的改正。")
    if not problems and reading.sums:
        figures = {code: int(final) for code, final in finals.items() if "|" in code and final}
        wrong = contradicting(identities_of(reading), figures)
        problems = {code: words for code, words in wrong.items() if code not in looked_at}
    if problems:
        raise Invalid(
            _("还有 %(n)d 处需要核对，没有确认。已填的内容保留在页面上。") % {"n": len(problems)}, fields=problems
        )
    _keep_finals(reading, values, finals, at)
    reading.change(step, confirmed_by=by, confirmed_at=at)
    told = [
        {
            "code": value.code,
            "value": value.pk,
            "page": value.page,
            "box": value.box,
            "confidence": str(value.confidence),
        }
        for value in reading.values.exclude(final="").order_by("position")
    ]
    # Which fields and where they stand, not what they say: names and numbers of people must not stay in a ledger.
    record("reading.confirmed", reading, by=by, at=at, organisation=reading.owner_id, paper=reading.kind,
           file=reading.file_id, fields=told)  # fmt: skip
    return reading


def _finals(
    reading: Reading, values: Mapping[str, ReadValue], typed: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    finals = {code: value.value for code, value in values.items()}
    problems: dict[str, str] = {}
    for code, text in typed.items():
        kind = kind_of(reading.kind, code)
        if kind is None or (code not in values and not text.strip()):
            continue
        if code in values and text.strip() == values[code].value:
            continue  # covered numbers and the like come back as they were
        try:
            finals[code] = as_kept(kind, text)
        except Invalid as refusal:
            problems[code] = refusal.message
    return finals, problems


def _keep_finals(reading: Reading, values: Mapping[str, ReadValue], finals: Mapping[str, str], at: datetime) -> None:
    _unsettle(reading.values.filter(code__in=[code for code, one in values.items() if finals[code] != one.value]))
    for code, final in finals.items():
        value = values.get(code)
        if value is None:
            ReadValue.objects.create(
                reading=reading, position=len(values) + 1, code=code, sure=False, confidence=Decimal(0), page=1,
                final=final, decided_at=at,
            )  # fmt: skip
        else:
            value.final, value.decided_at = final, at
    ReadValue.objects.bulk_update(list(values.values()), ["final", "decided_at"])


@transaction.atomic
def settle(first: ReadValue, second: ReadValue, reason: str, *, by: Member, at: datetime) -> ReadingSettlement:
    """Write why two papers may say different things: it no longer stops anything. Raises Invalid, NotPermitted."""
    if not by.can(ENTER):
        raise NotPermitted(_("您没有处理材料矛盾的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    if not reason.strip():
        raise Invalid(_("请写明原因。"), fields={"reason": _("还没有填写")})
    settled, new = ReadingSettlement.objects.get_or_create(
        first=first, second=second, defaults={"reason": reason.strip()[:500], "by": by, "at": at}
    )
    if new:
        record("reading.settled", first.reading, by=by, at=at, organisation=first.reading.owner_id, first=first.pk,
               second=second.pk, reason=settled.reason)  # fmt: skip
    return settled


__all__ = ["MOST", "begin", "bring", "confirm", "count_crash", "finish", "keep_page", "offer", "refuse", "reject",
           "retry", "say_kind", "settle", "sheets_of", "withdraw"]  # fmt: skip
