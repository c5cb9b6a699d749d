"""Matching announcements against subscriptions: notices a second and core, p99 of one, memory; peers in the same run.

Notices of 2 KB are made from real ones (XINSHU_TENDERS, ../shared/data/tenders; without them invented), and so
are the keywords, 1 to 5 a subscription with filters: every word occurs somewhere, so this is a hard case. The hits of a
sample are held against the rule applied one by one. Seconds of processor time: a busy machine is no slow matcher. The
database (XINSHU_DATABASE_URL) is a peer: on PostgreSQL only that is measured.
"""

import gc
import gzip
import html
import json
import os
import random
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TENDERS = Path(os.environ.get("XINSHU_TENDERS", "../shared/data/tenders"))
FILES = ("award_pages", "candidate_pages", "nationwide_snippets")
SIZES = ((200_000, 1_000), (1_000_000, 800))  # subscriptions, notices a second that are wanted
SAMPLE = 300  # notices measured
CHECKED = 4  # of them held against the rule
NAIVE = 3  # of them scanned one by one
KINDS = ("award", "candidate", "tender", "change", "failed", "contract", "plan", "other")
REGIONS = ("33", "3301", "330102", "42", "4205", "420505", "44")
_TAG = re.compile(r"<[^>]+>")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")


def texts() -> list[tuple[str, str]]:
    """Return titles and bodies of real notices, normalised."""
    from xinshu.subscriptions.engine.words import normalise

    found = []
    for name in FILES:
        path = TENDERS / f"{name}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            found += [(row["title"] or "", row.get("html") or row.get("detail") or "") for row in rows]
    if not found:
        print(f"# no notices at {TENDERS}: invented ones", file=sys.stderr)
        some = random.Random(7)
        signs = "道路桥梁施工监理工程项目招标中标结果公告建设城市管网医院学校改造设备采购服务"
        found = [("".join(some.choices(signs, k=20)), "".join(some.choices(signs, k=600))) for _n in range(1500)]
    return [(normalise(title), normalise(_TAG.sub("\n", html.unescape(body)))) for title, body in found]


def notices(some: random.Random, of: list[tuple[str, str]], count: int) -> list[Any]:
    """Return announcements of 2 KB."""
    from xinshu.subscriptions.engine.wanted import Notice

    made = []
    for _n in range(count):
        title, body = some.choice(of)
        while len(body.encode()) < 2048:
            body += "\n" + some.choice(of)[1]
        body = body.encode()[:2048].decode("utf-8", "ignore")
        amount = some.choice((None, 10**8, 10**9, 10**10))
        region, trade = some.choice((*REGIONS, "")), some.choice(("E47", "E481", "I65", ""))
        made.append(Notice(title, body, some.choice(KINDS), region, trade, amount))
    return made


