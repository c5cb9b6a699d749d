"""Pages: where providers ring. Whoever does not prove to be one learns nothing and changes nothing."""

import json

import pytest

from xinshu.messaging.models import Receipt
from xinshu.messaging.sandbox.providers import wechat_callback
from xinshu.messaging.tests.channels import later, only, person, tell, template
from xinshu.messaging.views.callbacks import callback_secret

pytestmark = pytest.mark.django_db(transaction=True)
REPORT = [{"biz_id": "1^0", "out_id": "ABC", "success": True, "err_code": "DELIVERED"}]


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_without_the_secret_there_is_no_such_address(client, provider):
    for secret in ("x", "0" * 32, callback_secret("another")):
        answer = client.post(f"/callbacks/{provider}/{secret}/", json.dumps(REPORT), content_type="application/json")
        assert answer.status_code == 404

    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b"[1, null, []]", b"\xff\xfe", b"[" * 5000, b'[{"biz_id": {"a": 1}}]']
)
@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_junk_from_a_provider_breaks_nothing(client, provider, body):
    address = f"/callbacks/{provider}/{callback_secret(provider)}/"

    assert client.post(address, body, content_type="application/json").status_code == 200


def test_a_form_from_somebody_who_knows_the_secret_breaks_nothing(client):
    answer = client.post(f"/callbacks/aliyun/{callback_secret('aliyun')}/", {"a": "b"})

    assert answer.status_code == 200
    assert not Receipt.objects.exists()


def test_wechat_proves_itself_by_its_signature(sandbox, client):
    told = "<Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID><Status>success</Status>"
    ring = wechat_callback("sandbox-token", f"<xml>{told}</xml>")
    forged = wechat_callback("another-token", "<xml/>")

    assert client.get(f"/callbacks/wechat/?{ring.query}&echostr=12345").content == b"12345"
    assert client.post(f"/callbacks/wechat/?{ring.query}", ring.body, content_type="text/xml").content == b"success"
    assert client.post(f"/callbacks/wechat/?{forged.query}", b"<xml/>", content_type="text/xml").status_code == 404
    assert client.get("/callbacks/wechat/").status_code == 404
    assert Receipt.objects.get().serial == "7"


@pytest.mark.parametrize("body", ["", "<xml>", "no xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml>&a;</xml>'])
def test_junk_from_wechat_breaks_nothing(sandbox, client, body):
    ring = wechat_callback("sandbox-token", body)

    answer = client.post(f"/callbacks/wechat/?{ring.query}", ring.body, content_type="text/xml")

    assert answer.status_code == 200
    assert not Receipt.objects.exists()


def test_a_switched_off_wechat_has_no_address(client):
    ring = wechat_callback("", "<xml/>")

    assert client.get(f"/callbacks/wechat/?{ring.query}").status_code == 404


def test_a_receipt_of_another_provider_s_message_changes_nothing(sandbox, at, client):
    template("sms", at)
    tell(person(1), at)
    later(at)
    report = [{"sid": only("sms").serial, "report_status": "SUCCESS", "errmsg": "DELIVRD"}]

    address = f"/callbacks/tencent/{callback_secret('tencent')}/"
    client.post(address, json.dumps(report), content_type="application/json")

    assert only("sms").state == "sent"
