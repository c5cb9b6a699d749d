"""Events: what happens to a guarantee is pushed to the systems that subscribed, signed, as often as it takes."""

import json
from datetime import datetime, timedelta

import pytest

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tasks import announce_opened
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.integrations.actions.webhooks import (
    PAUSED_AFTER,
    close_subscription,
    open_subscription,
    pause_subscription,
    platform_key,
    replay,
    resume_subscription,
)
from xinshu.integrations.events import fan_out
from xinshu.integrations.models import ApiClient, Attempt, Sending, Subscription
from xinshu.integrations.sandbox import receiver
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def subscribed(city: City, who: Member, url: str, *kinds: str) -> tuple[Subscription, str, Member]:
    """Return a subscription of `who`'s house, its secret, and the house's administrator."""
    administrator = city.colleague(who, "orgadmin")
    system = System.of(who, administrator, city.at)
    client = ApiClient.objects.select_related("organisation").get(pk=system.client.pk)
    subscription, secret = open_subscription(client, url=url, kinds=kinds, by=administrator, at=city.at)
    return subscription, secret, administrator


def later(city: City, **span: int) -> datetime:
    return city.at + timedelta(**span)


def test_an_event_arrives_once_signed_and_thin(city: City) -> None:
    with receiver() as there:
        _subscription, secret, _by = subscribed(city, city.applicant, there.url, "guarantee.submitted")
        case = city.submitted()
        drain(city.at + HOUR)

    assert len(there.received) == 1
    got = there.received[0]
    event = json.loads(got.body)
    assert got.is_genuine(secret, platform_key().public_hex)
    assert got.headers["Content-Type"].startswith("application/cloudevents+json")
    assert {name: event[name] for name in ("specversion", "type", "subject")} == {
        "specversion": "1.0", "type": "xinshu.guarantee.submitted", "subject": case.reference,
    }  # fmt: skip
    assert set(event["data"]) == {"reference", "number", "kind", "state", "state_label", "version", "href"}
    assert event["data"]["href"].endswith(f"/api/v1/guarantees/{case.reference}")
    assert not got.is_genuine("another", platform_key().public_hex)
    assert Sending.objects.get().state == "sent"


def test_running_a_reaction_twice_sends_nothing_twice(city: City) -> None:
    with receiver() as there:
        subscribed(city, city.applicant, there.url, "guarantee.submitted")
        city.submitted()
        drain(city.at + HOUR)

        fan_out(Entry.objects.get(kind="guarantee.submitted"))
        drain(city.at + 2 * HOUR)

    assert len(there.received) == 1


def test_what_is_not_taken_is_tried_again_until_it_is(city: City) -> None:
    with receiver(503, 302, 200) as there:
        subscribed(city, city.applicant, there.url, "guarantee.submitted")
        city.submitted()
        for hours in range(1, 4):
            drain(city.at + hours * HOUR)

    assert [attempt.status for attempt in Attempt.objects.order_by("pk")] == [503, 302, 200]
    assert [got.path for got in there.received] == ["/", "/", "/"]  # a redirect is not followed
    assert len({json.loads(got.body)["id"] for got in there.received}) == 1
    assert "139****5678" in Attempt.objects.order_by("pk")[0].answer
    assert Subscription.objects.get().failures == 0


def test_after_eight_failures_it_pauses_tells_and_holds_and_sends_when_resumed(city: City) -> None:
    with receiver(*[500] * PAUSED_AFTER, 204) as there:
        subscription, _secret, administrator = subscribed(city, city.applicant, there.url, "guarantee.submitted")
        city.submitted()
        for hours in range(1, PAUSED_AFTER + 3):
            drain(city.at + hours * HOUR)
        subscription = Subscription.objects.select_related("client__organisation").get(pk=subscription.pk)
        paused, told = subscription.state, Notice.objects.filter(member=administrator, text__contains="自动暂停")
        city.submitted()
        drain(city.at + 20 * HOUR)
        held = list(Sending.objects.order_by("pk").values_list("state", flat=True))

        resume_subscription(subscription, by=administrator, at=city.at + 21 * HOUR)
        drain(city.at + 22 * HOUR)

    assert (paused, told.count(), held) == ("paused", 1, ["held", "held"])
    assert len(there.received) == PAUSED_AFTER + 2
    assert set(Sending.objects.values_list("state", flat=True)) == {"sent"}
    assert not Delivery.objects.filter(state="parked").exists()


def test_an_event_can_be_sent_again_and_keeps_its_id(city: City) -> None:
    with receiver() as there:
        _subscription, _secret, administrator = subscribed(city, city.applicant, there.url, "guarantee.submitted")
        city.submitted()
        drain(city.at + HOUR)

        replay(Sending.objects.select_related("entry").get(), by=administrator, at=city.at + HOUR)
        drain(city.at + 2 * HOUR)

    first, second = (json.loads(got.body) for got in there.received)
    assert first == second


def test_a_closed_subscription_is_told_nothing(city: City) -> None:
    with receiver() as there:
        subscription, _secret, administrator = subscribed(city, city.applicant, there.url, "guarantee.submitted")
        subscription = pause_subscription(subscription, by=administrator, at=city.at)
        city.submitted()
        drain(city.at + HOUR)
        close_subscription(subscription, reason="系统下线", by=administrator, at=city.at + HOUR)
        city.submitted()
        drain(city.at + 2 * HOUR)

    assert there.received == []
    assert [one.state for one in Sending.objects.all()] == ["dropped"]


@pytest.mark.parametrize("who", ["beneficiary", "department", "rival", "bank"])
def test_before_the_opening_nobody_else_s_system_hears_of_a_bid_guarantee(city: City, who: str) -> None:
    with receiver() as there:
        subscribed(city, getattr(city, who), there.url, "guarantee.issued", "guarantee.delivered", "guarantee.approved")
        case = city.in_force("bid")
        drain(city.at + HOUR)
        silent = (len(there.received), Sending.objects.count())

        opened = city.opens_at + HOUR
        with moved_to(opened):
            announce_opened(opened.date(), opened)
            announce_opened(opened.date(), opened)
        drain(opened + HOUR)

    assert silent == (0, 0)
    assert len(there.received) == (1 if who in ("beneficiary", "department") else 0)
    assert Guarantee.objects.get(pk=case.pk).state == "in_force"
