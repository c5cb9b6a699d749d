"""Reconciliation (对账): what must agree is recomputed from its source and compared; what differs is kept and named.

Balances against the sums of their transfers, debits against credits, groups against their members, holds against what
the cases say of themselves. Set-based or streamed: nothing here grows with the number of cases but time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from xinshu.books.audit import imbalance, sums_that_drifted
from xinshu.books.limits import USED
from xinshu.books.lines import LINE
from xinshu.books.models import Account, CustomerGroup, Difference, GroupMember, Reconciliation, TotalLimit, Transfer
from xinshu.books.subjects import KINDS, OCCUPIED, RESERVED, Claim
from xinshu.core.actors import SYSTEM
from xinshu.core.money import yuan
from xinshu.ledger.recording import record

KINDS_OF_DIFFERENCE = {
    "imbalance": _("借贷不平"),
    "drifted": _("余额与流水不符"),
    "group": _("集团合计与成员不符"),
    "total": _("责任余额合计与客户不符"),
    "membership": _("集团归属不符"),
    "hold": _("额度占用与业务不符"),
}
WORDS = {RESERVED: _("预占"), OCCUPIED: _("占用")}
NOTHING = "—"


@dataclass(frozen=True)
class Found:
    """One difference as a run finds it. `about` names it, so that the next run knows it again."""

    kind: str
    about: str
    stands: str
    should: str
    issuer_id: int | None = None
    party_id: int | None = None
    subject_type: str = ""
    subject_id: int | None = None


def reconcile(at: datetime) -> Reconciliation:
    """Compare everything, keep what differs, mark what no longer does; the run and every new difference are recorded.

    It reads one state of the database throughout, so that acts under way are no differences.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _reconcile(at)


def _reconcile(at: datetime) -> Reconciliation:
    seen = [0]
    found = {(one.kind, one.about): one for one in differences(seen)}
    standing = {(row.kind, row.about): row for row in Difference.objects.select_for_update().filter(gone_at=None)}
    run = Reconciliation.objects.create(
        at=at, accounts=Account.objects.count(), transfers=Transfer.objects.count(), cases=seen[0],
        differences=len(found),
    )  # fmt: skip
    for key, one in found.items():
        row = standing.get(key)
        if row is not None and (row.stands, row.should) == (one.stands, one.should):
            continue
        if row is not None:
            _gone(row, at)
        _keep(one, at)
    for key, row in standing.items():
        if key not in found:
            _gone(row, at)
    record(
        "books.reconciled", run, by=SYSTEM, at=at, accounts=run.accounts, transfers=run.transfers, cases=run.cases,
        differences=run.differences,
    )  # fmt: skip
    return run


def _keep(one: Found, at: datetime) -> None:
    row = Difference.objects.create(**vars(one), found_at=at)
    kind = KINDS.get(one.subject_type)
    sealed = kind.sealed_until(one.subject_id) if kind and one.subject_id is not None else None
    record(
        "difference.found", row, by=SYSTEM, at=at, sealed_until=sealed, difference=one.kind, about=one.about,
        stands=one.stands, should=one.should,
    )  # fmt: skip


def _gone(row: Difference, at: datetime) -> None:
    row.gone_at = at
    row.save(update_fields=["gone_at"])
    record("difference.gone", row, by=SYSTEM, at=at, difference=row.kind, about=row.about)


def differences(seen: list[int]) -> Iterator[Found]:
    """Find everything that differs now; adds the number of cases compared to `seen[0]`."""
    for what, amount in imbalance().items():
        yield Found("imbalance", what, yuan(amount), yuan(0))
    yield from _drifted()
    yield from _groups()
    yield from _totals()
    yield from _memberships()
    for code, kind in KINDS.items():
        yield from _holds(code, kind.claims(), seen)


def _drifted() -> Iterator[Found]:
    for account, name, stands, should in sums_that_drifted():
        yield Found(
            "drifted",
            f"account:{account.reference}:{name}",
            yuan(stands),
            yuan(should),
            account.holder_id,
            account.party_id,
        )


