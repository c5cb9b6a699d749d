"""The demo city's guarantees: what its guarantors need to work, and two years of cases in every state.

Everything is done by the actions that pages use, at moments handed in; nothing is written past them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password

from xinshu.accounts import demo as people
from xinshu.accounts.actions.membership import join_organisation, open_account
from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import found_group, join_group
from xinshu.books.lines import grant_line
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import CHINA, local_day, moment
from xinshu.core.money import share
from xinshu.documents.demo import bring_demo_papers, create_demo_papers
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of, take_customer
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.enterprises.queries import record_of
from xinshu.guarantees import pricing
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
from xinshu.guarantees.actions.tail import restore_line
from xinshu.guarantees.demo.batches import live_batches
from xinshu.guarantees.demo.cast import (
    COMPANIES,
    ISSUERS_ELSEWHERE,
    ORDINALS,
    RATES,
    WAN,
    WORKS,
    Company,
    prepare_guarantors,
)
from xinshu.guarantees.demo.changes import live_changes
from xinshu.guarantees.demo.favour import live_favour
from xinshu.guarantees.demo.wordings import live_wordings
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.pricing import add_months
from xinshu.guarantees.products.actions import Offer, offer_product, write_product
from xinshu.guarantees.products.conditions import Condition
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.guarantees.tariffs.actions import Offer as TariffOffer
from xinshu.guarantees.tariffs.actions import write_tariff
from xinshu.guarantees.terms_now import last_day
from xinshu.guarantors.actions import confirm_filing, file_net_assets
from xinshu.guarantors.demo import file_for, put_terms
from xinshu.projects.actions import record_award, register_project
from xinshu.projects.models import Project


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
    put_terms(city.reviewer, city.signer, begun)
    for company in COMPANIES:
        _make_customer(city, organisations[company.name], company, begun)
    for number, day in enumerate(_days(begun, at, past)):
        _case(city, number, day)
    live_wordings(city)
    _cases_of_today(city)
    live_changes(city, _lasting)
    live_batches(city)
    _cases_of_others(city, organisations)
    _cases_of_every_kind(city)
    _limits(city)
    _shelf(city)
    _next_tariff(city)
    live_favour(city)
    home = record_of(city.applicant.organisation, local_day(at))
    other = next(one for one in city.companies if one != city.applicant.organisation)
    bring_demo_papers(city.manager, city.applicant, other, at)
    create_demo_papers(city.applicant, {view.code: view.value for view in home}, at)
    say("保证人资质与业务范围")
    file_for([organisations[name] for name in RATES], at)


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
    if organisation.name == people.ENTERPRISE:
        _tell_more(enterprise, city)
    for index, guarantor in enumerate(Organisation.objects.filter(name__in=RATES)):
        grant_line(
            guarantor,
            organisation,
            company.line * WAN // (index + 1),
            by=SYSTEM,
            at=at,
            key=f"demo:{guarantor.pk}:{organisation.pk}",
        )


def _tell_more(enterprise: Enterprise, city: City) -> None:
    """Let one record have every part, and a notice that contradicts it."""
    values = {
        "former_name": "云州第三路桥工程公司", "established_on": "2009-06-18", "staff_count": "186",
        "constructor_count": "24", "last_year_revenue": str(38_600 * WAN), "total_assets": str(27_450 * WAN),
        "total_liabilities": str(15_120 * WAN), "projects_done": "31", "largest_contract": str(9_860 * WAN),
    }  # fmt: skip
    report = Origin(RecordField.Source.ENTERED, "2025 年度审计报告", place={"page": 3})
    enter_fields(enterprise, values, by=SYSTEM, at=city.at - timedelta(days=150), origin=report)
    notice = Origin(
        RecordField.Source.AWARD_NOTICE, "中标公告 2026-10-12", place={"page": 2}, confidence=Decimal("0.962")
    )
    told = {"qualification": "市政公用工程施工总承包壹级"}
    enter_fields(enterprise, told, by=SYSTEM, at=city.at - timedelta(days=3), origin=notice)


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
    on = last_day(case) + timedelta(days=1)
    if on <= local_day(city.at):
        case = expire_guarantee(case, on=on, at=moment(on, 0, 5))
        assert case.tail_until is not None
        if case.tail_until <= local_day(city.at):
            restore_line(case, at=moment(case.tail_until, 0, 5))


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


def _lasting(city: City, number: int, at: datetime) -> Guarantee:
    """Return a performance guarantee of the demo applicant to the demo beneficiary, in force since `at`."""
    hour = timedelta(hours=1)
    case = _submit(city, _start(city, number, at, "performance"), at + hour)
    return _issue(city, _pay(city, _approve(city, case, at + 2 * hour), at + 3 * hour), at + 4 * hour)


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


def _cases_of_every_kind(city: City) -> None:
    """Let one contract bring what comes with it: payment, wage and advance guarantees, and a finished one's quality."""
    city.say("支付、质量、工资、预付款保函")
    begun, day = city.at - timedelta(days=730), city.at - timedelta(days=45)
    buyer, company = city.beneficiary.organisation, city.applicant.organisation
    take_customer(buyer, manager=city.manager, by=city.manager, at=begun)
    grant_line(city.guarantor, buyer, 3_000 * WAN, by=SYSTEM, at=begun, key=f"demo:{city.guarantor.pk}:{buyer.pk}")
    built = _contract(city, "滨江路改造工程一标", 2_400, day, contract_days=300)
    done = _contract(
        city, "滨江路改造工程二标", 1_800, day, settlement_amount=1_765 * WAN, settlement_source="竣工结算书",
        completed_on=local_day(day) - timedelta(days=5), defects_months=24,
    )  # fmt: skip
    start = local_day(day) + timedelta(days=2)
    hour, ends = timedelta(hours=1), start + timedelta(days=330)
    for shift, (kind, project, amount, end) in enumerate(
        (
            ("advance", built, 240 * WAN, ends),
            ("wage", built, 48 * WAN, ends),
            ("payment", built, 240 * WAN, ends),
            ("quality", done, 50 * WAN, add_months(local_day(day), 24)),
        )
    ):
        applicant, by = (buyer, city.manager) if kind == "payment" else (company, city.applicant)
        at = day + shift * hour
        case = start_application(
            kind=kind, project=project, applicant=applicant, guarantor=city.guarantor, by=by, at=at
        )
        case = edit_application(case, by=by, at=at, amount=amount, effective_on=start, expires_on=end)
        case = _approve(city, _submit(city, case, at + hour), at + 2 * hour)
        _issue(city, _pay(city, case, at + 3 * hour), at + 4 * hour)


