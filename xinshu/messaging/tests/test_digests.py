"""Stories: what waits is sent as one, once, at its hour; quiet hours pass; critical news does not wait."""

import dataclasses
from datetime import time

import pytest

from xinshu.core.clock import moment, today
from xinshu.messaging import kinds
from xinshu.messaging.digests import send_digest
from xinshu.messaging.models import Digest, Message, Notice, Preference, QuietHours
from xinshu.messaging.tests.channels import KIND, later, only, person, tell, template

pytestmark = pytest.mark.django_db(transaction=True)


def _wish(member, channel, rhythm, least=1):
    Preference.objects.create(user=member.user, channel=channel, rhythm=rhythm, least=least)


def _mails(sandbox):
    import email
    import email.policy

    return [
        email.message_from_bytes(mail["content"], policy=email.policy.default).get_content() for mail in sandbox.mails
    ]


def test_a_day_s_news_leaves_as_one_mail_at_eight(sandbox, at):
    member = person(1, channels=["mail"])
    _wish(member, "mail", "daily")
    for key in "abc":
        tell(member, at, key=key)

    later(at, hours=1)
    early = len(sandbox.mails)
    later(at, hours=23)
    later(at, hours=24)

    assert early == 0
    assert [mail.count("履约保函已通过") for mail in _mails(sandbox)] == [3]
    assert Message.objects.filter(channel="mail", state="collected").count() == 3
    assert Message.objects.get(kind="digest").state == "sent"


def test_a_digest_leaves_out_what_was_removed_and_is_never_sent_twice(sandbox, at):
    member = person(1, channels=["mail"])
    _wish(member, "mail", "daily")
    for key in "ab":
        tell(member, at, key=key)
    Notice.objects.filter(key="a").update(removed_at=at)

    later(at, hours=24)
    digest = Digest.objects.get()
    send_digest(digest.pk, at)
    later(at, hours=48)

    assert [mail.count("履约保函已通过") for mail in _mails(sandbox)] == [1]


def test_news_of_an_organisation_that_one_has_left_is_not_in_the_digest(sandbox, at):
    member = person(1, channels=["mail"])
    _wish(member, "mail", "daily")
    tell(member, at)
    member.active = False
    member.save(update_fields=["active"])

    later(at, hours=24)

    assert sandbox.mails == []
    assert only("mail").state == "suppressed"


@pytest.mark.parametrize(("rhythm", "days"), [("daily", 1), ("weekly", 7)])
def test_news_that_is_told_late_goes_into_the_next_digest(sandbox, at, rhythm, days):
    member = person(1, channels=["mail"])
    _wish(member, "mail", rhythm)
    tell(member, at, key="a")
    later(at, days=8)

    tell(member, at, key="late")
    first, second = Digest.objects.order_by("due_at")
    later(at, days=16)

    assert (second.due_at - first.due_at).days == days
    assert [mail.count("履约保函已通过") for mail in _mails(sandbox)] == [1, 1]


def test_quiet_hours_pass_before_a_phone_rings(sandbox, at):
    template("sms", at)
    member = person(1)
    QuietHours.objects.create(user=member.user, begins=time(8), ends=time(12))
    tell(member, at)

    later(at, hours=2)
    waiting = only("sms")
    later(at, hours=3, minutes=1)

    assert (waiting.state, waiting.due_at) == ("queued", moment(today(), 12))
    assert only("sms").state == "sent"


def test_critical_news_comes_through_what_is_switched_off(sandbox, at, monkeypatch):
    monkeypatch.setitem(kinds._kinds, KIND.code, dataclasses.replace(KIND, priority=kinds.CRITICAL))
    template("sms", at)
    member = person(1, channels=["sms", "mail"])
    QuietHours.objects.create(user=member.user, begins=time(8), ends=time(12))
    for channel in ("sms", "mail"):
        _wish(member, channel, "off")

    tell(member, at)
    later(at)

    assert (only("sms").state, only("mail").state) == ("sent", "sent")


def test_what_is_switched_off_stays_on_the_page(sandbox, at):
    member = person(1, channels=["mail"])
    _wish(member, "mail", "off")

    tell(member, at)
    later(at)

    assert only("mail").state == "suppressed"
    assert Notice.objects.filter(member=member).count() == 1
