"""Stories: limits outside of approvals, by the calendar of whose turn it is; reminded before, escalated after."""

from datetime import date, timedelta

import pytest

from xinshu.core.clock import moment
from xinshu.guarantees.queries import due_days
from xinshu.guarantees.tasks import remind_of_limits
from xinshu.guarantees.tests.city import City
from xinshu.messaging.models import Notice
from xinshu.work.models import OwnDay

pytestmark = pytest.mark.django_db


def night(day: date) -> None:
    remind_of_limits(day, moment(day, 0, 5))


def heard() -> list[tuple[int, str]]:
    found = Notice.objects.filter(key__startswith="guarantee.limit")
    return sorted(found.values_list("member", "tone"))


def test_a_day_off_of_the_house_whose_turn_it_is_moves_its_limit_and_no_others(city: City) -> None:
    to_issue, fee_due = city.to_issue(), city.fee_due()
    issue_by, pay_by = due_days([to_issue])[to_issue.pk], due_days([fee_due])[fee_due.pk]
    assert issue_by
    OwnDay.objects.create(organisation=city.guarantor, day=issue_by, works=False, note="司庆")

    moved = due_days([to_issue, fee_due])

    assert moved[to_issue.pk] > issue_by
    assert moved[fee_due.pk] == pay_by


def test_whose_turn_it_is_hears_before_the_limit_and_those_above_after_it(city: City) -> None:
    case = city.to_issue()
    director = city.colleague(city.signer, "director")
    last = due_days([case])[case.pk]
    assert last

    night(last)
    night(last)
    assert heard() == [(city.signer.pk, "warn")]
    night(last + timedelta(days=1))
    night(last + timedelta(days=2))

    assert heard() == sorted([(city.signer.pk, "warn"), (city.signer.pk, "danger"), (director.pk, "danger")])


def test_an_applicant_who_is_late_is_told_and_so_is_the_manager(city: City) -> None:
    case, manager = city.fee_due(), city.manager
    last = due_days([case])[case.pk]
    assert last

    night(last + timedelta(days=1))

    assert heard() == sorted([(city.applicant.pk, "danger"), (manager.pk, "danger")])


def test_nobody_is_reminded_long_before_a_limit(city: City) -> None:
    city.fee_due()

    night(city.at.date())

    assert heard() == []
