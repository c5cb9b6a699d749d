"""The city with claims: a bank's (or a surety's, an insurer's) guarantees, and demands in any state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from xinshu.accounts.models import Organisation
from xinshu.claims.actions.examination import (
    Mark,
    agree_to_pay,
    mark_findings,
    propose_payment,
    propose_refusal,
    refuse_demand,
)
from xinshu.claims.actions.payout import confirm_payout, request_payout
from xinshu.claims.actions.presentation import Payee, end_overtime, present_demand, withdraw_demand
from xinshu.claims.actions.suspension import grant_extension, suspend_payment
from xinshu.claims.checks import FAILS
from xinshu.claims.models import PARTIES, Demand
from xinshu.core.clock import local_day, moment
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City, Kind

PAYEE = Payee("云州临港新区建设管理中心", "云州银行临港支行", "62170000001001")
STATEMENT = "申请人自 2026 年 11 月 1 日起停工，经催告仍未复工，违反合同第 12 条。"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
MISSING = {"documents": Mark(FAILS, "没有提交经监理确认的停工证明。")}


@dataclass
class ClaimsCity(City):
    """Whoever issues in it is of kind `issuer`: a bank's letters are independent guarantees."""

    issuer: str = Kind.BANK

    def organisation(self, name: str, kind: str, region: str = "", *, verified: bool = True) -> Organisation:
        return super().organisation(name, self.issuer if kind == Kind.GUARANTOR else kind, region, verified=verified)

    def day(self, number: int, hour: int = 10) -> datetime:
        """Return a moment `number` days after the city's Saturday, 21 November 2026."""
        return moment(local_day(self.at) + timedelta(days=number), hour)

    def presented(self, case: Guarantee | None = None, amount: int | None = None, **facts: Any) -> Demand:
        """Return a demand that came on Monday the 23rd; half of the face unless said otherwise."""
        case = case or self.in_force()
        usual: dict[str, Any] = {"statement": STATEMENT, "payee": PAYEE, "by": self.beneficiary, "at": self.day(2)}
        return present_demand(case, amount=amount or (case.amount or 0) // 2, **(usual | facts))

    def incomplete(self, **facts: Any) -> Demand:
        return self.presented(to_complete="停工证明", **facts)

    def examining(self, **facts: Any) -> Demand:
        return self.presented(**facts)

    def marked(self, marks: dict[str, Mark] | None = None, **facts: Any) -> Demand:
        return mark_findings(self.presented(**facts), marks or MISSING, [], by=self.examiner, at=self.day(3))

    def deciding(self, **facts: Any) -> Demand:
        return propose_payment(self.presented(**facts), opinion="单据相符。", by=self.examiner, at=self.day(3))

    def to_refuse(self, **facts: Any) -> Demand:
        return propose_refusal(self.marked(**facts), opinion="缺证明。", by=self.examiner, at=self.day(3, 11))

    def complying(self, **facts: Any) -> Demand:
        return agree_to_pay(self.deciding(**facts), opinion="", by=self.reviewer, at=self.day(4))

    def suspended(self, **facts: Any) -> Demand:
        case = facts.pop("case", None) or self.in_force()
        facts.setdefault("extend_to", case.expires_on + timedelta(days=90))
        return suspend_payment(self.complying(case=case, **facts), by=self.reviewer, at=self.day(4, 11))

    def being_paid(self, **facts: Any) -> Demand:
        return request_payout(self.complying(**facts), channel="sandbox", by=self.finance, at=self.day(5)).demand

    def paid(self, **facts: Any) -> Demand:
        demand = self.being_paid(**facts)
        return confirm_payout(demand.payouts.get(state="requested"), receipt="SBX-1", at=self.day(5, 11))

    def refused(self, **facts: Any) -> Demand:
        return refuse_demand(self.to_refuse(**facts), opinion="", by=self.reviewer, at=self.day(4))

    def taken_back(self, **facts: Any) -> Demand:
        return withdraw_demand(self.presented(**facts), reason="已与申请人和解。", by=self.beneficiary, at=self.day(3))

    def extended(self, **facts: Any) -> Demand:
        return grant_extension(self.suspended(**facts), reason="申请人同意展期。", by=self.reviewer, at=self.day(6))

    def overtime(self, **facts: Any) -> Demand:
        demand = self.incomplete(**facts)
        end = demand.guarantee.expires_on + timedelta(days=5)
        return end_overtime(demand, at=moment(end, 0, 5))

    def demand_in(self, state: str) -> Demand:
        """Return a demand in `state`, as the database has it."""
        way = {"withdrawn": self.taken_back, "paying": self.being_paid}.get(state) or getattr(self, state)
        return fresh(way())


def fresh(demand: Demand) -> Demand:
    return Demand.objects.select_related(*PARTIES).get(pk=demand.pk)
