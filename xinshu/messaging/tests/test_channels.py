"""Stories: every provider in its own format, through the worker, against the sandbox."""

import json
from datetime import timedelta

import pytest

from xinshu.core.tc3 import signature
from xinshu.messaging.channels import aliyun
from xinshu.messaging.channels.wire import masked
from xinshu.messaging.models import AccessToken, Call, Message
from xinshu.messaging.tests.channels import later, only, person, report_back, tell, template

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_signature_of_aliyun_is_the_one_of_its_manual():
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }

    _names, mark = aliyun.signature("YourAccessKeySecret", "POST", "/", query, headers, b"")

    assert mark == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def test_the_signature_of_tencent_is_the_one_of_its_manual():
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}

    scope, _names, mark = signature("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", headers, body, 1551113065)

    assert scope == "2019-02-25/cvm/tc3_request"
    assert mark == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


@pytest.mark.parametrize("channel", ["sms", "mail", "wechat", "push"])
def test_a_message_leaves_once_and_its_call_is_kept_without_secrets(sandbox, at, channel):
    if channel in {"sms", "wechat"}:
        template(channel, at)
    member = person(1, channels=[channel])

    tell(member, at)
    later(at)
    later(at, hours=1)

    sent = only(channel)
    assert (sent.state, sent.attempts, bool(sent.serial)) == ("sent", 1, True)
    assert timedelta(0) <= sent.sent_at - at < timedelta(minutes=1)
    assert len(sandbox.world.sent) + len(sandbox.mails) == 1
    shown = "".join(f"{call.address}{call.request}{call.answer}" for call in Call.objects.all())
    assert Call.objects.filter(message=sent).exclude(act__in=["token", "cid"]).count() == 1
    assert not Call.objects.exclude(message=sent).exists()
    for secret in ("sandbox-key-secret", "sandbox-password", "sandbox-secret", "13900001234", "someone1234", "300.00"):
        assert secret not in shown


def test_tencent_gets_its_variables_in_the_order_of_the_text(by_tencent, at):
    template("sms", at, code="1110")

    tell(person(1), at)
    later(at)

    assert by_tencent.world.sent == [
        {"provider": "tencent", "address": "+8613900001234", "what": ["履约保函", "300.00"]}
    ]
    assert only("sms").state == "sent"


def test_a_mail_carries_subject_text_and_an_address_of_ours_over_tls(sandbox, at, settings):
    tell(person(1, channels=["mail"]), at, link="/guarantees/x/")
    later(at)

    import email
    import email.policy

    mail = email.message_from_bytes(sandbox.mails[0]["content"], policy=email.policy.default)
    assert mail["subject"] == "保函通过"
    assert mail.get_content().split() == [
        "履约保函已通过，保费",
        "300.00",
        "元。",
        f"{settings.PUBLIC_URL}/notices/go/{only('mail').reference}/",
    ]
    assert mail["message-id"] == only("mail").key


@pytest.mark.parametrize(
    ("ending", "state", "word"),
    [("0002", "failed", "不是有效号码"), ("0003", "failed", "黑名单"), ("0004", "unknown", "没有答复")],
)
@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_an_sms_that_the_provider_does_not_take(sandbox, by_tencent, at, settings, provider, ending, state, word):
    if provider == "aliyun":
        keys = {"key_id": "sandbox-key-id", "key_secret": "sandbox-key-secret", "sign": "信枢"}
        url = f"http://127.0.0.1:{sandbox.port}/aliyun"
        settings.MESSAGING = {"sms": {"provider": "aliyun", "url": url, **keys}}
    template("sms", at, code="1110" if provider == "tencent" else "SMS_1110")

    tell(person(1, ending=ending), at)
    later(at)
    later(at, days=1)

    message = only("sms")
    assert message.state == state
    assert word in message.reason
    assert Call.objects.count() == 1  # nobody tries again what will not change, or may have been taken


