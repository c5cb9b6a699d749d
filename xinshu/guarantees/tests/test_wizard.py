"""Pages: the application wizard from the choice of a project to submission."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.documents.tests.conftest import PDF
from xinshu.guarantees.actions.application import edit_application
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import SMALL, City, Kind
from xinshu.ledger.worker import drain

BrowserOf = Callable[[Member], Client]
NEW = "/guarantees/new/"
pytestmark = pytest.mark.django_db


def step(case: Guarantee, name: str) -> str:
    return f"/guarantees/{case.reference}/apply/{name}/"


def terms(case: Guarantee, **changes: str) -> dict[str, str]:
    usual = {"amount": "2,000,000.00", "effective_on": "2026-11-22", "expires_on": "2027-06-10"}
    return {"version": str(Guarantee.objects.get(pk=case.pk).version), **usual, **changes}


@pytest.mark.parametrize("who", ["applicant", "manager"])
def test_from_the_project_to_a_submitted_application(city: City, browser_of: BrowserOf, who: str) -> None:
    by = getattr(city, who)
    project, house = city.project(by), city.guarantor
    browser = browser_of(by)
    choice = {"kind": "performance", "project": project.reference}
    choice |= {"guarantor": house.pk} if who == "applicant" else {"applicant": city.applicant.organisation.pk}

    started = browser.post(NEW, choice)
    case = Guarantee.objects.get()
    company = browser.get(step(case, "company"))
    proposed = browser.get(step(case, "terms"))
    filled = browser.post(step(case, "terms"), terms(case))
    version = Guarantee.objects.get().version
    attached = browser.post(
        step(case, "files"),
        {"version": version, "title": "中标通知书", "file": SimpleUploadedFile("通知书.pdf", PDF, "application/pdf")},
    )
    confirm = browser.get(step(case, "confirm"))
    submitted = browser.post(step(case, "confirm"), {"version": Guarantee.objects.get().version})
    drain()

    case.refresh_from_db()
    assert (started.status_code, started["Location"]) == (302, step(case, "company"))
    assert "刘恒" in company.content.decode()
    assert 'value="2,000,000.00"' in proposed.content.decode()
    assert "按中标金额的 10% 计算" in proposed.content.decode()
    assert (filled.status_code, filled["Location"]) == (302, step(case, "files"))
    assert (attached.status_code, attached["Location"]) == (302, step(case, "files"))
    assert "各项规则都满足" in confirm.content.decode()
    assert "10,958.90" in confirm.content.decode()
    assert (submitted.status_code, submitted["Location"]) == (302, f"/guarantees/{case.reference}/")
    assert (case.state, case.on_behalf, case.applicant) == ("fee_due", who == "manager", city.applicant.organisation)
    assert [attachment.title for attachment in case.attachments.all()] == ["中标通知书"]


def test_only_ones_own_projects_customers_and_houses_in_business_are_offered(city: City, browser_of: BrowserOf) -> None:
    mine, house = city.project(), city.guarantor
    others = city.lot(city.rival)
    stranger = city.organisation("云州青禾园林景观有限公司", Kind.ENTERPRISE)

    for_firm = browser_of(city.applicant).get(NEW).content.decode()
    for_manager = browser_of(city.manager).get(NEW).content.decode()

    assert mine.name in for_firm
    assert others.name not in for_firm
    assert house.name in for_firm
    assert city.bank.organisation.name not in for_firm  # no tariff: not in business
    assert city.rival.organisation.name in for_manager
    assert stranger.name not in for_manager


@pytest.mark.parametrize(
    "change",
    [{"kind": "nonsense"}, {"project": ""}, {"project": "ABCDEFGHJKMN"}, {"guarantor": ""}, {"guarantor": "999999"}],
)
def test_a_choice_that_was_not_offered_is_refused_in_place(
    city: City, browser_of: BrowserOf, change: dict[str, str]
) -> None:
    project, house = city.project(), city.guarantor
    choice = {"kind": "performance", "project": project.reference, "guarantor": str(house.pk)}

    answer = browser_of(city.applicant).post(NEW, choice | change)

    assert answer.status_code == 422
    assert not Guarantee.objects.exists()


def test_somebody_elses_project_cannot_be_slipped_in(city: City, browser_of: BrowserOf) -> None:
    secret, house = city.lot(city.rival), city.guarantor

    answer = browser_of(city.applicant).post(
        NEW, {"kind": "bid", "project": secret.reference, "guarantor": str(house.pk)}
    )

    assert answer.status_code == 422
    assert secret.name not in answer.content.decode()


def test_the_buyer_of_a_project_does_not_apply_for_itself(city: City, browser_of: BrowserOf) -> None:
    project, house = city.project(city.manager, buyer=city.applicant.organisation, award=None), city.guarantor

    answer = browser_of(city.manager).post(
        NEW, {"kind": "performance", "project": project.reference, "applicant": str(project.buyer_id)}
    )

    assert house
    assert answer.status_code == 422
    assert "与受益人相同" in answer.content.decode()


def test_a_double_click_makes_one_draft(city: City, browser_of: BrowserOf) -> None:
    project, house = city.project(), city.guarantor
    choice = {"kind": "performance", "project": project.reference, "guarantor": str(house.pk)}
    browser = browser_of(city.applicant)

    first, second = browser.post(NEW, choice), browser.post(NEW, choice)

    assert Guarantee.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_second_guarantee_for_the_same_project_is_possible_once_the_first_is_filled_in(
    city: City, browser_of: BrowserOf
) -> None:
    project = city.project()
    city.draft(project=project)

    browser_of(city.applicant).post(
        NEW, {"kind": "performance", "project": project.reference, "guarantor": str(city.guarantor.pk)}
    )

    assert Guarantee.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": "很多"}, "不是金额"),
        ({"amount": "0"}, "应大于零"),
        ({"amount": ""}, "2027-06-10"),
        ({"expires_on": "2026-11-21"}, "早于生效日"),
        ({"expires_on": "2026-02-30"}, "2026-11-22"),
    ],
)
def test_terms_that_do_not_read_stay_on_the_page_with_the_reason(
    city: City, browser_of: BrowserOf, change: dict[str, str], words: str
) -> None:
    case = city.empty()

    answer = browser_of(city.applicant).post(step(case, "terms"), terms(case, **change))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert Guarantee.objects.get().amount is None


def test_a_breach_of_the_law_is_shown_before_submission_and_the_button_is_shut(
    city: City, browser_of: BrowserOf
) -> None:
    case = city.draft(amount=SMALL // 10 + 1)

    text = browser_of(city.applicant).get(step(case, "confirm")).content.decode()

    assert "还不能提交：" in text
    assert "保函金额 2,000,000.01 元，超过上限 2,000,000.00 元。" in text
    assert "招标投标法实施条例第58条" in text
    assert "disabled" in text


def test_a_person_will_decide_is_said_before_submission(city: City, browser_of: BrowserOf) -> None:
    case = city.draft(project=city.project(award=3 * SMALL))

    text = browser_of(city.applicant).get(step(case, "confirm")).content.decode()

    assert "提交后由保证人审批" in text


def test_a_renamed_executable_is_refused_and_what_was_chosen_stays(city: City, browser_of: BrowserOf) -> None:
    case = city.draft()
    program = SimpleUploadedFile("合同.pdf", b"MZ" + b"\0" * 200, "application/pdf")

    answer = browser_of(city.applicant).post(
        step(case, "files"), {"version": case.version, "title": "施工合同", "file": program}
    )

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "没有保存" in text
    assert '<option value="施工合同" selected>' in text
    assert not File.objects.exists()
    assert Guarantee.objects.get().version == case.version


def test_an_upload_on_an_old_page_is_not_kept(city: City, browser_of: BrowserOf) -> None:
    case = city.draft()

    answer = browser_of(city.applicant).post(
        step(case, "files"),
        {"version": case.version - 1, "title": "施工合同", "file": SimpleUploadedFile("合同.pdf", PDF)},
    )

    assert answer.status_code == 409
    assert not File.objects.exists()


@pytest.mark.parametrize("form", [{}, {"title": "nonsense"}, {"title": "施工合同", "file": "not a file"}])
def test_an_upload_without_file_or_title_is_asked_for_again(
    city: City, browser_of: BrowserOf, form: dict[str, str]
) -> None:
    case = city.draft()

    answer = browser_of(city.applicant).post(step(case, "files"), {"version": case.version, **form})

    assert answer.status_code == 422


def test_two_people_at_one_draft_the_second_is_told(city: City, browser_of: BrowserOf) -> None:
    case = city.draft()
    seen = terms(case)
    assert case.effective_on is not None
    assert case.expires_on is not None
    edit_application(
        case, by=city.colleague(city.applicant, "applicant"), at=city.at, amount=5_00,
        effective_on=case.effective_on, expires_on=case.expires_on,
    )  # fmt: skip

    answer = browser_of(city.applicant).post(step(case, "terms"), seen)

    assert answer.status_code == 409
    assert Guarantee.objects.get().amount == 5_00


def test_the_steps_come_in_their_order_and_there_are_no_others(city: City, browser_of: BrowserOf) -> None:
    case = city.empty()
    browser = browser_of(city.applicant)

    assert browser.get(step(case, "confirm"))["Location"] == step(case, "terms")
    assert browser.get(step(case, "nonsense")).status_code == 404
    for name in ("company", "terms", "files"):
        assert browser.get(step(case, name)).status_code == 200


@pytest.mark.parametrize("state", ["submitted", "in_review", "in_force", "withdrawn"])
def test_after_submission_the_wizard_leads_to_the_case(city: City, browser_of: BrowserOf, state: str) -> None:
    case = city.come_to(state)
    browser = browser_of(city.applicant)

    for name in ("company", "terms", "confirm"):
        assert browser.get(step(case, name))["Location"] == f"/guarantees/{case.reference}/"
        assert browser.post(step(case, name), {"version": case.version}).status_code == 302
    assert Guarantee.objects.get().version == case.version


def test_a_returned_application_says_what_must_be_mended(city: City, browser_of: BrowserOf) -> None:
    case = city.returned()

    for name in ("company", "terms", "files", "confirm"):
        assert "请补充中标通知书原件。" in browser_of(city.applicant).get(step(case, name)).content.decode()


@pytest.mark.parametrize("who", ["rival", "manager"])
def test_a_draft_of_somebody_else_does_not_exist(city: City, browser_of: BrowserOf, who: str) -> None:
    case = city.draft()

    assert browser_of(getattr(city, who)).get(step(case, "terms")).status_code == 404
    assert browser_of(getattr(city, who)).post(step(case, "terms"), terms(case)).status_code == 404


def test_the_fee_follows_what_is_typed_and_says_what_is_missing(
    city: City, browser_of: Callable[[Member], Client]
) -> None:
    case = city.empty(project=city.project(award=SMALL))
    assert city.guarantor
    browser, fee = browser_of(city.applicant), f"/guarantees/{case.reference}/fee/"
    typed = {"amount": "100万", "effective_on": "2026-12-01", "expires_on": "2027-11-30"}

    opened = browser.get(f"/guarantees/{case.reference}/apply/terms/").content.decode()
    told = browser.post(fee, typed)
    wrong = browser.post(fee, typed | {"amount": "许多", "expires_on": ""}).content.decode()
    backwards = browser.post(fee, typed | {"expires_on": "2026-11-30"}).content.decode()
    unsaved = Guarantee.objects.get(pk=case.pk)

    assert "还没有保存" in opened  # the proposed terms are counted before anything is saved
    assert "÷ 365 × 180 天" in opened
    assert told.status_code == 200
    assert "1,000,000.00 元 × 1% ÷ 365 × 364 天" in told.content.decode()
    assert "9,972.60" in told.content.decode()
    assert "保函金额：" in wrong
    assert "到期日：" in wrong
    assert "到期日不能早于生效日" in backwards
    assert (unsaved.amount, unsaved.version) == (None, case.version)
    assert browser_of(city.rival).post(fee, typed).status_code == 404
    assert browser_of(city.reviewer).post(fee, typed).status_code == 403
    assert browser.get(fee).status_code == 405
