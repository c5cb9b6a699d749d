"""Pages: a house writes its letter with the preview beside it, one person checks, another activates, letters follow."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.letters.texts import standard
from xinshu.guarantees.models import Guarantee, Wording
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.wordings.actions import draft_wording
from xinshu.guarantees.wordings.forms import initial_of
from xinshu.ledger.worker import drain

Browser = Callable[[Member], Client]
NEW = "/wordings/new/?kind=performance"
PREVIEW = "/wordings/preview/?kind=performance&form=accessory"
OURS = "{保证人}的客户服务部受理索赔。"


def typed(*more: str) -> dict[str, str]:
    initial = initial_of(standard(KINDS["performance"], "guarantor"))
    return {**initial, "paragraphs": "\n".join((initial["paragraphs"], *more)), "case": ""}


def act(browser: Client, wording: Wording, action: str, **more: object):
    wording.refresh_from_db()
    path = reverse("guarantees:wording_act", args=[wording.reference, action])
    return browser.post(path, {"version": wording.version, **more})


@pytest.mark.req("EP-11")
def test_a_house_s_letter_from_the_editor_to_an_issued_guarantee(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    writer, second = browser_of(city.reviewer), browser_of(city.signer)

    begun = writer.get(NEW).content.decode()
    assert "{受益人}：鉴于{申请人}" in begun  # the clause library's text to begin with
    assert "没有发现问题" in begun
    wrong = writer.post(NEW, typed("担保 500 万元，{不存在}。"))  # a draft may be wrong: it is kept, not used
    wording = Wording.objects.get()
    assert (wrong.status_code, wording.state) == (302, "draft")
    page = writer.get(reverse("guarantees:wording", args=[wording.reference])).content.decode()
    assert "没有占位项 {不存在}" in page
    assert "写死了“500 万元”" in page
    refused = act(writer, wording, "check_wording")
    assert refused.status_code >= 400

    path = reverse("guarantees:edit_wording", args=[wording.reference])
    assert writer.post(path, {**typed(OURS), "version": wording.version}).status_code == 302
    assert act(writer, wording, "check_wording").status_code == 302
    assert act(writer, wording, "activate_wording").status_code == 403  # four eyes
    shown = second.get(reverse("guarantees:wording", args=[wording.reference])).content.decode()
    assert f'<ins class="comes" data-tone="ok">{OURS}</ins>' in shown  # what the second person is asked to agree to
    assert act(second, wording, "activate_wording").status_code == 302

    case = city.to_issue()
    path = reverse("guarantees:act", args=[case.reference, "issue"])
    assert second.post(path, {"version": case.version}).status_code == 302
    drain()
    case.refresh_from_db()
    assert case.state == "in_force"
    assert case.letter_values["clauses"][-1] == f"{city.guarantor.name}的客户服务部受理索赔。"

    later = writer.post(NEW, typed("后来的一段。"))
    newer = Wording.objects.get(number=2)
    assert later.status_code == 302
    assert act(writer, newer, "check_wording").status_code == 302
    assert act(second, newer, "activate_wording").status_code == 302
    wording.refresh_from_db()
    case = Guarantee.objects.get(pk=case.pk)
    assert (wording.state, case.wording) == ("superseded", wording)
    assert "文本 V1" in second.get(reverse("guarantees:detail", args=[case.reference])).content.decode()


def test_the_preview_reads_what_is_typed_with_the_sample_or_a_case_of_the_house(
    city: City, browser_of: Browser
) -> None:
    case, browser = city.in_force(), browser_of(city.reviewer)

    sample = browser.post(PREVIEW, typed("我方无条件支付。")).content.decode()
    real = browser.post(PREVIEW, {**typed(), "case": case.reference}).content.decode()

    assert "示例建筑工程有限公司" in sample
    assert "写了“无条件”" in sample
    assert "民法典第682条" in sample  # why
    assert "删去“无条件”" in sample  # how to mend it
    assert "没有发现问题" in real
    assert f"<u>{case.applicant.name}</u>" in real
    assert "<u>2,000,000.00</u>" in real
    assert Wording.objects.count() == 0


def test_no_house_previews_with_another_house_s_case(city: City, browser_of: Browser) -> None:
    case = city.in_force()
    other = city.member("江北担保有限公司", "guarantor", "reviewer")

    shown = browser_of(other).post(PREVIEW, {**typed(), "case": case.reference}).content.decode()

    assert case.applicant.name not in shown
    assert "示例建筑工程有限公司" in shown


def test_a_warning_is_answered_on_the_page_one_by_one(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    browser = browser_of(city.reviewer)
    browser.post(NEW, typed("我方赔偿贵方的全部损失。"))
    wording = Wording.objects.get()
    page = browser.get(reverse("guarantees:wording", args=[wording.reference])).content.decode()
    assert 'name="accepted" value="amount.everything"' in page

    silent = act(browser, wording, "check_wording")
    told = act(
        browser, wording, "check_wording", accepted="amount.everything", answer="以最高担保金额为限，已征询法务。"
    )

    wording.refresh_from_db()
    assert (silent.status_code, told.status_code, wording.state) == (422, 302, "checked")
    assert "已征询法务" in browser.get(reverse("guarantees:wording", args=[wording.reference])).content.decode()


def test_nothing_typed_is_lost_and_a_stale_page_is_told(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    browser = browser_of(city.reviewer)
    empty = browser.post(NEW, {**typed(), "paragraphs": " ", "documents": "这一项还在"})
    long = browser.post(NEW, {**typed(), "paragraphs": "长" * 1001})
    browser.post(NEW, typed())
    wording = Wording.objects.get()
    path = reverse("guarantees:edit_wording", args=[wording.reference])
    browser.post(path, {**typed(OURS), "version": wording.version})
    stale = browser.post(path, {**typed("又一段。"), "version": wording.version})

    assert (empty.status_code, long.status_code, stale.status_code) == (422, 422, 409)
    assert "这一项还在" in empty.content.decode()
    assert "每段最多 1000 个字" in long.content.decode()


@pytest.mark.parametrize("junk", ["", "\x00", "{" * 500, "}" * 500, "-1", "9" * 400, "x" * 50_000])
def test_junk_is_an_answer_never_a_crash(city: City, browser_of: Browser, junk: str) -> None:
    assert city.guarantor
    browser = browser_of(city.reviewer)

    for name in ("paragraphs", "documents", "case"):
        assert browser.post(NEW, typed() | {name: junk}).status_code in (302, 400, 422)
        assert browser.post(PREVIEW, typed() | {name: junk}).status_code in (200, 400)
        Wording.objects.all().delete()
    for path in ("/wordings/new/?kind=nothing", f"/wordings/new/?kind={junk[:50]}", "/wordings/NONSENSE/"):
        assert browser.get(path).status_code in (400, 404)


def test_the_operator_writes_the_platform_s_text_for_each_form(city: City, browser_of: Browser) -> None:
    writer, second = browser_of(city.operator), browser_of(city.colleague(city.operator, "operator"))
    path = "/wordings/new/?kind=wage&form=independent"
    page = writer.get(path).content.decode()
    assert "见索即付" in page
    writer.post(path, initial_of(standard(KINDS["wage"], "bank")))
    wording = Wording.objects.get()
    assert act(writer, wording, "check_wording").status_code == 302
    assert act(second, wording, "activate_wording").status_code == 302

    wording.refresh_from_db()
    assert (wording.guarantor, wording.form, wording.state) == (None, "independent", "active")
    assert "平台文本" in writer.get("/wordings/").content.decode()
    letter = writer.get(reverse("guarantees:wording_letter", args=[wording.reference]))
    assert letter.content.startswith(b"%PDF")


def test_the_list_and_its_export_cost_the_same_for_one_version_and_for_many(
    city: City, browser_of: Browser, django_assert_max_num_queries
) -> None:
    assert city.guarantor
    browser = browser_of(city.reviewer)
    for kind in list(KINDS):
        draft_wording(kind, "", standard(KINDS[kind], "guarantor"), by=city.reviewer, at=city.at)

    with django_assert_max_num_queries(12):
        page = browser.get("/wordings/").content.decode()
    sheet = browser.get("/wordings/export/")

    assert all(str(kind.label) in page for kind in KINDS.values())
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.getvalue())).get_sheet_by_index(0).to_python()
    assert len(rows) == 2 + len(KINDS)


@pytest.mark.parametrize("who", ["applicant", "beneficiary", "department", "bank", "auditor", "sysadmin"])
def test_nobody_else_finds_the_pages(city: City, browser_of: Browser, who: str) -> None:
    wording = draft_wording(
        "performance", "", standard(KINDS["performance"], "guarantor"), by=city.reviewer, at=city.at
    )
    browser = browser_of(getattr(city, who))

    for path in ("/wordings/", NEW, f"/wordings/{wording.reference}/"):
        assert browser.get(path).status_code in (403, 404)
