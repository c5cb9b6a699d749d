"""Parts of a record grow old at their own pace; the manager is reminded once per period, never twice."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.enterprises.actions import enter_fields
from xinshu.enterprises.ageing import ages_of, rhythm_of, set_rhythm
from xinshu.enterprises.fields import PARTS
from xinshu.enterprises.models import Enterprise, Reminder
from xinshu.enterprises.tasks import remind_of_old_parts
from xinshu.enterprises.tests.conftest import member_of
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]
WHOLE = {
    "address": "港城路", "contact_phone": "13800006021", "qualification": "一级", "staff_count": "80",
    "total_assets": "100000000", "projects_done": "6",
}  # fmt: skip


def night(on: date) -> None:
    remind_of_old_parts(on, moment(on, 0, 5))


def texts(member: Member) -> list[str]:
    return list(
        Notice.objects.filter(member=member, key__startswith="enterprise.parts_due")
        .order_by("pk")
        .values_list("text", flat=True)
    )


@pytest.mark.req("BH-03")
def test_each_part_knows_its_age_and_the_manager_is_reminded_once_per_period(
    enterprise: Enterprise, guarantor: Organisation, customer: None, manager: Member, at: datetime
) -> None:
    director = member_of(guarantor, "director")
    enter_fields(enterprise, WHOLE, by=SYSTEM, at=at)
    set_rhythm(guarantor, {"contact": 30, "finance": 60}, by=director, at=at)
    begun = local_day(at)

    ages = {age.part.code: age.due_on for age in ages_of([enterprise], rhythm_of(guarantor))[enterprise.pk]}
    assert (ages["contact"], ages["finance"]) == (begun + timedelta(days=30), begun + timedelta(days=60))

    for day in (29, 30, 31, 45, 59, 60, 61, 89, 90, 91):  # every night is run twice
        night(begun + timedelta(days=day))
        night(begun + timedelta(days=day))

    given = [(row.part, (row.due_on - begun).days) for row in Reminder.objects.order_by("due_on", "part")]
    assert given == [("contact", 30), ("contact", 60), ("finance", 60), ("contact", 90)]
    assert [("联系方式" in text, "财务" in text) for text in texts(manager)] == [
        (True, False), (True, True), (True, False),
    ]  # fmt: skip


def test_who_looks_at_a_part_begins_its_period_anew(
    enterprise: Enterprise, guarantor: Organisation, customer: None, manager: Member, at: datetime
) -> None:
    enter_fields(enterprise, WHOLE, by=SYSTEM, at=at)
    begun = local_day(at)
    night(begun + timedelta(days=180))
    enter_fields(enterprise, {"contact_phone": "13900006021"}, by=manager, at=at + timedelta(days=190))

    for day in (181, 360, 369, 370):
        night(begun + timedelta(days=day))

    assert [(row.due_on - begun).days for row in Reminder.objects.filter(part="contact").order_by("due_on")] == [
        180,
        370,
    ]


def test_a_round_that_was_missed_reminds_once_and_not_for_every_period(
    enterprise: Enterprise, customer: None, manager: Member, at: datetime
) -> None:
    night(
        local_day(at) + timedelta(days=1000)
    )  # nothing was ever entered: it counts from the day they became customers

    assert Reminder.objects.count() == len(PARTS)
    assert len(texts(manager)) == 1


def test_days_are_set_by_who_arranges_customers_and_within_bounds(
    guarantor: Organisation, manager: Member, stranger: Member, at: datetime
) -> None:
    director = member_of(guarantor, "director")
    for who, days in ((manager, 30), (stranger, 30)):
        with pytest.raises(NotPermitted):
            set_rhythm(guarantor, {"contact": days}, by=who, at=at)
    for wrong in ({"contact": 6}, {"contact": 4000}, {"nothing": 30}):
        with pytest.raises(Invalid):
            set_rhythm(guarantor, wrong, by=director, at=at)

    assert set_rhythm(guarantor, {"contact": 90, "finance": 400}, by=director, at=at) == {"contact": 90}
    assert rhythm_of(guarantor)["contact"] == 90


def test_the_page_sets_days_and_keeps_what_cannot_be(
    browser_of: Browser, guarantor: Organisation, manager: Member
) -> None:
    page, days = reverse("enterprises:rhythm"), dict.fromkeys(PARTS, "120")
    director = browser_of(member_of(guarantor, "director"))

    wrong = director.post(page, days | {"finance": "三天"})
    done = director.post(page, days, follow=True)
    theirs = browser_of(manager)

    assert wrong.status_code == 422
    assert "三天" in wrong.text
    assert "已保存" in done.text
    assert "120 天" in theirs.get(page).text
    assert theirs.post(page, days).status_code == 403
