"""Finding a customer among BENCH_ENTERPRISES (300,000) while typing, beside the naive scan with LIKE in the same run.

One house has them all, which is the worst case: everything typed is looked for among all of them. Each figure is the
median and the slowest of repeated questions of one kind, what the page asks of the database and ranking included;
`limit` is the 50 ms that a person takes for "at once". Runs on SQLite and, where there is one, on PostgreSQL
(XINSHU_DATABASE_URL).
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

ROWS = int(os.environ.get("BENCH_ENTERPRISES", "300000"))
AGAIN, LIMIT = 15, 50  # times each question is asked; ms
Figure = dict[str, Any]
PLACES = ("云州", "江北", "临港", "青石", "白鹭", "重庆", "海宁", "长乐", "安吉", "南浔")
WORDS = "恒宏远达通盛泰嘉禾瑞丰华鼎信中天大路建工水利桥隧市政园林安装消防电力钢构幕墙"
TRADES = ("路桥工程", "市政建设", "建筑工程", "水利工程", "园林绿化", "钢结构", "建设", "机电安装")
QUESTIONS = {
    "two characters": ("恒达", "宏远"),
    "part of a name": ("恒宏路桥", "泰嘉禾市政"),
    "pinyin initials": ("yzhd", "jbhytd"),
    "part of a code": ("ma0012", "0000299"),
    "what every name has": ("有限公司", "建设"),
    "two words": ("云州 路桥",),
    "what nobody has": ("饕餮", "zzzzqq"),
}


def a_name(n: int) -> str:
    """Return the name of the n-th firm."""
    size, mixed = len(WORDS), n * 2_654_435_761 % 2**32
    words = WORDS[n % size] + WORDS[mixed // 7 % size] + (WORDS[mixed // 997 % size] if mixed % 3 else "")
    return f"{PLACES[mixed % len(PLACES)]}{words}{TRADES[mixed // 31 % len(TRADES)]}有限公司"


MEANT = [n for n in range(100) if a_name(n).startswith(("重庆", "海宁"))][
    :3
]  # places that the table of divisions knows
NEAR = {  # these customers of `a_firm`, typed otherwise; and what is nobody's
    "a name without its region": tuple(a_name(n)[2:] for n in MEANT),
    "a trade name and a form": tuple(f"{a_name(n)[2:5]}公司" for n in MEANT),
    "another writing": tuple(a_name(n).replace("有限公司", "有限责任公司") for n in MEANT),
    "a name that nobody has": ("云州饕餮路桥工程有限公司",),
}


def main() -> Iterator[Figure]:
    """Fill a fresh database with one house's customers, index them, ask; yield milliseconds."""
    from django.core.management import call_command
    from django.db import connection

    from xinshu.enterprises.search.finding import find
    from xinshu.enterprises.search.near import near

    call_command("migrate", verbosity=0)
    member, filled, indexed = fill()
    yield {"database": connection.vendor, "figure": f"indexing {ROWS:,} enterprises", "value": round(indexed, 1),
           "unit": "s", "limit": None, "filling": round(filled, 1)}  # fmt: skip
    for what, asked in NEAR.items():
        spent = [
            one
            for text in asked
            for one in timed(lambda text=text: near(text, member, find(text, member, 8)[0]), AGAIN)
        ]
        yield {
            "database": connection.vendor, "figure": f"meant by {what}", "value": round(statistics.median(spent), 1),
            "unit": "ms", "limit": LIMIT, "slowest": round(max(spent), 1),
            "hits": [len(near(text, member)) for text in asked],
        }  # fmt: skip
    for what, asked in QUESTIONS.items():
        ours = [spent for text in asked for spent in timed(lambda text=text: find(text, member, 8), AGAIN)]
        naive = [spent for text in asked for spent in timed(lambda text=text: scan(text, member), 3)]
        yield {
            "database": connection.vendor, "figure": f"find by {what}", "value": round(statistics.median(ours), 1),
            "unit": "ms", "limit": LIMIT, "slowest": round(max(ours), 1),
            "naive": round(statistics.median(naive), 1), "hits": [len(find(text, member, 8)[0]) for text in asked],
        }  # fmt: skip


def timed(ask: Callable[[], Any], times: int) -> list[float]:
    """Return how many milliseconds each of `times` took, after one that warms up."""
    ask()
    spent = []
    for _turn in range(times):
        begun = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def scan(text: str, member: Any) -> list[Any]:
    """Look for the same in the plainest way: LIKE over names and codes of the house's customers, the shortest first."""
    from django.db.models import Q
    from django.db.models.functions import Length

    from xinshu.enterprises.models import Relation

    asked = Q()
    for term in text.split():
        asked &= Q(enterprise__organisation__name__icontains=term) | Q(enterprise__organisation__uscc__icontains=term)
    found = Relation.objects.filter(asked, guarantor=member.organisation_id)
    return list(found.order_by(Length("enterprise__organisation__name")).select_related("enterprise__organisation")[:8])


def fill() -> tuple[Any, float, float]:
    """Write house and customers; return its manager, the seconds for filling and for indexing."""
    from django.db import connection, transaction

    from xinshu.accounts.models import Member, Organisation, User
    from xinshu.core.clock import now
    from xinshu.enterprises.models import Enterprise, Relation
    from xinshu.enterprises.naming.keeping import keep_names
    from xinshu.enterprises.search.index import index

    kinds, at = Organisation.Kind, now()
    house = Organisation.objects.create(name="云州融信融资担保有限公司", kind=kinds.GUARANTOR)
    user = User.objects.create_user("bench-manager", None, name="客户经理")
    member = Member.objects.create(user=user, organisation=house, roles=["manager"])
    begun = time.perf_counter()
    for first in range(0, ROWS, 10_000):
        with transaction.atomic():
            firms = Organisation.objects.bulk_create(a_firm(n) for n in range(first, min(first + 10_000, ROWS)))
            records = Enterprise.objects.bulk_create(Enterprise(organisation=firm) for firm in firms)
            Relation.objects.bulk_create(
                Relation(guarantor=house, enterprise=one, manager=member, since=at) for one in records
            )
    filled, begun = time.perf_counter() - begun, time.perf_counter()
    last = 0
    while lot := list(Enterprise.objects.filter(pk__gt=last).select_related("organisation").order_by("pk")[:5_000]):
        with transaction.atomic():
            index(lot)
            keep_names(one.organisation for one in lot)
        last = lot[-1].pk
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return member, filled, time.perf_counter() - begun


def a_firm(n: int) -> Any:
    """Return the n-th firm: a name of place, two or three words and a trade, and a code of its own."""
    from xinshu.accounts.models import Organisation

    mixed = n * 2_654_435_761 % 2**32
    return Organisation(name=a_name(n), kind=Organisation.Kind.ENTERPRISE, uscc=f"9133{mixed % 10_000:04d}MA{n:08d}")
