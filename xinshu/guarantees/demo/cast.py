"""Who plays in the demo city: guarantors with their prices and rules, companies, works."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from xinshu.accounts import demo as people
from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.documents.templates import install_defaults
from xinshu.guarantees.actions.terms_of_business import publish_tariff, set_authority
from xinshu.guarantees.models import Tariff

WAN = 10_000_00  # 分
RATES = {  # a year, per kind
    # guarantor               bid       performance payment   quality   wage      advance
    people.GUARANTOR:        ("0.0080", "0.0100",   "0.0110", "0.0090", "0.0120", "0.0130"),
    people.SECOND_GUARANTOR: ("0.0075", "0.0110",   "0.0110", "0.0085", "0.0125", "0.0120"),
    people.BANK:             ("0.0060", "0.0080",   "0.0080", "0.0070", "0.0080", "0.0090"),
    people.INSURER:          ("0.0050", "0.0070",   "0.0070", "0.0060", "0.0060", "0.0080"),
}  # fmt: skip
PRICED = ("bid", "performance", "payment", "quality", "wage", "advance")
WAIVES = [  # what this city's guarantors pass as a hint, for applicants whose identity is verified
    "period.contract", "cap.bid.construction", "mutual.payment", "documents.complete", "conflict.quality",
    "floor.wage.usual", "cap.advance.whole",
]  # fmt: skip
ISSUERS_ELSEWHERE = (
    # issuer          account (nobody knows its password)  who signs there
    (people.BANK,     "bank-signer",                       "苏明澈"),
    (people.INSURER,  "insurer-signer",                    "江望舒"),
)  # fmt: skip


def prepare_guarantors(at: datetime, *, admits_unverified: bool = False) -> dict[str, Organisation]:
    """Make sure that the demo's people exist and that its guarantors have tariffs and authority tables. Idempotent.

    `admits_unverified`: for an import of awards, whose winners nobody has verified; else nothing of theirs passes by
    itself.
    """
    install_defaults(at=at)
    organisations = people.create_demo_people(at)
    for name, rates in RATES.items():
        guarantor = organisations[name]
        if Tariff.objects.filter(guarantor=guarantor).exists():
            continue
        with transaction.atomic():
            for kind, rate in zip(PRICED, rates, strict=True):
                publish_tariff(
                    guarantor,
                    kind,
                    annual_rate=Decimal(rate),
                    minimum_amount=300_00,
                    valid_from=date(2024, 1, 1),
                    by=SYSTEM,
                    at=at,
                )
                set_authority(
                    guarantor, kind, unverified=False, auto_amount=300 * WAN, person_amount=5_000 * WAN,
                    waives=WAIVES, by=SYSTEM, at=at,
                )  # fmt: skip
                set_authority(
                    guarantor, kind, unverified=True, auto_amount=1_000 * WAN if admits_unverified else 0,
                    person_amount=3_000 * WAN, by=SYSTEM, at=at,
                    waives=[*WAIVES, "identity.verified", "record.complete"] if admits_unverified else WAIVES,
                )  # fmt: skip
    return organisations


@dataclass(frozen=True)
class Company:
    """An invented firm that applies for guarantees."""

    name: str
    representative: str
    capital: int  # 万元
    qualification: str
    line: int  # 万元 at the first guarantor


COMPANIES = (
    Company(people.ENTERPRISE, "刘恒", 8_000, "市政公用工程施工总承包一级", 6_000),
    Company("云州市政建设集团有限公司", "陈立新", 20_000, "市政公用工程施工总承包特级", 10_000),
    Company("云州华川建筑工程有限公司", "何川", 5_000, "建筑工程施工总承包一级", 4_000),
    Company("云州远拓机电安装有限公司", "邵远", 3_000, "机电工程施工总承包二级", 2_000),
    Company("云州青禾园林景观有限公司", "田青", 1_200, "城市及道路照明工程专业承包二级", 1_500),
    Company("云州数联信息技术有限公司", "方舟", 2_000, "电子与智能化工程专业承包一级", 1_500),
)
WORKS = (
    ("临港新区海棠大道%s期市政工程", "municipal"),
    ("江北污水处理厂提标改造%s标", "water"),
    ("东湖人才公寓%s区", "building"),
    ("石桥县乡道改造%s标段", "highway"),
    ("经开区综合管廊机电安装%s标", "energy"),
    ("清河水库除险加固%s期", "water"),
    ("高新区智慧园区弱电总包%s标", "other"),
    ("望山森林公园景观提升%s期", "landscape"),
    ("第二中学教学楼%s号", "building"),
)  # fmt: skip
ORDINALS = "一二三四五六七八九"
