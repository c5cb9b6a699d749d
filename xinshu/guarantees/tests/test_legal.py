"""Table: what the law allows at most, on which days, counted from what."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.guarantees.kinds import KINDS, caps
from xinshu.guarantees.law.legal import CAPS, LEAST, MOST, Cap

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("kind", "on", "rules"),
    [
        ("bid", TODAY, ["cap.bid.2pct", "cap.bid.construction"]),
        ("bid", date(2013, 4, 30), ["cap.bid.2pct"]),
        ("bid", date(2013, 5, 1), ["cap.bid.2pct", "cap.bid.construction"]),
        ("bid", date(2012, 1, 31), []),
        ("performance", TODAY, ["cap.performance.10pct"]),
        ("performance", date(2012, 2, 1), ["cap.performance.10pct"]),
        ("performance", date(2012, 1, 31), []),
        ("payment", TODAY, []),
        ("quality", TODAY, ["cap.quality.3pct"]),
        ("quality", date(2017, 6, 30), []),
        ("wage", TODAY, ["cap.wage.3pct", "floor.wage.half", "floor.wage.usual"]),
        ("wage", date(2021, 10, 31), []),
        ("advance", TODAY, ["cap.advance.whole"]),
    ],
)
def test_a_cap_holds_within_its_days(kind: str, on: date, rules: list[str]) -> None:
    assert [cap.rule for cap in caps(kind, on)] == rules


def test_another_regime_has_its_own_rules() -> None:
    assert [cap.rule for cap in caps("bid", TODAY, regime="procurement")] == ["cap.bid.budget"]
    assert caps("performance", TODAY, regime="procurement") == []


@pytest.mark.parametrize(
    ("rule", "base", "limit"),
    [
        ("cap.bid.2pct", 20_000_000_00, 400_000_00),
        ("cap.bid.2pct", 49, 0),  # 2 % of 0.49 yuan: never rounded up past the law
        ("cap.bid.2pct", 75, 1),
        ("cap.bid.2pct", None, None),
        ("cap.bid.construction", None, 800_000_00),
        ("cap.bid.construction", 100_000_000_00, 800_000_00),
        ("cap.performance.10pct", 12_345_67, 1_234_56),
        ("cap.performance.10pct", None, None),
        ("cap.quality.3pct", 1_000_000_33, 30_000_00),
        ("cap.wage.3pct", 10_000_000_00, 300_000_00),
        ("floor.wage.half", 10_000_000_01, 50_000_01),  # 0.5 % of 10,000,000.01: a floor is never rounded down
        ("cap.advance.whole", 500_000_00, 500_000_00),
    ],
)
def test_the_limit_is_counted_from_its_base(rule: str, base: int | None, limit: int | None) -> None:
    (cap,) = [cap for cap in CAPS if cap.rule == rule]

    assert cap.limit(base) == limit


@given(st.integers(1, 10**14), st.sampled_from([cap for cap in CAPS if cap.share and cap.bound == MOST]))
def test_what_the_limit_allows_is_never_more_than_the_share(base: int, cap: Cap) -> None:
    limit = cap.limit(base)

    assert limit is not None
    assert limit <= base * cap.share < limit + 1


@given(st.integers(1, 10**14), st.sampled_from([cap for cap in CAPS if cap.bound == LEAST]))
def test_what_a_floor_asks_for_is_never_less_than_the_share(base: int, floor: Cap) -> None:
    limit = floor.limit(base)

    assert limit is not None
    assert limit - 1 < base * floor.share <= limit
    assert floor.keeps(limit, limit)
    assert not floor.keeps(limit - 1, limit)


def test_every_rule_names_its_source_and_a_kind_that_exists() -> None:
    assert all(cap.source and cap.kind in KINDS for cap in CAPS)
    assert all((cap.share is None) != (cap.ceiling is None) for cap in CAPS)
