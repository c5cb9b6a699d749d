"""商机转化 (BH-16): from an award notice by one click to the application, and how far it came, counted once."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid
from xinshu.guarantees.actions.application import submit_application
from xinshu.guarantees.actions.approval import approve_application, review_automatically
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Guarantee, Origin
from xinshu.guarantees.origins.actions import apply_from_award
from xinshu.guarantees.origins.reading import lot_of, needs_of
from xinshu.guarantees.origins.tasks import STAGE_OF, count_conversion
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.projects.models import Project
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.models import Opportunity

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db
BODY = (
    "项目名称：白杨路改造工程\n项目编号：BY-2026-01\n招标人：云州市白杨区建设局\n招标代理机构：云州诚信招标有限公司\n"
    "中标人：云州恒达路桥工程有限公司\n中标价：人民币贰仟万元整（¥20,000,000.00）\n工期：180日历天\n"
    "中标人应在收到中标通知书后10个工作日内提交履约保证金，金额为中标价的8%。"
)


def awarded(city: City, body: str = BODY) -> tuple[Opportunity, Opportunity]:
    """Let the notice arrive; return the guarantor's opportunity and the firm's own."""
    house, firm = city.guarantor, city.applicant.organisation
    told = Delivery(title="白杨路改造工程中标结果公告", body=body, published_at=city.at, region_code="990103")
    take_in(told, by=city.manager, at=city.at)
    drain(at=city.at + timedelta(minutes=1))
    rows = Opportunity.objects.select_related("announcement", "match", "house", "firm")
    return rows.get(house=house, firm=firm), rows.get(house=firm)


def stages(opportunity: Opportunity) -> list[str]:
    return list(opportunity.steps.order_by("pk").values_list("stage", flat=True))


def work(city: City, minutes: int) -> None:
    drain(at=city.at + timedelta(hours=3, minutes=minutes))


def issue(city: City, case: Guarantee) -> Guarantee:
    """Take an application all the way to its issue."""
    at = city.at + timedelta(hours=2)
    by = city.manager if case.on_behalf else city.applicant
    case = submit_application(Guarantee.objects.get(pk=case.pk), by=by, at=at)
    case = review_automatically(case, at=at)
    if case.state == "in_review":
        case = approve_application(case, by=city.reviewer, at=at, opinion="同意。")
    order = request_payment(case, channel="sandbox", account="6000-0001", by=by, at=at)
    case = confirm_payment(order, receipt=f"SBX-{order.order_number}", at=at)
    return issue_guarantee(case, by=city.signer, at=at)


@pytest.mark.req("BH-16")
def test_from_an_award_one_click_to_the_application_and_the_conversion_counted(
    city: City, browser_of: BrowserOf
) -> None:
    opportunity, _own = awarded(city)
    manager = browser_of(city.manager)
    page = f"/tenders/{opportunity.announcement.reference}/"

    shown = manager.get(page).content.decode()
    click = re.search(r'action="(/awards/\w+/guarantee/)"', shown)
    assert click is not None
    for words in ("招标投标法实施条例第58条", "1,600,000.00", "10 个工作日内提交", "<mark", "云州市白杨区建设局"):
        assert words in shown
    first, second = (manager.post(click[1], {"kind": "performance"}) for _ in range(2))

    case = Guarantee.objects.get()  # a second click leads to the same draft
    assert first["Location"] == second["Location"] == f"/guarantees/{case.reference}/apply/company/"
    assert (case.applicant.name, case.guarantor) == ("云州恒达路桥工程有限公司", city.guarantor)
    assert (case.beneficiary.name, case.amount, case.base_amount) == ("云州市白杨区建设局", 160_000_000, 2_000_000_000)
    project = case.project
    assert (project.name, project.number, project.source) == ("白杨路改造工程", "BY-2026-01", "award_notice")
    assert project.award_source.startswith("中标公告 2026-11-21")
    assert (case.expires_on - case.effective_on).days == 180
    told = {what: why for what, _value, why in case.origin.told}
    assert set(told) == {
        "项目", "项目编号", "工期", "中标金额", "申请人", "受益人", "保函金额", "生效日", "到期日",
    }  # fmt: skip
    assert all(told.values())
    terms = manager.get(f"/guarantees/{case.reference}/apply/terms/").content.decode()
    assert "来自中标动态" in terms
    assert "按公告要求" in terms

    issue(city, case)
    for _run in range(3):
        work(city, _run)
        for entry in Entry.objects.filter(kind__in=STAGE_OF):
            count_conversion(entry)
    assert stages(opportunity) == ["pushed", "opened", "followed", "begun", "submitted", "issued"]
    opportunity.refresh_from_db()
    assert opportunity.state == "converted"
    assert opportunity.steps.get(stage="issued").case == case.reference
    told = Notice.objects.get(member=city.manager, key=f"announcement:{opportunity.announcement_id}")
    assert None not in (told.read_at, told.followed_at, told.business_at, told.issued_at)
    funnel = manager.get("/tenders/funnel/?stage=issued").content.decode()
    assert "100%" in funnel
    assert "白杨路改造工程中标结果公告" in funnel
    after = manager.get("/tenders/funnel/?since=2030-01-01").content.decode()
    assert "这个范围内没有推送过的中标" in after
    book = manager.get("/tenders/funnel/export/")
    assert case.reference in ZipFile(BytesIO(b"".join(book))).read("xl/worksheets/sheet1.xml").decode()
    assert "中标公告" in manager.get(f"/guarantees/{case.reference}/").content.decode()


def test_a_firm_applies_from_its_own_award_and_its_guarantor_learns_of_it_at_submission(
    city: City, browser_of: BrowserOf
) -> None:
    theirs, own = awarded(city)
    browser = browser_of(city.applicant)

    without = browser.post(f"/awards/{own.reference}/guarantee/", {"kind": "performance"})
    browser.post(f"/awards/{own.reference}/guarantee/", {"kind": "performance", "guarantor": city.guarantor.pk})
    case = Guarantee.objects.get()
    work(city, 0)

    assert without.status_code == 422
    assert stages(own) == ["pushed", "followed", "begun"]
    assert stages(theirs) == ["pushed"]  # a draft is the firm's own business
    assert "begun" not in browser_of(city.manager).get("/tenders/funnel/").content.decode()
    submit_application(case, by=city.applicant, at=city.at + timedelta(hours=1))
    work(city, 1)
    assert stages(own) == ["pushed", "followed", "begun", "submitted"]
    assert stages(theirs) == ["pushed", "followed", "begun", "submitted"]


def test_a_lot_that_was_registered_before_is_found_by_its_number(city: City) -> None:
    opportunity, _own = awarded(city)
    known = city.project(city.manager, award=None, number="BY-2026-01", name="白杨路改造工程一标")

    case = apply_from_award(opportunity, kind="performance", guarantor=None, by=city.manager, at=city.at)

    assert case.project == Project.objects.get(pk=known.pk)
    assert case.project.award_amount == 2_000_000_000
    assert "按编号 BY-2026-01 找到" in case.origin.told[0][2]


def test_what_was_registered_otherwise_is_kept_and_said(city: City) -> None:
    opportunity, _own = awarded(city)
    city.project(city.manager, award=1_234_500_000, number="BY-2026-01", name="白杨路改造工程一标")

    case = apply_from_award(opportunity, kind="performance", guarantor=None, by=city.manager, at=city.at)

    assert case.project.award_amount == 1_234_500_000
    assert case.amount is None  # nothing is filled in that two sources tell differently
    assert any("与公告不一致" in why for _what, _value, why in case.origin.told)


def test_an_amount_that_is_not_sure_is_not_filled_in(city: City) -> None:
    body = BODY.replace("人民币贰仟万元整（¥20,000,000.00）", "人民币贰仟万元整（¥21,000,000.00）")
    opportunity, _own = awarded(city, body)

    case = apply_from_award(opportunity, kind="performance", guarantor=None, by=city.manager, at=city.at)

    assert (case.amount, case.project.award_amount) == (None, None)
    assert ["中标金额", "", "公告里没有读准，请核对公告后在项目里登记"] in case.origin.told


@pytest.mark.parametrize(("share", "amount"), [("8%", 160_000_000), ("10%", 200_000_000), ("15%", 200_000_000)])
def test_the_amount_is_the_notices_but_never_above_the_law(city: City, share: str, amount: int) -> None:
    opportunity, _own = awarded(city, BODY.replace("8%", share))

    need = needs_of(lot_of(opportunity), local_day(city.at))[0]

    assert (need.kind, need.amount) == ("performance", amount)
    assert KINDS["performance"].caps[0].source in need.by_law


def test_who_was_told_and_what_became_of_it_is_the_houses_own(city: City, browser_of: BrowserOf) -> None:
    opportunity, own = awarded(city)
    rival = browser_of(city.rival)
    page = f"/tenders/{opportunity.announcement.reference}/"

    seen = rival.get(page).content.decode()
    acts = [
        rival.post(path, {"version": 1, "reason": "与我无关"}).status_code
        for one in (opportunity.reference, own.reference)
        for path in (f"/opportunities/{one}/follow/", f"/opportunities/{one}/set_aside/", f"/awards/{one}/guarantee/")
    ]  # fmt: skip
    manager = browser_of(city.manager)
    manager.post(f"/opportunities/{opportunity.reference}/set_aside/", {"version": 1, "reason": "客户不投保。"})

    assert "云州恒达路桥工程有限公司" in seen  # the notice is public
    assert city.manager.user.name not in seen
    assert "/opportunities/" not in seen
    assert acts == [404] * 6
    assert "客户不投保" in manager.get(page).content.decode()
    assert "客户不投保" not in browser_of(city.applicant).get(page).content.decode()
    assert "还没有推送过中标动态" in rival.get("/tenders/funnel/").content.decode()
    own.refresh_from_db()
    assert own.state == "pushed"


def test_the_list_finds_two_character_words_and_goes_out_as_excel(city: City, browser_of: BrowserOf) -> None:
    awarded(city)
    manager = browser_of(city.manager)

    for query, found in (
        ("q=白杨", True), ("q=恒达 改造", True), ("q=青松", False), ("kind=tender", False), ("region=9901", True),
        ("region=北京", True), ("view=todo", True), ("view=ours&since=2026-11-22", False), ("since=nonsense", True),
    ):  # fmt: skip
        assert ("白杨路改造工程中标结果公告" in manager.get(f"/tenders/?{query}").content.decode()) is found, query
    book = b"".join(manager.get("/tenders/export/?q=白杨"))

    assert "白杨路改造工程中标结果公告" in ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert Entry.objects.filter(kind="announcement.exported").count() == 1
    workbench = manager.get("/workbench/").content.decode()
    assert "中标动态" in workbench
    assert "为什么是 90 分" in workbench
    assert "发起履约保函" in workbench


def test_setting_aside_and_taking_up_again(city: City, browser_of: BrowserOf) -> None:
    opportunity, _own = awarded(city)
    manager = browser_of(city.manager)
    base = f"/opportunities/{opportunity.reference}"

    unsaid = manager.post(f"{base}/set_aside/", {"version": 1, "reason": ""})
    manager.post(f"{base}/set_aside/", {"version": 1, "reason": "不做这一片。"})
    stale = manager.post(f"{base}/follow/", {"version": 1})
    manager.post(f"{base}/follow/", {"version": 2})

    opportunity.refresh_from_db()
    assert (unsaid.status_code, stale.status_code) == (422, 409)
    assert (opportunity.state, opportunity.reason) == ("following", "")
    assert Origin.objects.count() == 0


def test_a_name_that_the_source_took_back_leads_to_no_application(city: City) -> None:
    house, firm = city.guarantor, city.applicant.organisation
    for body in (BODY, BODY.replace("云州恒达路桥", "云州别家路桥")):
        told = Delivery(title="白杨路改造工程中标结果公告", body=body, source_id="N-9", published_at=city.at)
        take_in(told, by=city.manager, at=city.at)
        drain(at=city.at + timedelta(minutes=1))
    opportunity = Opportunity.objects.get(house=house, firm=firm)

    with pytest.raises(Invalid, match="最新版本里没有再读到"):
        apply_from_award(opportunity, kind="performance", guarantor=None, by=city.manager, at=city.at)
