"""Whether two headlines tell the same: 64-bit simhash over pairs of signs, then the shared pairs themselves. Pure.

The hash is kept with the event and leaves few to compare; on headlines of thirty signs it is coarse: the pairs decide.
A court's case number, or any other document number in both, decides at once.
"""

import hashlib
import re
from collections.abc import Iterable

NEAR = 22  # bits of 64 that may differ between two that are compared at all
ALIKE = 0.5  # of all pairs, how many both have
_NOISE = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[（(\[〔]?\d{4}[）)\]〕][一-鿿A-Za-z0-9]{2,14}?\d+号")


def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring signs, without punctuation and spaces."""
    plain = _NOISE.sub("", text.lower())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1)) or frozenset((plain,))


def simhash(text: str) -> str:
    """Return 64 bits in hex: texts that share most pairs differ in few of them."""
    sums = [0] * 64
    for pair in pairs_of(text):
        bits = int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=8).digest(), "big")
        for place in range(64):
            sums[place] += 1 if bits >> place & 1 else -1
    return f"{sum(1 << place for place in range(64) if sums[place] > 0):016x}"


def distance(one: str, other: str) -> int:
    """Return in how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def numbers_in(text: str) -> frozenset[str]:
    """Return the document numbers in a text, brackets aside: 2026云01民初88号."""
    return frozenset(re.sub(r"[（()）\[\]〔〕]", "", found) for found in _NUMBER.findall(text))


def alike(one: str, other: str) -> bool:
    """Tell whether two headlines tell the same event."""
    numbers, others = numbers_in(one), numbers_in(other)
    if numbers and others:
        return bool(numbers & others)
    mine, theirs = pairs_of(one), pairs_of(other)
    return len(mine & theirs) >= ALIKE * len(mine | theirs)


def first_alike(text: str, told: Iterable[tuple[int, str, str]], own_hash: str) -> int | None:
    """Return the id of the first of `told` (id, text, hash) that tells the same as `text`, None where none does."""
    numbers = numbers_in(text)
    for pk, other, other_hash in told:
        if (distance(own_hash, other_hash) <= NEAR or (numbers & numbers_in(other))) and alike(text, other):
            return pk
    return None
