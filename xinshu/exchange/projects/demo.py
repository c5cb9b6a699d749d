"""The demo city's project records: what the trading centre and the bureau tell, some of it unlike what people typed."""

from datetime import datetime, timedelta

from xinshu.accounts.demo import DEPARTMENT, REGION
from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.refusals import Refusal
from xinshu.exchange.demo import CENTRE
from xinshu.exchange.projects.facts import Facts, facts_of
from xinshu.exchange.projects.receiving import take_delivery
from xinshu.projects.models import Project

BESIDE = 3  # of how many registered lots the centre says something else
NEW = (
    # number, name, kind, estimate in 万元, days until the opening
    ("YZJY-2026-1188-01", "云州市第三人民医院迁建工程施工总承包一标段", "building", 18_600, 16),
    ("YZJY-2026-1190-02", "东湖区雨污分流改造工程二标段", "municipal", 1_846, 12),
    ("YZJY-2026-1193-01", "石桥县农村公路养护工程（2027 年度）", "highway", 1_120, 21),
)


def create_demo_projects(at: datetime) -> None:
    """Let the centre announce lots, correct one, send two contents of one version, and speak of lots known here."""
    centre = _system_of(Organisation.objects.get(name=CENTRE))
    then = at - timedelta(days=2)
    for place, (number, name, kind, estimate, days) in enumerate(NEW):
        facts: Facts = {
            "number": number, "name": name, "kind": kind, "buyer": "云州市公共工程建设管理中心", "region_code": REGION,
            "estimate_amount": estimate * 10_000_00, "opens_at": f"{at + timedelta(days=days):%Y-%m-%d}T01:30:00Z",
            "bid_validity_days": 90,
        }  # fmt: skip
        _tell(f"JY{number[-7:-3]}", 1, facts, centre, then)
        if place == 0:
            _tell(f"JY{number[-7:-3]}", 2, {**facts, "site": "云州市东湖区科教大道"}, centre, then + timedelta(hours=3))
            _tell(f"JY{number[-7:-3]}", 1, facts, centre, then + timedelta(hours=4))
        if place == 1:
            _tell(f"JY{number[-7:-3]}", 1, {**facts, "bid_validity_days": 120}, centre, then + timedelta(hours=5))
    bureau = Member.objects.acting().filter(organisation__name=DEPARTMENT).order_by("pk").first()
    known = Project.objects.exclude(number="").exclude(estimate_amount=None).filter(region_code__startswith=REGION[:4])
    for project in known.select_related("buyer").order_by("-pk")[:BESIDE]:
        facts = facts_of(project) | {"estimate_amount": (project.estimate_amount or 0) + 120_000_00}
        facts.pop("award", None)
        if bureau is not None:
            _tell(f"ZJ{project.number[-8:]}", 1, facts | {"site": "以施工许可为准"}, bureau, then)


def _tell(external: str, version: int, facts: Facts, by: Member, at: datetime) -> None:
    try:
        take_delivery(external, version, facts, withdrawn=False, by=by, at=at)
    except Refusal:  # a lot outside what this house supervises in the demo's plan
        return


def _system_of(house: Organisation) -> Member:
    """Return somebody of the centre in whose name its system speaks; nobody signs in as them."""
    user, _new = User.objects.get_or_create(username="ggzy-system", defaults={"name": "交易系统"})
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return Member.objects.get_or_create(user=user, organisation=house, defaults={"roles": ["department"]})[0]
