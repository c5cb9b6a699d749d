"""Stories: exactly once per channel, whatever dies; receipts in any order; a person decides what nobody can know."""

import pytest
from django.db import transaction

from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Delivery, Entry
from xinshu.messaging import sending
from xinshu.messaging.channels import channel_named
from xinshu.messaging.lifecycle import MESSAGE
from xinshu.messaging.models import Message, Notice, Receipt
from xinshu.messaging.receipts import Report, take_report
from xinshu.messaging.sending import decide_message
from xinshu.messaging.tests.channels import KIND, VALUES, later, only, person, report_back, tell, template

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def dying(monkeypatch):
    """Let the process die between the provider's answer and our note of it, once."""

    def die_after(name):
        finish = getattr(sending, name)

        def die(*_args):
            monkeypatch.setattr(sending, name, finish)
            raise Killed

        monkeypatch.setattr(sending, name, die)

    return die_after


def _restart(at, **more):
    """What another worker finds when the lease of the dead one has run out."""
    Delivery.objects.filter(state="waiting").update(leased_until=None, leased_by="")
    later(at, **more)


@pytest.mark.parametrize("channel", ["sms", "mail"])
def test_where_repetitions_cannot_be_told_a_death_leaves_it_unknown_and_nothing_goes_twice(sandbox, at, dying, channel):
    if channel == "sms":
        template("sms", at)
    tell(person(1, channels=[channel]), at)
    dying("_finish")

    with pytest.raises(Killed):
        later(at)
    interrupted = only(channel).state
    _restart(at, minutes=1)
    _restart(at, days=1)

    assert interrupted == "sending"
    assert only(channel).state == "unknown"
    assert len(sandbox.world.sent) + len(sandbox.mails) == 1


@pytest.mark.parametrize("channel", ["wechat", "push"])
def test_where_the_provider_tells_repetitions_a_death_is_repaired_and_nothing_goes_twice(sandbox, at, dying, channel):
    if channel == "wechat":
        template("wechat", at)
    tell(person(1, channels=[channel]), at)
    dying("_finish")

    with pytest.raises(Killed):
        later(at)
    _restart(at, minutes=1)

    assert only(channel).state == "sent"
    assert len(sandbox.world.sent) == 1


def test_after_the_provider_has_forgotten_the_key_a_death_leaves_it_unknown(sandbox, at, dying):
    template("wechat", at)
    tell(person(1, channels=["wechat"]), at)
    dying("_finish")

    with pytest.raises(Killed):
        later(at)
    _restart(at, minutes=20)

    assert only("wechat").state == "unknown"
    assert len(sandbox.world.sent) == 1


def test_a_death_before_the_call_loses_nothing(sandbox, at, dying):
    template("sms", at)
    tell(person(1), at)
    dying("_begin")

    with pytest.raises(Killed):
        later(at)
    _restart(at, minutes=1)

    assert only("sms").state == "sent"


@pytest.mark.parametrize("channel", ["wechat", "push"])
def test_a_line_that_breaks_is_asked_again_under_the_same_key(sandbox, at, channel):
    if channel == "wechat":
        template("wechat", at)
    tell(person(1, channels=[channel], ending="0004"), at)
    later(at)
    first = only(channel)

    later(at, seconds=30)

    assert (first.state, first.doubtful) == ("queued", True)
    assert only(channel).state == "sent"
    assert only(channel).key == first.key
    assert len(sandbox.world.sent) == 1


def test_a_broken_line_that_nobody_could_ask_about_in_time_stays_unknown(sandbox, at):
    template("wechat", at)
    tell(person(1, channels=["wechat"], ending="0004"), at)
    later(at)

    later(at, hours=3)

    assert only("wechat").state == "unknown"
    assert len(sandbox.world.sent) == 1


def test_the_reaction_that_announces_may_run_twice(sandbox, at):
    template("sms", at)
    member = person(1)

    tell(member, at)
    tell(member, at)
    later(at)

    assert Message.objects.filter(channel="sms").count() == 1
    assert len(sandbox.world.sent) == 1


def test_a_receipt_before_the_answer_is_kept_and_one_that_comes_three_times_counts_once(sandbox, at, client):
    template("sms", at)
    tell(person(1, ending="0006"), at)
    early = only("sms")
    take_report("aliyun", Report("7^0", early.reference, True, "DELIVERED"), at=at)

    later(at)
    report_back(sandbox, client)

    assert only("sms").state == "delivered"
    assert Receipt.objects.get(serial=only("sms").serial).times == 3


