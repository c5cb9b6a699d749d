"""The list of announcements among BENCH_ANNOUNCEMENTS (300,000): a page by words, kind, days, region; beside LIKE.

Invented notices of 1,500 signs, titles as the trade writes them, dates over two years; every twentieth is told again by
another source, every hundredth concerns the house. Each figure is the median, the 95th percentile and the slowest of
repeated pages (rows with what the house makes of them included); `like`: the same by LIKE over what the notice says.
Runs on SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL).
"""

import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from operator import and_
from typing import Any

from bench.enterprises import PLACES, a_firm, timed

ROWS = int(os.environ.get("BENCH_ANNOUNCEMENTS", "300000"))
AGAIN, LIMIT = 21, 50  # ms
Figure = dict[str, Any]
WORKS = (
    "道路改造",
    "桥梁加固",
    "河道整治",
    "污水管网",
    "校舍新建",
    "医院门诊楼",
    "老旧小区改造",
    "园林绿化",
    "路灯亮化",
    "水库除险",
    "光伏发电",
    "智能化",
)
SORTS = ("工程施工", "工程监理", "工程设计", "设备采购", "总承包", "服务")
LEADS = (
    "本项目建设地点位于", "投标人须具备", "招标人委托代理机构对", "评标委员会按照招标文件",
    "潜在投标人应当在规定时间内", "联合体各方均应具备", "履约保证金的金额和形式见", "资金来源为财政资金并已落实，",
    "项目经理应当持有", "异议应当在公示期间", "中标人应当自通知书发出之日起", "本次公告同时在下列媒介发布：",
)  # fmt: skip
MIDDLES = (
    "相应的设计、施工与养护资质", "市政公用工程施工总承包", "安全生产许可证和近三年业绩", "下载电子招标文件及图纸资料",
    "以书面形式向监督部门提出", "缴纳农民工工资保证金", "提交银行保函、保险保单或者担保机构保函", "综合评分排名第一",
    "完成合同签订与备案手续", "开标地点为公共资源交易中心", "信用信息查询结果不得失信",
)  # fmt: skip
ENDINGS = (
    "并加盖单位公章", "逾期送达的不予受理", "具体要求详见附件", "最高限价另行公布", "不接受电话咨询",
    "由中标单位承担费用", "以系统记录时间为准",
)  # fmt: skip
RARE = ("盾构", "沉井", "顶管", "钢箱梁", "声屏障", "预应力", "桩基", "管廊")
ENDS = {"award": "中标结果公告", "candidates": "中标候选人公示", "tender": "招标公告", "change": "更正公告"}


def main() -> Iterator[Figure]:
    """Fill a fresh database, ask; yield milliseconds."""
    from django.core.management import call_command
    from django.db import connection

    from xinshu.core.clock import local_day, now
    from xinshu.tenders.asking import Filters
    from xinshu.tenders.listing import page_of
    from xinshu.tenders.maps import regions

    call_command("migrate", verbosity=0)
    on = connection.vendor
    member, spent = fill()
    yield {"database": on, "figure": f"listing {ROWS:,} announcements", "value": round(spent * 1000 / ROWS, 2),
           "unit": "ms each", "limit": None}  # fmt: skip
    today = local_day(now())
    quarter = {"since": today - timedelta(days=90), "until": today}
    questions = {
        "nothing chosen": Filters(),
        "a frequent word": Filters(q="工程"),
        "a rarer word": Filters(q="除险"),
        "two words": Filters(q="道路 监理"),
        "part of a firm's name": Filters(q="恒宏路桥"),
        "what nobody has": Filters(q="饕餮"),
        "word, kind and 90 days": Filters(q="改造", kind="award", **quarter),
        "region": Filters(region="4205"),
        "word and region": Filters(q="桥梁", region="42"),
        "kind and 90 days": Filters(kind="award", **quarter),
        "word and amount": Filters(q="工程", least=9_000_000_00, most=9_100_000_00),
        "the dearest": Filters(sort="-amount"),
        "word, the dearest": Filters(q="工程", sort="-amount"),
        "word and any amount above": Filters(q="工程", least=900_000_000),
        "two frequent words and an amount": Filters(q="工程 施工", least=9_000_000_00, most=9_010_000_00),
        "word and region, the cheapest": Filters(q="桥梁", region="42", sort="amount"),
        "kind and 90 days, the dearest": Filters(kind="award", sort="-amount", **quarter),
        "a word far down in the text": Filters(q="声屏障"),
        "a word and one far down": Filters(q="工程 检测方案"),
        "the oldest of a frequent word": Filters(q="工程", sort="published"),
        "what concerns the house": Filters(view="ours"),
        "what concerns the house, by word": Filters(view="ours", q="工程"),
        "page 50 of a frequent word": Filters(q="工程"),
    }
    for what, filters in questions.items():
        number = 50 if what.startswith("page 50") else 1
        ours = timed(lambda f=filters, n=number: page_of(member, f, n), AGAIN)
        naive = timed(lambda f=filters, n=number: like(f, n), 2)
        yield {
            "database": on, "figure": f"list: {what}", "unit": "ms", "limit": LIMIT,
            "value": round(statistics.median(ours), 1), "p95": round(statistics.quantiles(ours, n=20)[-1], 1),
            "slowest": round(max(ours), 1), "like": round(statistics.median(naive), 1),
            "hits": len(page_of(member, filters, number).rows),
        }  # fmt: skip
    for what in ("nothing chosen", "word and region", "kind and 90 days"):
        filters = questions[what]
        spent_ms = timed(lambda f=filters: regions(member, f), 5)
        yield {"database": on, "figure": f"map of regions: {what}", "unit": "ms", "limit": None,
               "value": round(statistics.median(spent_ms), 1), "regions": len(regions(member, filters))}  # fmt: skip


