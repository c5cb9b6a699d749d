"""The door: who may come in, from where, how often, how often the same thing is done, and what the log keeps."""

import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to, now
from xinshu.core.sm import Sm2Key
from xinshu.integrations import signing
from xinshu.integrations.actions.clients import limit_client, pause_client
from xinshu.integrations.actions.keys import issue_key, revoke_key
from xinshu.integrations.models import ApiKey, Call, Nonce
from xinshu.integrations.tests.conftest import SM2_PRIVATE, System, system_of

ME = "/api/v1/me"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scheme", [signing.HMAC_SM3, signing.HMAC_SHA256])
def test_a_signed_request_comes_in(system: System, scheme: str) -> None:
    answer = replace(system, scheme=scheme).get(ME)

    assert answer.status_code == 200
    assert answer.json()["client"] == system.client.name
    assert answer.json()["scopes"] == ["guarantees.apply", "guarantees.view"]


def test_an_sm2_signature_comes_in_and_only_the_public_half_is_kept(system, administrator, at) -> None:
    public = Sm2Key.from_hex(SM2_PRIVATE).public_hex
    client = system.client
    client.refresh_from_db()
    key, secret = issue_key(client, kind="sm2", public_hex=public, by=administrator, at=at)

    answer = System(key, SM2_PRIVATE, signing.SM2).get(ME)

    assert answer.status_code == 200
    assert secret == ""
    assert (key.digest, key.sealed) == ("", None)


def test_nobody_comes_in_without_proof(system: System) -> None:
    tries = {
        "": "请求没有带密钥",
        "Bearer x.y": "密钥不存在",
        "Basic abc": "没有读懂",
        f'{signing.HMAC_SM3} key="{system.key.code}"': "没有读懂",
        replace(system, secret="wrong").authorization("GET", ME): "签名不符",
        system.authorization("GET", "/api/v1/projects"): "签名不符",
        system.authorization("POST", ME): "签名不符",
        system.authorization("GET", ME, "a=1"): "签名不符",
        system.authorization("GET", ME, body=b"x"): "签名不符",
        system.authorization("GET", ME, at=now() - timedelta(seconds=301)): "时间戳",
        system.authorization("GET", ME, at=now() + timedelta(seconds=301)): "时间戳",
    }
    for claim, words in tries.items():
        answer = Client().get(ME, headers={"Authorization": claim} if claim else {})

        assert answer.status_code == 401, claim
        assert answer["Content-Type"] == "application/problem+json"
        assert words in answer.json()["detail"], claim
    assert not Call.objects.exists()


def test_a_nonce_is_good_once(system: System) -> None:
    claim = system.authorization("GET", ME, nonce="abcdefgh12345678")

    first, second = (Client().get(ME, headers={"Authorization": claim}) for _try in range(2))

    assert (first.status_code, second.status_code) == (200, 401)
    assert "随机数已经用过" in second.json()["detail"]
    assert Nonce.objects.filter(value="abcdefgh12345678").count() == 1


def test_a_session_counts_for_nothing_here(system: System, browser_of, principal: Member) -> None:
    answer = browser_of(principal).get(ME)

    assert answer.status_code == 401


def test_a_bearer_key_reads_and_never_acts(administrator, principal, at, clock) -> None:
    reader = system_of(principal, "guarantees.view", by=administrator, at=at, kind="bearer")

    reading, acting = reader.get(ME), reader.post("/api/v1/guarantees", {})

    assert (reading.status_code, acting.status_code) == (200, 403)
    assert reader.key.digest
    assert reader.secret.partition(".")[2] not in json.dumps(list(ApiKey.objects.values("digest", "code")))


def test_it_comes_only_from_its_networks(system: System, administrator: Member, at: datetime) -> None:
    client = system.client
    client.refresh_from_db()
    limit_client(client, networks=["203.0.113.0/24", "2001:db8::/32"], per_minute=120, by=administrator, at=at)

    inside, inside6, outside = (
        replace(system, address=address).get(ME) for address in ("203.0.113.77", "2001:db8::1", "198.51.100.1")
    )

    assert (inside.status_code, inside6.status_code, outside.status_code) == (200, 200, 403)
    assert "网络地址" in outside.json()["detail"]


