"""Stories: a guarantee before its guarantor's committee, on the page and in the lists."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotPermitted
from xinshu.documents.tests.conftest import PDF
from xinshu.guarantees.actions.application import edit_application, submit_application
from xinshu.guarantees.actions.approval import approve_application, return_application, review_automatically
from xinshu.guarantees.models import Authority, Guarantee
from xinshu.guarantees.queries import todo_list
from xinshu.guarantees.tests.city import AUTO, MINUTE, City
from xinshu.work.actions.approvals import approval_of
from xinshu.work.actions.delegations import delegate_signing
from xinshu.work.queries import todo_count, todos_of

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]


@pytest.fixture
def director(city: City) -> Member:
    return city.colleague(city.reviewer, "director")


@pytest.fixture
def large(city: City, director: Member) -> Guarantee:
    """A case above the authority of a reviewer."""
    assert city.guarantor
    Authority.objects.update(auto_amount=0, person_amount=1)
    return city.in_review()


def again(case: Guarantee, city: City, amount: int | None = None) -> Guarantee:
    """Let the applicant hand in a returned case once more."""
    case = Guarantee.objects.get(pk=case.pk)
    assert case.effective_on
    assert case.expires_on
    case = edit_application(
        case, by=city.applicant, at=city.at, amount=amount or case.amount or 0, effective_on=case.effective_on,
        expires_on=case.expires_on,
    )  # fmt: skip
    return review_automatically(submit_application(case, by=city.applicant, at=city.at), at=city.at)


def test_it_waits_for_one_level_after_the_other_in_the_same_moment(
    city: City, large: Guarantee, director: Member
) -> None:
    def lists() -> tuple[int, int]:
        return len(todo_list(city.reviewer, city.at)), len(todo_list(director, city.at))

    assert (lists(), todo_count(city.reviewer, city.at)) == ((1, 0), 1)
    approve_application(large, by=city.reviewer, at=city.at, opinion="同意。")

    assert (lists(), todo_count(city.reviewer, city.at)) == ((0, 1), 0)
    (todo,) = todos_of(director, city.at, 10)
    assert (todo.amount, todo.due_on) == (large.amount, approval_of(large).due_on)


def test_the_only_director_waits_for_the_reviewer(city: City, large: Guarantee, director: Member) -> None:
    with pytest.raises(NotPermitted) as refused:
        approve_application(large, by=director, at=city.at, opinion="")

    assert "离不开" in refused.value.message


def test_what_the_reviewer_signed_is_not_signed_again_on_the_same_facts(
    city: City, large: Guarantee, director: Member
) -> None:
    approve_application(large, by=city.reviewer, at=city.at, opinion="同意。")
    return_application(large, by=director, at=city.at, reason="请补充中标通知书。")

    case = again(large, city)

    assert approval_of(case).level == "2"
    assert approve_application(case, by=director, at=city.at, opinion="同意。").state == "fee_due"


def test_a_changed_amount_begins_again(city: City, large: Guarantee, director: Member) -> None:
    approve_application(large, by=city.reviewer, at=city.at, opinion="同意。")
    return_application(large, by=director, at=city.at, reason="金额请核对。")

    case = again(large, city, amount=AUTO + 1)

    assert approval_of(case).level == "1"


def test_what_passes_by_rule_after_a_correction_leaves_no_approval_open(city: City) -> None:
    case = city.returned()

    case = again(case, city, amount=AUTO)

    assert (case.state, approval_of(case).state) == ("fee_due", "withdrawn")


def test_a_delegate_of_the_reviewer_finds_it_and_signs_it(city: City) -> None:
    case, other = city.in_review(), city.colleague(city.reviewer, "director")
    day = local_day(city.at)
    delegate_signing(
        other, kinds=["guarantee"], starts_on=day, ends_on=day + timedelta(days=2), reason="出差",
        by=city.reviewer, at=city.at,
    )  # fmt: skip

    case = approve_application(case, by=other, at=city.at, opinion="代签。", seat=city.reviewer.user_id)

    assert (case.state, case.reviewed_by_key) == ("fee_due", other.actor_key)


def test_the_page_shows_levels_and_gives_the_buttons_to_whose_turn_it_is(
    city: City, large: Guarantee, director: Member, browser_of: Browser
) -> None:
    page = f"/guarantees/{large.reference}/"
    reviewer, chief = browser_of(city.reviewer), browser_of(director)
    assert "act-approve" in reviewer.get(page).content.decode()
    assert "act-approve" not in chief.get(page).content.decode()

    answer = reviewer.post(f"{page}approve/", {"version": large.version, "opinion": "现场核查无误"}, follow=True)

    assert "您的意见已签署" in answer.content.decode()
    assert "act-approve" not in reviewer.get(page).content.decode()
    shown = chief.get(page).content.decode()
    assert "act-approve" in shown
    assert "现场核查无误" in shown
    assert director.user.name in shown
    told = browser_of(city.applicant).get(page).content.decode()
    assert "分管负责人审批" in told
    assert "现场核查无误" not in told, "what signers write to each other is not the applicant's to read"


def test_the_clock_stops_on_evidence_and_the_applicant_sees_why(
    city: City, large: Guarantee, browser_of: Browser
) -> None:
    page, approval = f"/guarantees/{large.reference}/", approval_of(large)
    reviewer = browser_of(city.reviewer)
    posted = {"version": approval.version, "code": "applicant", "reason": "等中标通知书原件"}

    without = reviewer.post(f"{page}approval/stop/", posted)
    with_file = reviewer.post(
        f"{page}approval/stop/", {**posted, "file": SimpleUploadedFile("通知.pdf", PDF, "application/pdf")}, follow=True
    )

    assert without.status_code == 422
    assert "计时已暂停" in with_file.content.decode()
    shown = browser_of(city.applicant).get(page).content.decode()
    assert "等中标通知书原件" in shown
    stop = approval.stops.get()
    assert browser_of(city.applicant).get(f"/files/{stop.evidence_reference}/").status_code == 200
    version = approval_of(large).version
    answer = reviewer.post(f"{page}approval/resume/", {"version": version}, follow=True)
    assert "计时已恢复" in answer.content.decode()


def test_adding_and_returning_on_the_page(city: City, large: Guarantee, director: Member, browser_of: Browser) -> None:
    page, third = f"/guarantees/{large.reference}/", city.colleague(city.reviewer, "reviewer")
    reviewer = browser_of(city.reviewer)
    posted = {"version": approval_of(large).version, "signer": third.user_id, "where": "before", "reason": "请先看现场"}
    assert "已加签" in reviewer.post(f"{page}approval/add/", posted, follow=True).content.decode()
    approve_application(large, by=third, at=city.at + MINUTE, opinion="")
    approve_application(large, by=city.reviewer, at=city.at + MINUTE, opinion="")

    posted = {"version": approval_of(large).version, "level": "1", "reason": "请再核一遍期限"}
    answer = browser_of(director).post(f"{page}approval/back/", posted, follow=True)

    assert "已退回" in answer.content.decode()
    assert approval_of(large).level == "1"


@pytest.mark.parametrize("who", ["applicant", "rival", "signer", "beneficiary", "manager"])
@pytest.mark.parametrize("action", ["add", "back", "stop", "resume", "nonsense"])
def test_nobody_else_steers(city: City, large: Guarantee, browser_of: Browser, who: str, action: str) -> None:
    before = approval_of(large).version

    answer = browser_of(getattr(city, who)).post(
        f"/guarantees/{large.reference}/approval/{action}/",
        {"version": before, "signer": city.reviewer.user_id, "where": "before", "reason": "试一试看", "level": "1"},
    )

    assert answer.status_code in ((404,) if who in ("rival", "beneficiary") else (403, 404, 422))
    assert approval_of(large).version == before