def like(filters: Any, number: int) -> list[Any]:
    """Return the same page as the list asked before: LIKE over the words, conditions on columns, by day."""
    from django.db.models import Q
    from django.db.models.functions import Coalesce

    from xinshu.core.clock import moment
    from xinshu.tenders.models import Announcement

    found = Announcement.objects.filter(reduce(and_, (Q(words__contains=word) for word in filters.q.split()), Q()))
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.region:
        found = found.filter(region_code__startswith=filters.region)
    if filters.since:
        found = found.filter(published_at__gte=moment(filters.since), published_at__lt=moment(filters.until))
    if filters.least is not None:
        found = found.filter(amount__gte=filters.least)
    if filters.most is not None:
        found = found.filter(amount__lte=filters.most)
    if filters.view:
        found = found.exclude(opportunities=None)
    by_day = Coalesce("published_at", "received_at")
    order = {"": by_day.desc(), "published": by_day}.get(filters.sort, filters.sort)
    return list(found.order_by(order, "-pk").defer("words")[(number - 1) * 20 : number * 20])


def fill() -> tuple[Any, float]:
    """Write a house's manager and the announcements; return the manager and the seconds for lines and index."""
    from django.db import connection, transaction

    from xinshu.accounts.models import Member, Organisation, User
    from xinshu.core.clock import now
    from xinshu.core.divisions import divisions
    from xinshu.tenders.lines import line_of
    from xinshu.tenders.models import Announcement, Listed

    house = Organisation.objects.create(name="云州融信融资担保有限公司", kind=Organisation.Kind.GUARANTOR)
    user = User.objects.create_user("bench-manager", None, name="客户经理")
    member = Member.objects.create(user=user, organisation=house, roles=["manager"])
    codes, at, seconds = [code for code in divisions() if not code.endswith("00")], now(), 0.0
    for first in range(0, ROWS, 5_000):
        with transaction.atomic():
            made = Announcement.objects.bulk_create(
                a_notice(n, codes, at) for n in range(first, min(first + 5_000, ROWS))
            )
            for one, again in zip(made[18::20], made[19::20], strict=True):
                again.told_again_of = one
            Announcement.objects.bulk_update(made[19::20], ["told_again_of"])
            begun = time.perf_counter()
            lines = [line_of(one, made[at : at + 1] if at % 20 == 19 else ()) for at, one in enumerate(made, 1)]
            Listed.objects.bulk_create((Listed(**line) for line in lines), batch_size=1000)
            seconds += time.perf_counter() - begun
            concern(house, made[::100], at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return member, seconds


def concern(house: Any, announcements: list[Any], at: Any) -> None:
    """Write that these announcements are business of the house."""
    from xinshu.tenders.models import Match, Opportunity

    matches = Match.objects.bulk_create(
        Match(announcement=one, organisation=house, name=house.name, role="winner", how="exact", score=100, sure=True,
              revision=1) for one in announcements
    )  # fmt: skip
    Opportunity.objects.bulk_create(
        Opportunity(announcement=match.announcement, match=match, house=house, firm=house, pushed_at=at, state="pushed")
        for match in matches
    )


def a_notice(n: int, codes: list[str], at: Any) -> Any:
    """Return the n-th announcement, unsaved."""
    from xinshu.tenders.models import Announcement

    mixed = n * 2_654_435_761 % 2**32
    kind = list(ENDS)[mixed % len(ENDS)]
    place, work, sort = (row[mixed // of % len(row)] for row, of in ((PLACES, 5), (WORKS, 11), (SORTS, 37)))
    project = f"{place}{n % 977}号片区{work}{sort}"
    winner, buyer = a_firm(mixed % 300_000).name, f"{place}城市建设投资有限公司"
    dice = random.Random(mixed)
    told = "\n".join(f"{dice.choice(LEADS)}{dice.choice(MIDDLES)}{dice.choice(ENDINGS)}，附表 {n * at % 9973}。"
                     for at, _line in enumerate(range(45), 1))  # fmt: skip
    told += f"\n另附{dice.choice(RARE)}检测方案" if mixed % 100 == 7 else ""
    text = f"{project}{ENDS[kind]}\n{project}\nZB-{n:07d}\n{buyer}\n{winner}\n{told}"
    return Announcement(
        source="bench", source_id=str(n), kind=kind, title=f"{project}{ENDS[kind]}", trade="E48",
        region_code=codes[mixed // 3 % len(codes)], received_at=at, changed_at=at,
        published_at=at - timedelta(minutes=mixed // 4096 % 1_051_200),
        project_name=project, project_number=f"ZB-{n:07d}", buyer=buyer, winners=winner if kind == "award" else "",
        amount=mixed % 10_000_000_00 if kind == "award" else None, words=text.lower(),
    )  # fmt: skip
