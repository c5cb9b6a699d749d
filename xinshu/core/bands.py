"""Bands of a number, by which a range of it is found in an index of pieces (core/pieces.py). Pure.

A band is how many digits a number has, in two digits, then its leading ones: 9,870 lies in the bands "04", "049",
"0498" and "04987". Bands in the order of the alphabet are numbers in order; every band holds those that it begins.
"""

from collections.abc import Iterator

DIGITS = 19  # what a BIGINT holds
DEEPEST = 3  # leading digits: what lies in one band then differs by a hundredth
_LARGEST = 10**DIGITS - 1


def bands_of(number: int) -> list[str]:
    """Return the bands that a number of 0 or more lies in, the widest first."""
    told = str(min(max(number, 0), _LARGEST))
    return [f"{len(told):02}{told[:size]}" for size in range(min(len(told), DEEPEST) + 1)]


def is_deepest(band: str) -> bool:
    """Say whether nothing lies within this band but numbers."""
    return len(band) - 2 == min(DEEPEST, int(band[:2] or 0)) if band else False


def within(band: str = "") -> list[str]:
    """Return the bands directly within one, in order; "": all of them."""
    if not band:
        return [f"{digits:02}" for digits in range(1, DIGITS + 1)]
    if is_deepest(band):
        return []
    return [f"{band}{digit}" for digit in range(1 if len(band) == 2 and band != "01" else 0, 10)]


def bands_over(least: int | None, most: int | None) -> list[str]:
    """Return the fewest bands that hold every number from `least` to `most`; at the ends they hold some more."""
    low, high = max(least or 0, 0), _LARGEST if most is None else min(most, _LARGEST)
    return [found for band in within() for found in _over(band, low, high)]


def _over(band: str, low: int, high: int) -> Iterator[str]:
    digits, head = int(band[:2]), band[2:]
    first = int(head.ljust(digits, "0")) if head else 10 ** (digits - 1) if digits > 1 else 0
    last = int(head.ljust(digits, "9"))
    if last < low or first > high:
        return
    if (low <= first and last <= high) or is_deepest(band):
        yield band
    else:
        for inner in within(band):
            yield from _over(inner, low, high)
