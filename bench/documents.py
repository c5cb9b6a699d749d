"""Finding files by what is written in them: BENCH_DOCUMENTS (50,000) beside BENCH_ENTERPRISES (300,000) customers.

Every question is asked as the page asks it: candidates by pieces, texts opened, every file's door asked, lines lit.
Half of the files are the house's own, half are papers of its customers' records. p50 and p95 of repeated questions,
beside the naive way in the same run: the texts in the clear in one column and LIKE over it, newest first, the doors not
even asked. Also the customer search over the same database. Runs on SQLite and PostgreSQL (XINSHU_DATABASE_URL).
"""

import os
import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

from bench.enterprises import PLACES, TRADES, WORDS, Figure, fill, timed

ROWS = int(os.environ.get("BENCH_DOCUMENTS", "50000"))
AGAIN, LIMIT = 15, 50  # times each question is asked; ms
SENTENCES = (
    "本合同价款采用固定总价方式", "承包人应当按照约定的工期完成全部工程", "发包人逾期支付工程款的应当支付利息",
    "工程质量应当达到国家验收规范合格标准", "缺陷责任期自通过竣工验收之日起计算", "质量保证金在缺陷责任期满后返还",
    "农民工工资应当按月足额支付到专用账户", "投标人应当提交履约担保", "监理人发现质量缺陷的有权要求返工",
    "因不可抗力造成的损失由双方各自承担", "争议提交工程所在地人民法院诉讼解决", "安全生产许可证在有效期内",
)  # fmt: skip
RARE = ("盾构", "沉井", "顶管", "钢箱梁", "声屏障", "预应力", "桩基检测", "绿化养护", "照明", "管廊")
QUESTIONS = {
    "two characters, in every hundredth": ("盾构", "顶管"),
    "two characters, in most": ("质量", "监理"),
    "a phrase": ("缺陷责任期满后返还", "桩基检测报告"),
    "two words": ("沉井 保证金", "管廊 恒达"),
    "what stands nowhere": ("饕餮盛宴", "zzzzqq"),
    "what every text has": ("公司",),
}


def main() -> Iterator[Figure]:
    """Fill a fresh database with customers and documents, ask; yield milliseconds."""
    from django.core.management import call_command
    from django.db import connection

    from xinshu.core.clock import now
    from xinshu.documents.searching.finding import find_files
    from xinshu.enterprises.search.finding import find

    call_command("migrate", verbosity=0)
    member, _filled, _indexed = fill()
    begun = time.perf_counter()
    keeping = write(member)
    yield {"database": connection.vendor, "figure": f"keeping {ROWS:,} texts", "value": round(ROWS / keeping),
           "unit": "texts/s", "limit": None, "filling": round(time.perf_counter() - begun, 1)}  # fmt: skip

    def files(text: str) -> list[Any]:
        return list(find_files(text, member, now(), limit=10)[0])

    for what, asked in QUESTIONS.items():
        ours = [one for text in asked for one in timed(lambda text=text: files(text), AGAIN)]
        naive = [one for text in asked for one in timed(lambda text=text: scan(text), 3)]
        yield figure(f"files by {what}", ours, naive, [len(files(text)) for text in asked])
    names = ("恒达", "yzhd", "ma0012")
    customers = [one for text in names for one in timed(lambda text=text: find(text, member, 8), AGAIN)]
    yield figure("customers in the same database", customers, [], [])


def figure(what: str, ours: list[float], naive: list[float], hits: list[int]) -> Figure:
    """Return one line: median and 95th percentile, the scan's median beside them."""
    from django.db import connection

    return {
        "database": connection.vendor, "figure": what, "value": round(statistics.median(ours), 1), "unit": "ms",
        "limit": LIMIT, "p95": round(statistics.quantiles(ours, n=20)[-1], 1),
        "naive": round(statistics.median(naive), 1) if naive else None, "hits": hits,
    }  # fmt: skip


def scan(text: str) -> list[Any]:
    """Look for the same in the plainest way: LIKE over the texts in the clear, the newest first."""
    from django.db import connection

    where = " AND ".join(["text LIKE %s"] * len(text.split()))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM bench_clear WHERE {where} ORDER BY id DESC LIMIT 11",
            [f"%{term}%" for term in text.split()],
        )
        return cursor.fetchall()


def write(member: Any) -> float:
    """Write files, their texts, and the same texts in the clear; return the seconds that keeping the texts took."""
    from django.db import connection, transaction

    from xinshu.core.clock import now
    from xinshu.documents.models import Blob, File
    from xinshu.documents.searching.keeping import keep, written
    from xinshu.enterprises.models import Enterprise

    dice, at, spent = random.Random(0), now(), 0.0
    blob = Blob.objects.create(sm3="0" * 64, size=1, mime="application/pdf")
    firms = list(Enterprise.objects.order_by("pk")[: max(1, ROWS // 10)])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_clear (id bigint PRIMARY KEY, text text NOT NULL)")
    for first in range(0, ROWS, 2_000):
        with transaction.atomic():
            files = File.objects.bulk_create(
                a_file(n, blob, member.organisation, dice.choice(firms), at)
                for n in range(first, min(first + 2_000, ROWS))
            )
            pages = [a_text(dice) for _file in files]
            begun = time.perf_counter()
            keep([written(file, text, at) for file, text in zip(files, pages, strict=True)])
            spent += time.perf_counter() - begun
            clear = [
                (file.pk, "\n".join("".join(page) for page in text)) for file, text in zip(files, pages, strict=True)
            ]
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO bench_clear (id, text) VALUES (%s, %s)", clear)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return spent


def a_file(n: int, blob: Any, house: Any, firm: Any, at: Any) -> Any:
    """Return the n-th file: every other one the house's own, the others papers of a customer's record."""
    from xinshu.documents.models import File

    if n % 2:
        return File(blob=blob, name=f"扫描件{n}.pdf", owner=house, uploaded_by="system", uploaded_at=at)
    return File(blob=blob, name=f"材料{n}.pdf", owner_id=firm.organisation_id, uploaded_by="system", uploaded_at=at,
                subject_type="enterprises.enterprise", subject_id=firm.pk)  # fmt: skip


def a_text(dice: random.Random) -> list[list[str]]:
    """Return the lines of two pages: parties, sentences in an order of their own, here and there a rare word."""
    name = f"{dice.choice(PLACES)}{dice.choice(WORDS)}{dice.choice(WORDS)}{dice.choice(TRADES)}有限公司"
    head = [f"合同编号 YZ-{dice.randrange(10**8):08d}", f"承包人：{name}", f"合同价 {dice.randrange(10**9):,} 元"]
    pages = []
    for _page in range(2):
        body = dice.sample(SENTENCES, 8)
        if dice.random() < 0.05:
            body.insert(dice.randrange(8), f"{dice.choice(RARE)}报告另附")
        pages.append([*head, *(f"{number}. {line}，附表 {dice.randrange(10_000)}" for number, line in enumerate(body))])
        head = []
    return pages
