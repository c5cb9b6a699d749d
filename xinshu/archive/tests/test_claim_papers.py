"""Stories: what claims leave in the dossier, for whom, and versions for what ends after the guarantee."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from xinshu.archive.bundles import bundle_of, content_of, readable
from xinshu.archive.models import Dossier
from xinshu.archive.proofs import proof_of
from xinshu.archive.sides import APPLICANT, GUARANTOR, OUTER, PUBLIC
from xinshu.archive.tests.test_dossiers import settle, verified
from xinshu.claims.tests.city import PDF, ClaimsCity
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.ending import expire_guarantee
from xinshu.guarantees.models import Guarantee

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db: None, at: datetime) -> ClaimsCity:
    return ClaimsCity(at)


def test_a_guarantee_that_was_paid_out_is_archived_with_its_claim(
    city: ClaimsCity, sealed_case: Callable[..., Guarantee], tmp_path
) -> None:
    case = sealed_case()
    demand = city.paid(case=case, amount=case.amount)
    paper = keep_file(PDF, "索赔函.pdf", city.beneficiary.organisation, city.beneficiary, city.day(2), subject=demand)
    demand.papers.create(file=paper)
    settle_later(case, city)

    dossier = Dossier.objects.standing().get(guarantee=case)
    paths = {side: {item.path for item in readable(dossier, side)} for side in (GUARANTOR, APPLICANT, OUTER)}
    course = json.loads(content_of(dossier.items.get(path="claims/01.json")))

    assert dossier.state_then == "exhausted"
    assert (course["state"], course["amount"], len(course["payouts"])) == ("paid", case.amount, 1)
    assert course["recourse"]["principal_amount"] == case.amount
    assert "claims/01.json" in paths[GUARANTOR]
    assert "claims/01.json" not in paths[APPLICANT] | paths[OUTER]
    assert any(path.endswith("索赔函.pdf") for path in paths[APPLICANT])
    assert not any(path.startswith("claims/") for path in paths[OUTER])
    code, told = verified(bundle_of(dossier, GUARANTOR), tmp_path)
    assert (code, "保函状态：已付尽" in told) == (0, True), told
    public = proof_of(
        Guarantee.objects.select_related("letter", "project", "guarantor").get(pk=case.pk), PUBLIC, city.at
    )
    assert public["statement"]["state"] == "exhausted"


def settle_later(case: Guarantee, city: ClaimsCity) -> None:
    """Let the worker run on the days of the claim."""
    from xinshu.core.clock import moved_to
    from xinshu.ledger.worker import drain

    with moved_to(city.day(6)):
        drain(city.day(6))
    settle(case, city)


def test_a_claim_that_ends_after_the_guarantee_makes_another_version(
    city: ClaimsCity, sealed_case: Callable[..., Guarantee]
) -> None:
    from datetime import timedelta

    from xinshu.claims.actions.presentation import withdraw_demand
    from xinshu.core.clock import moment

    case = sealed_case()
    demand = city.presented(case=case)
    case = Guarantee.objects.get(pk=case.pk)
    on = case.expires_on + timedelta(days=1)
    expire_guarantee(case, on=on, at=moment(on, 0, 5))
    settle_later(case, city)
    first = Dossier.objects.standing().get(guarantee=case)

    withdraw_demand(
        type(demand).objects.get(pk=demand.pk), reason="已与申请人和解。", by=city.beneficiary, at=moment(on, 10)
    )
    settle_later(case, city)
    second = Dossier.objects.standing().get(guarantee=case)

    assert (first.number, second.number, second.header["previous"]) == (1, 2, first.manifest_sm3)
    assert json.loads(content_of(second.items.get(path="claims/01.json")))["state"] == "withdrawn"