def _groups() -> Iterator[Found]:
    """A group has taken up what its members' accounts say."""
    exposure = F("accounts__credits_pending") + F("accounts__credits_posted") - F("accounts__debits_posted")
    for group in CustomerGroup.objects.annotate(members_used=Coalesce(Sum(exposure), 0)).exclude(
        used=F("members_used")
    ):
        yield Found("group", f"group:{group.reference}", yuan(group.used), yuan(group.members_used), group.issuer_id)


def _totals() -> Iterator[Found]:
    """A house has taken up what all its customers' accounts say, and every one of them is counted."""
    exposure = F("credits_pending") + F("credits_posted") - F("debits_posted")
    used = Account.objects.filter(purpose=USED, unit=Account.Unit.LINE)
    should = dict(used.values("holder").annotate(sum=Sum(exposure)).values_list("holder", "sum"))
    stands = dict(TotalLimit.objects.values_list("issuer", "used"))
    for issuer in sorted(should.keys() | stands.keys()):
        if stands.get(issuer, 0) != should.get(issuer, 0):
            about = f"total:{issuer}"
            yield Found("total", about, yuan(stands.get(issuer, 0)), yuan(should.get(issuer, 0)), issuer)


def _memberships() -> Iterator[Found]:
    """An account stands in the group in which its customer is counted."""
    member = GroupMember.objects.filter(issuer=OuterRef("holder"), party=OuterRef("party"), until=None)
    used = Account.objects.filter(purpose=USED).select_related("group")
    wrong = used.filter(group__isnull=False).exclude(Exists(member.filter(group=OuterRef("group"))))
    missing = used.filter(Exists(member), group=None)
    for account in [*wrong, *missing]:
        name = (
            GroupMember.objects.filter(issuer=account.holder_id, party=account.party_id, until=None)
            .values_list("group__name", flat=True)
            .first()
        )
        stands, should = str(account.group or NOTHING), name or NOTHING
        about = f"account:{account.reference}"
        yield Found("membership", about, stands, should, account.holder_id, account.party_id)


def _holds(code: str, claims: Iterator[Claim], seen: list[int]) -> Iterator[Found]:
    """What each case says it holds, and what stands in the books for it: two streams in the order of the cases."""
    standing = _standing(code)
    claim, hold = next(claims, None), next(standing, None)
    while claim is not None or hold is not None:
        seen[0] += 1
        pk = min(one.subject_id for one in (claim, hold) if one is not None)
        says = claim if claim is not None and claim.subject_id == pk else None
        stands = hold if hold is not None and hold.subject_id == pk else None
        if says != stands:
            known = says or stands
            assert known is not None
            yield Found("hold", f"{code}:{pk}", _words(stands), _words(says), known.issuer_id, known.party_id, code, pk)
        claim = next(claims, None) if says is not None else claim
        hold = next(standing, None) if stands is not None else hold


def _standing(code: str) -> Iterator[Claim]:
    """What the transfers say is held for each case of a kind, in the order of the cases."""
    rows = (
        Transfer.objects.filter(subject_type=code, debit__unit=Account.Unit.LINE)
        .exclude(state=Transfer.State.VOIDED)
        .order_by("subject_id", "id")
        .values_list("subject_id", "state", "amount", "debit__purpose", "debit__holder", "debit__party")
    )
    for subject_id, moved in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0]):
        reserved = occupied = 0
        issuer = party = 0
        for _subject, state, amount, purpose, holder, customer in moved:
            issuer, party = holder, customer
            if purpose == LINE and state == Transfer.State.PENDING:
                reserved += amount
            elif purpose == LINE:
                occupied += amount
            else:
                occupied -= amount
        if reserved or occupied:
            both = f"{RESERVED}+{OCCUPIED}" if reserved and occupied else OCCUPIED if occupied else RESERVED
            yield Claim(subject_id, issuer, party, both, reserved + occupied)


def _words(claim: Claim | None) -> str:
    if claim is None:
        return NOTHING
    state = "+".join(str(WORDS[part]) for part in claim.state.split("+"))
    return f"{state} {yuan(claim.amount)}"
