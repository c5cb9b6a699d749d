"""Cutting texts into the pieces that are indexed: names and codes, and what is written in documents. Pure.

Neither SQLite's trigram index nor a word index finds a Chinese word of two characters, so Chinese is cut into pairs;
letters and digits, of which there are only 36, into threes (and pairs, for who has typed no more).
"""

import re
import unicodedata

SHORTEST = 2  # signs that have to be typed before anything is looked for
LONGEST = 60
_RUNS = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
# Pieces that stand in nearly every name narrow nothing down: they are compared, not looked up.
EVERYWHERE = frozenset({"有限", "限公", "公司", "限责", "责任", "任公", "股份", "份有"})


def normalise(text: str) -> str:
    """Return `text` as it is compared: half-width, small letters, brackets, spaces and other marks gone."""
    return "".join(_RUNS.findall(unicodedata.normalize("NFKC", text).lower()))


def terms_of(asked: str) -> list[str]:
    """Return what is looked for: the words typed, normalised, each to be found; at most five, none of one sign."""
    words = [normalise(word) for word in asked[:LONGEST].split()]
    return [word for word in dict.fromkeys(words) if len(word) >= SHORTEST][:5]


def grams_of(lines: list[str]) -> set[str]:
    """Return every piece under which these normalised texts are found."""
    found: set[str] = set()
    for line in lines:
        for run in _RUNS.findall(line):
            for size in (2, 3) if run[0].isascii() else (2,):
                found.update(run[place : place + size] for place in range(len(run) - size + 1))
    return found - EVERYWHERE


def looked_up(term: str) -> list[str]:
    """Return the pieces that a text holds in which `term` stands: all of them, each in `grams_of` of that text."""
    found: list[str] = []
    for run in _RUNS.findall(term):
        size = 2 if not run[0].isascii() or len(run) == 2 else 3
        found += [run[place : place + size] for place in range(len(run) - size + 1)]
    return [gram for gram in dict.fromkeys(found) if gram not in EVERYWHERE]
