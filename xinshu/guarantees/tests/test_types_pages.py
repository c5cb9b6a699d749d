"""Pages: the back office writes a type without code; a seventh type is made through the pages alone and issued."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.documents.tests.conftest import PDF
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.types.models import TypeVersion
from xinshu.ledger.worker import drain

Browser = Callable[[Member], Client]
FORM = {
    "label": "低价风险保函", "code": "low_price", "prefix": "DJ", "applicant": "contractor", "beneficiary": "buyer",
    "stage": "contract", "period": "contract_days", "deposit": "other", "base": "award", "usual_share": "5",
    "layout": "general", "pays_within": "七个工作日",
    "duty": "以明显低于其他投标人的报价中标“{项目}”（编号：{编号}），负有按报价完成合同的义务",
    "events": "申请人以报价过低为由停工、减项或者不履行合同，经{监理单位}确认的，贵方可以索赔；报价偏差{报价偏差}。",
    "proof": "申请人因报价过低不履行合同的证明材料", "more": "", "documents": "必需：报价说明\n施工组织设计",
    "limit0_bound": "most", "limit0_share": "5", "limit0_source": "示例规定：不超过中标金额的5%",
    "limit0_since": "2026-01-01", "limit0_checked": "on",
    "field0_name": "监理单位", "field0_sort": "text", "field0_required": "on", "field0_help": "按监理合同",
    "field1_name": "报价偏差", "field1_sort": "amount", "field2_name": "计价方式", "field2_sort": "choice",
    "field2_choices": "单价、总价", "field3_name": "开工日", "field3_sort": "date",
    "field4_name": "标段数", "field4_sort": "number",
}  # fmt: skip


def written(browser: Client, **changes: str) -> TypeVersion:
    answer = browser.post(reverse("guarantees:new_type"), FORM | changes)
    assert answer.status_code == 302, answer.content.decode()
    return TypeVersion.objects.get(code=changes.get("code", "low_price"), state="draft")


def exported(browser: Client, query: str) -> list[list[object]]:
    """Return the register's workbook: titles and first row."""
    sheet = browser.get(reverse("guarantees:export") + query)
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.getvalue())).get_sheet_by_index(0).to_python()
    return rows[1:3]


def act(browser: Client, version: TypeVersion, action: str, **typed: str):
    version.refresh_from_db()
    path = reverse("guarantees:type_act", args=[version.reference, action])
    return browser.post(path, {"version": version.version, **typed})


def price_and_authorise(city: City, browser_of: Browser) -> None:
    """The guarantor takes the new type up: a tariff and a row of authority, each by two people, on its own pages."""
    house = city.guarantor
    reviewer, signer = browser_of(city.reviewer), browser_of(city.signer)
    assert "低价风险保函" in reviewer.get(reverse("guarantees:tariffs")).content.decode()  # 还没有费率的类型
    price = {
        "kind": "low_price", "valid_from": "2026-11-21", "annual_rate": "1", "period": "daily", "basis": "365",
        "minimum_amount": "300", "refunds": "none",
    }  # fmt: skip
    assert reviewer.post(reverse("guarantees:new_tariff") + "?kind=low_price", price).status_code == 302
    draft = house.tariff_drafts.get()
    path = reverse("guarantees:tariff_act", args=[draft.reference, "publish_tariff"])
    assert signer.post(path, {"version": draft.version}).status_code == 302
    row = {"unverified": "", "auto_amount": "3,000,000", "person_amount": "9,000,000", "waives": ["period.contract"]}
    assert reviewer.post(reverse("guarantees:new_authority") + "?kind=low_price", row).status_code == 302
    change = house.authority_drafts.get()
    path = reverse("guarantees:authority_act", args=[change.reference, "set_authority"])
    assert signer.post(path, {"version": change.version}).status_code == 302


