"""The credit line in trade words: grant, reserve at approval, occupy at issue, void on decline, more or less of it
as the face changes, restore after the end.

Four accounts per guarantor and party tell the whole story: `line` is what may still be used and can never go below
nothing, `line_used` is what live guarantees occupy, `line_pool` is where granted line comes from.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.limits import USED, ceilings_of, group_of, hold_limits, total_of
from xinshu.books.models import Account, CustomerGroup, Transfer
from xinshu.books.transfers import Overdrawn, open_account, post, post_for, transfer, transfer_between, void
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.core.money import yuan
from xinshu.core.refusals import NotNow
from xinshu.ledger.recording import record

LINE, POOL = "line", "line_pool"
_UNIT = Account.Unit.LINE


@dataclass(frozen=True)
class Line:
    """A party's line at an issuer, in 分: `limit == reserved + occupied + available`."""

    limit: int
    reserved: int
    occupied: int
    available: int


@transaction.atomic
def grant_line(
    issuer: Organisation, party: Organisation, amount: int, *, by: Actor, at: datetime, key: str
) -> Transfer:
    """Add `amount` 分 to what `issuer` lets `party` have outstanding. The same `key` grants once."""
    # `line` is opened before `line_used`, so that a reservation meets the guarded account first.
    line = open_account(issuer, LINE, _UNIT, party=party, debits_must_not_exceed_credits=True)
    used = open_account(issuer, USED, _UNIT, party=party, debits_must_not_exceed_credits=True)
    if used.exposure == 0 and used.ceiling is None and used.group_id is None and used.total_id is None:
        _set_limits(used, issuer, party, at)
    pool = open_account(issuer, POOL, _UNIT)
    granted = transfer(pool, line, amount, key=key, at=at)
    if not granted.repeated:
        record("line.granted", line, by=by, at=at, issuer=issuer.pk, party=party.pk, amount=amount)
    return granted


def _set_limits(used: Account, issuer: Organisation, party: Organisation, at: datetime) -> None:
    """Put a customer that nothing was reserved for yet under its issuer's limits."""
    hold_limits(issuer.pk)
    ceilings = ceilings_of(issuer, local_day(at))
    untouched = Account.objects.filter(pk=used.pk, credits_pending=0, credits_posted=0)
    untouched.update(ceiling=ceilings.client, group=group_of(issuer, party), total=total_of(issuer))


def line_of(issuer: Organisation, party: Organisation) -> Line:
    """Return how `party` stands with `issuer`: all zero when no line was ever granted. One query."""
    accounts = _accounts(issuer, party)
    if not accounts:
        return Line(0, 0, 0, 0)
    line, used = accounts[LINE], accounts[USED]
    return Line(
        limit=line.available + line.debits_pending + used.balance,
        reserved=line.debits_pending,
        occupied=used.balance,
        available=line.available,
    )


@dataclass(frozen=True)
class Room:
    """What may still be reserved, in 分, and which limit says so in words ("" for the line itself)."""

    amount: int
    bound_by: str = ""


@dataclass
class Rooms:
    """What one party may still have reserved, in 分, by each limit (None: no such limit). Of a group, all share one."""

    line: int
    client: int | None
    group: CustomerGroup | None
    total: int | None = None

    @property
    def least(self) -> Room:
        """What binds."""
        rooms = [Room(self.line)]
        if self.client is not None:
            rooms.append(Room(self.client, _("单一客户限额")))
        if self.group is not None and self.group.room is not None:
            rooms.append(Room(self.group.room, _("集团客户限额")))
        if self.total is not None:
            rooms.append(Room(self.total, _("保证人承保能力")))
        return min(rooms, key=lambda room: room.amount)


def room_of(issuer: Organisation, party: Organisation) -> Room | None:
    """Return what may still be reserved for `party`: by its line, and by single-client and group limit.

    None when no line was ever granted. Asking is no promise: `reserve` decides.
    """
    found = _by_pair(_pair(issuer.pk, party.pk), "holder_id").get(issuer.pk)
    return found.least if found else None


