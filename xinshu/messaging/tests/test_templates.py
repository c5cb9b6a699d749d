"""Stories: templates are drafted, checked, approved by the provider, activated; and the pages on which that is done."""

import pytest

from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Message, MessageTemplate
from xinshu.messaging.templates import activate_template, ask_approval, draft_template, edit_template, retire_template
from xinshu.messaging.tests.channels import KIND, later, only, person, tell

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = f"/operations/templates/{KIND.code}/sms/"


def _draft(by, at, *, text="${kind}已通过", code="SMS_1001", channel="sms"):
    return draft_template(KIND.code, channel, subject="", text=text, provider_code=code, by=by, at=at)


@pytest.mark.parametrize(
    ("channel", "text", "word"),
    [
        ("sms", "${nobody}已通过", "没有占位项 nobody"),
        ("sms", "{{kind}}已通过", "占位项要写成"),
        ("sms", "${kind 已通过", "占位项要写成"),
        ("sms", "%(kind)s已通过", "占位项要写成"),
        ("sms", "  ", "请填写模板内容"),
        ("wechat", "${kind}已通过", "每行写一个字段"),
        ("fax", "x", "不用这个渠道"),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused(operator, at, channel, text, word):
    with pytest.raises(Invalid, match=word):
        _draft(operator, at, text=text, channel=channel)

    assert not MessageTemplate.objects.exists()


def test_nobody_but_the_operator_writes_templates(clerk, at):
    with pytest.raises(NotPermitted):
        _draft(clerk, at)


@pytest.mark.parametrize(
    ("code", "approval"), [("SMS_1001", "approved"), ("SMS_1008", "pending"), ("SMS_1009", "refused")]
)
@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_an_sms_template_is_used_once_the_provider_has_approved_it(
    sandbox, by_tencent, operator, at, settings, code, approval, provider
):
    if provider == "aliyun":
        keys = {"key_id": "sandbox-key-id", "key_secret": "sandbox-key-secret", "sign": "信枢"}
        settings.MESSAGING = {"sms": {"provider": provider, "url": f"http://127.0.0.1:{sandbox.port}/aliyun", **keys}}
    draft = _draft(operator, at, code=code if provider == "aliyun" else code.removeprefix("SMS_"))
    with pytest.raises(NotNow):
        activate_template(draft, by=operator, at=at)

    ask_approval(draft, by=operator, at=at)
    drain()

    draft.refresh_from_db()
    assert draft.approval == approval
    if approval == "approved":
        assert activate_template(draft, by=operator, at=at).state == "active"
    else:
        with pytest.raises(NotNow):
            activate_template(draft, by=operator, at=at)


def test_a_new_version_retires_the_one_before_and_history_stays(sandbox, operator, at):
    first = _draft(operator, at)
    first.change(approval="approved")
    activate_template(first, by=operator, at=at)
    second = _draft(operator, at, text="${kind}好了")
    first.refresh_from_db()
    with pytest.raises(NotNow):
        edit_template(first, subject="", text="x", provider_code="", by=operator, at=at)

    second.change(approval="approved")
    activate_template(second, by=operator, at=at)

    assert list(MessageTemplate.objects.order_by("number").values_list("number", "state")) == [
        (1, "retired"),
        (2, "active"),
    ]
    kinds = Entry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [f"message_template.{what}" for what in ("drafted", "activated", "drafted", "activated")]


def test_editing_the_number_at_the_provider_forgets_its_approval(operator, at):
    draft = _draft(operator, at)
    draft.change(approval="approved")

    edited = edit_template(draft, subject="", text="${kind}", provider_code="SMS_2", by=operator, at=at)

    assert (edited.approval, edited.provider_code) == ("", "SMS_2")


def test_a_retired_template_sends_nothing_more(sandbox, operator, at):
    draft = _draft(operator, at)
    draft.change(approval="approved")
    active = activate_template(draft, by=operator, at=at)
    with pytest.raises(Invalid):
        retire_template(active, " ", by=operator, at=at)

    retire_template(active, "内容要改", by=operator, at=at)
    tell(person(1), at)
    later(at)

    assert only("sms").state == "suppressed"


@pytest.mark.req("EP-37", "CS-58")
def test_channel_template_test_send_and_failure_on_the_operator_s_pages(sandbox, page_of, operator, at):
    browser = page_of(operator)
    channels = browser.get("/operations/channels/").content.decode()
    assert "已启用 · aliyun" in channels
    assert "sandbox-key-secret" not in channels
    assert "test.approved" in browser.get("/operations/templates/").content.decode()

    wrong = browser.post(PAGE, {"text": "${nobody}", "provider_code": "SMS_1001"})
    assert wrong.status_code == 422
    assert "没有占位项 nobody" in wrong.content.decode()
    browser.post(PAGE, {"text": "${kind}已通过，保费${fee}元", "provider_code": "SMS_1001"})
    draft = MessageTemplate.objects.get()
    act = f"/operations/templates/version/{draft.reference}/"
    browser.post(f"{act}ask/", {"version": draft.version})
    drain()
    browser.post(f"{act}activate/", {"version": MessageTemplate.objects.get().version})
    assert "使用中" in browser.get(PAGE).content.decode()

    seen = {"version": MessageTemplate.objects.get().version}
    assert browser.post(f"{act}test/", seen | {"address": "12"}).status_code == 422
    sent = browser.post(f"{act}test/", seen | {"address": "13900000003"})
    drain()
    failed = browser.get(sent.url).content.decode()
    assert "号码在服务商黑名单中" in failed
    assert "139****0003" in failed
    assert "13900000003" not in failed
    assert "测试发送" in failed
    listed = browser.get("/operations/messages/?view=failed").content.decode()
    assert Message.objects.get().reference in listed

    browser.post(f"{sent.url}retry/", {"version": Message.objects.get().version})
    drain()
    assert Message.objects.get().calls.count() == 2
    assert "SendSms" in browser.get("/operations/messages/calls/?channel=sms").content.decode()


PAGES = [
    "/operations/messages/", "/operations/messages/calls/", "/operations/channels/", "/operations/templates/", PAGE,
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_others_do_not_come_in(client, page_of, clerk, page):
    assert client.get(page).status_code == 302
    assert page_of(clerk).get(page).status_code == 403


def test_a_list_of_one_and_of_thirty_take_the_same_queries(sandbox, page_of, operator, at):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, member = page_of(operator), person(1)
    tell(member, at, key="0")
    browser.get("/operations/messages/?view=suppressed")
    with CaptureQueriesContext(connection) as one:
        browser.get("/operations/messages/?view=suppressed")
    for key in range(1, 30):
        tell(member, at, key=str(key))
    with CaptureQueriesContext(connection) as thirty:
        browser.get("/operations/messages/?view=suppressed")

    assert len(one) == len(thirty) <= 10


@pytest.mark.parametrize(
    "query",
    ["view=x", "page=x", "page=99999", "channel=x", "kind=%FF", "q=" + "x" * 300, "view=sent&page=-1"],
)
@pytest.mark.parametrize("page", ["/operations/messages/", "/operations/messages/calls/"])
def test_junk_in_the_address_narrows_nothing(page_of, operator, page, query):
    assert page_of(operator).get(f"{page}?{query}").status_code == 200