def test_a_receipt_settles_what_was_unknown(sandbox, at, client):
    template("sms", at)
    tell(person(1, ending="0004"), at)
    later(at)
    assert only("sms").state == "unknown"

    report_back(sandbox, client)

    assert only("sms").state == "delivered"


def test_what_did_not_arrive_is_failed_and_can_be_sent_again_by_the_operator(sandbox, at, client, operator):
    template("sms", at)
    tell(person(1, ending="0005"), at)
    later(at)
    report_back(sandbox, client)
    failed = only("sms")

    decide_message(failed, "retry", "", by=operator, at=at)
    later(at, minutes=1)

    assert failed.state == "failed"
    assert "UNDELIVRD" in failed.reason
    assert only("sms").state == "sent"
    assert len(sandbox.world.sent) == 2
    assert Entry.objects.filter(kind="message.queued", actor_key=operator.actor_key).count() == 1


@pytest.mark.parametrize(("action", "state", "sendings"), [("resend", "sent", 2), ("settle", "sent", 1)])
def test_a_person_decides_what_nobody_can_know(sandbox, at, dying, operator, action, state, sendings):
    template("sms", at)
    tell(person(1), at)
    dying("_finish")
    with pytest.raises(Killed):
        later(at)
    _restart(at, minutes=1)
    unknown = only("sms")

    with pytest.raises(Invalid):
        decide_message(unknown, action, " ", by=operator, at=at)
    decide_message(unknown, action, "服务商后台没有这条记录", by=operator, at=at)
    later(at, minutes=2)

    assert only("sms").state == state
    assert len(sandbox.world.sent) == sendings


def test_who_left_before_it_was_sent_gets_nothing(sandbox, at):
    template("sms", at)
    member = person(1)
    tell(member, at)
    member.active = False
    member.save(update_fields=["active"])

    later(at)

    assert only("sms").state == "suppressed"
    assert sandbox.world.sent == []


def test_a_channel_that_was_switched_off_meanwhile_sends_nothing(sandbox, at, settings):
    template("sms", at)
    tell(person(1), at)
    settings.MESSAGING = {}

    later(at)

    assert only("sms").state == "suppressed"


def test_without_address_or_template_it_is_said_why_nothing_left(sandbox, at):
    tell(person(1, channels=["sms"]), at)
    later(at)

    reasons = dict(Message.objects.values_list("channel", "reason"))
    assert "模板" in reasons["sms"]
    assert all("地址" in reasons[channel] for channel in ("mail", "wechat", "push"))
    assert set(Message.objects.values_list("state", flat=True)) == {"suppressed"}


def test_addresses_do_not_lie_in_the_database_in_the_clear(sandbox, at):
    template("sms", at)
    tell(person(1), at)

    message = only("sms")

    assert message.address == "13900001234"
    assert b"13900001234" not in bytes(message.address_sealed)
    assert message.masked == "139****1234"


HUMAN = [(row.action, state) for row in MESSAGE.rows if row.side == "operator" for state in MESSAGE.states]


@pytest.mark.parametrize(("action", "state"), HUMAN)
def test_every_decision_in_every_state(at, operator, clerk, action, state):
    member = person(1)
    notice = Notice.objects.create(member=member, text="x", key="k", at=at)
    message = Message.objects.create(
        notice=notice, member=member, kind=KIND.code, channel="sms", priority=2, state=state, created_at=at, due_at=at
    )
    allowed = any(row.action == action and state in row.sources for row in MESSAGE.rows)

    with pytest.raises(NotPermitted):
        decide_message(message, action, "原因", by=clerk, at=at)
    if allowed:
        decide_message(message, action, "原因", by=operator, at=at)
        with pytest.raises(Changed):
            decide_message(message, action, "原因", by=operator, at=at)
    else:
        with pytest.raises(NotNow):
            decide_message(message, action, "原因", by=operator, at=at)
        assert not Entry.objects.exists()
        assert Message.objects.get().state == state


def test_every_channel_is_a_channel(sandbox):
    for name in ("sms", "mail", "wechat", "push"):
        assert channel_named(name).repeatable.total_seconds() >= 0


def test_values_survive_whatever_order_the_database_keeps(at):
    with transaction.atomic():
        message = Message.objects.create(
            kind=KIND.code, channel="sms", priority=2, state="queued", created_at=at, due_at=at,
            template=template("sms", at), values=dict(reversed(VALUES.items())),
        )  # fmt: skip

    letter = sending._letter(message)

    assert list(letter.values) == ["kind", "fee"]
