"""A house with an administrator and a colleague in whose name its system acts; a client of that system."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import moved_to, now
from xinshu.integrations import signing
from xinshu.integrations.actions.clients import confirm_client, propose_client
from xinshu.integrations.actions.keys import issue_key
from xinshu.integrations.models import ApiClient, ApiKey

SM2_PRIVATE = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"  # of the public examples of SM2


@dataclass
class System:
    """The other side: holds a key and calls with it."""

    key: ApiKey
    secret: str
    scheme: str = signing.HMAC_SM3
    address: str = "203.0.113.8"

    @property
    def client(self) -> ApiClient:
        return self.key.client

    def authorization(
        self, method: str, path: str, query: str = "", body: bytes = b"", *, at: datetime | None = None, nonce: str = ""
    ) -> str:
        if self.key.kind == ApiKey.Kind.BEARER:
            return f"Bearer {self.secret}"
        return signing.authorization(
            self.scheme, self.key.code, self.secret, method, path, query=query, body=body,
            timestamp=int((at or now()).timestamp()), nonce=nonce or secrets.token_hex(8),
        )  # fmt: skip

    def get(self, path: str, query: str = "", **headers: str) -> HttpResponse:
        return Client().get(
            f"{path}?{query}" if query else path, REMOTE_ADDR=self.address,
            headers={"Authorization": self.authorization("GET", path, query), **headers},
        )  # fmt: skip

    def post(
        self, path: str, data: Any = None, query: str = "", *, key: str = "", raw: bytes | None = None
    ) -> HttpResponse:
        body = raw if raw is not None else json.dumps(data or {}).encode()
        return Client().post(
            f"{path}?{query}" if query else path, body, REMOTE_ADDR=self.address,
            content_type="application/octet-stream" if raw is not None else "application/json",
            headers={
                "Authorization": self.authorization("POST", path, query, body),
                "Idempotency-Key": key or secrets.token_hex(8),
            },
        )  # fmt: skip


def system_of(principal: Member, *scopes: str, by: Member, at: datetime, kind: str = "hmac", **limits: Any) -> System:
    """Return a system that may call as `principal`: proposed, agreed to, with a key."""
    client = propose_client(
        name=f"系统{secrets.token_hex(3)}", principal=principal, scopes=scopes, by=by, at=at, **limits
    )
    client = confirm_client(client, by=principal, at=at)
    key, secret = issue_key(client, kind=kind, by=by, at=at)
    key = ApiKey.objects.select_related("client__organisation").get(pk=key.pk)
    return System(key, secret)


def member_of(organisation: Organisation, *roles: str) -> Member:
    user = User.objects.create(username=f"u-{secrets.token_hex(4)}", name=f"经办{secrets.token_hex(2)}")
    return Member.objects.create(user=user, organisation=organisation, roles=list(roles))


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def house(db: None) -> Organisation:
    return Organisation.objects.create(name="云州恒达路桥工程有限公司", kind="enterprise", verified=True)


@pytest.fixture
def administrator(house: Organisation) -> Member:
    return member_of(house, "orgadmin")


@pytest.fixture
def principal(house: Organisation) -> Member:
    return member_of(house, "applicant")


@pytest.fixture
def clock(at: datetime) -> Iterator[None]:
    with moved_to(at + timedelta(minutes=1)):
        yield


@pytest.fixture
def system(administrator: Member, principal: Member, at: datetime, clock: None) -> System:
    return system_of(principal, "guarantees.view", "guarantees.apply", by=administrator, at=at)


@pytest.fixture
def browser_of(clock: None, sign_in: Callable[[Member], Client]) -> Callable[[Member], Client]:
    return sign_in