@composed
def _pair(issuer: int, party: int) -> models.QuerySet[Account]:
    return _of_lines(Account.objects.filter(holder=issuer, party=party))


def _of_lines(accounts: models.QuerySet[Account]) -> models.QuerySet[Account]:
    return accounts.filter(unit=_UNIT, purpose__in=(LINE, USED)).select_related("group", "total")


def rooms_at(issuers: Collection[int], party: Organisation) -> dict[int, Room]:
    """Return the room of `party` at each of the issuers (by id) that ever granted it a line. One query."""
    found = _by_pair(_of_lines(Account.objects.filter(holder__in=issuers, party=party)), "holder_id")
    return {issuer: rooms.least for issuer, rooms in found.items()}


def rooms_for(issuer: Organisation, parties: Iterable[int]) -> dict[int, Rooms]:
    """Return for each of `parties` (by id) that was ever granted a line what may still be reserved. One query."""
    return _by_pair(_of_lines(Account.objects.filter(holder=issuer, party__in=parties)), "party_id")


def _by_pair(accounts: Iterable[Account], side: str) -> dict[int, Rooms]:
    pairs: dict[int, dict[str, Account]] = {}
    for account in accounts:
        pairs.setdefault(getattr(account, side), {})[account.purpose] = account
    rooms = {}
    for key, pair in pairs.items():
        used = pair[USED]
        client = None if used.ceiling is None else max(0, used.ceiling - used.exposure)
        total = used.total.room if used.total else None
        rooms[key] = Rooms(pair[LINE].available, client, used.group, total)
    return rooms


def reserve(
    issuer: Organisation,
    party: Organisation,
    amount: int,
    *,
    for_: models.Model,
    at: datetime,
    due_at: datetime | None = None,
) -> Transfer:
    """Set `amount` 分 of the line aside for one case, at approval. Asking again for the same case reserves once.

    It is checked against the line, the single-client limit and the group limit, all in this one act. After `due_at` it
    lapses, unless `keep` was called (holds.py). Raises Overdrawn when the line is short (or was never granted) and
    TooConcentrated when a limit is; NotNow when another amount stands reserved.
    """
    first = transfer_between(
        issuer, party, _UNIT, (LINE, USED), amount, key=_key(for_, 0), at=at, for_=for_, pending=True, due_at=due_at
    )
    if first is not None:
        return first
    accounts = _accounts(issuer, party)
    if not accounts:
        raise Overdrawn(
            _("%(issuer)s 还没有给 %(party)s 授信，不能占用 %(wanted)s 元额度。")
            % {"issuer": issuer, "party": party, "wanted": yuan(amount)},
            available=0,
            wanted=amount,
            advice=_("请先办理授信，再审批这笔申请。"),
        )
    last = _standing(for_, or_voided=True)
    # Declined once and approved again: a new reservation. Else the same one, which `transfer` compares.
    key = _key(for_, last.pk) if last.state == Transfer.State.VOIDED else last.key
    return transfer(accounts[LINE], accounts[USED], amount, key=key, at=at, for_=for_, pending=True, due_at=due_at)


def keep(for_: models.Model) -> None:
    """Let the reservation stand until its case ends it: it lapses no more. Raises NotNow when nothing is reserved."""
    held = _standing(for_)
    if not Transfer.objects.filter(pk=held.pk, state=Transfer.State.PENDING).update(due_at=None):
        raise NotNow(_("这笔业务的预占额度已经释放。"), advice=_("请重新提交申请。"))


def occupy(for_: models.Model, *, at: datetime) -> Transfer:
    """Turn the reservation into occupancy, at issue. Raises NotNow when nothing is reserved for the case."""
    return post_for(for_, _key(for_), at=at) or post(_standing(for_), at=at)