def crowd(some: random.Random, of: list[tuple[str, str]], count: int) -> Iterator[Any]:
    """Yield subscriptions: 1 to 5 keywords in all manners of joining, filters on some."""
    from xinshu.subscriptions.engine.language import AND, OR, Join, Not, Word
    from xinshu.subscriptions.engine.wanted import Wanted

    runs = _CHINESE.findall("\n".join(body for _title, body in of))
    words: set[str] = set()
    for _try in range(min(count, 500_000)):
        run, length = some.choice(runs), some.choice((2, 3, 4, 4, 5, 6, 8))
        begin = some.randrange(max(1, len(run) - length + 1))
        words.add(run[begin : begin + length])
        if len(words) >= min(count // 4, 120_000):
            break
    known = [Word(word) for word in sorted(words) if len(word) > 1]
    for number in range(count):
        chosen = tuple(some.choices(known, k=some.randint(1, 5)))
        manner = some.random()
        if len(chosen) == 1:
            node: Any = chosen[0]
        elif manner < 0.4:
            node = Join(AND, (chosen[0], Join(OR, chosen[1:]) if len(chosen) > 2 else chosen[1]))
        elif manner < 0.6:
            node = Join(OR, chosen)
        elif manner < 0.8:
            node = Join(AND, (*chosen[:-1], Not(chosen[-1])))
        else:
            node = Join(AND, chosen)
        yield Wanted(
            number, node, (), frozenset(some.sample(KINDS, some.choice((0, 1, 2, 3)))),
            frozenset(some.sample(REGIONS, some.choice((0, 0, 1, 2)))),
            frozenset(some.sample(("E", "E47", "I65"), some.choice((0, 0, 1)))), frozenset(),
            some.choice((None, None, 10**9)), None, some.choice((0, 60)),
        )  # fmt: skip


def resident() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> Iterator[dict[str, Any]]:
    """Yield the figures."""
    from django.db import connection

    from xinshu.subscriptions.engine.index import Index
    from xinshu.subscriptions.engine.language import parse
    from xinshu.subscriptions.engine.wanted import Wanted, look

    of = texts()
    some = random.Random(1)
    told, others = notices(some, of, SAMPLE), notices(some, of, SAMPLE)
    if connection.vendor == "postgresql":
        yield from _in_the_database(told[:NAIVE])
        return
    for size, wanted in SIZES:
        gc.collect()
        before, began = resident(), time.process_time()
        index = Index(KINDS)
        index.sample = [f"{one.title}\n{one.body}" for one in others]
        index.change(crowd(random.Random(2), of, size))
        built = time.process_time() - began
        gc.collect()
        label = f"{size:,} subscriptions"
        yield {"figure": f"{label}: read and built", "value": round(built, 1), "unit": "s", "limit": None}
        yield {"figure": f"{label}: memory", "value": round(resident() - before), "unit": "MB", "limit": None}
        yield from _speed(index, told, label, wanted)
        began = time.perf_counter()
        index.change([Wanted(size + 1, parse("临港 or 海棠大道"))], gone=[7])
        shown = round((time.perf_counter() - began) * 1000, 1)
        yield {"figure": f"{label}: one more is live after", "value": shown, "unit": "ms", "limit": 1000}
        rows = [one for one in crowd(random.Random(2), of, size) if one.id != 7]
        wrong = 0
        began = time.process_time()
        for notice in told[:CHECKED]:
            hits = index.match(notice)
            found = dict(zip(hits.ids.tolist(), hits.scores.tolist(), strict=True))
            found.pop(size + 1, None)
            wrong += found != {one.id: met.score for one in rows if (met := look(one, notice))}
        naive = CHECKED / (time.process_time() - began)
        yield {"figure": f"{label}: notices that differ from the rule", "value": wrong, "unit": "", "limit": 0}
        yield {
            "figure": f"{label}: peer, the rule one by one",
            "value": round(naive, 2),
            "unit": "notices/s",
            "limit": None,
        }
        del index, rows
    yield from _in_the_database(told[:NAIVE])


def _speed(index: Any, told: list[Any], label: str, wanted: int) -> Iterator[dict[str, Any]]:
    for notice in told[:20]:
        index.match(notice)
    taken, hits = [], 0
    for notice in told:
        began = time.process_time()
        hits += len(index.match(notice).ids)
        taken.append(time.process_time() - began)
    taken.sort()
    rate, last = round(len(told) / sum(taken)), round(taken[int(len(taken) * 0.99)] * 1000, 2)
    yield {"figure": f"{label}: matched", "value": rate, "unit": "notices/s/core", "limit": wanted}
    yield {"figure": f"{label}: one notice, p99", "value": last, "unit": "ms", "limit": 50}
    yield {"figure": f"{label}: found by one notice", "value": round(hits / len(told)), "unit": "", "limit": None}


def _in_the_database(told: list[Any]) -> Iterator[dict[str, Any]]:
    """Ask the database which subscriptions have a keyword in a text; what they make of it is not even asked of it."""
    from django.db import connection

    from xinshu.subscriptions.engine.language import words_of

    size, numbers, uses = SIZES[0][0], dict[str, int](), []
    for one in crowd(random.Random(2), texts(), size):
        uses += [(numbers.setdefault(word, len(numbers)), one.id) for word in words_of(one.expression)]
    inside = "strpos(%s, word)" if connection.vendor == "postgresql" else "instr(%s, word)"
    with connection.cursor() as cursor:
        for table, kind, rows in (
            ("bench_word", "word varchar(30)", [(number, word) for word, number in numbers.items()]),
            ("bench_use", "subscription integer", uses),
        ):
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (number integer, {kind})")
            for place in range(0, len(rows), 10_000):
                cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s)", rows[place : place + 10_000])
        cursor.execute("CREATE INDEX bench_use_of ON bench_use (number, subscription)")
        cursor.execute("ANALYZE")
        began = time.perf_counter()
        for notice in told:
            found = f"SELECT number FROM bench_word WHERE {inside} > 0"
            cursor.execute(f"SELECT DISTINCT subscription FROM bench_use WHERE number IN ({found})", [notice.body])
            cursor.fetchall()
        rate = round(len(told) / (time.perf_counter() - began), 2)
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    figure = f"{size:,} subscriptions: peer, {name} by keyword"
    yield {"figure": figure, "value": rate, "unit": "notices/s", "limit": None}
