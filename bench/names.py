"""Who is meant by a name: precision and recall among BENCH_NAMES firms (300,000), names a second, beside LIKE, difflib.

The firms are the legal names in XINSHU_COMPANIES (../shared/data/companies/chainkg_company.json) among as many invented
ones as are missing. Every tenth of the real firms is NOT in the record: whatever is found for it is wrong. Each name is
asked as notices print it (WRITINGS); short ones are the exchange's own. Sure answers must be right; guesses are counted
as right when the firm is among those shown. A name made here that is the registered one of another real firm means that
firm. Runs on SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL).
"""

import difflib
import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

COMPANIES = Path(os.environ.get("XINSHU_COMPANIES", "../shared/data/companies/chainkg_company.json"))
ROWS = int(os.environ.get("BENCH_NAMES", "300000"))
PEERS = 40  # names asked of the slow peers
AT_ONCE = 5  # names of one notice
Figure = dict[str, Any]

_OTHER_BRACKETS = str.maketrans("()（）", "（）()")
WRITINGS: dict[str, Callable[[str, random.Random], str]] = {
    "as registered": lambda name, _r: name,
    "brackets": lambda name, _r: name.translate(_OTHER_BRACKETS),
    "spaces": lambda name, r: _cut(name, r, " "),
    "other writing of the form": lambda name, _r: name.replace("有限责任公司", "有限公司"),
    "branch": lambda name, r: name + r.choice(("江北分公司", "西南分公司", "第三项目部", "武汉办事处")),
    "slip": lambda name, r: _slip(name, r),
    "without region": lambda name, _r: _without_region(name),
    "without form": lambda name, _r: re.sub("(股份有限|有限责任|有限)公司$", "", name),
    "other form": lambda name, _r: name.replace("股份有限公司", "有限公司"),
}  # fmt: skip


def _cut(name: str, r: random.Random, sign: str) -> str:
    at = r.randrange(1, len(name))
    return name[:at] + sign + name[at:]


def _slip(name: str, r: random.Random) -> str:
    """Return the name with one sign read as another that looks like it; as it is where it has no such sign."""
    from xinshu.enterprises.naming.words import CONFUSED

    rows = [row for row in CONFUSED.split() if any(sign in row for sign in name)]
    if not rows:
        return name
    row = r.choice(rows)
    sign = next(sign for sign in name if sign in row)
    return name.replace(sign, r.choice([other for other in row if other != sign]), 1)


def _without_region(name: str) -> str:
    from xinshu.enterprises.naming.parts import parts_of

    region = parts_of(name).region
    return name.replace(region, "", 1).lstrip("省市县区") if region and name.startswith(region) else name


def main() -> Iterator[Figure]:
    """Yield the figures; print what was sure and wrong to standard error."""
    if not COMPANIES.exists():
        print(f"# no companies at {COMPANIES}: nothing measured", file=sys.stderr)
        return
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    real = [json.loads(line) for line in COMPANIES.read_text(encoding="utf-8").splitlines()]
    strangers = {one["fullname"] for number, one in enumerate(real) if number % 10 == 9}
    begun = time.perf_counter()
    firms = fill([one["fullname"] for one in real if one["fullname"] not in strangers])
    on = connection.vendor
    yield {"database": on, "figure": f"keeping {len(firms):,} names", "value": round(time.perf_counter() - begun),
           "unit": "s", "limit": None}  # fmt: skip
    r = random.Random(7)
    asked = [(what, write(one["fullname"], r), one["fullname"]) for what, write in WRITINGS.items() for one in real]
    registered = {one["fullname"] for one in real}
    asked = [(what, name, name if name in registered else meant) for what, name, meant in asked]
    asked += [("short name of the exchange", one["name"], one["fullname"]) for one in real]
    yield from quality(asked, strangers, on)
    yield from peers(r.sample([row for row in asked if row[0] in ("slip", "without region")], PEERS), firms, on)


