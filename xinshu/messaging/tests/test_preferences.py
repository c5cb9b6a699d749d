"""Stories: what a person wants, where they are reached, and the history they search."""

import re

import pytest

from xinshu.core.clock import now
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Address, Message, Notice, Preference, QuietHours
from xinshu.messaging.notices import notify_members
from xinshu.messaging.preferences import bind_wechat
from xinshu.messaging.sandbox.providers import wechat_callback
from xinshu.messaging.tests.channels import later, person, report_back, tell, template

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/notices/settings/"
CHOSEN = {
    "begins": "21:30", "ends": "07:30",
    **{f"{channel}_rhythm": "at_once" for channel in ("sms", "mail", "wechat", "push")},
    **{f"{channel}_least": "3" for channel in ("sms", "mail", "wechat", "push")},
}  # fmt: skip


def _code(sandbox):
    import email
    import email.policy

    text = email.message_from_bytes(sandbox.mails[-1]["content"], policy=email.policy.default).get_content()
    return re.search(r"\d{6}", text)[0]


@pytest.mark.req("BH-32")
def test_several_channels_priorities_digests_preferences_and_a_history_that_is_searched(sandbox, page_of, at, client):
    template("sms", at)
    template("wechat", at)
    member = person(1, channels=["sms", "mail", "wechat", "push"])
    browser = page_of(member)
    browser.post(PAGE, CHOSEN | {"mail_rhythm": "daily", "push_rhythm": "off"})

    tell(member, at)
    later(at)
    report_back(sandbox, client)
    later(at, hours=24)

    states = dict(Message.objects.filter(notice__isnull=False).values_list("channel", "state"))
    assert states == {"sms": "delivered", "mail": "collected", "wechat": "delivered", "push": "suppressed"}
    assert len(sandbox.mails) == 1
    page = browser.get("/notices/", {"q": "已通过", "tone": "info"}).content.decode()
    assert "短信已送达" in page
    assert "微信公众号已送达" in page
    assert "履约保函已通过" not in browser.get("/notices/", {"q": "解保"}).content.decode()
    assert "没有符合条件的消息" in browser.get("/notices/", {"until": "2020-01-01"}).content.decode()
    notice = Notice.objects.get()
    browser.post(f"/notices/{notice.reference}/read/")
    assert "已读" in browser.get("/notices/").content.decode()


def test_wishes_are_kept_per_person_and_shown_again(page_of, clerk, colleague):
    browser = page_of(clerk)

    answer = browser.post(PAGE, CHOSEN | {"sms_rhythm": "weekly"})

    assert answer.status_code == 302
    assert Preference.objects.get(user=clerk.user, channel="sms").rhythm == "weekly"
    assert QuietHours.objects.get(user=clerk.user).begins.isoformat() == "21:30:00"
    assert not Preference.objects.filter(user=colleague.user).exists()
    assert '<option value="weekly" selected' in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"sms_rhythm": "often"}, {"sms_least": "4"}, {"sms_least": "x"}, {"begins": "25:00"}, {"ends": ""}]
)
def test_wishes_that_cannot_be_are_refused_and_nothing_is_kept(page_of, clerk, wrong):
    answer = page_of(clerk).post(PAGE, CHOSEN | wrong)

    assert answer.status_code == 422
    assert not Preference.objects.exists()


def test_a_mail_address_is_used_once_its_code_has_come_back(sandbox, page_of, clerk, at):
    browser = page_of(clerk)
    browser.post(f"{PAGE}mail/", {"address": "me@example.cn"})
    drain()
    tell(clerk, at, key="early")

    wrong = browser.post(f"{PAGE}confirm/", {"code": "x"})
    browser.post(f"{PAGE}confirm/", {"code": _code(sandbox)})
    tell(clerk, at, key="late")

    assert (wrong.status_code, Address.objects.get().tries) == (422, 1)
    assert Address.objects.get().confirmed_at is not None
    assert list(Message.objects.filter(channel="mail", notice__isnull=False).order_by("pk").values_list("state")) == [
        ("suppressed",),
        ("queued",),
    ]


