"""The demo city's guarantees: what its guarantors need to work, and two years of cases in every state.

Everything is done by the actions that pages use, at moments handed in; nothing is written past them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.db import transaction

from xinshu.accounts import demo as people
from xinshu.accounts.actions.membership import join_organisation, open_account
from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import found_group, join_group, report_capital
from xinshu.books.lines import grant_line
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import CHINA, local_day, moment
from xinshu.core.money import share
from xinshu.documents.templates import install_defaults
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.enterprises.models import RecordField
from xinshu.guarantees.actions.application import (
    edit_application,
    start_application,
    submit_application,
    withdraw_application,
)  # fmt: skip
from xinshu.guarantees.actions.approval import (
    approve_application,
    decline_application,
    lapse_application,
    return_application,
    review_automatically,
)  # fmt: skip
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.actions.terms_of_business import publish_tariff, set_authority
from xinshu.guarantees.letters import send_letter
from xinshu.guarantees.models import Guarantee, Tariff
from xinshu.projects.actions import record_award, register_project
from xinshu.projects.models import Project

WAN = 10_000_00  # 分
UNVERIFIED_WAIVES = ["identity.verified", "record.complete", "period.contract"]
RATES = {
    # guarantor                 bid                  performance
    people.GUARANTOR:        (Decimal("0.0080"), Decimal("0.0100")),
    people.SECOND_GUARANTOR: (Decimal("0.0075"), Decimal("0.0110")),
    people.BANK:             (Decimal("0.0060"), Decimal("0.0080")),
    people.INSURER:          (Decimal("0.0050"), Decimal("0.0070")),
}  # fmt: skip

ISSUERS_ELSEWHERE = (
    # issuer          account (nobody knows its password)  who signs there
    (people.BANK,     "bank-signer",                       "苏明澈"),
    (people.INSURER,  "insurer-signer",                    "江望舒"),
)  # fmt: skip


def prepare_guarantors(at: datetime) -> dict[str, Organisation]:
    """Make sure that the demo's people exist and that its guarantors have tariffs and authority tables. Idempotent."""
    install_defaults(at=at)
    organisations = people.create_demo_people(at)
    for name, rates in RATES.items():
        guarantor = organisations[name]
        if Tariff.objects.filter(guarantor=guarantor).exists():
            continue
        with transaction.atomic():
            for kind, rate in zip(("bid", "performance"), rates, strict=True):
                publish_tariff(
                    guarantor,
                    kind,
                    annual_rate=rate,
                    minimum_amount=300_00,
                    valid_from=date(2024, 1, 1),
                    by=SYSTEM,
                    at=at,
                )
                set_authority(
                    guarantor, kind, unverified=False, auto_amount=300 * WAN, person_amount=5_000 * WAN,
                    waives=["period.contract", "cap.bid.construction"], by=SYSTEM, at=at,
                )  # fmt: skip
                set_authority(
                    guarantor, kind, unverified=True, auto_amount=1_000 * WAN, person_amount=3_000 * WAN,
                    waives=UNVERIFIED_WAIVES, by=SYSTEM, at=at,
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


@dataclass
class City:
    """Who acts in the demo, and the present moment towards which its two years run."""

    at: datetime
    guarantor: Organisation
    manager: Member
    reviewer: Member
    signer: Member
    applicant: Member
    beneficiary: Member
    companies: list[Organisation]
    buyers: list[Organisation]
    say: Callable[[str], None]


def build_city(at: datetime, say: Callable[[str], None] = lambda _line: None, past: int = 60) -> None:
    """Fill the demo: customers with records and lines, then cases from two years ago until today, in every state.

    `past` cases lie behind us; tests that only need a city of every kind take fewer.
    """
    begun = at - timedelta(days=730)
    organisations = prepare_guarantors(begun)
    member = {m.user.username: m for m in Member.objects.filter(organisation__name__in=organisations).select_related(
        "user", "organisation") if m.organisation.name != people.SECOND_GUARANTOR}  # fmt: skip
    city = City(
        at=at,
        guarantor=organisations[people.GUARANTOR],
        manager=member["manager"],
        reviewer=member["reviewer"],
        signer=member["signer"],
        applicant=member["applicant"],
        beneficiary=member["beneficiary"],
        companies=[organisations[company.name] for company in COMPANIES],
        buyers=[organisations[name] for name in (
            people.INSTITUTION, "云州市公路事业发展中心", "云州市第一人民医院", "云州市水务投资有限公司")],
        say=say,
    )  # fmt: skip
    say("客户与额度")
    for company in COMPANIES:
        _make_customer(city, organisations[company.name], company, begun)
    for number, day in enumerate(_days(begun, at, past)):
        _case(city, number, day)
    _cases_of_today(city)
    _cases_of_others(city, organisations)
    _limits(city)


def _days(begun: datetime, at: datetime, count: int) -> list[datetime]:
    """Return the opening moments of `count` past cases, evenly spread, in office hours."""
    step = (at - timedelta(days=20) - begun - timedelta(days=10)) / count
    return [
        moment(local_day(begun + timedelta(days=10) + step * number), 9 + number % 8, (number * 13) % 60)
        for number in range(count)
    ]


def _make_customer(city: City, organisation: Organisation, company: Company, at: datetime) -> None:
    enterprise = enterprise_of(organisation)
    take_customer(organisation, manager=city.manager, by=city.manager, at=at)
    initial = organisation.uscc or ""
    values = {
        "legal_name": organisation.name,
        "uscc": initial,
        "legal_representative": company.representative,
        "registered_capital": str(company.capital * WAN),
        "address": f"云州市临港新区港城路 {100 + company.capital % 97} 号",
        "contact_name": "陈思远" if organisation.name == people.ENTERPRISE else f"{company.representative[0]}经理",
        "contact_phone": f"123{company.capital:08d}"[:11],
        "qualification": company.qualification,
    }
    fresh = city.at - timedelta(days=60)
    enter_fields(enterprise, values, by=SYSTEM, at=at, source=RecordField.Source.LICENCE, source_label="营业执照")
    changed = {
        "address": f"云州市临港新区港城路 {188 + company.capital % 97} 号 6 层",
        "contact_phone": values["contact_phone"][:-1] + "1",
    }
    enter_fields(
        enterprise,
        {**values, **changed},
        by=SYSTEM,
        at=fresh,
        source=RecordField.Source.LICENCE,
        source_label="营业执照",
    )
    for index, guarantor in enumerate(Organisation.objects.filter(name__in=RATES)):
        grant_line(
            guarantor,
            organisation,
            company.line * WAN // (index + 1),
            by=SYSTEM,
            at=at,
            key=f"demo:{guarantor.pk}:{organisation.pk}",
        )


def _project(
    city: City, number: int, at: datetime, kind: str, company: Organisation, opens_at: datetime | None
) -> Project:
    pattern, work = WORKS[number % len(WORKS)]
    buyer = city.buyers[number % len(city.buyers)] if number % 3 else city.buyers[0]
    size = (180 + number * 137 % 2600) * WAN + number % 7 * 1_234_56
    project = register_project(
        name=pattern % ORDINALS[number // len(WORKS) % 9],
        number=f"YZ-{at:%Y%m}-{number:04d}",
        kind=work,
        buyer=buyer,
        region_code=people.REGION,
        site="云州市",
        estimate_amount=size,
        estimate_source="招标文件",
        opens_at=opens_at,
        bid_validity_days=90,
        contract_days=180 + number % 5 * 60,
        by=city.applicant if company == city.applicant.organisation else city.manager,
        at=at,
    )
    if kind == "performance":
        project = record_award(
            project, winner=company, amount=share(size, Decimal("0.96")), award_source="中标通知书", by=SYSTEM, at=at
        )
    return project


def _start(
    city: City,
    number: int,
    at: datetime,
    kind: str,
    opens_at: datetime | None = None,
    guarantor: Organisation | None = None,
) -> Guarantee:
    company = city.companies[number % len(city.companies)] if number % 4 else city.companies[0]
    by = city.applicant if company == city.applicant.organisation else city.manager
    project = _project(city, number, at, kind, company, opens_at)
    case = start_application(
        kind=kind,
        project=project,
        applicant=company,
        guarantor=guarantor or city.guarantor,
        by=by,
        at=at + timedelta(minutes=5),
    )
    base = project.estimate_amount if kind == "bid" else project.award_amount
    assert base is not None
    amount = share(base, Decimal("0.02") if kind == "bid" else Decimal("0.1")) // 100 * 100
    start = local_day(at) + timedelta(days=2)
    days = project.contract_days or 180
    end = local_day(opens_at) + timedelta(days=90) if opens_at else start + timedelta(days=days)
    return edit_application(
        case, by=by, at=at + timedelta(minutes=9), amount=amount, effective_on=start, expires_on=end
    )


def _agent(city: City, case: Guarantee) -> Member:
    return city.manager if case.on_behalf else city.applicant


def _submit(city: City, case: Guarantee, at: datetime) -> Guarantee:
    case = submit_application(case, by=_agent(city, case), at=at)
    return review_automatically(case, at=at + timedelta(seconds=4))


def _approve(city: City, case: Guarantee, at: datetime) -> Guarantee:
    if case.state == "in_review":
        case = approve_application(case, by=city.reviewer, at=at, opinion="资料齐备，近年同类履约无索赔，同意承保。")
    return case


def _pay(city: City, case: Guarantee, at: datetime) -> Guarantee:
    payment = request_payment(case, channel="sandbox", account="6000-0001", by=_agent(city, case), at=at)
    return confirm_payment(payment, receipt=f"SBX-{payment.order_number}", at=at + timedelta(seconds=3))


def _issue(city: City, case: Guarantee, at: datetime, signer: Member | None = None) -> Guarantee:
    return send_letter(issue_guarantee(case, by=signer or city.signer, at=at), at=at + timedelta(seconds=2))


def _case(city: City, number: int, at: datetime) -> None:
    """Live one past case to the end it would have reached by now."""
    if number % 10 == 0:
        city.say(f"{local_day(at):%Y-%m} 的保函")
    kind = "bid" if number % 3 == 1 else "performance"
    opens_at = moment(local_day(at) + timedelta(days=6), 9, 30) if kind == "bid" else None
    case = _start(city, number, at, kind, opens_at)
    hour = timedelta(hours=1)
    if number % 17 == 5:
        withdraw_application(case, by=_agent(city, case), at=at + hour, reason="项目终止招标，不再需要保函。")
        return
    case = _submit(city, case, at + hour)
    if case.state == "in_review" and number % 19 == 7:
        decline_application(case, by=city.reviewer, at=at + 5 * hour, reason="同一集团在保余额集中度过高，暂不新增。")
        return
    case = _issue(city, _pay(city, _approve(city, case, at + 3 * hour), at + 4 * hour), at + 5 * hour)
    assert case.expires_on is not None
    if number % 5 == 2 and kind == "performance":
        released = at + timedelta(days=120)
        if (
            released < city.at
            and local_day(released) <= case.expires_on
            and case.beneficiary_id == city.beneficiary.organisation_id
        ):
            release_guarantee(case, by=city.beneficiary, at=released, reason="工程竣工验收合格，同意解除担保。")
            return
    if case.expires_on < local_day(city.at):
        on = case.expires_on + timedelta(days=1)
        expire_guarantee(case, on=on, at=moment(on, 0, 5))


def _cases_of_today(city: City) -> None:
    """Leave one case in every unfinished state, so that each role finds something to do."""
    city.say("正在办理的申请")
    base = city.at.astimezone(CHINA)
    at = base - timedelta(days=1, hours=2)
    soon = moment(local_day(city.at) + timedelta(days=5), 9, 30)
    hour = timedelta(hours=1)
    numbers = iter(range(100, 200, 4))  # every fourth is the demo applicant's own
    _start(city, next(numbers), at, "performance")
    _start(city, next(numbers), at + hour, "bid", soon)
    own = 60
    for shift in range(2):
        _refer(city, own + 40 + shift * 7, at + shift * hour)
    returned = _refer(city, 140, at)
    return_application(returned, by=city.reviewer, at=at + 3 * hour, reason="请补充中标通知书原件，并核对合同工期。")
    declined = _refer(city, 121, at)
    decline_application(declined, by=city.reviewer, at=at + 3 * hour, reason="同一集团在保余额集中度过高，暂不新增。")
    for shift in range(2):
        _submit(city, _start(city, next(numbers), at + shift * hour, "performance"), at + 4 * hour)  # waits for its fee
    unpaid = at - timedelta(days=40)
    forgotten = _submit(city, _start(city, next(numbers), unpaid, "performance"), unpaid + hour)
    lapse_application(_approve(city, forgotten, unpaid + 2 * hour), at=at - timedelta(days=5))
    paid = _submit(city, _start(city, next(numbers), at, "performance"), at + hour)
    _pay(city, _approve(city, paid, at + 2 * hour), at + 3 * hour)  # waits for its signature
    secret = _submit(city, _start(city, next(numbers), at, "bid", soon), at + hour)
    _issue(
        city, _pay(city, _approve(city, secret, at + 2 * hour), at + 3 * hour), at + 4 * hour
    )  # secret until opening
    lasting = _submit(
        city, _start(city, next(numbers), at - timedelta(days=30), "performance"), at - timedelta(days=29)
    )
    _issue(
        city,
        _pay(city, _approve(city, lasting, at - timedelta(days=28)), at - timedelta(days=28)),
        at - timedelta(days=27),
    )


def _cases_of_others(city: City, organisations: dict[str, Organisation]) -> None:
    """Let the bank and the insurer have issued something too, each through a colleague of its own."""
    city.say("银行与保险机构的保函")
    begun, at = city.at - timedelta(days=730), city.at - timedelta(days=60)
    for index, (name, username, person) in enumerate(ISSUERS_ELSEWHERE):
        account = open_account(
            username, make_password(None), name=person, phone=f"123000080{index:02d}", by=SYSTEM, at=begun
        )
        signer = join_organisation(account, organisations[name], ["signer"], by=SYSTEM, at=begun)
        for shift, kind in enumerate(("performance", "bid")):
            day = at + timedelta(days=9 * shift, hours=index)
            opens_at = moment(local_day(day) + timedelta(days=6), 9, 30) if kind == "bid" else None
            case = _start(city, 200 + 8 * index + 4 * shift, day, kind, opens_at, organisations[name])
            case = _submit(city, case, day + timedelta(hours=1))
            _issue(city, _pay(city, case, day + timedelta(hours=2)), day + timedelta(hours=3), signer)


def _limits(city: City) -> None:
    """Let the guarantor report its net assets and count two customers into one group."""
    city.say("净资产与集团客户")
    year = local_day(city.at).year - 1
    report_capital(
        city.guarantor, 120_000 * WAN, as_of=date(year, 12, 31), source=f"{year} 年度审计报告", by=city.reviewer,
        at=city.at,
    )  # fmt: skip
    group = found_group(city.guarantor, "云州城建集团", by=city.reviewer, at=city.at)
    for company, relation, basis in (
        (city.companies[1], "parent", "集团母公司，工商登记"),
        (city.companies[2], "controlled", "股权穿透：集团母公司持股 67%"),
    ):
        join_group(group, company, relation=relation, basis=basis, by=city.reviewer, at=city.at)


def _refer(city: City, number: int, at: datetime) -> Guarantee:
    """Submit a case that a person must decide: its amount is above what rules may pass alone."""
    company = city.companies[1]
    project = register_project(
        name=f"云州东站枢纽配套工程{ORDINALS[number % 9]}标",
        number=f"YZ-DZ-{number:04d}",
        kind="building",
        buyer=city.buyers[0],
        region_code=people.REGION,
        site="云州市东湖区",
        estimate_amount=9_000 * WAN,
        estimate_source="招标文件",
        contract_days=540,
        by=city.manager,
        at=at,
    )
    project = record_award(
        project, winner=company, amount=(4_200 + number) * WAN, award_source="中标通知书", by=SYSTEM, at=at
    )
    case = start_application(
        kind="performance", project=project, applicant=company, guarantor=city.guarantor, by=city.manager, at=at
    )
    start = local_day(at) + timedelta(days=3)
    case = edit_application(
        case, by=city.manager, at=at, amount=share(project.award_amount or 0, Decimal("0.1")), effective_on=start,
        expires_on=start + timedelta(days=600),
    )  # fmt: skip
    return _submit(city, case, at + timedelta(minutes=30))