def quality(asked: list[tuple[str, str, str]], strangers: set[str], on: str) -> Iterator[Figure]:
    """Ask all, as many at once as a notice names; yield precision and recall in all and by way of writing."""
    from xinshu.enterprises.naming.resolving import resolve

    counted: dict[str, dict[str, int]] = {}
    spent: list[float] = []
    order = sorted(range(len(asked)), key=lambda at: at * 2_654_435_761 % 2**32)
    for first in range(0, len(order), AT_ONCE):
        lot = [asked[at] for at in order[first : first + AT_ONCE]]
        begun = time.perf_counter()
        found = resolve([written for _what, written, _meant in lot])
        spent.append(time.perf_counter() - begun)
        for what, written, meant in lot:
            for row in (
                counted.setdefault(what, dict.fromkeys(COUNTED, 0)),
                counted.setdefault("all", dict.fromkeys(COUNTED, 0)),
            ):
                count(row, found[written], meant, strangers, what, written)
    for what, row in counted.items():
        yield {
            "database": on, "figure": f"sure: precision, {what}", "value": _share(row["sure right"], row["sure"]),
            "unit": "", "limit": 1.0, "sure": row["sure"], "recall": _share(row["known sure"], row["known"]),
            "recall with guesses": _share(row["known met"], row["known"]),
            "strangers guessed at": _share(row["stranger guessed"], row["stranger"]),
        }  # fmt: skip
    yield {"database": on, "figure": f"names resolved, {AT_ONCE} at a time", "value": round(len(asked) / sum(spent)),
           "unit": "names/s", "limit": None, "p50 ms": round(statistics.median(spent) * 1000, 1),
           "p99 ms": round(statistics.quantiles(spent, n=100)[98] * 1000, 1)}  # fmt: skip


COUNTED = ("known", "known sure", "known met", "sure", "sure right", "stranger", "stranger guessed")


def count(row: dict[str, int], found: list[Any], meant: str, strangers: set[str], what: str, written: str) -> None:
    """Add one answer to the counts."""
    sure = [one for one in found if one.verdict.sure]
    row["sure"] += len(sure)
    row["sure right"] += sum(one.organisation.name == meant for one in sure)
    if any(one.organisation.name != meant for one in sure):
        print(f"# sure and wrong ({what}): {written} is not {[one.organisation.name for one in sure]}", file=sys.stderr)
    if meant in strangers:
        row["stranger"] += 1
        row["stranger guessed"] += bool(found)
    else:
        row["known"] += 1
        row["known sure"] += any(one.organisation.name == meant for one in sure)
        row["known met"] += any(one.organisation.name == meant for one in found)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def peers(asked: list[tuple[str, str, str]], firms: list[str], on: str) -> Iterator[Figure]:
    """Yield what the plain ways find of the same: LIKE with the first half of the name, and the closest by difflib."""
    from xinshu.accounts.models import Organisation
    from xinshu.enterprises.naming.resolving import resolve

    ways: dict[str, Callable[[str], list[str]]] = {
        "ours": lambda name: [one.organisation.name for one in resolve([name])[name]],
        "LIKE": lambda name: list(
            Organisation.objects.filter(name__contains=name[: len(name) // 2]).values_list("name", flat=True)[:3]
        ),
        "difflib": lambda name: difflib.get_close_matches(name, firms, n=3, cutoff=0.8),
    }
    for way, ask in ways.items():
        begun = time.perf_counter()
        some = asked if way != "difflib" else asked[:5]
        right = sum(meant in ask(written) for _what, written, meant in some)
        seconds = time.perf_counter() - begun
        yield {"database": on, "figure": f"names a second, slips and names without region: {way}", "unit": "names/s",
               "value": round(len(some) / seconds, 2), "limit": None, "met": _share(right, len(some))}  # fmt: skip


def fill(real: list[str]) -> list[str]:
    """Write the firms, real and invented, and keep their names; return them all."""
    from django.db import connection, transaction

    from bench.enterprises import a_firm
    from xinshu.accounts.models import Organisation
    from xinshu.enterprises.naming.keeping import keep_names

    kind = Organisation.Kind.ENTERPRISE
    invented = {a_firm(n).name for n in range(max(0, ROWS - len(real)))} - set(real)
    names = [*real, *sorted(invented)]
    for first in range(0, len(names), 5_000):
        with transaction.atomic():
            keep_names(
                Organisation.objects.bulk_create(
                    Organisation(name=name, kind=kind) for name in names[first : first + 5_000]
                )
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return names
