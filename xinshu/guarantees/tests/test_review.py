"""Table: one application's facts against every rule: meets, fails, unknown; what stops whom."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from xinshu.core.clock import moment
from xinshu.guarantees.law.review import (
    APPROVAL,
    FAILS,
    MEETS,
    SUBMISSION,
    UNKNOWN,
    Facts,
    Finding,
    obstacles,
    passes_alone,
    review,
)
from xinshu.guarantees.letters.wording import Fault

AT = moment(date(2026, 11, 21), 10, 40)
DAY = date(2026, 11, 21)
OPENS = moment(date(2026, 11, 26), 9, 30)
PERFORMANCE = Facts(
    kind="performance",
    amount=200_000_00,
    base_amount=2_000_000_00,
    base_source="中标通知书",
    effective_on=DAY,
    expires_on=DAY + timedelta(days=200),
    opens_at=None,
    bid_validity_days=None,
    contract_days=180,
    applicant_verified=True,
    missing_fields=(),
    stale_fields=(),
    line_available=1_000_000_00,
    auto_limit=300_000_00,
)
BID = replace(
    PERFORMANCE, kind="bid", amount=40_000_00, opens_at=OPENS, bid_validity_days=90, contract_days=None,
    expires_on=date(2027, 2, 24),
)  # fmt: skip


def found(facts: Facts, rule: str, at: datetime = AT) -> Finding:
    (finding,) = [finding for finding in review(facts, at) if finding.rule == rule]
    return finding


def stopping(facts: Facts, to: str, at: datetime = AT) -> list[str]:
    return [finding.rule for finding in obstacles(review(facts, at), to)]


@pytest.mark.parametrize("facts", [PERFORMANCE, BID], ids=["performance", "bid"])
def test_where_every_rule_meets_no_person_is_needed(facts: Facts) -> None:
    findings = review(facts, AT)

    assert {finding.verdict for finding in findings} == {MEETS}
    assert passes_alone(findings)
    assert not obstacles(findings, APPROVAL)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (replace(PERFORMANCE, amount=200_000_01), "cap.performance.10pct"),
        (replace(BID, amount=40_000_01), "cap.bid.2pct"),
    ],
)
def test_one_fen_above_the_legal_cap_cannot_be_submitted(facts: Facts, rule: str) -> None:
    assert found(facts, rule).verdict == FAILS
    assert stopping(facts, SUBMISSION) == [rule]
    assert stopping(facts, APPROVAL) == [rule]
    assert "超过上限" in found(facts, rule).message


def test_a_cap_that_still_needs_its_official_text_asks_and_stops_nobody() -> None:
    facts = replace(BID, amount=800_001_00, base_amount=100_000_000_00, line_available=10**12, auto_limit=10**12)

    assert found(facts, "cap.bid.construction").verdict == UNKNOWN
    assert stopping(facts, APPROVAL) == []
    assert not passes_alone(review(facts, AT))


@pytest.mark.parametrize(
    ("facts", "rule"), [(PERFORMANCE, "cap.performance.10pct"), (BID, "cap.bid.2pct")], ids=["performance", "bid"]
)
def test_without_its_base_a_cap_is_unknown_never_met(facts: Facts, rule: str) -> None:
    facts = replace(facts, base_amount=None)

    assert found(facts, rule).verdict == UNKNOWN
    assert stopping(facts, SUBMISSION) == []
    assert not passes_alone(review(facts, AT))


def test_a_cap_names_the_base_and_where_it_was_read() -> None:
    message = found(PERFORMANCE, "cap.performance.10pct").message

    assert message == "保函金额 200,000.00 元，上限 200,000.00 元（中标金额来自中标通知书）。"


@pytest.mark.parametrize(
    ("expires_on", "verdict"),
    [(date(2027, 2, 24), MEETS), (date(2027, 3, 24), MEETS), (date(2027, 2, 23), FAILS)],
)
def test_a_bid_guarantee_lasts_as_long_as_the_bid(expires_on: date, verdict: str) -> None:
    facts = replace(BID, expires_on=expires_on)

    assert found(facts, "period.bid").verdict == verdict
    assert (stopping(facts, SUBMISSION) == ["period.bid"]) == (verdict == FAILS)


def test_bid_validity_that_nobody_entered_is_unknown() -> None:
    assert found(replace(BID, bid_validity_days=None), "period.bid").verdict == UNKNOWN


@pytest.mark.parametrize(
    ("opens_at", "at", "verdict"),
    [(None, AT, FAILS), (OPENS, OPENS - timedelta(seconds=1), MEETS), (OPENS, OPENS, FAILS)],
)
def test_a_bid_guarantee_is_for_bids_that_are_still_to_be_opened(
    opens_at: datetime | None, at: datetime, verdict: str
) -> None:
    assert found(replace(BID, opens_at=opens_at), "period.opening", at).verdict == verdict


def test_nobody_has_won_before_the_opening_so_nobody_needs_a_performance_guarantee() -> None:
    early = replace(PERFORMANCE, opens_at=OPENS)

    assert stopping(early, SUBMISSION) == ["period.opening"]
    assert stopping(early, SUBMISSION, at=OPENS) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, DAY), (DAY, None), (DAY, DAY - timedelta(days=1)), (DAY - timedelta(9), DAY - timedelta(1))],
)
def test_a_period_that_is_open_backward_or_over_cannot_be_submitted(start: date | None, end: date | None) -> None:
    facts = replace(PERFORMANCE, effective_on=start, expires_on=end)

    assert stopping(facts, SUBMISSION) == ["period.stated"]


def test_the_last_day_in_china_still_counts() -> None:
    facts = replace(PERFORMANCE, effective_on=DAY, expires_on=DAY)

    late = moment(DAY, 23, 59)

    assert found(facts, "period.stated", late).verdict == MEETS
    assert found(facts, "period.stated", late + timedelta(minutes=1)).verdict == FAILS


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"contract_days": None}, "period.contract"),
        ({"contract_days": 201}, "period.contract"),
        ({"applicant_verified": False}, "identity.verified"),
        ({"missing_fields": ("法定代表人",)}, "record.complete"),
        ({"stale_fields": ("经办人手机",)}, "record.complete"),
        ({"auto_limit": None}, "authority.auto"),
        ({"auto_limit": 199_999_99}, "authority.auto"),
    ],
)
def test_what_a_person_must_find_out_is_unknown_and_stops_nothing(change: dict, rule: str) -> None:
    facts = replace(PERFORMANCE, **change)

    assert found(facts, rule).verdict == UNKNOWN
    assert stopping(facts, APPROVAL) == []
    assert not passes_alone(review(facts, AT))


@pytest.mark.parametrize("available", [None, 0, 199_999_99])
def test_a_short_line_stops_the_approval_not_the_submission(available: int | None) -> None:
    facts = replace(PERFORMANCE, line_available=available)

    assert stopping(facts, SUBMISSION) == []
    assert stopping(facts, APPROVAL) == ["line.enough"]


def test_a_fault_in_the_wording_stops_the_submission() -> None:
    facts = replace(PERFORMANCE, wording_faults=(Fault("wording.nature", "没有写明保证方式"),))

    assert stopping(facts, SUBMISSION) == ["wording.nature"]


def test_the_table_may_waive_what_is_unknown_and_says_so() -> None:
    facts = replace(PERFORMANCE, applicant_verified=False, waived=("identity.verified",))

    assert found(facts, "identity.verified").waived
    assert passes_alone(review(facts, AT))


def test_the_table_cannot_waive_what_fails() -> None:
    facts = replace(PERFORMANCE, amount=200_000_01, waived=("cap.performance.10pct",))

    assert not found(facts, "cap.performance.10pct").waived
    assert stopping(facts, SUBMISSION) == ["cap.performance.10pct"]


def test_the_table_cannot_waive_its_own_limit() -> None:
    facts = replace(PERFORMANCE, auto_limit=1, waived=("authority.auto",))

    assert not passes_alone(review(facts, AT))


def test_a_finding_can_be_kept_as_json() -> None:
    assert found(PERFORMANCE, "identity.verified").as_json() == {
        "rule": "identity.verified",
        "label": "主体身份",
        "verdict": "meets",
        "message": "统一社会信用代码已核验。",
        "source": "",
        "stops": "",
        "waived": False,
        "origin": "",
    }