def test_five_wrong_codes_void_it_and_codes_are_not_sent_every_second(sandbox, page_of, clerk):
    browser = page_of(clerk)
    browser.post(f"{PAGE}mail/", {"address": "me@example.cn"})
    again = browser.post(f"{PAGE}mail/", {"address": "me@example.cn"})
    drain()

    for _try in range(5):
        browser.post(f"{PAGE}confirm/", {"code": "wrong"})
    late = browser.post(f"{PAGE}confirm/", {"code": _code(sandbox)})

    assert (again.status_code, late.status_code, len(sandbox.mails)) == (409, 409, 1)
    assert Address.objects.get().confirmed_at is None


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "x" * 300])
def test_what_is_no_address_is_refused(sandbox, page_of, clerk, address):
    assert page_of(clerk).post(f"{PAGE}mail/", {"address": address}).status_code == 422


def test_wechat_is_bound_by_sending_the_code_to_the_official_account(sandbox, page_of, clerk, client):
    page = page_of(clerk).post(f"{PAGE}wechat/").content.decode()
    code = re.search(r"绑定码 (\d{8})", page)[1]
    xml = (
        "<xml><ToUserName><![CDATA[gh]]></ToUserName><FromUserName><![CDATA[oOpenId123]]></FromUserName>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{code}]]></Content></xml>"
    )
    ring = wechat_callback("sandbox-token", xml)

    first = client.post(f"/callbacks/wechat/?{ring.query}", ring.body, content_type="text/xml")
    second = client.post(f"/callbacks/wechat/?{ring.query}", ring.body, content_type="text/xml")

    assert "绑定成功" in first.content.decode()
    assert "没有找到这个绑定码" in second.content.decode()
    assert (Address.objects.get().user, Address.objects.get().text) == (clerk.user, "oOpenId123")


def test_a_wechat_user_belongs_to_one_person(sandbox, clerk, colleague, at):
    from xinshu.messaging.preferences import offer_wechat

    for member in (clerk, colleague):
        assert bind_wechat(offer_wechat(by=member, at=at), "oOpenId123", at=at)

    assert Address.objects.get().user == colleague.user


def test_a_device_belongs_to_whoever_is_signed_in_on_it(page_of, clerk, colleague):
    for member in (clerk, colleague):
        assert page_of(member).post("/notices/device/", {"registration_id": "190e35f7e07abcd1"}).status_code == 200

    assert Address.objects.get().user == colleague.user
    assert page_of(clerk).post("/notices/device/", {"registration_id": "no such!"}).status_code == 422


def test_an_address_is_given_up(page_of, clerk):
    browser = page_of(clerk)
    browser.post("/notices/device/", {"registration_id": "190e35f7e07abcd1"})

    browser.post(f"{PAGE}remove-push/")

    assert not Address.objects.exists()


def test_strangers_are_sent_to_sign_in_and_unknown_acts_do_not_exist(client, page_of, clerk):
    for address in (PAGE, f"{PAGE}mail/", "/notices/device/"):
        assert client.post(address).status_code == 302
    assert page_of(clerk).post(f"{PAGE}explode/").status_code == 404


@pytest.mark.req("FS-16")
def test_history_is_read_marked_removed_filtered_and_searched(page_of, clerk):
    for number, tone in enumerate(["ok", "warn", "danger"]):
        notify_members([clerk], f"保函 {number} 的消息", tone=tone, key=f"k{number}", at=now())
    browser = page_of(clerk)
    first = Notice.objects.order_by("pk").first()

    browser.post(f"/notices/{first.reference}/read/")
    browser.post(f"/notices/{Notice.objects.get(key='k1').reference}/remove/")

    assert "保函 0" not in browser.get("/notices/?show=unread").content.decode()
    assert "保函 1 的" not in browser.get("/notices/").content.decode()
    assert "保函 0" not in browser.get("/notices/?tone=danger").content.decode()
    assert "保函 2" in browser.get("/notices/?q=保函 2").content.decode()


@pytest.mark.parametrize("query", ["tone=x", "since=yesterday", "until=9999-12-31", "since=0001-01-01"])
def test_junk_in_a_search_narrows_nothing_it_should_not(page_of, clerk, query):
    assert page_of(clerk).get(f"/notices/?{query}").status_code == 200
