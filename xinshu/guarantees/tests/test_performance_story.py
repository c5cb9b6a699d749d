"""A performance guarantee whole: from the award over reductions and an extension to its release."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.books.lines import Line, line_of
from xinshu.books.reconciliation import reconcile
from xinshu.core.clock import local_day, moment
from xinshu.guarantees import verification
from xinshu.guarantees.actions.application import submit_application
from xinshu.guarantees.actions.approval import review_automatically
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.actions.reductions import plan_reductions
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.life_tasks import reduce_by_schedule
from xinshu.guarantees.models import PARTIES, Amendment, Guarantee, Reduction
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.guarantees.tests.city import LINE, MINUTE, City
from xinshu.guarantees.tests.test_changes_pages import begin, do, of, upload
from xinshu.ledger.worker import drain

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db
FACE = 1_500_000_00


def issued(city: City) -> Guarantee:
    """Return a guarantee for an award, with one step of a schedule, by the real acts and with its real letter."""
    at = city.at
    case = city.draft(amount=FACE)
    case = plan_reductions(case, [(case.effective_on + timedelta(days=30), 300_000_00)], by=city.applicant, at=at)
    case = review_automatically(submit_application(case, by=city.applicant, at=at + MINUTE), at=at + 2 * MINUTE)
    payment = request_payment(case, channel="sandbox", account="6000-0001", by=city.applicant, at=at + 3 * MINUTE)
    case = confirm_payment(payment, receipt="SBX-1", at=at + 4 * MINUTE)
    issue_guarantee(case, by=city.signer, at=at + 5 * MINUTE)
    case = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=case.pk)
    return send_letter(case, at=at + 6 * MINUTE)


@pytest.mark.req("EP-15")
def test_a_performance_guarantee_from_award_to_release_with_reductions_and_an_extension(
    city: City, browser_of: BrowserOf
) -> None:
    case = issued(city)
    project = case.project
    assert project.award_amount == case.base_amount
    applicant, signer, beneficiary = (browser_of(who) for who in (city.applicant, city.signer, city.beneficiary))

    step = moment(case.effective_on + timedelta(days=30), 0, 5)
    reduce_by_schedule(local_day(step), step)
    assert of(case).amount == FACE - 300_000_00
    begin(applicant, case, "reduce", amount="200000", reason="主体结构已验收。", file=upload())
    do(beneficiary, Reduction.objects.get(state="asked"), "confirm")
    assert of(case).amount == FACE - 500_000_00

    later = case.expires_on + timedelta(days=90)
    begin(applicant, case, "amend", new_amount="1000000", new_expires_on=later.isoformat(), reason="工期顺延三个月。")
    amendment = Amendment.objects.get()
    do(applicant, amendment, "pay", account="6000-0001")
    drain()
    do(signer, amendment, "issue")
    drain()
    assert of(case).expires_on == case.expires_on  # the old terms stay until the beneficiary accepts
    do(beneficiary, amendment, "accept")
    case = of(case)
    assert (case.expires_on, case.amount, case.available_amount) == (later, 1_000_000_00, 1_000_000_00)
    assert verification.by_number(case.number, city.at).outcome == verification.IN_FORCE
    assert line_of(case.guarantor, case.applicant).occupied == 1_000_000_00

    page = f"/guarantees/{case.reference}/release/"
    assert beneficiary.post(page, {"version": case.version, "reason": "竣工验收合格。"}).status_code == 302
    drain()

    case = of(case)
    assert (case.state, case.lapsed_amount, case.available_amount) == ("released", 1_000_000_00, 0)
    assert line_of(case.guarantor, case.applicant) == Line(LINE, 0, 0, LINE)
    assert verification.by_number(case.number, city.at).outcome == verification.RELEASED
    told = [row["title"] for row in reversed(timeline_of(case, {"applicant"}))]
    story = [
        "提交申请",
        "审批通过",
        "保费到账",
        "签发",
        "签章并送达",
        "减额",
        "减额",
        "修改生效",
        "解除担保",
        "恢复额度",
    ]
    assert [title for title in told if title in story] == story
    assert reconcile(city.at).differences == 0
