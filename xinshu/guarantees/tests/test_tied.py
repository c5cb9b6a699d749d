"""Letters become ties, bids only after their opening; what a review saw of ties is kept for the house alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.accounts.tests.conftest import code
from xinshu.books.limits import report_capital
from xinshu.core.clock import local_day, moved_to
from xinshu.documents.tests.conftest import PDF
from xinshu.enterprises.actions import enterprise_of
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.demo.cast import WAN
from xinshu.guarantees.models import Decision, RelatedParties
from xinshu.guarantees.tests.city import MINUTE, City
from xinshu.ledger.worker import drain
from xinshu.ties.actions import Facts, Other, tell_tie, withdraw_tie
from xinshu.ties.models import Node, Tie
from xinshu.ties.nodes import node_of

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def seen(member: Member) -> list[tuple[str, str, int | None]]:
    ties = Tie.objects.visible_to(member).filter(replaced_by=None, valid_until=None)
    return [(tie.kind, tie.target.name, tie.amount) for tie in ties.order_by("pk")]


def test_a_letter_in_force_is_a_surety_and_a_contract_to_its_parties_alone(city: City) -> None:
    case = city.in_force()
    with moved_to(city.at + 9 * MINUTE):
        drain()
        drain()
    surety = ("guarantee", case.applicant.name, case.amount)
    contract = ("supply", case.beneficiary.name, case.project.award_amount)

    assert seen(city.reviewer) == seen(city.applicant) == [surety, contract]
    assert seen(city.beneficiary) == [contract]
    assert seen(city.rival) == seen(city.bank) == []

    release_guarantee(case, by=city.beneficiary, at=city.at + 10 * MINUTE, reason="竣工验收合格。")
    with moved_to(city.at + 11 * MINUTE):
        drain()
    assert seen(city.reviewer) == []
    assert set(Tie.objects.filter(replaced_by=None).values_list("valid_until", flat=True)) == {local_day(city.at)}


def test_a_bid_guarantee_has_no_tie_before_the_opening_to_nobody(city: City) -> None:
    case = city.in_force("bid")
    with moved_to(city.at + 9 * MINUTE):
        drain()
    assert not Tie.objects.exists()

    with moved_to(city.opens_at + MINUTE):
        drain()

    assert seen(city.reviewer) == [("guarantee", case.applicant.name, case.amount)]


def tell(city: City, other: Other, *, from_other: bool = False, about: Node | None = None, **facts: object) -> Tie:
    said = Facts(valid_from=local_day(city.at) - timedelta(days=9), **facts)  # type: ignore[arg-type]
    return tell_tie(
        enterprise_of(city.applicant.organisation), other, said, from_other=from_other, about=about,
        upload=SimpleUploadedFile("合同.pdf", PDF), label="保证合同", by=city.manager, at=city.at,
    )  # fmt: skip


def test_who_stands_in_a_circle_goes_to_a_person_and_only_the_house_reads_why(
    city: City, browser_of: BrowserOf
) -> None:
    assert city.guarantor
    first = tell(city, Other(firm_name="云州第七建设有限公司", firm_code=code(7)), kind="guarantee", amount=WAN)
    back = tell(city, Other(node=first.target), from_other=True, kind="guarantee")

    case = city.fee_due()
    kept = RelatedParties.objects.get(decision__guarantee=case)
    withdraw_tie(back, reason="并未签订", by=city.manager, at=city.at + 20 * MINUTE)
    kept.refresh_from_db()
    decision = Decision.objects.get(guarantee=case)
    told = next(answer for answer in decision.answers if answer["rule"] == "ties.group")

    assert case.state == "in_review"  # in all else it would have passed by rule
    assert told["value"] == "按保证人的内部核查由人审批。"
    assert [row["name"] for row in kept.members] == [case.applicant.name, "云州第七建设有限公司"]
    assert len(kept.circle) == 2
    assert [row["how"] for row in kept.struck] == ["须代为清偿"]
    page = browser_of(city.reviewer).get(f"/guarantees/{case.reference}/").content.decode()
    assert "申请人在担保圈里" in page
    own = browser_of(city.applicant).get(f"/guarantees/{case.reference}/").content.decode()
    assert "担保圈" not in own
    assert "云州第七建设" not in own


def test_a_group_larger_than_its_limit_goes_to_a_person_though_the_books_do_not_know_it(city: City) -> None:
    assert city.guarantor
    sister = Other(node=node_of(city.rival.organisation))
    tell(city, sister, kind="ownership", share=5_100)
    assert city.fee_due().state == "fee_due"
    report_capital(
        city.guarantor, 2_500 * WAN, as_of=local_day(city.at), source="季度报表", by=city.reviewer, at=city.at
    )

    case = city.fee_due()
    kept = RelatedParties.objects.get(decision__guarantee=case)

    assert case.state == "in_review"
    assert kept.customers == [{"name": city.rival.organisation.name, "why": kept.customers[0]["why"]}]
    assert kept.over(case.amount or 0)
    assert not kept.grouped