def void_reservation(for_: models.Model, *, at: datetime) -> Transfer | None:
    """Give back what was reserved: the case was declined or withdrawn after approval. None when nothing was reserved.

    Raises NotNow when the guarantee is issued already: what is occupied comes back through `restore`.
    """
    last = _last(for_)
    return void(last, at=at) if last else None


def occupy_more(for_: models.Model, amount: int, *, key: str, at: datetime) -> Transfer:
    """Let a case that occupies a line occupy `amount` 分 more of it: an increase. The same `key` does it once.

    Checked as `reserve` is. Raises Overdrawn or TooConcentrated, NotNow where the case occupies nothing.
    """
    first = standing_occupancy(for_)
    return transfer(first.debit, first.credit, amount, key=f"more:{key}", at=at, for_=for_)


def free(for_: models.Model, amount: int, *, key: str, at: datetime) -> Transfer:
    """Give `amount` 分 of what a case occupies back to the line: a reduction. The same `key` does it once."""
    first = standing_occupancy(for_)
    return transfer(first.credit, first.debit, amount, key=f"less:{key}", at=at, for_=for_)


def occupied_by(for_: models.Model) -> int:
    """Return what the case occupies of the line now, in 分: what came for it, less what went back or was converted."""
    moved = Transfer.objects.filter(
        subject_type=for_._meta.label_lower, subject_id=for_.pk, state=Transfer.State.POSTED
    ).aggregate(
        came=Coalesce(Sum("amount", filter=Q(credit__purpose=USED, credit__unit=_UNIT)), 0),
        went=Coalesce(Sum("amount", filter=Q(debit__purpose=USED, debit__unit=_UNIT)), 0),
    )
    return int(moved["came"]) - int(moved["went"])


def restore(for_: models.Model, *, at: datetime) -> Transfer | None:
    """Give back what the case still occupies, after its end. Once only, however often it is called.

    Returns what went back, also when asked again; None when nothing was left to give. Raises NotNow when the case never
    occupied anything.
    """
    first = standing_occupancy(for_)
    key = f"restore:{first.pk}"
    if before := Transfer.objects.filter(key=key).first():
        before.repeated = True
        return before
    left = occupied_by(for_)
    return transfer(first.credit, first.debit, left, key=key, at=at, for_=for_) if left else None


def standing_occupancy(for_: models.Model) -> Transfer:
    """Return the transfer by which a case first occupied its line. Raises NotNow when it never did."""
    occupied = _standing(for_)
    if occupied.state != Transfer.State.POSTED:
        raise NotNow(_("这笔业务还没有占用额度，没有可以恢复的额度。"))
    return occupied


def _accounts(issuer: Organisation, party: Organisation) -> dict[str, Account]:
    found = Account.objects.filter(holder=issuer, party=party, unit=_UNIT, purpose__in=(LINE, USED))
    return {account.purpose: account for account in found}


def _last(for_: models.Model) -> Transfer | None:
    """The latest reservation made for the case, in whatever state."""
    return _last_reservation.first(for_._meta.label_lower, for_.pk, _key(for_))


@composed
def _last_reservation(kind: str, pk: int, key: str) -> models.QuerySet[Transfer]:
    lines = Transfer.objects.filter(subject_type=kind, subject_id=pk, debit__purpose=LINE, debit__unit=_UNIT)
    return lines.filter(key__startswith=key).select_related("debit", "credit").order_by("-id")[:1]


def _standing(for_: models.Model, *, or_voided: bool = False) -> Transfer:
    last = _last(for_)
    if last is None or (last.state == Transfer.State.VOIDED and not or_voided):
        raise NotNow(_("这笔业务没有预占额度。"), advice=_("请先完成审批，审批通过时会预占额度。"))
    return last


def _key(for_: models.Model, after: int | str = "") -> str:
    """The key of the reservation that follows the voided transfer `after` (0: the first)."""
    return f"line:{for_._meta.label_lower}:{for_.pk}:{after}"
