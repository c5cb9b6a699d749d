"""The city of the claims tests, a link in somebody's hands, and the phone that opens it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client

from xinshu.accounts.models import SandboxMessage
from xinshu.claims.tests.city import ClaimsCity
from xinshu.claims.tests.conftest import city, files
from xinshu.core.clock import moved_to
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.links.actions.sending import send_to_person
from xinshu.links.models import Link
from xinshu.messaging.tests.conftest import sandbox

PHONE = "13900001234"


@pytest.fixture
def clock(city: ClaimsCity):
    """Let pages, which read the clock, be asked on Monday the 23rd."""
    with moved_to(city.day(2)):
        yield


def token_in(text: str) -> str:
    found = re.search(r"/l/([\w-]+)/", text)
    assert found is not None, text
    return found[1]


def last_sms(phone: str = PHONE) -> str:
    return SandboxMessage.objects.filter(phone=phone).order_by("-pk")[0].text


def code_sent(phone: str = PHONE) -> str:
    found = re.search(r"验证码 (\d{6})", last_sms(phone))
    assert found is not None
    return found[1]


def sent(city: ClaimsCity, case: Guarantee | None = None, *, by=None, phone: str = PHONE, **facts) -> tuple[Link, str]:
    """Return a link that went to `phone`, and its token as the SMS said it."""
    case = case or city.come_to("in_force")
    facts = {"at": city.day(2, 9)} | facts
    link = send_to_person(case, name="王芳", phone=phone, by=by or city.signer, **facts)
    return link, token_in(last_sms(phone))


@dataclass
class Holder:
    """Somebody with the phone and a browser: `goes`, `does`, `sees`, all within the link's room."""

    browser: Client
    link: Link

    @property
    def base(self) -> str:
        return f"/links/{self.link.reference}/"

    def goes(self, path: str = "") -> HttpResponse:
        return self.browser.get(f"{self.base}{path}")

    def sees(self, path: str = "") -> str:
        return self.goes(path).content.decode()

    def does(self, path: str, **data: object) -> HttpResponse:
        return self.browser.post(f"{self.base}{path}", data)


def let_in(link: Link, token: str, phone: str = PHONE) -> Holder:
    """Open a link as its holder does: ask for the code, type it."""
    browser = Client()
    assert browser.post(f"/l/{token}/", {"send": "1"}).status_code == 200
    opened = browser.post(f"/l/{token}/", {"code": code_sent(phone)})
    assert opened.status_code == 302, opened.content.decode()
    return Holder(browser, link)


@pytest.fixture
def holder_of(city: ClaimsCity, clock: None) -> Callable[..., Holder]:
    """`holder_of(case)`: the holder of a fresh link under it, let in."""

    def of(case: Guarantee | None = None, **facts) -> Holder:
        return let_in(*sent(city, case, **facts))

    return of


def now_of(case: Guarantee) -> Guarantee:
    return Guarantee.objects.select_related(*PARTIES).get(pk=case.pk)


__all__ = ["city", "files", "sandbox"]  # as the tests of claims and of messages have them