def _contract(city: City, name: str, size: int, at: datetime, **facts: Any) -> Project:
    """Return a lot won by the demo's applicant, under contract for `size` 万元 with a tenth paid in advance."""
    project = register_project(
        name=f"云州市{name}",
        number=f"YZ-BJ-{size}",
        kind="municipal",
        buyer=city.beneficiary.organisation,
        region_code=people.REGION,
        site="云州市",
        contract_amount=size * WAN,
        contract_source="施工合同协议书第四条",
        advance_amount=size * WAN // 10,
        advance_source="专用合同条款第12.2条",
        labour_department="云州市人力资源和社会保障局",
        by=city.applicant,
        at=at,
        **facts,
    )
    return record_award(
        project, winner=city.applicant.organisation, amount=size * WAN, award_source="中标通知书", by=SYSTEM, at=at
    )


def _limits(city: City) -> None:
    """Let the guarantor report its net assets and count two customers into one group."""
    city.say("净资产与集团客户")
    year = local_day(city.at).year - 1
    stated = {
        "amount": 120_000 * WAN, "valid_from": date(year, 12, 31), "source": f"{year} 年度审计报告",
        "mainly_small": True, "basis": "小微企业和“三农”担保余额占比 62%，市地方金融管理局年度核定",
    }  # fmt: skip
    operator = Member.objects.select_related("user", "organisation").get(user__username="operator")
    confirm_filing(file_net_assets(city.guarantor, stated, by=city.reviewer, at=city.at), by=operator, at=city.at)
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


def _shelf(city: City) -> None:
    """Put what the guarantor offers most on its shelf, and leave one product to be put there."""
    city.say("产品货架")
    since = date(local_day(city.at).year, 1, 1)
    verified, complete = Condition("verified", since), Condition("complete", since)
    for kind, name, most, conditions in (
        ("performance", "履约保", 5_000, ()),
        ("wage", "薪安保（农民工工资）", 500, (verified,)),
        ("advance", "预付款快保", 1_000, (verified, complete, Condition("capital", since, least=1_000 * WAN))),
        ("quality", "质保替代保", 300, (verified,)),
    ):
        offer = Offer(
            kind=kind, name=name, note="资料齐全的，当天给出审批结论。", least_amount=5 * WAN, most_amount=most * WAN,
            longest_days=1_825, offered_from=since, offered_until=None, conditions=conditions,
        )  # fmt: skip
        product = write_product(offer, by=city.reviewer, at=city.at)
        if kind != "quality":
            offer_product(product, by=city.signer, at=city.at)


def _next_tariff(city: City) -> None:
    """Leave the next version of a tariff, by the quarter with a base and refunds, for a second person to publish."""
    city.say("待发布的费率")
    first = add_months(local_day(city.at).replace(day=1), 1)
    terms = pricing.Tariff(
        Decimal("0.0095"), pricing.QUARTER, minimum=500_00, base=100_00, refunds=pricing.FULL_PERIODS
    )
    write_tariff(TariffOffer("performance", first, terms), by=city.reviewer, at=city.at)
