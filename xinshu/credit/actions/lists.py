"""名单: put on and taken off by two people, for a reason and a time; it ends by itself."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.credit.actions.behaviours import Upload
from xinshu.credit.kinds import APPLICANT, GUARANTOR, SIDES
from xinshu.credit.lifecycle import LISTED, MANAGE
from xinshu.credit.models import ListEntry
from xinshu.credit.scores import open_records
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record

LONGEST_YEARS = 5
EFFECTS = {  # which effects a colour can have, the usual one first
    "black": ("block", "ask"),
    "grey": ("ask",),
    "red": ("favour",),
    "key": ("mark", "favour"),
    "top100": ("mark", "favour"),
    "core": ("mark", "favour"),
    "odd": ("mark", "ask"),
}
MARKING = ("key", "top100", "core", "odd")  # lists that departments keep for themselves, too
MACHINE = 0  # as the user of an entry that a source proposed: any of the operator's people may confirm it
SOURCE_DAYS = 365


@dataclass(frozen=True)
class Wanted:
    """What an entry is to say."""

    organisation: Organisation
    side: str
    colour: str
    effect: str
    reason: str
    evidence: str
    valid_from: date
    valid_until: date


@transaction.atomic
def propose_entry(wanted: Wanted, *, upload: Upload | None = None, by: Member, at: datetime) -> ListEntry:
    """Propose to put somebody on a list: the operator's people on the city's, a house's on its own. Raises Invalid."""
    owner = None if by.can(MANAGE) else by.organisation
    entry = ListEntry(
        state="proposed", owner=owner, organisation=wanted.organisation, side=wanted.side, colour=wanted.colour,
        effect=wanted.effect, reason=wanted.reason.strip()[:500], evidence=wanted.evidence.strip()[:200],
        valid_from=wanted.valid_from, valid_until=wanted.valid_until, proposed_by=by.user_id,
        proposed_label=by.actor_label[:60], created_at=at, changed_at=at,
    )  # fmt: skip
    LISTED.step("propose", entry, by)
    if owner is not None and not may_keep(owner, wanted.colour):
        raise NotPermitted(_("担保公司、银行和保险公司有自己的名单；主管部门有自己的重点、百强、骨干和异常企业名单。"))
    if problems := _wrong(wanted, local_day(at)):
        raise Invalid(_("没有提出，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    _save_once(entry)
    if upload is not None:
        entry.change(file=keep_file(*upload, by.organisation, by, at, subject=entry))
    _remember("proposed", entry, by=by, at=at, reason=entry.reason)
    return entry


def may_keep(owner: Organisation, colour: str = "") -> bool:
    """Say whether a house may have a list of its own; departments only those that mark (`colour` "": any)."""
    if owner.kind == Organisation.Kind.DEPARTMENT:
        return not colour or colour in MARKING
    return owner.kind in Organisation.ISSUERS


def _save_once(entry: ListEntry) -> None:
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raise Invalid(
            _("它已经在这个名单上，或者正等确认。"), advice=_("请先办完那一条。"), fields={"colour": _("已有一条")}
        ) from None


@transaction.atomic
def propose_from_source(firm: Organisation, *, reason: str, evidence: str, at: datetime) -> ListEntry | None:
    """Propose a firm for the city's list of abnormal firms, as a source tells: one of the operator's people decides.

    None where it is on the list already, or waits to be.
    """
    on = local_day(at)
    entry = ListEntry(
        state="proposed", owner=None, organisation=firm, side=APPLICANT, colour="odd", effect="mark",
        reason=reason[:500], evidence=evidence[:200], valid_from=on, valid_until=on + timedelta(days=SOURCE_DAYS),
        proposed_by=MACHINE, proposed_label=SYSTEM.actor_label[:60], created_at=at, changed_at=at,
    )  # fmt: skip
    LISTED.step("propose", entry, SYSTEM)
    try:
        _save_once(entry)
    except Invalid:
        return None
    _remember("proposed", entry, by=SYSTEM, at=at, reason=entry.reason)
    return entry


@transaction.atomic
def confirm_entry(entry: ListEntry, *, by: Member, at: datetime) -> ListEntry:
    """Let it hold, by somebody who has not proposed it. Only now there has to be a record that shows it."""
    confirmed = _second("confirm", entry, "proposed_by", by=by, at=at, confirmed_label=by.actor_label[:60])
    open_records(confirmed.side, [confirmed.organisation_id])
    return confirmed


@transaction.atomic
def refuse_entry(entry: ListEntry, *, reason: str, by: Member, at: datetime) -> ListEntry:
    """Do not put it on the list; whoever proposed it may think better of it, too."""
    return _change("refuse", entry, by=by, at=at, reason=_stated(reason))


@transaction.atomic
def ask_to_lift(entry: ListEntry, *, reason: str, by: Member, at: datetime) -> ListEntry:
    """Propose to take it off; until a second person confirms, it holds."""
    said = _stated(reason)
    return _change(
        "ask_to_lift", entry, by=by, at=at, reason=said, lift_asked_by=by.user_id, lift_label=by.actor_label[:60],
        lift_reason=said,
    )  # fmt: skip


@transaction.atomic
def lift_entry(entry: ListEntry, *, by: Member, at: datetime) -> ListEntry:
    """Take it off, by somebody who has not proposed that."""
    return _second("lift", entry, "lift_asked_by", by=by, at=at)


@transaction.atomic
def keep_entry(entry: ListEntry, *, reason: str, by: Member, at: datetime) -> ListEntry:
    """Leave it on the list after all."""
    return _change(
        "keep", entry, by=by, at=at, reason=_stated(reason), lift_asked_by=None, lift_label="", lift_reason=""
    )


@transaction.atomic
def end_entry(entry: ListEntry, *, at: datetime) -> ListEntry:
    """Note that its last day has passed."""
    return _change("end", entry, by=SYSTEM, at=at)


def _second(action: str, entry: ListEntry, first: str, *, by: Member, at: datetime, **changes: object) -> ListEntry:
    """Do the act of the second person."""
    locked = ListEntry.objects.locked(entry)
    step = LISTED.step(action, locked, by)
    if getattr(locked, first) == by.user_id:
        raise NotPermitted(_("由您提出的，须由另一人确认。"))
    if action == "confirm" and locked.valid_until < local_day(at):
        raise Invalid(_("它的有效期已经过了，没有列入。"), advice=_("请不列入，按新的有效期重新提出。"))
    locked.change(step, changed_at=at, **changes)
    _remember({"confirm": "confirmed", "lift": "lifted"}[action], locked, by=by, at=at, reason=locked.reason)
    return locked


def _change(
    action: str, entry: ListEntry, *, by: Actor, at: datetime, reason: str = "", **changes: object
) -> ListEntry:
    locked = ListEntry.objects.locked(entry)
    step = LISTED.step(action, locked, by)
    locked.change(step, changed_at=at, **changes)
    kind = {"refuse": "refused", "ask_to_lift": "lift_asked", "keep": "kept", "end": "ended"}[action]
    _remember(kind, locked, by=by, at=at, reason=reason)
    return locked


def _remember(kind: str, entry: ListEntry, *, by: Actor, at: datetime, reason: str) -> None:
    record(
        f"credit_list.{kind}", entry, by=by, at=at, colour=entry.colour, effect=entry.effect, reason=reason,
        firm=entry.organisation_id, owner=entry.owner_id, until=entry.valid_until.isoformat(),
    )  # fmt: skip


def _stated(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，以后查得到。"), fields={"reason": _("至少 4 个字")})
    return reason.strip()[:500]


def _wrong(wanted: Wanted, on: date) -> dict[str, str]:
    problems = {}
    if wanted.side not in SIDES:
        problems["side"] = _("请选择")
    elif (wanted.side == GUARANTOR) != (wanted.organisation.kind in Organisation.ISSUERS):
        problems["side"] = _("担保公司、银行和保险公司作为保证人，其他机构作为申请人")
    if wanted.colour not in EFFECTS:
        problems["colour"] = _("请选择")
    elif wanted.effect not in EFFECTS[wanted.colour]:
        problems["effect"] = _("这种名单没有这个效力")
    if len(wanted.reason.strip()) < 4:
        problems["reason"] = _("至少 4 个字")
    if len(wanted.evidence.strip()) < 2:
        problems["evidence"] = _("写依据的文书、案件或者信用行为")
    if wanted.valid_from < on:
        problems["valid_from"] = _("不能早于今天，已办的业务不受影响")
    if wanted.valid_until < wanted.valid_from:
        problems["valid_until"] = _("不能早于生效日")
    elif (wanted.valid_until - wanted.valid_from).days > 366 * LONGEST_YEARS:
        problems["valid_until"] = _("最长 %(n)s 年") % {"n": LONGEST_YEARS}
    return problems
