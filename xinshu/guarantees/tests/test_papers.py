"""一致性校验: papers of the applicant that contradict each other stop the machine, and both are named."""

import pytest

from xinshu.documents.demo import read_award
from xinshu.documents.models import ReadValue
from xinshu.documents.papers.actions import settle
from xinshu.documents.papers.queries import conflicts_of
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


def reviewed(city: City) -> Guarantee:
    case = city.submitted()
    drain()
    case.refresh_from_db()
    return case


@pytest.mark.req("BH-06")
def test_papers_that_contradict_hand_the_application_to_a_person_and_name_both(city: City) -> None:
    name = city.applicant.organisation.name
    first = read_award(name, city.applicant, city.at)
    second = read_award("云州另一家路桥有限公司", city.applicant, city.at)

    handed = reviewed(city)
    told = [answer for answer in handed.reviews.get().answers if answer["rule"].startswith("papers.")]

    assert handed.state == "in_review"
    assert [answer["answer"] for answer in told] == [None]
    assert str(told[0]).count("中标通知书") >= 2
    assert "另一家" not in str(told)
    (conflict,) = conflicts_of(city.applicant.organisation)
    assert {conflict.first.value.reading, conflict.second.value.reading} == {first, second}
    settle(conflict.first.value, conflict.second.value, "两个标段分别中标", by=city.applicant, at=city.at)
    assert reviewed(city).state == "fee_due"
    assert ReadValue.objects.filter(reading=second, code="amount").get().sure