@pytest.mark.req("EP-10")
def test_a_seventh_type_is_made_through_the_pages_alone_and_a_guarantee_of_it_issued(
    city: City, browser_of: Browser
) -> None:
    writer, second = browser_of(city.operator), browser_of(city.colleague(city.operator, "operator"))

    version = written(writer)
    page = writer.get(reverse("guarantees:type", args=[version.reference])).content.decode()
    assert "样函" in page
    assert "以明显低于其他投标人的报价中标“示例市政工程一标段”" in page
    letter = writer.get(reverse("guarantees:type_letter", args=[version.reference, "accessory"]))
    assert letter.content.startswith(b"%PDF")
    assert act(writer, version, "try").status_code == 302
    assert act(writer, version, "activate").status_code == 403  # four eyes
    assert act(second, version, "activate").status_code == 302

    price_and_authorise(city, browser_of)
    project, applicant = city.project(), browser_of(city.applicant)
    chosen = {"kind": "low_price", "project": project.reference, "guarantor": city.guarantor.pk}
    assert "低价风险保函" in applicant.get(reverse("guarantees:new")).content.decode()
    assert applicant.post(reverse("guarantees:new"), chosen).status_code == 302
    case = Guarantee.objects.get(kind="low_price")

    def step(name: str, **typed: object):
        case.refresh_from_db()
        return applicant.post(
            reverse("guarantees:step", args=[case.reference, name]), {"version": case.version, **typed}
        )

    proposed = applicant.get(reverse("guarantees:step", args=[case.reference, "terms"])).content.decode()
    assert "1,000,000.00" in proposed  # 5 % of 20 million
    assert "按监理合同" in proposed
    own = {"x0": "云州诚信监理有限公司", "x1": "50万", "x2": "单价", "x3": "2026-12-15", "x4": "3.50"}
    without = step("terms", amount="1,000,000", effective_on="2026-11-22", expires_on="2027-06-30", **own | {"x0": ""})
    wrong = step("terms", amount="1", effective_on="2026-11-22", expires_on="2027-06-30", **own | {"x2": "都行"})
    assert (without.status_code, wrong.status_code) == (422, 422)
    assert "500,000" in wrong.content.decode() or "50万" in wrong.content.decode()  # nothing typed is lost
    step("terms", amount="1,000,000.01", effective_on="2026-11-22", expires_on="2027-06-30", **own)
    shown = applicant.get(reverse("guarantees:step", args=[case.reference, "confirm"])).content.decode()
    assert "超过上限 1,000,000.00 元" in shown  # the type's own limit, before submission, with its source
    assert "示例规定" in shown
    assert "国令第802号" in shown
    step("terms", amount="1,000,000", effective_on="2026-11-22", expires_on="2027-06-30", **own)
    step("files", title="报价说明", file=SimpleUploadedFile("报价说明.pdf", PDF, "application/pdf"))
    assert step("confirm").status_code == 302
    drain()
    case.refresh_from_db()
    assert case.state == "in_review"  # 国令802: a person looks

    def done(member: Member, action: str, **typed: str) -> None:
        case.refresh_from_db()
        path = reverse("guarantees:act", args=[case.reference, action])
        assert browser_of(member).post(path, {"version": case.version, **typed}).status_code == 302
        drain()

    done(city.reviewer, "approve", opinion="申请人自愿提供，同意。")
    done(city.applicant, "pay", account="6000-0001")
    done(city.signer, "issue")
    case.refresh_from_db()
    assert (case.state, case.number[:2], case.nature) == ("in_force", "DJ", "accessory_joint")
    assert case.letter_values["title"] == "低价风险保函"
    assert case.extras == {
        "监理单位": "云州诚信监理有限公司", "报价偏差": 50_000_000, "计价方式": "单价", "开工日": "2026-12-15",
        "标段数": "3.50",
    }  # fmt: skip
    printed = "".join(case.letter_values["clauses"])
    assert "经云州诚信监理有限公司确认的" in printed
    assert "报价偏差500,000.00" in printed
    told = browser_of(city.beneficiary).get(reverse("guarantees:detail", args=[case.reference])).content.decode()
    assert "云州诚信监理有限公司" in told
    assert "500,000.00 元" in told
    titles, first = exported(applicant, "?kind=low_price")
    assert titles[-5:] == ["监理单位", "报价偏差", "计价方式", "开工日", "标段数"]
    assert first[-5:-3] == ["云州诚信监理有限公司", "500,000.00"]
    assert exported(applicant, "")[0][-1] == "类型字段"

    assert "低价风险保函" in browser_of(city.beneficiary).get(reverse("guarantees:list")).content.decode()

    changed = written(writer, label="低价担保函", field4_name="", field5_name="项目经理", field5_sort="text")
    act(writer, changed, "try")
    assert act(second, changed, "activate").status_code == 302
    case = Guarantee.objects.get(pk=case.pk)
    assert (str(case.type.label), str(KINDS["low_price"].label)) == ("低价风险保函", "低价担保函")
    assert "标段数" in applicant.get(reverse("guarantees:detail", args=[case.reference])).content.decode()
    assert act(second, changed, "retire", reason="主管部门要求停办。").status_code == 302
    assert "低价担保函" not in applicant.get(reverse("guarantees:new")).content.decode()


