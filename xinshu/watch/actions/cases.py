"""Risk cases: found and joined, told at the opening, frozen, dismissed, referred, thawed by two people."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.ledger.recording import record
from xinshu.watch.committee import deliberate, judged_facts
from xinshu.watch.finding import Found
from xinshu.watch.lifecycle import CASE, HANDLE, LIVE, UNENDED
from xinshu.watch.models import Evidence, WatchCase
from xinshu.watch.rulebook import Book
from xinshu.work.actions.approvals import approval_of, sign
from xinshu.work.deadlines import calendar_of


@transaction.atomic
def take_up(found: Found, *, at: datetime) -> WatchCase | None:
    """Open a case for what was found, or join the one that is open; None where it was looked at before and ended.

    What concerns several bidders is kept sealed: no entry, no notice, nobody's page, until `reveal`. Where that was
    told already, nothing joins it while a further bid is secret: the nightly round finds it again after the opening.
    """
    case = _unended(found)
    if case is None:
        before = Evidence.objects.filter(case__house=found.house, case__pattern=found.pattern, case__key=found.key)
        known = set(before.values_list("key", flat=True))
        if sum(proof.key not in known for proof in found.proofs) < found.least:
            return None
        try:
            with transaction.atomic():
                case = _create(found, at)
        except IntegrityError:  # another worker was there in the same moment
            case = _unended(found)
            assert case is not None
        else:
            _prove(case, found, at)
            return case if case.state == "sealed" else _tell(case, at)
    if case.state != "sealed" and case.shares_a_secret(at):
        return case
    if _prove(case, found, at) and case.state != "sealed":
        record("watch_case.joined", case, by=SYSTEM, at=at, pattern=case.pattern)
    return case


def _unended(found: Found) -> WatchCase | None:
    rows = WatchCase.objects.filter(house=found.house, pattern=found.pattern, key=found.key, state__in=UNENDED)
    if found.tender:  # while a secret bid is put to its evidence, nobody is told of it
        rows = rows.select_for_update(of=("self",))
    return rows.select_related("house", "firm").first()


def _create(found: Found, at: datetime) -> WatchCase:
    rule = Book([found.house]).of(found.house, found.pattern)
    told = {} if found.tender else {"opened_at": at}
    return WatchCase.objects.create(
        state="sealed" if found.tender else "open", house_id=found.house, firm_id=found.firm, pattern=found.pattern,
        key=found.key, rule_number=rule.number, grade=rule.grade, blocks=rule.blocks, tender=found.tender,
        trace=found.trace, digest=found.digest, found_at=at, changed_at=at, **told,
    )  # fmt: skip


def _prove(case: WatchCase, found: Found, at: datetime) -> int:
    """Add what is new to the evidence; returns how many reasons were."""
    known = set(case.evidence.values_list("key", flat=True))
    new = [proof for proof in (*found.proofs, *found.beside) if proof.key not in known]
    rows = [
        Evidence(case=case, firm_id=one.firm, guarantee_id=one.guarantee, key=one.key, text=one.text[:300], at=at)
        for one in new
    ]
    Evidence.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(proof in found.proofs for proof in new)


def _tell(case: WatchCase, at: datetime) -> WatchCase:
    """Put a case before its house: who is responsible, by when; frozen at once where the rule says so."""
    day = local_day(at)
    target = "frozen" if case.blocks else "open"
    case.change(
        state=target, opened_at=at, responsible=least_busy(case), changed_at=at,
        due_on=calendar_of(case.house_id).add(day, CASE.states[target].working_days or 1).on,
    )  # fmt: skip
    record("watch_case.opened", case, by=SYSTEM, at=at, pattern=case.pattern, grade=case.grade, blocks=case.blocks)
    if case.blocks:
        record("watch_case.frozen", case, by=SYSTEM, at=at, pattern=case.pattern)
    return case


def least_busy(case: WatchCase) -> Member | None:
    """Return who of the house handles cases and has the fewest open ones."""
    people = [
        one for one in Member.objects.acting().filter(organisation=case.house_id).order_by("pk") if one.can(HANDLE)
    ]
    held = WatchCase.objects.filter(house=case.house_id, state__in=LIVE, responsible__isnull=False).order_by()
    busy = dict(held.values_list("responsible").annotate(number=Count("pk")))
    return min(people, key=lambda one: (busy.get(one.pk, 0), one.pk), default=None)


@transaction.atomic
def reveal(case: WatchCase, *, at: datetime) -> bool:
    """Tell the house of what its bidders share, once the last of those bids is open. Returns whether it was told."""
    case = WatchCase.objects.select_for_update(of=("self",)).select_related("house", "firm").get(pk=case.pk)
    if case.state != "sealed" or case.shares_a_secret(at):
        return False
    CASE.step("block" if case.blocks else "reveal", case, SYSTEM)
    _tell(case, at)
    return True


def reveal_opened(at: datetime, tender: str = "") -> int:
    """Tell of every sealed case whose bids are open by now (of one tender, where named). Returns how many."""
    sealed = WatchCase.objects.filter(Q(tender=tender) if tender else Q(), state="sealed")
    return sum(reveal(case, at=at) for case in sealed.order_by("pk").iterator())


def _act(case: WatchCase, action: str, *, by: Actor, at: datetime, **changes: Any) -> WatchCase:
    case = WatchCase.objects.locked(case)
    step = CASE.step(action, case, by)
    if CASE.states[step.target].final:
        changes["ended_at"] = at
    elif step.target != case.state and (days := CASE.states[step.target].working_days):
        changes["due_on"] = calendar_of(case.house_id).add(local_day(at), days).on
    return case.change(step, changed_at=at, **changes)


@transaction.atomic
def take_case(case: WatchCase, *, by: Member, at: datetime) -> WatchCase:
    """Make oneself the person responsible."""
    case = _act(case, "take", by=by, at=at, responsible=by)
    record("watch_case.taken", case, by=by, at=at)
    return case


@transaction.atomic
def freeze_case(case: WatchCase, *, reason: str, by: Member, at: datetime) -> WatchCase:
    """Stop new business with the firms of a case until two people have thawed it."""
    case = _act(case, "freeze", by=by, at=at, blocks=True)
    record("watch_case.frozen", case, by=by, at=at, pattern=case.pattern, reason=reason)
    return case


@transaction.atomic
def dismiss_case(case: WatchCase, *, reason: str, by: Member, at: datetime) -> WatchCase:
    """End a case in which nothing was wrong."""
    case = _act(case, "dismiss", by=by, at=at, outcome=reason)
    record("watch_case.dismissed", case, by=by, at=at, reason=reason)
    return case


@transaction.atomic
def refer_case(case: WatchCase, *, reason: str, by: Member, at: datetime) -> WatchCase:
    """Hand a case over to whom it concerns (a department, the house's lawyers) and end it here."""
    case = _act(case, "refer", by=by, at=at, outcome=reason)
    record("watch_case.referred", case, by=by, at=at, reason=reason)
    return case


@transaction.atomic
def propose_thaw(case: WatchCase, *, reason: str, by: Member, at: datetime) -> WatchCase:
    """Ask for the end of a freeze: others decide, whoever proposes is no judge of it."""
    case = _act(case, "propose_thaw", by=by, at=at, outcome=reason)
    deliberate(case, by=by, at=at)
    record("watch_case.thaw_proposed", case, by=by, at=at, reason=reason)
    return case


@transaction.atomic
def thaw_case(case: WatchCase, *, opinion: str, by: Member, at: datetime, seat: int | None = None) -> WatchCase:
    """Sign for the end of a freeze. With the last signature the gate opens."""
    case = WatchCase.objects.locked(case)
    CASE.step("thaw", case, by)
    if _signed(case, approves=True, opinion=opinion, by=by, at=at, seat=seat) != "passed":
        return case
    case = _act(case, "thaw", by=by, at=at)
    record("watch_case.thawed", case, by=by, at=at, opinion=opinion)
    return case


@transaction.atomic
def object_to_thaw(case: WatchCase, *, reason: str, by: Member, at: datetime, seat: int | None = None) -> WatchCase:
    """Vote against the end of a freeze. Where that decides it, it stays frozen and is handled again."""
    case = WatchCase.objects.locked(case)
    CASE.step("object", case, by)
    if _signed(case, approves=False, opinion=reason, by=by, at=at, seat=seat) == "rejected":
        case = _act(case, "object", by=by, at=at, outcome="")
        record("watch_case.thaw_refused", case, by=by, at=at, reason=reason)
    return case


def _signed(case: WatchCase, *, approves: bool, opinion: str, by: Member, at: datetime, seat: int | None) -> str:
    approval = approval_of(case)
    assert approval is not None
    facts = judged_facts(case)
    signed = sign(approval, case, approves=approves, facts=facts, opinion=opinion[:500], by=by, at=at, seat=seat)
    return str(signed.state)


@transaction.atomic
def hand_over_watch(leaving: int, successor: Member, *, at: datetime) -> int:
    """Give the open cases of somebody who left to the colleague who takes over. Returns how many."""
    held = WatchCase.objects.filter(responsible=leaving, state__in=LIVE).select_related("house", "firm")
    number = 0
    for case in held.order_by("pk"):
        case.change(responsible=successor, changed_at=at)
        record("watch_case.handed_over", case, by=SYSTEM, at=at, successor=successor.pk)
        number += 1
    return number