@pytest.mark.parametrize("channel", ["sms", "mail", "wechat", "push"])
def test_a_frequency_limit_is_tried_again_later_and_then_it_goes(sandbox, at, channel):
    if channel in {"sms", "wechat"}:
        template(channel, at)
    tell(person(1, channels=[channel], ending="0001"), at)

    later(at)
    waiting = only(channel)
    later(at, seconds=10)
    later(at, seconds=30)

    assert (waiting.state, waiting.attempts) == ("queued", 1)
    sent = only(channel)
    assert (sent.state, sent.attempts) == ("sent", 2)


def test_a_provider_that_stays_busy_is_given_up_after_six_tries(sandbox, at):
    template("sms", at)
    tell(person(1, ending="0009"), at)

    for hour in range(0, 48, 4):
        later(at, hours=hour)

    message = only("sms")
    assert (message.state, message.attempts) == ("failed", 6)
    assert "服务商系统繁忙" in message.reason


def test_a_provider_that_is_away_is_tried_again(sandbox, at, settings):
    template("sms", at)
    right = settings.MESSAGING
    settings.MESSAGING = right | {"sms": right["sms"] | {"url": "http://127.0.0.1:9/aliyun"}}
    tell(person(1), at)

    later(at)
    settings.MESSAGING = right
    later(at, minutes=1)

    assert (only("sms").state, only("sms").attempts) == ("sent", 2)


def test_a_wrong_key_is_refused_by_the_provider_and_said_so(sandbox, at, settings):
    template("sms", at)
    wrong = settings.MESSAGING["sms"] | {"key_secret": "another"}
    settings.MESSAGING = settings.MESSAGING | {"sms": wrong}

    tell(person(1), at)
    later(at)

    assert "SignatureDoesNotMatch" in only("sms").reason


def test_wechat_keeps_its_token_and_fetches_another_when_it_went_stale(sandbox, at):
    template("wechat", at)

    tell(person(1, channels=["wechat"]), at, key="a")
    tell(person(2, channels=["wechat"], ending="5678"), at, key="b")
    later(at)
    assert Call.objects.filter(act="token").count() == 1
    tell(person(3, channels=["wechat"], ending="0008"), at, key="c")
    later(at, minutes=1)

    assert Call.objects.filter(act="token").count() == 2
    assert list(Message.objects.filter(channel="wechat").values_list("state", flat=True)) == ["sent"] * 3
    assert len(sandbox.world.sent) == 3
    assert next(iter(sandbox.world.tokens)).encode() not in bytes(AccessToken.objects.get().sealed)


def test_wechat_renews_a_token_that_is_about_to_run_out(sandbox, at):
    template("wechat", at)
    tell(person(1, channels=["wechat"]), at, key="a")
    later(at)

    tell(person(2, channels=["wechat"], ending="5678"), at, key="b")
    later(at, hours=2)

    assert Call.objects.filter(act="token").count() == 2


def test_a_receipt_that_comes_back_marks_what_arrived(sandbox, at, client):
    template("sms", at)
    template("wechat", at)
    tell(person(1, channels=["sms", "wechat"]), at)
    later(at)

    answers = report_back(sandbox, client)

    assert [json.loads(answer.content) if answer.content[:1] == b"{" else answer.content for answer in answers] == [
        {"code": 0, "msg": "接收成功"},
        b"success",
    ]
    assert set(Message.objects.filter(channel__in=["sms", "wechat"]).values_list("state", flat=True)) == {"delivered"}


@pytest.mark.parametrize(
    "text",
    ["13912345678", '"PhoneNumbers": "13912345678"', "+8613912345678", "someone@example.cn", "access_token=abc1"],
)
def test_what_is_logged_is_masked(text):
    assert not {"13912345678", "someone@", "abc1"} & {
        part for part in ("13912345678", "someone@", "abc1") if part in masked(text)
    }