def test_a_fault_is_shown_at_its_field_and_nothing_typed_is_lost(city: City, browser_of: Browser) -> None:
    answer = browser_of(city.operator).post(
        reverse("guarantees:new_type"), FORM | {"prefix": "LY", "events": "违约的，可以索赔 500 万元。"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "这个前缀已用于其他类型" in page
    assert "条款里不要写具体的金额和日期" in page
    assert "违约的，可以索赔 500 万元。" in page
    assert not TypeVersion.objects.filter(code="low_price").exists()


def test_a_limit_without_a_source_is_asked_for_again(city: City, browser_of: Browser) -> None:
    answer = browser_of(city.operator).post(reverse("guarantees:new_type"), FORM | {"limit0_source": ""})

    assert answer.status_code == 422
    assert "写明依据" in answer.content.decode()


@pytest.mark.parametrize("junk", ["", "x" * 3000, "\x00", "-1", "9" * 40])
def test_junk_in_any_field_is_an_answer_never_a_crash(city: City, browser_of: Browser, junk: str) -> None:
    browser = browser_of(city.operator)

    for name in FORM:
        assert browser.post(reverse("guarantees:new_type"), FORM | {name: junk}).status_code in (302, 400, 422)
        TypeVersion.objects.filter(number=1, state="draft").delete()


def test_a_new_version_begins_with_what_there_is_and_is_edited_until_it_is_right(
    city: City, browser_of: Browser
) -> None:
    browser = browser_of(city.operator)
    page = browser.get(reverse("guarantees:new_type") + "?from=wage").content.decode()
    assert "农民工工资" in page

    version = written(browser)
    path = reverse("guarantees:edit_type", args=[version.reference])
    assert browser.get(path).status_code == 200
    edited = browser.post(path, FORM | {"version": "1", "label": "低价保函"})
    stale = browser.post(path, FORM | {"version": "1", "label": "又一个"})

    version.refresh_from_db()
    assert (edited.status_code, stale.status_code) == (302, 409)
    assert version.definition["label"] == "低价保函"


def test_the_list_its_export_and_retiring(city: City, browser_of: Browser) -> None:
    browser = browser_of(city.operator)
    page = browser.get(reverse("guarantees:types")).content.decode()
    sheet = browser.get(reverse("guarantees:export_types"))
    wage = TypeVersion.objects.get(code="wage", state="active")

    assert all(str(kind.label) in page for kind in KINDS.values())
    assert sheet.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert act(browser, wage, "retire", reason="当地改用其他方式。").status_code == 302
    offered = browser_of(city.applicant).get(reverse("guarantees:new")).content.decode()
    assert "农民工工资保函" not in offered
    assert (
        "农民工工资保函" in browser_of(city.applicant).get(reverse("guarantees:list")).content.decode()
    )  # as a filter


@pytest.mark.parametrize("who", ["applicant", "reviewer", "department", "auditor", "sysadmin"])
def test_nobody_else_finds_the_back_office(city: City, browser_of: Browser, who: str) -> None:
    assert browser_of(getattr(city, who)).get(reverse("guarantees:types")).status_code in (403, 404)
