"""The live process itself, in a process of its own, listened to over real connections."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.signing import TimestampSigner, b62_encode
from django.db import connection

from xinshu.accounts.actions.devices import Browser, begin_session, close_session, end_session, idle_limit
from xinshu.accounts.models import SignInSession
from xinshu.core.clock import now
from xinshu.messaging.fanout import WINDOW, Mark
from xinshu.messaging.models import Notice
from xinshu.messaging.notices import notify_members
from xinshu.messaging.tokens import live_token, seal, unseal

pytestmark = pytest.mark.django_db(transaction=True)


def _database_url() -> str:
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _live_process():
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "xinshu.messaging.live", "--port", str(port)],
        env=os.environ | {"XINSHU_DATABASE_URL": _database_url()},
    )
    try:
        _wait_until_healthy(process, port)
        yield process, port
    finally:
        process.kill()
        process.wait()


def _wait_until_healthy(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if _get(port, "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the live process did not come up (exit code {process.poll()})")


def _get(port: int, path: str, last_event_id: str = "") -> http.client.HTTPResponse:
    talk = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    talk.request("GET", path, headers={"Last-Event-ID": last_event_id} if last_event_id else {})
    return talk.getresponse()


def _signed_in(member, at=None):
    browser = Browser(session_key=f"key-of-{member.pk}", device_key="d", device="Chrome · Linux", address="127.0.0.1")
    return begin_session(member, browser, how="password", at=at or now())


class _Page:
    """What EventSource does: open, read events, remember the last id."""

    def __init__(self, port, member, last_event_id="", session=None):
        session = session or _signed_in(member)
        self.response = _get(port, f"/live?token={live_token(member, session.pk)}", last_event_id)
        assert self.response.status == 200, self.response.read()
        self.last_event_id = last_event_id

    def next(self):
        fields = {}
        while True:
            line = self.response.readline().decode()
            assert line, "the stream ended"
            if line == "\n" and "event" in fields:
                self.last_event_id = fields["id"]
                return fields["event"], json.loads(fields["data"])
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value

    def close(self):
        self.response.close()


@pytest.fixture(scope="module")
def port(django_db_setup):
    with _live_process() as (_process, port):
        yield port


def _tell(member, *keys):
    for key in keys:
        notify_members([member], f"消息 {key}", link=f"/guarantees/{key}/", tone="ok", key=key, at=now())


def test_a_notice_reaches_the_open_pages_of_its_member_and_nobody_else(port, clerk, stranger):
    pages, other = [_Page(port, clerk), _Page(port, clerk)], _Page(port, stranger)
    assert [page.next() for page in (*pages, other)] == [("hello", {"unread": 0})] * 3

    _tell(clerk, "a")
    _tell(stranger, "b")

    expected = {
        "id": Notice.objects.get(member=clerk).reference,
        "text": "消息 a",
        "link": "/guarantees/a/",
        "tone": "ok",
        "topic": "progress",
        "score": None,
        "toast": True,
        "unread": 1,
    }
    assert [page.next() for page in pages] == [("notice", expected)] * 2
    assert other.next()[1]["text"] == "消息 b"
    for page in (*pages, other):
        page.close()


def test_what_was_told_before_the_page_opened_is_counted_but_not_sent(port, clerk):
    _tell(clerk, "old")

    page = _Page(port, clerk)
    _tell(clerk, "new")

    assert page.next() == ("hello", {"unread": 1})
    assert page.next()[1]["text"] == "消息 new"
    page.close()


def test_a_page_that_reconnects_misses_and_repeats_nothing(port, clerk):
    _tell(clerk, "before")
    page = _Page(port, clerk)
    page.next()
    _tell(clerk, "seen")
    assert page.next()[1]["text"] == "消息 seen"
    page.close()
    _tell(clerk, "missed 1", "missed 2")

    again = _Page(port, clerk, page.last_event_id)
    _tell(clerk, "after")

    events = [again.next() for _ in range(4)]
    assert [name for name, _ in events] == ["hello", "notice", "notice", "notice"]
    assert [data["text"] for _, data in events[1:]] == ["消息 missed 1", "消息 missed 2", "消息 after"]
    again.close()


def test_a_notice_that_commits_behind_a_higher_id_is_not_lost(port, clerk):
    _tell(clerk, "first")
    late = Notice.objects.get(key="first")
    Notice.objects.filter(pk=late.pk).delete()
    page = _Page(port, clerk)
    page.next()
    _tell(clerk, "second")
    assert page.next()[1]["text"] == "消息 second"

    late.save(force_insert=True)

    assert page.next()[1]["text"] == "消息 first"
    page.close()


@pytest.mark.parametrize("forge", ["missing", "wrong", "unnamed", "expired", "left"])
def test_without_a_valid_token_nobody_listens(port, clerk, forge):
    session = _signed_in(clerk)
    token = live_token(clerk, session.pk)
    if forge == "missing":
        token = ""
    elif forge == "wrong":
        token = TimestampSigner(salt="elsewhere").sign(f"{clerk.pk}.{session.pk}")
    elif forge == "unnamed":
        token = TimestampSigner(salt="xinshu.messaging.live").sign(str(clerk.pk))  # as before sign-ins were named
    elif forge == "expired":
        signer = TimestampSigner(salt="xinshu.messaging.live")
        signer.timestamp = lambda: b62_encode(int(time.time()) - 30 * 24 * 3600)
        token = signer.sign(f"{clerk.pk}.{session.pk}")
    else:
        clerk.active = False
        clerk.save(update_fields=["active"])

    response = _get(port, f"/live?token={token}")

    assert (response.status, response.getheader("access-control-allow-origin")) == (401, "*")
    response.close()


@pytest.mark.parametrize("how", ["signed out", "from afar"])
def test_a_stream_ends_with_its_sign_in_and_the_token_opens_no_other(port, clerk, how):
    session, elsewhere = _signed_in(clerk), _signed_in(clerk)
    page, other = _Page(port, clerk, session=session), _Page(port, clerk, session=elsewhere)
    assert [page.next()[0], other.next()[0]] == ["hello", "hello"]

    if how == "signed out":
        close_session(session.pk, SignInSession.End.LEFT, at=now())
    else:
        end_session(session, by=clerk, at=now())

    assert page.response.read() in (b"", b": still here\n\n")  # reads up to the end of the stream
    _tell(clerk, "after")
    assert other.next()[1]["text"] == "消息 after"
    again = _get(port, f"/live?token={live_token(clerk, session.pk)}")
    assert again.status == 401
    for opened in (page, other, again):
        opened.close()


@pytest.mark.parametrize("whose", ["idle", "another's", "unknown"])
def test_a_sign_in_that_is_not_theirs_or_idle_opens_nothing(port, clerk, stranger, whose):
    number = {
        "idle": lambda: _signed_in(clerk, now() - idle_limit(clerk) - timedelta(minutes=2)).pk,
        "another's": lambda: _signed_in(stranger).pk,
        "unknown": lambda: 2**40,
    }[whose]()

    response = _get(port, f"/live?token={live_token(clerk, number)}")

    assert response.status == 401
    response.close()


def test_a_stream_ends_when_nobody_has_used_the_sign_in_for_too_long(port, clerk):
    session = _signed_in(clerk)
    page = _Page(port, clerk, session=session)
    page.next()

    SignInSession.objects.filter(pk=session.pk).update(last_seen_at=now() - idle_limit(clerk) - timedelta(minutes=2))

    assert page.response.read() in (b"", b": still here\n\n")
    page.close()


def test_only_a_page_of_a_sign_in_is_given_the_address_of_a_stream(client, page_of, clerk):
    without = page_of(clerk).get("/notices/").content.decode()
    signed_in = client.session
    signed_in["record"] = _signed_in(clerk).pk
    signed_in.save()

    assert "data-live" not in without
    assert "/live?token=" in client.get("/notices/").content.decode()


def test_other_addresses_and_methods_are_refused_plainly(port):
    assert _get(port, "/").status == 404
    talk = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    talk.request("POST", "/live", body=b"x")
    assert talk.getresponse().status == 405


@pytest.mark.parametrize("last", ["nonsense", "1204-1-5", "12" * 3000, "sealed"])
def test_a_strange_last_event_id_starts_a_fresh_stream(port, clerk, last):
    _tell(clerk, "old")

    page = _Page(port, clerk, seal("not a mark") if last == "sealed" else last)

    assert page.next() == ("hello", {"unread": 1})
    page.close()


def test_no_event_tells_how_many_notices_the_platform_has_sent(port, clerk):
    page = _Page(port, clerk)
    page.next()
    _tell(clerk, "a")

    _name, data = page.next()

    number = str(Notice.objects.get().pk)
    assert data["id"] != number
    assert number != page.last_event_id.split("-")[0]
    assert Mark.read(unseal(page.last_event_id)).top == int(number)
    page.close()


def test_any_web_origin_may_listen_since_the_token_is_the_right(port, clerk):
    page = _Page(port, clerk)

    assert page.response.getheader("access-control-allow-origin") == "*"
    assert page.response.getheader("access-control-allow-credentials") is None
    assert page.response.getheader("cache-control") == "no-store"
    page.close()


def test_sigterm_ends_fifty_open_streams_cleanly_and_at_once(clerk):
    with _live_process() as (process, port):
        pages = [_Page(port, clerk) for _ in range(50)]
        for page in pages:
            page.next()

        process.send_signal(signal.SIGTERM)

        process.wait(timeout=3)
        assert [page.response.read() for page in pages] == [b""] * 50  # the last chunk came: no broken transfer


@pytest.mark.parametrize(
    "mark", [Mark(), Mark(5, set()), Mark(5, {5}), Mark(5, {3, 1}), Mark(9_000, {9_000, 8_999, 9_001 - WINDOW})]
)
def test_a_mark_reads_back_as_it_was_written(mark):
    assert Mark.read(str(mark)) == mark


def test_a_mark_counts_everything_before_its_window_as_known():
    mark = Mark(1000, {1000})

    mark.add(1700)

    assert [mark.has(number) for number in (1000, 1200, 1201, 1700)] == [True, True, False, True]
    assert mark.known == {1700}