def test_the_bucket_empties_and_fills_again(system: System, administrator: Member, at: datetime) -> None:
    client = system.client
    client.refresh_from_db()
    limit_client(client, networks=[], per_minute=3, by=administrator, at=at)
    moment = at + timedelta(minutes=5)

    with moved_to(moment):
        answers = [system.get(ME) for _call in range(4)]
    with moved_to(moment + timedelta(seconds=21)):
        later = system.get(ME)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 20
    assert later.status_code == 200


def test_a_paused_client_a_revoked_key_and_an_expired_key_are_refused(system, administrator, at) -> None:
    client = system.client
    client.refresh_from_db()
    second, secret = issue_key(client, kind="hmac", days=1, by=administrator, at=at - timedelta(days=2))
    client.refresh_from_db()
    third, other = issue_key(client, kind="hmac", by=administrator, at=at)
    revoke_key(third, by=administrator, at=at)

    expired, revoked = System(second, secret).get(ME), System(third, other).get(ME)
    client.refresh_from_db()
    pause_client(client, by=administrator, at=at)
    paused = system.get(ME)

    assert (expired.status_code, revoked.status_code, paused.status_code) == (401, 401, 403)


def test_a_replaced_key_stays_good_for_a_day(system: System, administrator: Member, at: datetime) -> None:
    client = system.client
    client.refresh_from_db()
    new, secret = issue_key(client, kind="hmac", replaces=system.key, by=administrator, at=at)

    with moved_to(at + timedelta(hours=23)):
        before = [system.get(ME).status_code, System(new, secret).get(ME).status_code]
    with moved_to(at + timedelta(hours=25)):
        after = [system.get(ME).status_code, System(new, secret).get(ME).status_code]

    assert (before, after) == ([200, 200], [401, 200])


def test_what_the_principal_loses_the_client_loses(system: System, principal: Member) -> None:
    Member.objects.filter(pk=principal.pk).update(roles=[])
    without_roles = system.get("/api/v1/guarantees")
    Member.objects.filter(pk=principal.pk).update(active=False)
    without_person = system.get(ME)

    assert (without_roles.status_code, without_person.status_code) == (403, 403)


def test_a_write_wants_an_idempotency_key(system: System) -> None:
    body = b"{}"
    claim = system.authorization("POST", "/api/v1/guarantees", body=body)
    answer = Client().post(
        "/api/v1/guarantees", body, content_type="application/json", headers={"Authorization": claim}
    )

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["fields"]


def test_the_log_keeps_what_was_called_and_covers_what_it_must(system: System) -> None:
    system.post(
        "/api/v1/guarantees", {"kind": "performance", "contact_phone": "13912345678", "account": "6222021234567890123"}
    )
    system.get("/api/v1/guarantees", "q=13912345678")

    posted, got = Call.objects.order_by("pk")
    assert (posted.method, posted.path, posted.status) == ("POST", "/api/v1/guarantees", 422)
    assert "13912345678" not in posted.sent + got.query
    assert "6222021234567890123" not in posted.sent
    assert "139****5678" in got.query
    assert posted.outcome.startswith("填写的内容需要修改")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/v1/nothing", b"", 404),
        ("/api/v1/guarantees", b"{", 400),
        ("/api/v1/guarantees", b"[]", 422),
        ("/api/v1/guarantees", b'{"kind": "\\u0000"}', 400),
        ("/api/v1/me", b"{}", 405),
    ],
)
def test_junk_is_a_problem_and_never_a_page(system: System, path: str, body: bytes, status: int) -> None:
    claim = system.authorization("POST", path, body=body)
    answer = Client().post(
        path, body, content_type="application/json",
        headers={"Authorization": claim, "Idempotency-Key": secrets.token_hex(8)},
    )  # fmt: skip

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json())


def test_a_body_beyond_the_limit_is_not_read(system: System) -> None:
    answer = Client().post("/api/v1/guarantees", b"x" * (6 * 1024 * 1024), content_type="application/json")

    assert answer.status_code == 413


def test_guessing_keys_is_slowed_down(system: System) -> None:
    codes = {Client().get(ME, headers={"Authorization": "Bearer a.b"}).status_code for _try in range(65)}

    assert codes == {401, 429}
    assert system.get(ME).status_code == 200
