"""Traces: one number from the request over entries, deliveries and calls to log lines; found again on the page."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import User
from xinshu.core.clock import moved_to
from xinshu.core.tracing import brought, trace_of, traced
from xinshu.guarantees.tests import conftest as city_fixtures
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.integrations.actions.webhooks import open_subscription
from xinshu.integrations.models import ApiClient, Attempt
from xinshu.integrations.sandbox import receiver
from xinshu.ledger.models import Delivery, Entry, Worker
from xinshu.ledger.reactions import by_name
from xinshu.ledger.sealing import seal
from xinshu.ledger.verification import verify
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Call
from xinshu.messaging.templates import activate_template, draft_template
from xinshu.messaging.tests import conftest as channels
from xinshu.operations.logs import JsonFormatter
from xinshu.operations.models import PageTime, RequestTrace
from xinshu.operations.page_times import page_times
from xinshu.operations.traces import chain

pytestmark = pytest.mark.django_db
sandbox = channels.sandbox
city = city_fixtures.city
clock = city_fixtures.clock
browser_of = city_fixtures.browser_of

THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
NUMBER = "A1B2C3D4E5F60718"


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Every line that is logged meanwhile, as JSON."""
    written: list[dict[str, Any]] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(self.format(record)))

    handler, root = Keeps(), logging.getLogger()
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def _sms_template(city: City) -> None:
    """Let the applicant be told of an approval by SMS."""
    User.objects.filter(pk=city.applicant.user_id).update(phone="13900001234")
    draft = draft_template(
        "guarantee.approved.applicant", "sms", subject="", text="${kind}已通过", provider_code="SMS_1",
        by=city.operator, at=city.at,
    )  # fmt: skip
    draft.change(approval="approved")
    activate_template(draft, by=city.operator, at=city.at)


def _subscribe(city: City, url: str) -> None:
    administrator = city.colleague(city.applicant, "orgadmin")
    system = System.of(city.applicant, administrator, city.at)
    client = ApiClient.objects.select_related("organisation").get(pk=system.client.pk)
    open_subscription(client, url=url, kinds=("guarantee.approved",), by=administrator, at=city.at)


@pytest.mark.req("EP-44")
def test_a_press_on_a_page_is_followed_to_the_message_and_seen_with_health_and_measurements(
    city: City, browser_of: Any, sandbox: Any, lines: list[dict[str, Any]], settings: Any
) -> None:
    page_times.flush()
    PageTime.objects.all().delete()
    cache.clear()
    here = datetime.now(UTC)
    Worker.objects.create(name="host:1:a", started_at=here, seen_at=here)
    _sms_template(city)
    settings.SLOW_REQUEST_MS = 0  # so that the request leaves a line
    case = city.in_review()
    drain(city.at + timedelta(minutes=30))

    with receiver() as there:
        _subscribe(city, there.url)
        answer = browser_of(city.reviewer).post(
            reverse("guarantees:act", args=[case.reference, "approve"]),
            {"version": case.version, "opinion": "同意承保。"},
            headers={"X-Request-Id": NUMBER},
        )
        assert answer.status_code == 302
        drain(city.at + timedelta(hours=2))
    page_times.flush()

    # one trace, from the request over what it wrote to what others were told
    trace = trace_of(NUMBER)
    found = chain(trace, city.at + timedelta(hours=2))
    assert [(one.number, one.view, one.method) for one in found.requests] == [(NUMBER, "guarantees:act", "POST")]
    kinds = {link.entry.kind for link in found.links}
    assert {"guarantee.approved", "message.queued", "event.due"} <= kinds
    done = [delivery for link in found.links for delivery in link.deliveries]
    assert {delivery.state for delivery in done} == {"done"}
    assert all(delivery.milliseconds is not None for delivery in done)
    assert [call.act for link in found.links for call in link.calls].count("SendSms") == 1
    assert [attempt.status for link in found.links for attempt in link.attempts] == [204]
    assert {brought(header) for header in sandbox.world.traces} == {trace}
    assert [brought(got.headers["traceparent"]) for got in there.received] == [trace]
    assert any(line["trace"] == trace and line["request"] == NUMBER for line in lines)

    # on the page: found by the number of the request and by the trace
    browser = browser_of(city.sysadmin)
    for words in (NUMBER, trace, f"00-{trace}-00f067aa0ba902b7-01"):
        page = browser.get(reverse("operations:trace"), {"q": words}).content.decode()
        assert trace in page
        for shown in (f"请求 {NUMBER}", "POST guarantees:act", "aliyun SendSms", "推送事件", "guarantee.approved"):
            assert shown in page, shown

    # each module and each interface on 运行状况
    overview = browser.get(reverse("operations:overview")).content.decode()
    for shown in ("保函", "总账", "短信", "aliyun", "事件推送", "开放接口", "文件存储", "Redis", "实时消息", "数据库"):
        assert shown in overview, shown

    # health, and measurements of the same modules and interfaces
    assert Client().get("/healthz").status_code == 200
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (200, True)
    told = Client().get("/metrics").content.decode()
    for line in (
        'xinshu_interface_up{interface="sms"} 1.0',
        'xinshu_interface_up{interface="webhook"} 1.0',
        'xinshu_interface_calls_failed{interface="webhook"} 0.0',
        'xinshu_interface_up{interface="storage"} 1.0',
        'xinshu_module_deliveries{module="guarantees",state="parked"} 0.0',
        'xinshu_module_pages{module="guarantees"} 1.0',
    ):
        assert line in told, line


