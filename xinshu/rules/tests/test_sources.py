"""Data sources: asked by the worker, answers used again while fresh, failures unknown, a broken one rests."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from xinshu.core.clock import moved_to
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.worker import drain
from xinshu.rules.actions import switch_off
from xinshu.rules.models import Run, SourceCall, SourceState
from xinshu.rules.running import ask_about
from xinshu.rules.sources import protocol, sandbox
from xinshu.rules.sources.sandbox import BROKEN, FINE, SLOW, TWICE
from xinshu.rules.tests.conftest import TABLE, USCC, House

Behave = Callable[..., None]


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Behave:
    def choose(registry: str = FINE, courts: str = FINE, tax: str = FINE) -> None:
        for source, how in ((sandbox.REGISTRY, registry), (sandbox.COURTS, courts), (sandbox.TAX, tax)):
            monkeypatch.setattr(source, "behaves", lambda _key, _at, how=how: how)

    choose()
    return choose


def ask(house: House, at: datetime) -> Run:
    first = Run.objects.first()
    rule_set = first.rule_set if first else house.active().rule_set
    with moved_to(at):
        run = ask_about(rule_set, USCC, "云州大山建设有限公司", by=house.writer, at=at)
        drain()
    run.refresh_from_db()
    return run


@pytest.mark.req("CS-45")
def test_a_firm_is_asked_about_and_the_answer_is_kept_with_its_calls(house: House, behave: Behave) -> None:
    behave(tax=TWICE)

    run = ask(house, house.at)

    assert (run.state, run.outcome != "") == ("kept", True)
    assert sorted(run.calls.values_list("source", "outcome")) == [
        ("sandbox_courts", "answered"), ("sandbox_registry", "answered"), ("sandbox_tax", "answered"),
    ]  # fmt: skip


def test_a_source_that_fails_or_takes_too_long_leaves_its_facts_unknown_and_a_person_decides(
    house: House, behave: Behave
) -> None:
    behave(courts=SLOW, registry=BROKEN)

    run = ask(house, house.at)

    assert run.outcome in ("ask", "fails")
    assert '"fact":"standing","source":"sandbox_registry","value":null,"why":"对方系统返回错误 503"' in run.result
    assert '"why":"超过 3 秒没有答复"' in run.result
    assert Counter(run.calls.values_list("outcome", flat=True)) == {"failed": 1, "late": 1, "answered": 1}


def test_a_fresh_answer_is_used_again_and_an_old_one_is_not(house: House, behave: Behave) -> None:
    ask(house, house.at)

    again, later = ask(house, house.at + timedelta(hours=2)), ask(house, house.at + timedelta(days=2))

    assert set(again.calls.values_list("outcome", flat=True)) == {"cached"}
    assert set(later.calls.values_list("outcome", flat=True)) == {"answered"}


@pytest.mark.req("CS-45")
def test_after_three_failures_a_source_rests_and_one_try_later_decides(house: House, behave: Behave) -> None:
    behave(courts=BROKEN)
    outcomes = []
    for minutes in (0, 1, 2, 3, 6):
        ask(house, house.at + timedelta(minutes=minutes))
        outcomes.append(SourceCall.objects.filter(source="sandbox_courts").latest("pk").outcome)
    assert outcomes == ["failed", "failed", "failed", "shut", "shut"]

    behave()
    ask(house, house.at + timedelta(minutes=8))

    assert SourceCall.objects.filter(source="sandbox_courts").latest("pk").outcome == protocol.ANSWERED
    state = SourceState.objects.get(source="sandbox_courts")
    assert (state.failures, state.open_until) == (0, None)


def test_a_wrong_code_or_a_set_that_is_off_is_refused_before_anything_is_asked(house: House, behave: Behave) -> None:
    version = house.active(TABLE)
    with pytest.raises(Invalid) as refused:
        ask_about(version.rule_set, "91990100MADEM00K09", "", by=house.writer, at=house.at)
    assert set(refused.value.fields) == {"uscc", "name"}
    switch_off(version.rule_set, by=house.second, at=house.at, reason="核对中")
    version.rule_set.refresh_from_db()
    with pytest.raises(NotNow):
        ask_about(version.rule_set, USCC, "云州大山建设有限公司", by=house.writer, at=house.at)
    assert not Run.objects.exists()


def test_by_chance_the_sandbox_shows_every_behaviour() -> None:
    at = datetime(2026, 11, 22, 8)  # noqa: DTZ001  (only minutes count)
    seen = Counter(sandbox.by_chance(USCC, at + timedelta(minutes=minute)) for minute in range(300))

    assert set(seen) == {FINE, BROKEN, SLOW, TWICE}
    assert seen[FINE] > 200
