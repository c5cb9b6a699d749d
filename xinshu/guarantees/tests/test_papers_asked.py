"""补材料 (BH-34): papers asked for by name; the same level goes on, finished ones stay so."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.books.lines import grant_line
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.application import attach_file, submit_application
from xinshu.guarantees.actions.approval import approve_application, ask_papers, review_automatically
from xinshu.guarantees.applying.requests import open_requests
from xinshu.guarantees.models import Guarantee, PaperRequest
from xinshu.guarantees.queries import todo_list
from xinshu.guarantees.tests.city import MINUTE, WAN, City
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.work.actions.approvals import approval_of
from xinshu.work.models import Signature

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def above_authority(city: City) -> Guarantee:
    """Return a case for reviewer and director: ten percent of an award of 500 million is more than one may decide."""
    case = city.submitted(project=city.project(award=50_000 * WAN))
    grant_line(city.guarantor, city.applicant.organisation, 20_000 * WAN, by=SYSTEM, at=city.at, key="more")
    return review_automatically(case, at=city.at + 3 * MINUTE)


def bring(city: City, case: Guarantee, title: str) -> Guarantee:
    case = Guarantee.objects.get(pk=case.pk)
    file = keep_file(PDF, f"{title}.pdf", city.applicant.organisation, city.applicant, city.at, subject=case)
    return attach_file(case, file, title, by=city.applicant, at=city.at + 6 * MINUTE)


def test_papers_go_to_the_level_that_asked_and_finished_levels_stay_finished(city: City) -> None:
    case, director = above_authority(city), city.colleague(city.reviewer, "director")
    case = approve_application(case, by=city.reviewer, at=city.at + 4 * MINUTE, opinion="同意。")

    case = ask_papers(
        case, ["施工合同", "近三个月流水"], note="加盖公章", by=director, at=city.at + 5 * MINUTE
    )  # fmt: skip
    to_do = todo_list(city.applicant, city.at + 5 * MINUTE)
    half = bring(city, case, "施工合同")
    with pytest.raises(Invalid, match="还差：近三个月流水"):
        submit_application(half, by=city.applicant, at=city.at + 7 * MINUTE)
    whole = bring(city, half, "近三个月流水")
    again = submit_application(whole, by=city.applicant, at=city.at + 8 * MINUTE)
    again = review_automatically(again, at=city.at + 9 * MINUTE)
    back = approval_of(again)

    assert case.state == "returned"
    assert [row["subtitle"] for row in to_do] == ["履约保函 · 补材料：施工合同、近三个月流水"]
    assert open_requests(again) == []
    assert (again.state, back.state, back.level_name) == ("in_review", "open", "分管负责人审批")
    assert [row["subtitle"] for row in todo_list(director, city.at + 9 * MINUTE)] == ["履约保函 · 给出审批结论"]
    assert todo_list(city.reviewer, city.at + 9 * MINUTE) == []  # has signed: nothing is asked twice
    assert Signature.objects.filter(approval=back, act="approve", voided_at=None).count() == 1
    passed = approve_application(again, by=director, at=city.at + 10 * MINUTE, opinion="材料齐全，同意。")
    assert passed.state == "fee_due"


def test_what_else_the_applicant_changes_is_judged_anew_by_all(city: City) -> None:
    case, director = above_authority(city), city.colleague(city.reviewer, "director")
    case = approve_application(case, by=city.reviewer, at=city.at + 4 * MINUTE, opinion="同意。")
    case = ask_papers(case, ["施工合同"], by=director, at=city.at + 5 * MINUTE)

    whole = bring(city, bring(city, case, "施工合同"), "财务报表")  # nobody asked for the second
    again = review_automatically(
        submit_application(whole, by=city.applicant, at=city.at + 8 * MINUTE), at=city.at + 9 * MINUTE
    )

    assert approval_of(again).level_name == "复审"


def test_a_person_who_asked_decides_even_where_every_rule_is_met(city: City) -> None:
    case = city.in_review()
    case = ask_papers(case, ["施工合同"], by=city.reviewer, at=city.at + 4 * MINUTE)
    Guarantee.objects.filter(pk=case.pk).update(amount=100 * WAN)  # by now small enough for the rules alone

    again = submit_application(bring(city, case, "施工合同"), by=city.applicant, at=city.at + 8 * MINUTE)
    again = review_automatically(again, at=city.at + 9 * MINUTE)

    assert again.state == "in_review"
    assert [one["rule"] for one in again.findings if one["verdict"] != "meets"] == ["papers.requested"]


@pytest.mark.parametrize(
    ("titles", "words"), [([], "请写明要补的材料"), (["  "], "请写明"), ([f"第{n}份" for n in range(11)], "最多")]
)
def test_papers_have_names_and_not_too_many(city: City, titles: list[str], words: str) -> None:
    case = city.in_review()

    with pytest.raises(Invalid, match=words):
        ask_papers(case, titles, by=city.reviewer, at=city.at + 4 * MINUTE)

    assert not PaperRequest.objects.exists()
    assert Guarantee.objects.get(pk=case.pk).state == "in_review"


def test_only_the_guarantors_reviewers_ask(city: City) -> None:
    case = city.in_review()

    with pytest.raises(NotPermitted):
        ask_papers(case, ["施工合同"], by=city.applicant, at=city.at + 4 * MINUTE)


def test_pages_lead_from_the_request_to_the_reviewers_desk(city: City, browser_of: BrowserOf) -> None:
    case = city.in_review()
    reviewer, applicant = browser_of(city.reviewer), browser_of(city.applicant)
    here = f"/guarantees/{case.reference}/"

    offered = reviewer.get(here).content.decode()
    asked = reviewer.post(
        f"{here}ask_papers/", {"version": case.version, "title": ["完税证明", ""], "note": "近一年"}, follow=True
    ).content.decode()
    drain()
    told = Notice.objects.filter(member=city.applicant).latest("pk").text
    seen = applicant.get(here).content.decode()
    files = applicant.get(f"{here}apply/files/").content.decode()
    early = applicant.post(f"{here}submit/", {"version": Guarantee.objects.get().version})
    upload = SimpleUploadedFile("完税.pdf", PDF, "application/pdf")
    version = Guarantee.objects.get().version
    brought = applicant.post(
        f"{here}apply/files/", {"version": version, "title": "完税证明", "file": upload}, follow=True
    ).content.decode()
    handed = applicant.post(f"{here}submit/", {"version": Guarantee.objects.get().version})
    drain()

    assert "请申请人补材料" in offered
    assert "已请申请人补充材料" in asked
    assert "完税证明" in asked
    assert "请补充：完税证明。近一年" in told
    assert "完税证明" in seen
    assert 'value="完税证明" selected' in files
    assert early.status_code == 422
    assert "交回审批人" in brought
    assert handed.status_code == 302
    assert case.project.name in reviewer.get("/guarantees/?view=todo").content.decode()
    assert "已补" in reviewer.get(here).content.decode()
