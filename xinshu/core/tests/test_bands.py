"""Bands: every number lies in each of its own, and a range is held by few of them, exactly but for its ends."""

import random

import pytest

from xinshu.core.bands import bands_of, bands_over, is_deepest, within


@pytest.mark.parametrize(
    ("number", "bands"),
    [
        (0, ["01", "010"]),
        (7, ["01", "017"]),
        (85, ["02", "028", "0285"]),
        (9_870, ["04", "049", "0498", "04987"]),
        (10**30, ["19", "199", "1999", "19999"]),
        (-5, ["01", "010"]),
    ],
)
def test_a_number_lies_in_bands_by_its_digits(number: int, bands: list[str]) -> None:
    assert bands_of(number) == bands


def test_a_range_of_round_numbers_is_a_few_bands() -> None:
    assert bands_over(900, 999) == ["039"]
    assert bands_over(9_000, 9_199) == ["0490", "0491"]
    assert bands_over(None, 99) == ["01", "02"]
    assert bands_over(5, 4) == []
    assert len(bands_over(1_234_567, 987_654_321)) < 60


def test_whatever_lies_in_a_range_lies_in_one_of_its_bands_and_hardly_anything_else() -> None:
    dice = random.Random(0)
    for _turn in range(400):
        low, high = sorted(int(10 ** dice.uniform(0, 15)) for _end in range(2))
        held = set(bands_over(low, high))
        for number in (low, high, dice.randint(low, high)):
            assert held & set(bands_of(number))
        for outside in (low - low // 50 - 1, high + high // 50 + 1):
            assert outside < 0 or not held & set(bands_of(outside))


def test_bands_within_a_band_are_in_order_and_hold_all_of_it() -> None:
    walked = [band for outer in within()[:4] for band in (outer, *within(outer))]

    assert walked == sorted(walked)
    assert within("01") == [f"01{digit}" for digit in range(10)]
    assert within("03")[0] == "031"
    assert within("04987") == within("017") == []
    assert is_deepest("04987")
    assert not is_deepest("")
