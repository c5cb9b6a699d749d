"""数据中台: what leaves through the interface is covered by its class, and stands in the log with field and class."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation
from xinshu.core.classification import REVEAL
from xinshu.core.refusals import NotPermitted
from xinshu.guarantees.actions.approval import return_application
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.guarantees.tests.test_events import subscribed
from xinshu.integrations.actions.clients import confirm_client, propose_client
from xinshu.integrations.models import Call, Sending
from xinshu.integrations.sandbox import receiver
from xinshu.ledger.worker import drain

AMOUNT = {"field": "guarantees.Guarantee.amount", "level": 3, "covered": False}
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def test_an_answer_covers_personal_data_unless_two_people_granted_it_and_the_log_tells(
    city: City, clock: None, browser_of: Callable[[Member], Client]
) -> None:
    administrator = city.colleague(city.applicant, "orgadmin")
    plain = System.of(city.applicant, administrator, city.at, "guarantees.view")
    trusted = System.of(city.applicant, administrator, city.at, "guarantees.view", REVEAL)
    case = return_application(
        city.in_review(), by=city.reviewer, at=city.at + 4 * timedelta(minutes=1), reason="请联系 13912345678 补正。"
    )
    path = f"/api/v1/guarantees/{case.reference}"

    covered, whole = plain.get(path).json(), trusted.get(path).json()

    assert ("13912345678" in covered["returned_because"], "13912345678" in whole["returned_because"]) == (False, True)
    assert covered["amount"] == whole["amount"]
    first, second = Call.objects.order_by("pk")
    assert AMOUNT in first.fields
    assert (first.level, first.client) == (3, plain.client)
    assert [one["field"] for one in first.fields if one["covered"]] == ["work.Signature.opinion"]
    assert not [one for one in second.fields if one["covered"]]
    page = browser_of(administrator).get("/integrations/calls/?level=3").content.decode()
    assert "work.Signature.opinion（敏感，已遮盖）" in page
    assert "13912345678" not in page


def test_what_is_pushed_covers_a_natural_person_s_name_and_the_push_log_tells(city: City) -> None:
    person = city.applicant.organisation
    with receiver() as there:
        subscription, _secret, _by = subscribed(city, city.department, there.url, "guarantee.delivered")
        city.in_force()
        Organisation.objects.filter(pk=person.pk).update(kind=Organisation.Kind.PERSON, name="欧阳建国")
        drain(city.at + HOUR)

    assert "欧阳建国" not in there.received[0].body.decode()
    sending = Sending.objects.get(subscription=subscription)
    assert AMOUNT in sending.fields
    assert {"field": "accounts.User.name", "level": 3, "covered": True} in sending.fields


def test_nobody_grants_uncovered_fields_alone(city: City) -> None:
    alone = city.colleague(city.applicant, "orgadmin", "applicant")
    client = propose_client(
        name="一人系统", principal=alone, scopes=["guarantees.view", REVEAL], by=alone, at=city.at
    )  # fmt: skip

    with pytest.raises(NotPermitted):
        confirm_client(client, by=alone, at=city.at)

    client.refresh_from_db()
    assert client.state == "proposed"


def test_a_refused_call_lets_no_field_leave(city: City, clock: None) -> None:
    system = System.of(city.bank, city.colleague(city.bank, "orgadmin"), city.at, "guarantees.view")
    case = city.in_force()

    answer = system.get(f"/api/v1/guarantees/{case.reference}")

    assert answer.status_code == 404
    assert [(call.fields, call.level) for call in Call.objects.all()] == [([], 0)]
