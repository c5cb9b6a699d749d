"""产品准入: a firm sees on the product's page whether it is admitted; the review asks the gate and logs the match."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.admission.actions.gates import Plan, put_on, write_gate
from xinshu.admission.models import Gate, Match
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.approval import StillObstructed, approve_application
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.products.actions import Offer, offer_product, write_product
from xinshu.guarantees.tests.city import WAN, City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.rules.actions import Draft, activate_version, switch_off, write_rules

pytestmark = pytest.mark.django_db
OFFER = Offer(
    kind="performance", name="履约快保", note="", least_amount=1, most_amount=50_000 * WAN, longest_days=3_000,
    offered_from=date(2026, 1, 1), offered_until=None,
)  # fmt: skip


def gated(city: City, weight: str, least: int) -> Gate:
    """Put a product on the shelf that asks for a registered capital of `least` 分."""
    assert city.guarantor
    product = offer_product(write_product(OFFER, by=city.reviewer, at=city.at), by=city.signer, at=city.at)
    content: dict[str, Any] = {"form": "conditions", "rules": [
        {"name": "注册资本", "weight": weight,
         "conditions": [{"fact": "registered_capital", "op": "ge", "values": [least]}]},
    ]}  # fmt: skip
    draft = Draft(content, local_day(city.at))
    version = write_rules("快保准入", "admission_firm", "conditions", draft, by=city.reviewer, at=city.at)
    rules = activate_version(version, by=city.signer, at=city.at).rule_set
    gate = write_gate(Plan(product.reference, "firm", rules), by=city.reviewer, at=city.at)
    return put_on(gate, by=city.signer, at=city.at)


def reviewed(city: City) -> Guarantee:
    case = city.submitted()
    drain()
    case.refresh_from_db()
    return case


def _told(case: Guarantee) -> list[tuple[Any, str]]:
    answers = case.reviews.order_by("pk").last().answers  # type: ignore[union-attr]
    return [(one["answer"], one["origin"]) for one in answers if one["rule"].startswith("admission.")]


def test_what_the_gate_admits_passes_alone_and_the_match_is_logged(city: City) -> None:
    gate = gated(city, "stop", 1)

    case = reviewed(city)

    found = Match.objects.get()
    assert (case.state, _told(case)) == ("fee_due", [(True, "产品准入方案")])
    assert (found.gate, found.cause, found.run.outcome, found.firm) == (gate, "review", "meets", case.applicant)
    assert Entry.objects.get(kind="rules.decided").sealed_until == case.secret_until


def test_what_the_gate_refuses_nobody_approves_and_what_it_does_not_know_goes_to_a_person(city: City) -> None:
    gate = gated(city, "stop", 90_000 * 10_000 * WAN)
    refused = reviewed(city)
    with pytest.raises(StillObstructed) as stopped:
        approve_application(refused, by=city.reviewer, at=city.at, opinion="同意")
    rules = gate.rule_set
    rules.refresh_from_db()
    switch_off(rules, by=city.signer, at=city.at, reason="重写")

    silent = reviewed(city)

    assert "不通过" in stopped.value.message
    assert (refused.state, silent.state) == ("in_review", "in_review")
    assert [_told(one) for one in (refused, silent)] == [[(False, "产品准入方案")], []]
    answers = silent.reviews.order_by("pk").last().answers  # type: ignore[union-attr]
    assert [one["answer"] for one in answers if one["rule"] == "source.product_admission"] == [None]


def test_the_product_page_leads_the_firm_to_its_conditions(city: City, sign_in: Callable[[Member], Client]) -> None:
    gate = gated(city, "stop", 90_000 * 10_000 * WAN)
    clerk = sign_in(city.applicant)
    page = f"/shelf/{gate.product}/"
    assert "还没有核对" in clerk.get(page).content.decode()

    clerk.post(f"/admission/{gate.product}/check/", {"gate": gate.reference})

    assert "不通过" in clerk.get(page).content.decode()
    assert "还差" in clerk.get(f"/admission/{gate.product}/").content.decode()
