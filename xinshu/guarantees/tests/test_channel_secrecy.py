"""开标前保密 on every channel: until bids are opened nothing about a bid guarantee reaches others by SMS, mail, WeChat,
push or digest, and the operator's pages about messages are the same as if there were none.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from xinshu.accounts.models import Member, User
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.guarantees.announcements import ANNOUNCEMENTS, RECEIVED
from xinshu.guarantees.tasks import announce_opened
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.ledger.worker import drain
from xinshu.messaging.kinds import CHANNELS, kind_of
from xinshu.messaging.models import Address, Message, Notice, Preference, digest_of, seal
from xinshu.messaging.templates import activate_template, draft_template
from xinshu.messaging.tests import conftest

pytestmark = pytest.mark.django_db
sandbox = conftest.sandbox
OTHERS = ("beneficiary", "department", "other_department", "rival", "bank", "operator", "auditor", "sysadmin")
LOT = {"name": "江北新区云帆路跨线桥工程", "number": "YZ2026-SECRET-77"}
PAGES = (
    *(f"/operations/messages/?view={view}" for view in ("failed", "unknown", "waiting", "sent", "suppressed")),
    "/operations/messages/calls/",
)


def _reachable(city: City) -> dict[str, Member]:
    """Give everybody an address on every channel, and let half of the channels be digests."""
    people = {who: getattr(city, who) for who in (*OTHERS, "applicant", "manager", "reviewer", "signer")}
    for number, member in enumerate(people.values()):
        User.objects.filter(pk=member.user_id).update(phone=f"139{number:04d}1234")
        for channel in CHANNELS:
            if channel != "sms":
                text = f"p{number}@example.cn" if channel == "mail" else f"address{number:08d}"
                Address.objects.create(
                    user=member.user, channel=channel, sealed=seal(text), digest=digest_of(text), masked="***",
                    confirmed_at=city.at,
                )  # fmt: skip
            rhythm = "daily" if channel in {"mail", "push"} else "at_once"
            Preference.objects.create(user=member.user, channel=channel, rhythm=rhythm, least=1)
    return people


def _templates(city: City) -> None:
    for announcement in (*ANNOUNCEMENTS, RECEIVED):
        for channel in ("sms", "wechat"):
            if channel in kind_of(announcement.code).channels:
                text = "thing1=${kind}" if channel == "wechat" else "${kind}"
                draft = draft_template(
                    announcement.code, channel, subject="", text=text, provider_code="SMS_1",
                    by=city.operator, at=city.at,
                )  # fmt: skip
                draft.change(approval="approved")
                activate_template(draft, by=city.operator, at=city.at)


def _look(browser: Client) -> list[str]:
    """Return the operator's pages about messages, without what differs from one request to the next anyway."""
    shown = [browser.get(page).content.decode() for page in PAGES]
    return [re.sub(r'value="\w{40,}"|token=[^"]+', "", page) for page in shown]


@pytest.fixture
def everybody(city: City, sandbox) -> dict[str, Member]:
    people = _reachable(city)
    _templates(city)
    return people


def test_no_channel_and_no_digest_tells_others_of_a_bid_before_the_opening(
    city: City,
    everybody,
    sandbox,
    browser_of: Callable[[Member], Client],
) -> None:
    city.in_force("performance", by=city.applicant)
    drain(city.at + timedelta(days=2))
    browser = browser_of(city.operator)
    before, told = _look(browser), set(Message.objects.values_list("pk", flat=True))

    case = city.in_force("bid", by=city.applicant, project=city.lot(city.applicant, **LOT))
    drain(city.at + timedelta(minutes=10))
    drain(city.at + timedelta(days=3))  # the digests have left, the bids are not open yet

    secret = Message.objects.exclude(pk__in=told)
    assert {message.member.organisation for message in secret} == {case.applicant, case.guarantor}
    sent = {message.kind for message in secret if message.state == "sent"}
    assert sent >= {"guarantee.delivered.applicant", "digest"}
    assert {message.sealed_until for message in secret} == {city.opens_at}
    assert _look(browser) == before


def test_secret_news_never_shares_a_digest_with_what_the_operator_may_see(city: City, everybody) -> None:
    city.in_force("performance", by=city.applicant)
    case = city.in_force("bid", by=city.applicant, project=city.lot(city.applicant, **LOT))
    drain(city.at + timedelta(minutes=10))
    drain(city.at + timedelta(days=1))

    digests = Message.objects.filter(kind="digest", member__organisation=case.applicant, channel="mail")
    assert {digest.sealed_until for digest in digests} == {None, city.opens_at}
    for digest in digests:
        assert ("投标保函" in digest.text) is (digest.sealed_until is not None)
    assert {
        message.digest.sealed == "" for message in Message.objects.filter(state="collected", sealed_until=None)
    } == {True}


def test_what_the_ledger_keeps_of_such_messages_is_sealed_until_the_opening(city: City, everybody) -> None:
    drain(city.at + timedelta(minutes=10))
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    city.in_force("bid", by=city.applicant, project=city.lot(city.applicant, **LOT))
    drain(city.at + timedelta(days=3))

    about = Entry.objects.filter(pk__gt=last, subject_type__startswith="messaging.")
    assert about.count() > 3
    assert set(about.values_list("sealed_until", flat=True)) == {city.opens_at}


def test_after_the_opening_the_buyer_is_told_on_its_channels_and_the_operator_sees_that(
    city: City, everybody, browser_of: Callable[[Member], Client]
) -> None:
    case = city.in_force("bid", by=city.applicant, project=city.lot(city.applicant, **LOT))
    drain(city.at + timedelta(minutes=10))
    night = city.opens_at + timedelta(hours=3)

    announce_opened(local_day(night), night)
    drain(night)

    told = Message.objects.filter(kind=RECEIVED.code)
    assert {message.member.organisation for message in told} == {case.beneficiary}
    assert set(told.filter(member=city.beneficiary).values_list("channel", "state")) == {
        ("sms", "sent"), ("wechat", "sent"), ("mail", "held"), ("push", "held"),
    }  # fmt: skip
    assert Message.objects.visible_to(city.operator, night).filter(kind="guarantee.delivered.applicant").exists()


def test_the_table_of_announcements_names_only_sides_that_may_know() -> None:
    told = {announcement.kind for announcement in ANNOUNCEMENTS if announcement.side not in ("applicant", "guarantor")}
    assert told == {"guarantee.prolonged"}  # where announce() keeps what is secret from the beneficiary
    by_sms = {announcement.kind for announcement in ANNOUNCEMENTS if "S" in announcement.channels}
    assert by_sms >= {"guarantee.approved", "guarantee.returned", "guarantee.delivered", "guarantee.expired"}
    assert all(set(announcement.channels) <= set("SMWP") for announcement in ANNOUNCEMENTS)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "told"), [("bid", 0), ("performance", 1)])
def test_a_beneficiary_hears_nothing_of_a_bid_guarantee_that_lasts_longer_before_the_opening(
    city: City, kind: str, told: int
) -> None:
    case = city.in_force(kind)
    drain(city.at + timedelta(hours=1))
    Notice.objects.all().delete()
    with transaction.atomic():
        record("guarantee.prolonged", case, by=SYSTEM, at=city.at + timedelta(hours=2), reason="因停业延长三十日")
    drain(city.at + timedelta(hours=3))

    assert Notice.objects.filter(member=city.beneficiary).count() == told
    assert Notice.objects.filter(member=city.applicant).count() == 1
