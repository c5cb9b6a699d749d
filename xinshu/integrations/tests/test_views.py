"""The pages of 系统对接: strangers, the wrong role, the way through, as many statements for many rows as for one."""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.integrations.actions.clients import amend_client, confirm_client, propose_client
from xinshu.integrations.models import ApiClient, ApiKey, Subscription
from xinshu.integrations.tests.conftest import System, member_of, system_of
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
PAGES = ("/integrations/", "/integrations/new/", "/integrations/calls/", "/integrations/events/")


def secret_in(answer: HttpResponse) -> str:
    """Return what the page offers to copy last: the secret."""
    return re.findall(r'data-copy="([^"]+)"', answer.content.decode())[-1]


def test_a_client_is_proposed_agreed_to_and_given_a_key_that_is_shown_once(
    administrator: Member, principal: Member, browser_of: BrowserOf
) -> None:
    desk = browser_of(administrator)
    told = {
        "name": "集团 ERP", "principal": principal.pk, "scopes": ["guarantees.view"], "per_minute": 60,
        "networks": "203.0.113.8\n2001:db8::/32",
    }  # fmt: skip
    desk.post("/integrations/new/", told)
    client = ApiClient.objects.get()
    page = f"/integrations/{client.reference}/"
    drain()

    asked = Notice.objects.get(member=principal)
    not_theirs = desk.post(f"{page}confirm/", {"version": client.version})
    agreed = browser_of(principal).post(f"{page}confirm/", {"version": client.version})
    client.refresh_from_db()
    form = {"version": client.version, "kind": "bearer", "days": 30, "public_hex": "", "replaces": ""}
    shown = desk.post(f"{page}keys/", form)
    again = desk.get(page)

    key = ApiKey.objects.get()
    token = secret_in(shown)
    assert asked.link == page
    assert (not_theirs.status_code, agreed.status_code, client.state) == (403, 302, "active")
    assert client.networks == ["203.0.113.8/32", "2001:db8::/32"]
    assert token in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert token not in again.content.decode()
    assert key.code in again.content.decode()
    assert [entry.kind for entry in Entry.objects.filter(kind__startswith="api_").order_by("pk")] == [
        "api_client.proposed", "api_client.confirmed", "api_key.issued",
    ]  # fmt: skip
    assert token.partition(".")[2] not in str(list(Entry.objects.values_list("data", flat=True)))


def test_nobody_grants_what_the_principal_does_not_hold(
    administrator: Member, principal: Member, system: System, at: datetime
) -> None:
    with pytest.raises(Invalid):
        propose_client(name="越权", principal=principal, scopes=["guarantees.issue"], by=administrator, at=at)
    with pytest.raises(Invalid):
        propose_client(name="越权", principal=principal, scopes=["integrations.manage"], by=administrator, at=at)
    with pytest.raises(NotPermitted):
        propose_client(name="越权", principal=administrator, scopes=["guarantees.view"], by=principal, at=at)
    elsewhere = member_of(Organisation.objects.create(name="别家有限公司", kind="enterprise"), "applicant")
    with pytest.raises(NotPermitted):
        propose_client(name="越权", principal=elsewhere, scopes=["guarantees.view"], by=administrator, at=at)


def test_new_scopes_want_a_new_word_of_the_principal(system: System, administrator, principal, at) -> None:
    client = ApiClient.objects.get(pk=system.client.pk)

    client = amend_client(client, principal=principal, scopes=["guarantees.view"], by=administrator, at=at)
    between = system.get("/api/v1/me")
    with pytest.raises(NotPermitted):
        confirm_client(client, by=administrator, at=at)
    confirm_client(client, by=principal, at=at)

    assert between.status_code == 403
    assert system.get("/api/v1/me").json()["scopes"] == ["guarantees.view"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_sign_in_and_others_are_refused(page: str, principal: Member, browser_of: BrowserOf) -> None:
    assert Client().get(page).status_code == 302
    assert browser_of(principal).get(page).status_code == 403


def test_another_house_finds_nothing(system: System, browser_of: BrowserOf) -> None:
    other = member_of(Organisation.objects.create(name="别家有限公司", kind="enterprise"), "orgadmin")
    system.get("/api/v1/me")
    desk = browser_of(other)

    assert system.client.name not in desk.get("/integrations/").content.decode()
    assert "/api/v1/me" not in desk.get("/integrations/calls/").content.decode()
    for path in ("", "grant/", "limits/", "subscribe/"):
        assert desk.get(f"/integrations/{system.client.reference}/{path}").status_code == 404
    assert desk.post(f"/integrations/{system.client.reference}/keys/{system.key.code}/revoke/").status_code == 404


def test_a_stale_page_changes_nothing(system: System, administrator: Member, browser_of: BrowserOf) -> None:
    answer = browser_of(administrator).post(f"/integrations/{system.client.reference}/pause/", {"version": 1})

    assert answer.status_code == 409
    assert ApiClient.objects.get().state == "active"


def test_a_subscription_is_opened_with_a_secret_shown_once(system, administrator, browser_of) -> None:
    desk, page = browser_of(administrator), f"/integrations/{system.client.reference}/subscribe/"

    wrong = desk.post(page, {"url": "ftp://x", "kinds": ["guarantee.issued"]})
    shown = desk.post(page, {"url": "https://receiver.example.com/in", "kinds": ["guarantee.issued"]})

    case = Subscription.objects.get()
    assert (wrong.status_code, shown.status_code) == (422, 200)
    secret = secret_in(shown)
    assert secret not in desk.get(f"/integrations/events/{case.reference}/").content.decode()
    assert secret.encode() not in bytes(case.sealed)


def test_the_log_is_searched_and_taken_away(system: System, administrator: Member, browser_of: BrowserOf) -> None:
    system.get("/api/v1/me")
    system.post("/api/v1/guarantees", {"kind": "x"})
    desk = browser_of(administrator)

    refused = desk.get("/integrations/calls/?outcome=refused").content.decode()
    sought = desk.get("/integrations/calls/?q=v1/me").content.decode()
    book = desk.post("/integrations/calls/export/?outcome=refused")

    assert ("POST /api/v1/guarantees" in refused, "GET /api/v1/me" in refused) == (True, False)
    assert ("POST /api/v1/guarantees" in sought, "GET /api/v1/me" in sought) == (False, True)
    rows = CalamineWorkbook.from_filelike(BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3  # watermark, titles, one call
    assert Entry.objects.get(kind="api_calls.exported").data["rows"] == 1


@pytest.mark.parametrize("page", ["/integrations/", "/integrations/calls/"])
def test_many_rows_take_as_many_statements_as_one(page: str, system, administrator, principal, at, browser_of) -> None:
    desk = browser_of(administrator)
    system.get("/api/v1/me")
    desk.get(page)
    with CaptureQueriesContext(connection) as one:
        desk.get(page)

    for _number in range(8):
        system_of(principal, "guarantees.view", by=administrator, at=at).get("/api/v1/me")
    with CaptureQueriesContext(connection) as many:
        desk.get(page)

    assert len(one) == len(many)
