"""承保准入: a house's own rules are asked in the review, kept as runs, and what they refuse nobody approves."""

from typing import Any

import pytest

from xinshu.core.clock import local_day
from xinshu.guarantees.actions.approval import StillObstructed, approve_application
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import SMALL, City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.rules.actions import Draft, activate_version, has_history, write_rules
from xinshu.rules.models import Run
from xinshu.rules.replaying import replayed
from xinshu.rules.trying import try_on_history

pytestmark = pytest.mark.django_db


def put_rule(city: City, weight: str, most: int) -> None:
    """Have the guarantor ask that an amount be at most `most` 分; at most 10 % of what it is counted from."""
    content: dict[str, Any] = {"form": "conditions", "rules": [
        {"name": "单笔金额", "weight": weight, "conditions": [{"fact": "amount", "op": "le", "values": [most]}]},
        {"name": "身份和额度", "weight": "ask", "expression": "申请人身份已核验 且 可用授信额度 >= 保函金额"},
    ]}  # fmt: skip
    version = write_rules(
        f"准入{weight}{most}", "guarantee_admission", "conditions", Draft(content, local_day(city.at)),
        by=city.reviewer, at=city.at,
    )  # fmt: skip
    if has_history(version.rule_set):
        try_on_history(version, by=city.reviewer, at=city.at)
    activate_version(version, by=city.signer, at=city.at)


def reviewed(city: City) -> Guarantee:
    case = city.submitted()
    drain()
    case.refresh_from_db()
    return case


def test_an_application_that_the_house_rules_accept_passes_alone_and_its_run_replays(city: City) -> None:
    put_rule(city, "stop", 100 * SMALL)

    case = reviewed(city)
    run = Run.objects.get()

    assert (case.state, run.outcome, run.subject_key) == ("fee_due", "meets", case.reference)
    assert replayed(run).proven
    told = [answer for answer in case.reviews.get().answers if answer["rule"].startswith("house.")]
    assert [(answer["answer"], answer["origin"]) for answer in told] == [(True, "本机构承保准入规则")]
    assert "单笔金额" not in str(told)  # what the house asks is its own business
    assert Entry.objects.get(kind="rules.decided").sealed_until == case.secret_until


def test_what_a_rule_hands_over_goes_to_a_person_and_what_it_refuses_nobody_approves(city: City) -> None:
    put_rule(city, "ask", 1)
    handed = reviewed(city)
    put_rule(city, "stop", 1)
    refused = reviewed(city)

    with pytest.raises(StillObstructed) as stopped:
        approve_application(refused, by=city.reviewer, at=city.at, opinion="同意")

    assert (handed.state, refused.state) == ("in_review", "in_review")
    assert "不通过" in stopped.value.message
    assert sorted(Run.objects.values_list("outcome", flat=True)) == ["ask", "ask", "fails"]


def test_a_house_without_rules_reviews_as_before(city: City) -> None:
    case = reviewed(city)

    assert case.state == "fee_due"
    assert not Run.objects.exists()
