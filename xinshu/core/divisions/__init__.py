"""Administrative divisions (行政区划): the codes of GB/T 2260 with their names, as a tree of province, city and county.

Codes have six digits here; what ends in 00 is a city, in 0000 a province. `prefix_of` gives the digits that everything
within it begins with. Codes that no table knows (a zone that a source numbers itself) are shown as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("codes.txt")  # "digits name" a line, in the order of the codes


@dataclass(frozen=True)
class Division:
    """One division; `parent` is the code of the next larger one, "" for a province."""

    code: str
    name: str
    parent: str

    @property
    def prefix(self) -> str:
        return prefix_of(self.code)


@cache
def divisions() -> Mapping[str, Division]:
    """Return all divisions by code, larger ones before those within them."""
    names = dict(line.split(" ", 1) for line in _TABLE.read_text(encoding="utf-8").splitlines())
    return {
        code.ljust(6, "0"): Division(code.ljust(6, "0"), name, _parent(code, names)) for code, name in names.items()
    }


def _parent(digits: str, names: Mapping[str, str]) -> str:
    return next((digits[:n].ljust(6, "0") for n in (4, 2) if n < len(digits) and digits[:n] in names), "")


def prefix_of(code: str) -> str:
    """Return the digits that the codes of everything within `code` begin with: 420500 -> 4205."""
    code = code[:6]
    while len(code) > 2 and code.endswith("00") and len(code) % 2 == 0:
        code = code[:-2]
    return code


def division(code: str) -> Division | None:
    """Return the division of a code of two, four, six or more digits, None when no table knows it."""
    return divisions().get(prefix_of(code).ljust(6, "0"))


def lineage(code: str) -> list[Division]:
    """Return the division and what it lies in, the province first; of an unknown code as far as it is known."""
    code = prefix_of(code).ljust(6, "0")
    known = next((one for n in (6, 4, 2) if (one := divisions().get(code[:n].ljust(6, "0")))), None)
    chain: list[Division] = []
    while known is not None:
        chain.insert(0, known)
        known = divisions().get(known.parent)
    return chain


def name_of(code: str) -> str:
    """Return the full name (湖北省宜昌市夷陵区); the code itself where nothing of it is known."""
    return "".join(one.name for one in lineage(code)) or code


def children(code: str = "") -> list[Division]:
    """Return what lies directly within a division, the provinces for ""."""
    parent = prefix_of(code).ljust(6, "0") if code else ""
    return [one for one in divisions().values() if one.parent == parent]


def within(code: str, region: str) -> bool:
    """Tell whether `code` is `region` or lies in it."""
    return bool(region) and code.startswith(prefix_of(region))
