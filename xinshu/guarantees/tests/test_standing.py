"""A guarantor without a licence that holds takes on nothing new and issues nothing new; what it issued stays."""

from datetime import date, timedelta
from typing import Any

import pytest

from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid
from xinshu.guarantees.actions.amendments import propose_amendment
from xinshu.guarantees.actions.application import submit_application
from xinshu.guarantees.actions.approval import StillObstructed, approve_application
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.comparing.offers import Wish, compare
from xinshu.guarantees.judging.standing import NotQualified
from xinshu.guarantees.tests.city import WAN, City
from xinshu.guarantors.actions import confirm_filing, file_qualification, file_scope

SINCE = date(2024, 1, 1)


def expired(city: City) -> None:
    """Let the guarantor's licence have ended yesterday."""
    says = {
        "kind": "guaranty", "certificate": "云融担证 0001 号", "authority": "云州市地方金融管理局", "valid_from": SINCE,
        "valid_until": local_day(city.at) - timedelta(days=1),
    }  # fmt: skip
    confirm_filing(file_qualification(city.guarantor, says, by=city.reviewer, at=city.at), by=city.operator, at=city.at)


def scoped(city: City, **changes: Any) -> None:
    says = {"kind": "", "region_code": "99", "most_amount": None, "valid_from": SINCE} | changes
    confirm_filing(file_scope(city.guarantor, says, by=city.reviewer, at=city.at), by=city.operator, at=city.at)


def test_without_a_licence_nothing_new_is_begun_submitted_or_approved(city: City) -> None:
    draft, waiting = city.draft(), city.in_review()
    expired(city)

    with pytest.raises(Invalid) as begun:
        city.draft()
    with pytest.raises(Invalid) as submitted:
        submit_application(draft, by=city.applicant, at=city.at + timedelta(minutes=9))
    with pytest.raises(StillObstructed):
        approve_application(waiting, by=city.reviewer, at=city.at + timedelta(minutes=9), opinion="同意。")

    assert "融资担保业务经营许可证已于 2026-11-20 到期" in begun.value.message
    assert "guarantor" in begun.value.fields
    assert "已于 2026-11-20 到期" in submitted.value.message


def test_without_a_licence_nothing_is_issued_and_the_case_waits(city: City) -> None:
    case = city.to_issue()
    expired(city)

    with pytest.raises(NotQualified):
        issue_guarantee(case, by=city.signer, at=city.at + timedelta(minutes=9))

    case.refresh_from_db()
    assert (case.state, case.number) == ("to_issue", None)


def test_what_was_issued_lives_on_without_the_licence(city: City) -> None:
    case, other = city.in_force(), city.in_force()
    expired(city)

    change = propose_amendment(
        case, by=city.applicant, at=city.at + timedelta(hours=1), reason="工期顺延。",
        new_expires_on=case.expires_on + timedelta(days=30),
    )  # fmt: skip
    released = release_guarantee(other, by=city.beneficiary, at=city.at + timedelta(hours=1), reason="竣工验收合格。")

    assert change.state != "rejected"
    assert released.state == "released"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"region_code": "9901"}, ""),
        ({"region_code": "9902"}, "业务范围不含项目所在地区"),
        ({"kind": "bid"}, "业务范围不含履约保函"),
        ({"valid_until": date(2026, 11, 20)}, "业务范围不含履约保函"),
    ],
)
def test_an_application_outside_the_scope_is_not_begun(city: City, changes: dict[str, Any], why: str) -> None:
    assert city.guarantor
    scoped(city, **changes)

    if not why:
        assert city.draft().state == "draft"
        return
    with pytest.raises(Invalid) as refusal:
        city.draft()
    assert why in refusal.value.message


def test_more_than_a_single_guarantee_may_be_is_not_submitted(city: City) -> None:
    assert city.guarantor
    scoped(city, most_amount=199 * WAN)
    case = city.draft()  # 200 万

    with pytest.raises(Invalid) as refusal:
        submit_application(case, by=city.applicant, at=city.at + timedelta(minutes=2))

    assert "单笔最高 1,990,000.00 元" in refusal.value.message


def test_the_comparison_says_so_too(city: City) -> None:
    expired(city)
    scoped(city, region_code="9902")
    start = local_day(city.at) + timedelta(days=1)
    asked = Wish("performance", 200 * WAN, start, start + timedelta(days=200), city.project())

    found = compare(asked, city.applicant.organisation, "overall", city.at)

    assert not found.suitable
    reasons = {row.guarantor: row.reasons for row in found.unfit}
    assert reasons[city.guarantor] == ("融资担保业务经营许可证已于 2026-11-20 到期", "业务范围不含项目所在地区")
