"""Codes of accounts by SMS: from the registration page over the worker to the provider, and not kept."""

import re

import pytest
from django.test import Client

from xinshu.accounts.models import Registration
from xinshu.core.clock import now
from xinshu.ledger.worker import drain
from xinshu.messaging.codes import KIND
from xinshu.messaging.models import Message, MessageTemplate

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, PASSWORD = "13900001234", "bridge-over-calm-water"


@pytest.fixture
def by_sms(sandbox, settings):
    settings.CODE_CHANNEL = "xinshu.messaging.codes.BySms"
    return sandbox


def in_use(at) -> None:
    MessageTemplate.objects.create(
        kind=KIND, channel="sms", number=1, state="active", text="验证码${code}，用于${purpose}", approval="approved",
        provider_code="SMS_1001", created_at=at,
    )  # fmt: skip


@pytest.mark.req("FS-31")
def test_a_mobile_registers_with_the_code_that_the_provider_was_handed(by_sms, at):
    in_use(at)
    client = Client()

    asked = client.post("/register/quick/", {"phone": PHONE, "send": "1"})
    drain(now())
    (sent,) = by_sms.world.sent
    code = re.search(r"(?<!\d)\d{6}(?!\d)", str(sent["what"]))
    assert code is not None
    done = client.post(
        "/register/quick/", {"phone": PHONE, "code": code[0], "password": PASSWORD, "agreed": "on"}
    )  # fmt: skip

    message = Message.objects.get()
    assert (asked.status_code, done.status_code) == (200, 302)
    assert Registration.objects.get().phone_proven
    assert (message.state, message.text, message.values, message.masked) == ("sent", "", {}, "139****1234")


def test_without_a_template_in_use_the_doors_by_sms_are_absent(by_sms, at):
    closed = [Client().get(path).status_code for path in ("/register/quick/", "/sign-in/code/", "/recover/")]
    in_use(at)

    assert closed == [404, 404, 404]
    assert Client().get("/register/quick/").status_code == 200
