"""What claims tell the approval engine: who owes is neither favoured nor passed by rule."""

from datetime import timedelta

import pytest

from xinshu.claims.conduct import conduct_of_claims
from xinshu.claims.models import Demand, Recourse
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.approval import review_automatically
from xinshu.guarantees.favour.conduct import favour_for
from xinshu.guarantees.favour.tiers import OVERDUE, PAID, REFUSED
from xinshu.guarantees.tests.city import MINUTE, City
from xinshu.guarantees.tests.test_favour import B, published

pytestmark = pytest.mark.django_db


def test_whoever_owes_a_recourse_is_neither_favoured_nor_passed_by_rule(city: City) -> None:
    released = city.released()
    published(city, B)
    demand = Demand.objects.create(
        guarantee=released, state="paid", amount=100_00, payable_amount=100_00, payee_name="x", payee_bank="x",
        payee_account="1", presented_at=city.at, received_on=local_day(city.at), ended_at=city.at, changed_at=city.at,
    )  # fmt: skip
    Recourse.objects.create(
        demand=demand, creditor=city.guarantor, debtor=city.applicant.organisation, state="open", paid_amount=100_00,
        principal_amount=100_00, accrued_to=local_day(city.at), opened_at=city.at - timedelta(days=31),
        changed_at=city.at,
    )  # fmt: skip

    case = review_automatically(city.submitted(), at=city.at + 3 * MINUTE)

    told = conduct_of_claims(city.guarantor.pk, [city.applicant.organisation.pk], city.at)
    facts = told[city.applicant.organisation.pk]
    assert [facts[name].value for name in (PAID, REFUSED, OVERDUE)] == [1, 0, 1]
    assert favour_for(city.guarantor, city.applicant.organisation, city.at)[1].tier is None
    assert case.state == "in_review"
    assert [row["rule"] for row in case.reviews.get().stopped_by] == ["recourse.none"]
