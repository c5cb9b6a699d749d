"""数据交换: a department's platform is told of business and indicators, in a form that is described, at once."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import jsonschema_rs
import pytest
from django.test import Client

from xinshu.core.clock import local_day, moment, moved_to
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.indicators import DEFINITIONS, MEASURED
from xinshu.guarantees.tasks import measure_new_day
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.guarantees.tests.test_events import subscribed
from xinshu.integrations.actions.webhooks import platform_key
from xinshu.integrations.sandbox import Received, receiver
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
BUSINESS = ("guarantee.delivered", "guarantee.released", "guarantee.expired")
pytestmark = pytest.mark.django_db


def fits(event: dict[str, Any]) -> bool:
    """Say whether the data of an event are as the schema says that its dataschema leads to."""
    answer = Client().get(urlsplit(event["dataschema"]).path)
    assert answer.json()["$id"] == event["dataschema"]
    return jsonschema_rs.validator_for(answer.json()).is_valid(event["data"])


def told(received: list[Received], kind: str) -> list[dict[str, Any]]:
    events = [json.loads(got.body) for got in received]
    return [event for event in events if event["type"] == f"xinshu.{kind}"]


def value(data: dict[str, Any], indicator: str, kind: str = "_T", guarantor: str = "_T") -> int:
    rows = next(one["observations"] for one in data["indicators"] if one["indicator"] == f"guarantees.{indicator}")
    return next((r["obs_value"] for r in rows if (r["kind"], r["guarantor_kind"]) == (kind, guarantor)), 0)


@pytest.mark.req("CS-12")
def test_a_department_s_platform_is_told_of_business_and_indicators_within_one_turn(city: City) -> None:
    with receiver() as there:
        _subscription, secret, _by = subscribed(city, city.department, there.url, *BUSINESS, MEASURED)
        drain(city.at + MINUTE)
        first = told(there.received, MEASURED)
        case = city.in_force()
        drain(city.at + HOUR)
        delivered, measured = told(there.received, "guarantee.delivered"), told(there.received, MEASURED)
        release_guarantee(case, by=city.beneficiary, at=city.at + HOUR, reason="竣工验收合格。")
        drain(city.at + 2 * HOUR)
        released, last = told(there.received, "guarantee.released"), told(there.received, MEASURED)[-1]

    assert [value(event["data"], "in_force.count") for event in first] == [0]
    assert [len(delivered), len(measured), len(released)] == [1, 2, 1]
    business = delivered[0]["data"]["business"]
    assert business["amount"] == {"value": case.amount, "currency": "CNY"}
    assert business["applicant"] == {"name": case.applicant.name, "uscc": case.applicant.uscc}
    assert (business["region_code"], business["ended_at"]) == (case.project.region_code, None)
    assert released[0]["data"]["business"]["ended_at"] is not None
    figures = measured[-1]["data"]
    assert (figures["ref_area"], measured[-1]["subject"]) == ("990100", "990100")
    assert [value(figures, "in_force.count"), value(figures, "in_force.amount")] == [1, case.amount]
    assert value(figures, "in_force.amount", "performance", "guarantor") == case.amount
    assert value(figures, "issued_today.count") == 1
    assert {(one["indicator"], one["unit_measure"], one["unit_mult"]) for one in figures["indicators"]} == {
        (code, *unit) for code, (_name, _definition, unit) in DEFINITIONS.items()
    }
    assert all(one["definition"] for one in figures["indicators"])
    assert [value(last["data"], "in_force.count"), value(last["data"], "issued_today.count")] == [0, 1]
    assert all(fits(event) for event in (*delivered, *released, *measured, last))
    assert not fits({**last, "data": {**last["data"], "time_period": None}})
    assert {event["specversion"] for event in (*delivered, *measured)} == {"1.0"}
    assert Client().get("/api/v1/schemas/nonsense").status_code == 404
    assert there.received[0].is_genuine(secret, platform_key().public_hex)


def test_it_is_measured_once_a_minute_at_most_and_nothing_is_forgotten(city: City) -> None:
    with receiver() as there:
        subscribed(city, city.department, there.url, MEASURED)
        drain(city.at + HOUR)
        city.in_force()
        city.in_force()
        drain(city.at + HOUR + 10 * SECOND)
        early = len(there.received)
        drain(city.at + HOUR + 2 * MINUTE)
        drain(city.at + HOUR + 9 * MINUTE)

    assert (early, len(there.received)) == (1, 2)
    assert value(json.loads(there.received[-1].body)["data"], "in_force.count") == 2


def test_a_new_day_is_measured_without_any_business(city: City) -> None:
    with receiver() as there:
        subscribed(city, city.department, there.url, MEASURED)
        city.in_force()
        drain(city.at + HOUR)
        morning = moment(local_day(city.at) + timedelta(days=1), 0, 5)
        measure_new_day(morning.date(), morning)
        drain(morning)

    before, after = (json.loads(got.body)["data"] for got in there.received)
    assert [value(data, "issued_today.count") for data in (before, after)] == [1, 0]
    assert value(after, "in_force.count") == 1


def test_a_bid_guarantee_moves_no_indicator_before_the_opening_and_is_told_at_once_then(city: City) -> None:
    with receiver() as there:
        subscribed(city, city.department, there.url, *BUSINESS, MEASURED)
        drain(city.at + MINUTE)
        case = city.in_force("bid")
        drain(city.opens_at - SECOND * 5)
        silent = len(there.received)
        asked = Entry.objects.filter(kind="indicators.due").count()

        drain(city.opens_at + SECOND)

    assert (silent, asked) == (1, 1)
    events = [json.loads(got.body) for got in there.received[silent:]]
    assert sorted(event["type"] for event in events) == ["xinshu.guarantee.delivered", f"xinshu.{MEASURED}"]
    assert value(told(there.received, MEASURED)[-1]["data"], "in_force.amount", "bid") == case.amount


def test_another_region_and_whoever_does_not_supervise_hears_nothing(city: City) -> None:
    with receiver() as there, receiver() as elsewhere:
        subscribed(city, city.other_department, elsewhere.url, *BUSINESS, MEASURED)
        subscribed(city, city.bank, there.url, *BUSINESS, MEASURED)
        drain(city.at + MINUTE)
        city.in_force()
        drain(city.at + HOUR)

    assert there.received == []
    assert [value(json.loads(got.body)["data"], "in_force.count") for got in elsewhere.received] == [0]


def test_indicators_can_be_asked_for_as_of_any_moment_that_has_been(city: City) -> None:
    platform = System.of(city.department, city.colleague(city.department, "orgadmin"), city.at)
    bank = System.of(city.bank, city.colleague(city.bank, "orgadmin"), city.at)
    case = city.released()
    city.in_force("bid")

    def ask(**asked: str) -> Any:
        return platform.get("/api/v1/indicators", urlencode(asked))

    with moved_to(city.at + HOUR):
        now = ask().json()
        then = ask(as_of=(city.at + MINUTE * 8.5).isoformat()).json()
        earlier = ask(as_of=(city.at + MINUTE).isoformat()).json()
        refused = [
            ask(as_of=as_of).status_code
            for as_of in ("2999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2026-01-01", "nonsense")
        ]
        future = ask(as_of=(city.at + 2 * HOUR).isoformat()).status_code
        without_right = bank.get("/api/v1/indicators").status_code

    assert [value(found, "in_force.amount") for found in (earlier, then, now)] == [0, case.amount, 0]
    assert value(now, "issued_today.count") == 1
    assert (refused, future, without_right) == ([422] * 4, 422, 403)
