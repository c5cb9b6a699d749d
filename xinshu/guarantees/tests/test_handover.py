"""Stories of a manager who leaves: open cases and customers go to the colleague, what is over stays as it was."""

from datetime import datetime, timedelta

import pytest

from xinshu.accounts.actions.accounts import leave
from xinshu.accounts.models import Member
from xinshu.enterprises.models import Relation
from xinshu.guarantees.actions.application import start_application
from xinshu.guarantees.actions.handover import hand_over_cases
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain


def kept_by(city: City, manager: Member) -> Guarantee:
    """Return a draft that `manager` keeps for the applicant."""
    return start_application(
        kind="performance",
        project=city.project(),
        applicant=city.applicant.organisation,
        guarantor=manager.organisation,
        by=manager,
        at=city.at,
    )


@pytest.mark.django_db
def test_a_leavers_open_cases_and_customers_go_to_the_colleague(city: City, at: datetime) -> None:
    leaver, colleague = city.manager, city.colleague(city.manager, "manager")
    bystander = city.colleague(city.manager, "manager")
    city.make_customer(city.rival.organisation)
    open_case, over, other = kept_by(city, leaver), kept_by(city, leaver), kept_by(city, bystander)
    Guarantee.objects.filter(pk=over.pk).update(state="withdrawn")

    leave(leaver.user, successors={leaver.pk: colleague.pk}, reason="离职", by=city.sysadmin, at=city.at)
    drain(at=city.at + timedelta(minutes=5))

    cases = Guarantee.objects.filter(pk__in=[open_case.pk, over.pk, other.pk])
    assert {case.pk: case.manager_id for case in cases} == {
        open_case.pk: colleague.pk,
        over.pk: leaver.pk,
        other.pk: bystander.pk,
    }
    assert set(Relation.objects.values_list("manager", flat=True)) == {colleague.pk}
    entry = Entry.objects.get(kind="guarantee.handed_over")
    assert (entry.subject_id, entry.actor_key) == (open_case.pk, "system")
    assert entry.data["successor"] == colleague.actor_label
    assert hand_over_cases(leaver.pk, colleague, at=at) == 0
