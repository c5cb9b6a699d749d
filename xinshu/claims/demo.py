"""The demo city's claims: one being examined, one paid and in recourse, one refused; everything by the real actions."""

from datetime import datetime, timedelta

from xinshu.accounts import demo as people
from xinshu.accounts.models import Member
from xinshu.claims.actions.examination import (
    Mark,
    agree_to_pay,
    mark_findings,
    propose_payment,
    propose_refusal,
    refuse_demand,
)
from xinshu.claims.actions.payout import confirm_payout, request_payout
from xinshu.claims.actions.presentation import Payee, present_demand
from xinshu.claims.actions.recourse import enter_cost, record_recovery
from xinshu.claims.checks import FAILS, MEETS, checks_for
from xinshu.claims.models import Demand, Recourse
from xinshu.core.clock import CHINA, local_day
from xinshu.guarantees.models import PARTIES, Guarantee

PAYEE = Payee(people.INSTITUTION, "云州银行临港支行", "62170000001001")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
STATEMENT = "申请人自本月起停工，监理两次发出复工通知后仍未复工，违反施工合同第 12.2 条，我方要求付款。"


def build_claims(at: datetime) -> None:
    """Let the demo's beneficiary claim under up to three guarantees that it holds."""
    who = {
        member.user.username: member
        for member in Member.objects.filter(user__username__in=("examiner", "finance", "reviewer", "beneficiary"))
        .select_related("user", "organisation")
    }  # fmt: skip
    begun = at.astimezone(CHINA) - timedelta(days=12)
    live = Guarantee.objects.filter(
        state="in_force", guarantor=who["examiner"].organisation, beneficiary=who["beneficiary"].organisation,
        kind="performance", effective_on__lte=local_day(begun), expires_on__gt=local_day(at),
    )  # fmt: skip
    cases = list(live.select_related(*PARTIES).order_by("-amount", "pk")[:50])
    if not cases:
        return
    # The demo's own enterprise answers a demand and stays in good standing: what is paid is another firm's.
    mine = [case for case in cases if case.applicant.name == people.ENTERPRISE]
    others = [case for case in cases if case not in mine] or cases
    stories = (
        (_paid, others[0], begun),
        (_refused, others[-1], begun + timedelta(days=1)),
        (_examined, (mine or cases)[0], at),
    )
    for story, case, then in stories:
        story(Guarantee.objects.select_related(*PARTIES).get(pk=case.pk), who, then)


def _present(guarantee: Guarantee, who: dict[str, Member], share: int, at: datetime) -> Demand:
    return present_demand(
        guarantee, amount=guarantee.available_amount * share // 100 // 100 * 100, statement=STATEMENT, payee=PAYEE,
        papers=[("索赔通知.pdf", PDF), ("监理复工通知.pdf", PDF)], by=who["beneficiary"], at=at,
    )  # fmt: skip


def _examined(guarantee: Guarantee, who: dict[str, Member], at: datetime) -> None:
    _present(guarantee, who, 40, at - timedelta(days=1, hours=2))


def _all_well(demand: Demand, who: dict[str, Member], at: datetime) -> Demand:
    marks = {check.code: Mark(MEETS) for check in checks_for(demand.guarantee.nature)}
    return mark_findings(demand, marks, [], by=who["examiner"], at=at)


def _paid(guarantee: Guarantee, who: dict[str, Member], at: datetime) -> None:
    hour = timedelta(hours=1)
    demand = _all_well(_present(guarantee, who, 25, at), who, at + hour)
    demand = propose_payment(demand, opinion="违约事实清楚，单据齐全。", by=who["examiner"], at=at + 2 * hour)
    demand = agree_to_pay(demand, opinion="同意付款。", by=who["reviewer"], at=at + 3 * hour)
    if demand.state != "complying":  # above the reviewer's authority: it waits for a director
        return
    payout = request_payout(demand, channel="sandbox", by=who["finance"], at=at + 4 * hour)
    demand = confirm_payout(payout, receipt=f"SBX-O-{payout.order_number}", at=at + 4 * hour)
    later = at + timedelta(days=5)
    case = Recourse.objects.select_related("creditor", "debtor", "demand__guarantee__project").get(demand=demand)
    case = enter_cost(
        case, amount=8_600_00, number="律师费-01", on=local_day(later), note="律师函及谈判", by=who["finance"], at=later
    )
    record_recovery(
        case, amount=case.paid_amount // 5 // 100 * 100, number="回款-01", on=local_day(later), note="首期还款",
        by=who["finance"], at=later,
    )  # fmt: skip


def _refused(guarantee: Guarantee, who: dict[str, Member], at: datetime) -> None:
    hour = timedelta(hours=1)
    demand = _present(guarantee, who, 30, at)
    marks = {check.code: Mark(MEETS) for check in checks_for(guarantee.nature)}
    marks["documents"] = Mark(FAILS, "没有提交经监理确认的停工证明。")
    marks["claimant"] = Mark(FAILS, "索赔通知没有加盖受益人公章。")
    demand = mark_findings(demand, marks, [], by=who["examiner"], at=at + hour)
    demand = propose_refusal(demand, opinion="两处不符。", by=who["examiner"], at=at + 2 * hour)
    refuse_demand(demand, opinion="同意。", by=who["reviewer"], at=at + 3 * hour)
