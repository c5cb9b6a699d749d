"""Whole lives of guarantees: real awards issued as performance guarantees, lived to their ends by the movable clock.

Every case gets a fate by a seed: steps of a schedule, reductions by document, amendments, demands that are paid,
refused, withdrawn or extended, recourse, release, surrender, or nothing at all. Every night the nightly round runs;
every week, and at the end, the invariants of domain 3.2 are held against the whole register and the books. The figure
is the number of breaches: its limit is 0.

XINSHU_AWARDS names the notices (JSON Lines, gzip or plain); the default is the shared data where it lies, else invented
awards.
"""

import heapq
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

AWARDS = Path(os.environ.get("XINSHU_AWARDS", "../shared/data/tenders/award_pages.jsonl.gz"))
LONGEST = int(os.environ.get("BENCH_LONGEST_DAYS", "1500"))
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
SIDES = ("applicant", "guarantor", "beneficiary", "project", "tariff")
REGION = "420500"  # of the notices; invented ones say 339900

Figure = dict[str, Any]
Act = Callable[[datetime], None]


def main() -> Iterator[Figure]:
    """Live on a fresh database (this one, or the XINSHU_DATABASE_URL's) and yield the figures."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    for figure in Lives(208).run():
        yield {"database": connection.vendor, **figure}


class Lives:
    """All cases, what is to happen to them on which day, and what was counted."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.fates: list[tuple[date, int, Act]] = []
        self.counts: Counter[str] = Counter()
        self.breaches: list[str] = []
        self.line = 0

    def run(self) -> Iterator[Figure]:
        """Issue, live, end; yield what came of it."""
        from xinshu.core.clock import local_day, moment, moved_to, now
        from xinshu.ledger.worker import drain, run_nightly

        begun = time.perf_counter()
        day = local_day(now())
        self._people()
        cases = self._issue()
        nights = checked = 0
        while self._lives(cases) and nights < LONGEST:
            day += timedelta(days=1)
            nights += 1
            run_nightly(moment(day, 0, 5))
            drain(moment(day, 0, 30))
            at = moment(day, 10)
            with moved_to(at):
                while self.fates and self.fates[0][0] <= day:
                    self._try(heapq.heappop(self.fates)[2], at)
                drain()
            if nights % 7 == 0:
                self._check(cases, at)
                checked += 1
        cut = self._lives(cases)  # BENCH_LONGEST_DAYS came first: what still lives is no breach
        self._check(cases, moment(day, 23), ended=not cut)
        spent = time.perf_counter() - begun
        for why in self.breaches[:20]:
            print(f"  {why}", file=sys.stderr)
        yield {
            "figure": f"lives: breaches of the invariants in {len(cases)} lives", "value": len(self.breaches),
            "unit": "breaches", "limit": 0, "nights": nights, "cut": cut, "checks": checked + 1,
            "seconds": round(spent, 1), "acts": dict(sorted(self.counts.items())), "ends": self._ends(cases),
        }  # fmt: skip

    # the city

    def _people(self) -> None:
        from bench.guarantees import a_desk, a_member
        from xinshu.accounts.actions.membership import create_organisation, join_organisation, open_account
        from xinshu.core.actors import SYSTEM
        from xinshu.core.clock import now

        self.desk = a_desk()
        self.line = self.desk.line_amount
        self.reviewer, self.examiner, self.finance = (a_member(who) for who in ("reviewer", "examiner", "finance"))
        house = create_organisation(
            "测试市住房和城乡建设局", "department", code=None, region_code=REGION, verified=True, by=SYSTEM, at=now()
        )
        user = open_account("lives-department", "!", name="测试", by=SYSTEM, at=now())
        self.department = join_organisation(user, house, ["department"], by=SYSTEM, at=now())
        self.members: dict[tuple[int, str], Any] = {}

    def _member(self, house: Any, role: str) -> Any:
        from xinshu.accounts.actions.membership import join_organisation, open_account
        from xinshu.core.actors import SYSTEM
        from xinshu.core.clock import now

        if (house.pk, role) not in self.members:
            user = open_account(f"lives-{role}-{house.pk}", "!", name="测试", by=SYSTEM, at=now())
            self.members[house.pk, role] = join_organisation(user, house, [role], by=SYSTEM, at=now())
        return self.members[house.pk, role]

    def _issue(self) -> list[int]:
        from xinshu.core.refusals import Refusal
        from xinshu.guarantees.awards.importing import enter_terms, performance_guarantee, take_in
        from xinshu.ledger.worker import drain
        from xinshu.tenders.reading.labels import Unreadable

        cases = []
        for award in self._awards():
            try:
                case = enter_terms(performance_guarantee(take_in(award, self.desk)[0], self.desk), self.desk)
                self._schedule(case)
                self._through(case)
            except (Refusal, Unreadable) as refusal:
                self.counts["not issued"] += 1
                print(f"  not issued: {refusal}", file=sys.stderr)
                continue
            cases.append(case.pk)
            self._fate(self._case(case.pk))
        drain()
        self.counts["issued"] = len(cases)
        return cases

    def _through(self, case: Any) -> None:
        """Take it to its letter; what rules may not pass alone, the reviewer approves."""
        from xinshu.core.clock import now
        from xinshu.guarantees.actions.approval import approve_application
        from xinshu.guarantees.awards.importing import NotIssued, carry_through

        try:
            carry_through(case, self.desk)
        except NotIssued:
            waiting = self._case(case.pk)
            if waiting.state != "in_review":
                raise
            approve_application(waiting, by=self.reviewer, at=now(), opinion="同意承保。")
            carry_through(waiting, self.desk)

    def _awards(self) -> Iterator[Any]:
        from bench.guarantees import awards
        from xinshu.guarantees.management.commands.import_awards import lines_of
        from xinshu.tenders.reading.labels import Unreadable, read_award

        if not AWARDS.exists():
            print(f"# no awards at {AWARDS}: invented ones", file=sys.stderr)
            yield from awards("l", 60)
            return
        for line in lines_of(AWARDS):
            try:
                yield read_award(json.loads(line))
            except Unreadable as why:
                self.counts["unreadable"] += 1
                print(f"  unreadable: {why}", file=sys.stderr)

    def _case(self, pk: int) -> Any:
        from xinshu.guarantees.models import PARTIES, Guarantee

        return Guarantee.objects.select_related(*PARTIES, "tariff").get(pk=pk)

    def _now(self, row: Any) -> Any:
        """Return a change or a demand as it stands now, with its guarantee."""
        return type(row).objects.select_related(*(f"guarantee__{side}" for side in SIDES)).get(pk=row.pk)

    # fates

    def _try(self, act: Act, at: datetime) -> None:
        from xinshu.core.refusals import Refusal

        try:
            act(at)
        except Refusal as refusal:
            self.counts[f"refused: {type(refusal).__name__}"] += 1

    def _on(self, day: date, act: Act) -> None:
        self.line_number = getattr(self, "line_number", 0) + 1
        heapq.heappush(self.fates, (day, self.line_number, act))

    def _later(self, at: datetime, days: int, act: Act) -> None:
        from xinshu.core.clock import local_day

        self._on(local_day(at) + timedelta(days=days), act)

    def _then(self, at: datetime, days: int, what: str, action: Callable[..., Any], of: Any, **told: Any) -> None:
        """Some days later, do `action` to the row as it stands then, and count it as `what`."""
        self._later(at, days, lambda at: self._did(what, action(self._now(of), **told, at=at)))

    def _schedule(self, case: Any) -> None:
        from xinshu.guarantees.actions.reductions import plan_reductions

        term = (case.expires_on - case.effective_on).days
        if term > 60 and self.chance.random() < 0.35:
            days = [case.effective_on + timedelta(days=term * n // 4) for n in (1, 2)]
            plan_reductions(case, [(on, case.amount // 5) for on in days], by=self.desk.manager, at=case.changed_at)
            self.counts["scheduled"] += 1

    def _fate(self, case: Any) -> None:
        """Give a case none to four things that happen to it, at days of its term or a little after."""
        term, pk = (case.expires_on - case.effective_on).days, case.pk
        fates: list[Callable[[int, datetime], None]] = [
            self._reduce, self._reduce, self._amend, self._amend, self._claim, self._claim, self._claim,
            self._release, self._surrender,
        ]  # fmt: skip
        for fate in self.chance.choices(fates, k=self.chance.choice((0, 1, 1, 2, 3, 4))):
            day = case.effective_on + timedelta(days=self.chance.randint(1, term + 4))
            self._on(day, lambda at, fate=fate: fate(pk, at))

    def _reduce(self, pk: int, at: datetime) -> None:
        from xinshu.guarantees.actions.reductions import ask_reduction, confirm_reduction, decline_reduction

        case = self._case(pk)
        asked = ask_reduction(
            case, amount=max(1, case.available_amount // 4), reason="工程款已支付，按合同减额。", content=PDF,
            name="减额.pdf", by=self._member(case.applicant, "applicant"), at=at,
        )  # fmt: skip
        by = self._member(case.beneficiary, "beneficiary")
        if self.chance.random() < 0.7:
            self._then(at, 3, "reduced", confirm_reduction, asked, by=by)
        else:
            self._then(at, 3, "reduction declined", decline_reduction, asked, by=by, reason="尚未完成。")

    def _amend(self, pk: int, at: datetime) -> None:
        from xinshu.guarantees.actions.amendments import propose_amendment

        case, more = self._case(pk), self.chance.choice((-1, 0, 1))
        longer = timedelta(days=self.chance.choice((-20, 30, 60, 90)))
        amendment = propose_amendment(
            case, by=self._member(case.applicant, "applicant"), at=at, reason="设计变更，工期调整。",
            new_amount=case.amount + more * case.amount // 20, new_expires_on=case.expires_on + longer,
        )  # fmt: skip
        self._did("amendments proposed", amendment)
        self._later(at, 1, lambda at: self._offer(amendment, at))

    def _offer(self, amendment: Any, at: datetime) -> None:
        from xinshu.guarantees.actions.amendment_fees import confirm_difference, request_difference
        from xinshu.guarantees.actions.amendments import (
            accept_amendment,
            approve_amendment,
            issue_amendment,
            reject_amendment,
        )
        from xinshu.guarantees.sealed.amended import send_amendment_letter

        amendment = self._now(amendment)
        if amendment.state == "in_review":
            approve_amendment(amendment, by=self.reviewer, at=at, opinion="同意修改。")
        if self._now(amendment).state == "fee_due":
            payer = self._member(amendment.guarantee.applicant, "applicant")
            order = request_difference(self._now(amendment), channel="sandbox", account="6000-0001", by=payer, at=at)
            confirm_difference(order, receipt=f"SBX-{order.order_number}", at=at)
        issue_amendment(self._now(amendment), by=self.desk.signer, at=at)
        send_amendment_letter(self._now(amendment), at=at)
        by = self._member(amendment.guarantee.beneficiary, "beneficiary")
        if self.chance.random() < 0.7:
            self._then(at, 2, "amended", accept_amendment, amendment, by=by)
        else:
            self._then(at, 2, "amendment refused", reject_amendment, amendment, by=by, reason="不同意。")

    def _claim(self, pk: int, at: datetime) -> None:
        from xinshu.claims.actions.presentation import Payee, present_demand, withdraw_demand

        case = self._case(pk)
        by = self._member(case.beneficiary, "beneficiary")
        share = self.chance.choice((10, 25, 50, 100, 120))
        extend = case.expires_on + timedelta(days=45) if self.chance.random() < 0.2 else None
        demand = present_demand(
            case, amount=max(1, case.available_amount * share // 100), statement="申请人停工，经催告仍未复工。",
            payee=Payee(case.beneficiary.name, "测试银行", "62170000001001"), extend_to=extend, by=by, at=at,
        )  # fmt: skip
        self._did("demands", demand)
        if self.chance.random() < 0.15:
            self._then(at, 1, "withdrawn", withdraw_demand, demand, reason="已和解。", by=by)
        elif self.chance.random() < 0.9:  # else nobody looks: the clocks decide
            self._later(at, 2, lambda at: self._examine(demand, at))

    def _examine(self, demand: Any, at: datetime) -> None:
        from xinshu.claims.actions.examination import (
            Mark,
            agree_to_pay,
            mark_findings,
            propose_payment,
            propose_refusal,
            refuse_demand,
        )
        from xinshu.claims.checks import FAILS

        demand, chance = self._now(demand), self.chance.random()
        if chance < 0.35 or demand.amount > demand.reserved_amount:
            mark_findings(demand, {"documents": Mark(FAILS, "没有提交约定的证明。")}, [], by=self.examiner, at=at)
            propose_refusal(self._now(demand), opinion="单据不符。", by=self.examiner, at=at)
            self._then(at, 1, "refused", refuse_demand, demand, opinion="", by=self.reviewer)
            return
        amount = None if chance < 0.8 else max(1, demand.amount // 2)
        propose_payment(demand, amount=amount, opinion="单据相符。", by=self.examiner, at=at)
        self._then(at, 1, "agreed", agree_to_pay, demand, opinion="", by=self.reviewer)
        self._later(at, 2, lambda at: self._settle(demand, at))

    def _settle(self, demand: Any, at: datetime) -> None:
        """Pay, or first let the applicant decide between extending and paying."""
        from xinshu.claims.actions.suspension import decline_extension, grant_extension, suspend_payment

        demand = self._now(demand)
        if not demand.extend_to:
            self._pay(demand, at)
            return
        suspend_payment(demand, by=self.reviewer, at=at)
        if self.chance.random() < 0.6:
            self._then(at, 5, "extended", grant_extension, demand, reason="同意。", by=self.reviewer)
        else:
            self._then(at, 5, "extension declined", decline_extension, demand, reason="不同意。", by=self.reviewer)
            self._later(at, 6, lambda at: self._pay(demand, at))

    def _pay(self, demand: Any, at: datetime) -> None:
        from xinshu.claims.actions.payout import request_payout

        self._did("payouts", request_payout(self._now(demand), channel="sandbox", by=self.finance, at=at))
        self._later(at, 30, lambda at: self._recover(demand.pk, at))

    def _recover(self, pk: int, at: datetime) -> None:
        from xinshu.claims.actions.recourse import interest_on, record_recovery, write_off
        from xinshu.claims.models import Recourse
        from xinshu.core.clock import local_day

        case = Recourse.objects.filter(demand=pk).first()
        if case is None:
            return
        on, chance = local_day(at), self.chance.random()
        if chance < 0.2:
            self._did("written off", write_off(case, reason="债务人破产。", by=self.finance, at=at))
            return
        owed = case.principal_amount + case.costs_amount + interest_on(case, on)
        amount = owed if chance < 0.6 else max(1, owed // 2)
        self._did("recovered", record_recovery(
            case, amount=amount, number=f"SK{case.pk}-{on}", on=on, note="", by=self.finance, at=at
        ))  # fmt: skip
        if amount < owed:
            self._later(at, 30, lambda at: self._recover(pk, at))

    def _release(self, pk: int, at: datetime) -> None:
        from xinshu.guarantees.actions.ending import release_guarantee

        case = self._case(pk)
        by = self._member(case.beneficiary, "beneficiary")
        self._did("released", release_guarantee(case, by=by, at=at, reason="竣工验收合格。"))

    def _surrender(self, pk: int, at: datetime) -> None:
        from xinshu.guarantees.actions.surrenders import (
            agree_to_surrender,
            approve_surrender,
            ask_surrender,
            refuse_surrender,
        )

        case = self._case(pk)
        asked = ask_surrender(
            case, ground="accepted", reason="工程已竣工验收合格。", content=PDF, name="验收.pdf",
            by=self._member(case.applicant, "applicant"), at=at,
        )  # fmt: skip
        if self.chance.random() < 0.5:
            asked = agree_to_surrender(asked, by=self._member(case.beneficiary, "beneficiary"), at=at)
        if self.chance.random() < 0.7:
            self._then(at, 2, "surrendered", approve_surrender, asked, by=self.department)
        else:
            self._then(at, 2, "surrender refused", refuse_surrender, asked, by=self.department, reason="材料不全。")

    def _did(self, what: str, _done: object) -> None:
        self.counts[what] += 1

    # what must hold

    def _lives(self, cases: list[int]) -> bool:
        from xinshu.claims.lifecycle import DEMAND
        from xinshu.claims.models import Demand
        from xinshu.guarantees.models import Guarantee

        living = Guarantee.objects.filter(pk__in=cases, restored_at=None).exists()
        finals = [code for code, state in DEMAND.states.items() if state.final]
        return living or bool(self.fates) or Demand.objects.exclude(state__in=finals).exists()

    def _ends(self, cases: list[int]) -> dict[str, int]:
        from django.db.models import Count

        from xinshu.guarantees.models import Guarantee

        found = Guarantee.objects.filter(pk__in=cases).values("state").annotate(n=Count("pk")).order_by("state")
        return {row["state"]: row["n"] for row in found}

    def _check(self, cases: list[int], at: datetime, *, ended: bool = False) -> None:
        """Hold parts, reservations, lines, receivables and the books against each other."""
        from django.db.models import F, Q, Sum

        from xinshu.accounts.models import Organisation
        from xinshu.books.audit import imbalance
        from xinshu.books.lines import line_of
        from xinshu.books.receivables import owed
        from xinshu.books.reconciliation import reconcile
        from xinshu.claims.models import Demand, Payout, Recourse
        from xinshu.guarantees.lifecycle import LIFECYCLE
        from xinshu.guarantees.models import Guarantee
        from xinshu.ledger.sealing import seal
        from xinshu.ledger.verification import verify

        rows = Guarantee.objects.filter(pk__in=cases)
        parts = sum((F(part) for part in Guarantee.PARTS[1:]), F(Guarantee.PARTS[0]))
        finals = [code for code, state in LIFECYCLE.states.items() if state.final]
        negative = Q(*((f"{part}__lt", 0) for part in Guarantee.PARTS), _connector=Q.OR)
        self._none(at, "the parts are not the face", rows.annotate(sum=parts).exclude(sum=F("amount")))
        self._none(at, "a part below nothing", rows.filter(negative))
        self._none(at, "over, and still to claim", rows.filter(state__in=finals, available_amount__gt=0))
        held = dict(Demand.objects.values_list("guarantee").annotate(sum=Sum("reserved_amount")))
        paid = dict(
            Payout.objects.filter(state="confirmed").values_list("demand__guarantee").annotate(sum=Sum("amount"))
        )
        for row in rows:
            if (row.reserved_amount, row.paid_amount) != (held.get(row.pk, 0), paid.get(row.pk, 0)):
                self._breach(at, f"{row.number}: demands hold or were paid something else")
        owes = dict(
            Recourse.objects.values_list("debtor").annotate(sum=Sum(F("principal_amount") - F("written_off_amount")))
        )
        for firm in Organisation.objects.filter(pk__in=rows.values("applicant")):
            mine = rows.filter(applicant=firm)
            paid_out = mine.aggregate(sum=Sum("paid_amount"))["sum"] or 0
            alive = mine.filter(restored_at=None).aggregate(sum=Sum(F("amount") - F("paid_amount")))["sum"] or 0
            line = line_of(self.desk.guarantor, firm)
            reserved = line.reserved
            if (line.occupied, line.available) != (alive, self.line - alive - paid_out - reserved):
                self._breach(at, f"{firm}: line {line}, alive {alive}, paid {paid_out}")
            if owed(self.desk.guarantor, firm) != owes.get(firm.pk, 0):
                self._breach(at, f"{firm}: receivable and recourse differ")
        if found := imbalance():
            self._breach(at, f"books out of balance: {found}")
        if ended:
            self._none(at, "not over", rows.exclude(state__in=finals))
            self._none(at, "line not restored", rows.filter(restored_at=None))
            if differences := reconcile(at).differences:
                self._breach(at, f"{differences} differences in the reconciliation")
            seal(at)
            if found := verify(full=True).finding:
                self._breach(at, f"the ledger does not verify: {found}")

    def _none(self, at: datetime, what: str, found: Any) -> None:
        for row in found[:5]:
            self._breach(at, f"{row.number} ({row.state}): {what}")

    def _breach(self, at: datetime, what: str) -> None:
        self.breaches.append(f"{at:%Y-%m-%d} {what}")
