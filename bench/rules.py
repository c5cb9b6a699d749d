"""Rules in numbers: decisions a second of a set of 200 rules, with all answers and evidence, as it is kept.

Beside it the same 200 rules as one hand-written Python function that only says yes or no (the limit of this language).
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

RULES, SECONDS = 200, 2.0


def rate(act: Callable[[], object]) -> float:
    """Return how often `act` runs per second of CPU: other programs of the machine do not count."""
    done, begun = 0, time.process_time()
    while (passed := time.process_time() - begun) < SECONDS:
        act()
        done += 1
    return done / passed


def main() -> Iterator[dict[str, Any]]:
    """Measure in one process; no database is asked."""
    from xinshu.rules.engine.deciding import prepare
    from xinshu.rules.engine.facts import AMOUNT, NUMBER, TEXT, TRUTH, Fact, FactType
    from xinshu.rules.engine.gaps import check
    from xinshu.rules.engine.tables import read_table

    types = {
        code: FactType(code, code, kind, "bench")
        for code, kind in (("ratio", NUMBER), ("capital", AMOUNT), ("grade", TEXT), ("listed", TRUTH))
    }
    rules = []
    for number in range(RULES):
        one = (
            {"conditions": [{"fact": "ratio", "op": "le", "values": [str(70 + number)]}]},
            {"conditions": [{"fact": "capital", "op": "ge", "values": [100_000 + number]}]},
            {"expression": f'grade in ("A", "B", "G{number}") and not listed'},
            {"expression": f"ratio * 2 + {number} >= 1 and capital >= {number}元"},
        )[number % 4]
        rules.append({"name": f"r{number}", "weight": "stop", **one})
    decide = prepare({"form": "conditions", "rules": rules}, types).decide
    facts = {
        "ratio": Fact(Decimal(61), "bench"), "capital": Fact(50_000_000, "bench"), "grade": Fact("A", "bench"),
        "listed": Fact(False, "bench"),
    }  # fmt: skip
    lines = ["def by_hand(ratio, capital, grade, listed):"]
    for number in range(RULES):
        lines.append(
            (
                f"    if not ratio <= {70 + number}: return False",
                f"    if not capital >= {100_000 + number}: return False",
                f"    if not (grade in ('A', 'B', 'G{number}') and not listed): return False",
                f"    if not (ratio * 2 + {number} >= 1 and capital >= {number * 100}): return False",
            )[number % 4]
        )
    space: dict[str, Any] = {}
    exec("\n".join([*lines, "    return True"]), space)
    today, plain = date(2026, 11, 22), space["by_hand"]
    limit = rate(lambda: plain(Decimal(61), 50_000_000, "A", False))

    def kept() -> str:
        return json.dumps(decide(facts, today).as_json(), sort_keys=True, ensure_ascii=False)

    yield {"figure": "decisions of 200 rules, with evidence", "value": round(rate(lambda: decide(facts, today))),
           "unit": "/s of CPU", "limit": round(limit), "peer": "200 ifs in Python, yes or no only"}  # fmt: skip
    yield {"figure": "the same, written as the bytes that are kept", "value": round(rate(kept)), "unit": "/s of CPU",
           "limit": round(limit), "peer": "200 ifs in Python, yes or no only"}  # fmt: skip
    rows = [
        {"cells": [{"op": "between", "values": [str(n * 2), str(n * 2 + 1)]}, {"op": "ge", "values": [n]},
                   None if n % 2 else {"op": "eq", "values": [True]}], "outcome": "ask"}
        for n in range(50)
    ]  # fmt: skip
    table = read_table(
        {"form": "table", "hit": "unique", "inputs": ["ratio", "capital", "listed"], "rows": rows}, types
    )
    taken = round(1_000 / rate(lambda: check(table, types)))
    yield {"figure": "gaps and overlaps of a table of 50 rows", "value": taken, "unit": "ms", "limit": 1_000}