def test_a_partner_s_trace_goes_through_us_and_is_told_back(city: City, clock: None) -> None:
    system = System.of(city.applicant, city.colleague(city.applicant, "orgadmin"), city.at)
    case = city.draft()
    path = f"/api/v1/guarantees/{case.reference}/actions/submit"
    body = json.dumps({"version": case.version}).encode()

    answer = Client().post(
        path, body, content_type="application/json",
        headers={
            "Authorization": system.authorization("POST", path, body=body),
            "Idempotency-Key": "one-and-only",
            "traceparent": f"00-{THEIRS}-00f067aa0ba902b7-01",
        },
    )  # fmt: skip
    page_times.flush()

    assert answer.status_code == 200, answer.content.decode()
    assert brought(answer["traceparent"]) == THEIRS
    assert Entry.objects.get(kind="guarantee.submitted").trace == THEIRS
    assert RequestTrace.objects.get(trace=THEIRS).number == answer["X-Request-Id"]


def test_a_browser_does_not_choose_its_trace(client: Client) -> None:
    client.post("/sign-in/", {"username": "x", "password": "y"}, headers={"traceparent": f"00-{THEIRS}-{'1' * 16}-01"})
    page_times.flush()

    assert not RequestTrace.objects.filter(trace=THEIRS).exists()


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"00-{THEIRS}-00f067aa0ba902b7-01", THEIRS),
        (f"01-{THEIRS}-00f067aa0ba902b7-01-more", THEIRS),
        (f"00-{THEIRS}-00f067aa0ba902b7-01-more", ""),
        (f"ff-{THEIRS}-00f067aa0ba902b7-01", ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        (f"00-{THEIRS}-{'0' * 16}-01", ""),
        (f"00-{THEIRS.upper()}-00f067aa0ba902b7-01", ""),
        ("", ""),
        ("00-编号", ""),
        ("0" * 5_000, ""),
    ],
)
def test_only_a_well_formed_traceparent_is_taken(header: str, trace: str) -> None:
    assert brought(header) == trace


def test_the_trace_is_not_part_of_what_the_ledger_proves(city: City) -> None:
    with traced(THEIRS):
        city.submitted()
    seal(city.at + timedelta(hours=1))

    entry = Entry.objects.filter(trace=THEIRS).first()

    assert entry is not None
    assert THEIRS not in "".join(entry.parts)
    assert verify().genuine


def test_a_failed_try_keeps_its_time_and_what_follows_later_keeps_the_trace(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with traced(THEIRS):
        city.submitted()
    delivery = Delivery.objects.filter(entry__kind="guarantee.submitted").order_by("pk").first()
    assert delivery is not None
    reaction = by_name[delivery.reaction]
    object.__setattr__(reaction, "run", _broken := _Broken(reaction.run))

    try:
        drain(city.at + timedelta(hours=1))
        failed = Delivery.objects.get(pk=delivery.pk)
    finally:
        object.__setattr__(reaction, "run", _broken.kept)
    drain(city.at + timedelta(hours=2))

    assert (failed.attempts, failed.state, failed.milliseconds is not None) == (1, "waiting", True)
    assert Delivery.objects.get(pk=delivery.pk).state == "done"
    assert set(Entry.objects.filter(at__gt=city.at + timedelta(minutes=30)).values_list("trace", flat=True)) == {THEIRS}


class _Broken:
    """A reaction that fails."""

    def __init__(self, kept: Any) -> None:
        self.kept = kept

    def __call__(self, entry: Entry) -> None:
        raise ValueError("not now")


def test_before_the_opening_a_chain_tells_times_and_nothing_else(city: City, browser_of: Any) -> None:
    with moved_to(city.at), traced(THEIRS):
        city.submitted("bid")
        drain(city.at + timedelta(minutes=30))
    Attempt.objects.all().delete()

    page = browser_of(city.sysadmin).get(reverse("operations:trace"), {"q": THEIRS}).content.decode()

    assert "开标前只显示时间和成败" in page
    assert Entry.objects.filter(trace=THEIRS, kind="guarantee.submitted").exists()
    for word in ("guarantees.guarantee", "提交", "自动审核", "guarantee.submitted"):
        assert word not in page, word


@pytest.mark.parametrize("words", ["", "0" * 32, "x" * 500, "数字", "00-" + "0" * 40, "'; DROP TABLE"])
def test_what_is_no_trace_is_answered_with_advice(signed_in: Any, words: str) -> None:
    response = signed_in("sysadmin").get(reverse("operations:trace"), {"q": words})

    assert response.status_code == 200
    assert ("还没有查询" if not words.strip() else "没有查到这条链路") in response.content.decode()


@pytest.mark.parametrize("role", ["applicant", "operator", "secadmin", "auditor"])
def test_traces_are_for_who_operates(signed_in: Any, role: str) -> None:
    assert signed_in(role).get(reverse("operations:trace")).status_code == 403


def test_an_interface_whose_last_call_failed_is_said_to_be_broken(signed_in: Any, sandbox: Any) -> None:
    for status in ("200", "未连上"):
        Call.objects.create(
            channel="sms", provider="aliyun", act="SendSms", address="x", request="", status=status, answer="",
            at=datetime.now(UTC), milliseconds=12,
        )  # fmt: skip

    told = Client().get("/metrics").content.decode()

    assert 'xinshu_interface_up{interface="sms"} 0.0' in told
    assert 'xinshu_interface_calls{interface="sms"} 2.0' in told
    assert "异常" in signed_in("sysadmin").get(reverse("operations:overview")).content.decode()
