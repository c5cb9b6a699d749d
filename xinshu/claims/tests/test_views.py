"""Pages of claims: strangers, wrong roles, the happy way in the browser, what was typed stays, files and the API."""

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.claims.models import Demand, Injunction, Recourse
from xinshu.claims.tests.city import PDF, STATEMENT, ClaimsCity, fresh
from xinshu.core.clock import moved_to
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.systems import System
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
TYPED = {
    "amount": "500,000", "statement": STATEMENT, "payee_name": "云州临港新区建设管理中心",
    "payee_bank": "云州银行临港支行",
    "payee_account": "6217 0000 0010 01", "to_complete": "", "extend_to": "",
}  # fmt: skip


def pdf(name: str = "索赔通知.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


def page(browser: Client, demand: Demand) -> str:
    answer = browser.get(reverse("claims:detail", args=[demand.reference]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(browser: Client, demand: Demand, action: str, **typed: object) -> None:
    """Post as somebody who succeeds."""
    typed = {"version": fresh(demand).version, **typed}
    answer = browser.post(reverse("claims:act", args=[demand.reference, action]), typed)
    assert (answer.status_code, answer.get("Location")) == (302, reverse("claims:detail", args=[demand.reference])), (
        answer.content.decode()[-2000:]
    )


@pytest.mark.req("EP-23")
def test_from_the_beneficiary_s_phone_to_the_last_yuan_recovered(city: ClaimsCity, browser_of: BrowserOf) -> None:
    case = city.in_force()
    payee, examiner, reviewer, finance, applicant = map(
        browser_of, (city.beneficiary, city.examiner, city.reviewer, city.finance, city.applicant)
    )
    assert "claims/new/" in payee.get(reverse("guarantees:detail", args=[case.reference])).content.decode()
    form = reverse("claims:new", args=[case.reference])
    assert payee.get(form).status_code == 200

    answer = payee.post(form, TYPED | {"files": [pdf(), pdf("停工证明.pdf")]})
    demand = Demand.objects.get()
    assert answer["Location"] == reverse("claims:detail", args=[demand.reference])
    assert demand.papers.count() == 2
    drain()

    assert "表达您的意见" in applicant.get("/workbench/").content.decode()
    post(applicant, demand, "comment", stance="objects", text="停工是因为没有收到工程款。")
    assert "审核单据并提出意见" in examiner.get("/workbench/").content.decode()
    assert "停工是因为没有收到工程款" in page(examiner, demand)
    post(examiner, demand, "mark", **{"verdict-documents": "meets", "note-documents": "齐全", "others": ""})
    post(examiner, demand, "propose_payment", opinion="相符")
    assert "同意付款" in page(reviewer, demand)
    post(reviewer, demand, "agree", opinion="同意")
    assert "付款" in finance.get("/workbench/").content.decode()
    post(finance, demand, "pay")
    drain()
    assert "已付款" in page(payee, demand)

    recourse = Recourse.objects.get()
    here = reverse("claims:recourse", args=[recourse.reference])
    assert finance.get(here).status_code == 200
    for action, typed in (
        ("agree_rate", {"percent": "6", "basis": "反担保合同第 8 条"}),
        ("enter_cost", {"amount": "1000", "number": "律师费 1", "on": "2026-11-26"}),
        ("recover", {"amount": "501000", "number": "回款 1", "on": "2026-11-26"}),
    ):
        recourse.refresh_from_db()
        answer = finance.post(f"{here}do/{action}/", {"version": recourse.version, **typed})
        assert answer.status_code == 302, answer.content.decode()[-1500:]
    recourse.refresh_from_db()
    assert recourse.state == "settled"
    assert "已结清" in applicant.get(here).content.decode()


def test_a_refusal_in_the_browser_and_again_with_what_was_typed(city: ClaimsCity, browser_of: BrowserOf) -> None:
    demand = city.presented()
    examiner, reviewer, payee = map(browser_of, (city.examiner, city.reviewer, city.beneficiary))

    post(
        examiner, demand, "mark", **{"verdict-documents": "fails", "note-documents": "缺停工证明", "others": "没有盖章"}
    )
    post(examiner, demand, "propose_refusal", opinion="两处不符")
    post(reviewer, demand, "refuse", opinion="同意")

    told = page(payee, demand)
    assert "缺停工证明" in told
    assert "没有盖章" in told
    assert "两处不符" not in told  # what the house thought aloud stays there
    again = reverse("claims:new", args=[demand.guarantee.reference]) + f"?previous={demand.reference}"
    assert again in told
    assert STATEMENT in payee.get(again).content.decode()
    assert payee.post(again, TYPED).status_code == 302
    assert Demand.objects.latest("pk").previous == demand


def test_after_the_last_day_the_page_says_so_before_anybody_tries(city: ClaimsCity, browser_of: BrowserOf) -> None:
    demand = city.marked()
    browser = browser_of(city.examiner)

    with moved_to(city.day(9)):
        assert "今天是最后一天" in page(browser, demand)
    with moved_to(city.day(10)):
        told = page(browser, demand)
        assert "不能再主张不符" in told
        assert "propose_refusal" not in told
        answer = browser.post(
            reverse("claims:act", args=[demand.reference, "propose_refusal"]), {"version": demand.version}
        )
        assert answer.status_code == 409
        assert "不能再主张索赔不符" in answer.content.decode()


def test_what_was_typed_stays(city: ClaimsCity, browser_of: BrowserOf) -> None:
    case = city.in_force()
    browser = browser_of(city.beneficiary)
    wrong = TYPED | {"amount": "很多", "payee_account": "六二一七", "later": "on"}

    answer = browser.post(reverse("claims:new", args=[case.reference]), wrong)

    told = answer.content.decode()
    assert answer.status_code == 422
    assert all(text in told for text in (STATEMENT, "很多", "六二一七", "云州银行临港支行", "写明还缺什么"))
    assert not Demand.objects.exists()


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"<html>"])
def test_a_file_that_is_none_keeps_the_rest(city: ClaimsCity, browser_of: BrowserOf, content: bytes) -> None:
    case = city.in_force()
    bad = SimpleUploadedFile("通知.pdf", content, "application/pdf")

    answer = browser_of(city.beneficiary).post(reverse("claims:new", args=[case.reference]), TYPED | {"files": [bad]})

    assert answer.status_code == 422
    assert STATEMENT in answer.content.decode()
    assert not Demand.objects.exists()
    assert Guarantee.objects.get().reserved_amount == 0


def test_strangers_learn_nothing_and_a_department_not_the_papers(city: ClaimsCity, browser_of: BrowserOf) -> None:
    demand = city.paid(papers=[("索赔通知.pdf", PDF)])
    place, recourse = reverse("claims:detail", args=[demand.reference]), Recourse.objects.get()
    paper = reverse("documents:file", args=[demand.papers.get().file.reference])

    for who in (city.rival, city.other_department, city.bank):
        browser = browser_of(who)
        assert browser.get(place).status_code == 404
        assert browser.get(paper).status_code == 404
        assert browser.get(reverse("claims:recourse", args=[recourse.reference])).status_code == 404
        assert demand.guarantee.number not in browser.get("/claims/").content.decode()
    department = browser_of(city.department)
    told = department.get(place).content.decode()
    assert "已付款" in told
    assert STATEMENT not in told
    assert department.get(paper).status_code == 404
    assert department.get(reverse("claims:recourse", args=[recourse.reference])).status_code == 404
    for who in (city.applicant, city.examiner):
        assert browser_of(who).get(paper).status_code == 200
    assert Client().get(place).status_code == 302


def test_a_bid_guarantee_before_the_opening_cannot_be_claimed_under(city: ClaimsCity, browser_of: BrowserOf) -> None:
    case = city.in_force("bid")
    browser = browser_of(city.beneficiary)

    with moved_to(city.day(2)):
        answer = browser.get(reverse("claims:new", args=[case.reference]))

    assert answer.status_code == 404


def test_an_injunction_in_the_browser(city: ClaimsCity, browser_of: BrowserOf) -> None:
    demand = city.complying()
    examiner, finance = browser_of(city.examiner), browser_of(city.finance)
    form = reverse("claims:stop", args=[demand.guarantee.reference])
    typed = {"court": "云州市中级人民法院", "document_number": "（2026）云01行保12号", "from_on": "2026-11-25"}
    assert examiner.post(form, typed).status_code == 422
    assert browser_of(city.reviewer).get(form).status_code == 403

    answer = examiner.post(form, typed | {"file": pdf("裁定书.pdf")})
    injunction = Injunction.objects.get()
    assert answer["Location"] == reverse("claims:injunction", args=[injunction.reference])
    answer = finance.post(reverse("claims:act", args=[demand.reference, "pay"]), {"version": demand.version})
    assert answer.status_code == 409
    assert "裁定止付" in answer.content.decode()
    assert "止付中" in page(finance, demand)
    for action, more in (
        ("note_suit", {"suit": "（2026）云01民初88号", "on": "2026-11-26"}), ("lift", {"reason": "裁定解除"}),
    ):  # fmt: skip
        injunction.refresh_from_db()
        place = reverse("claims:injunction_act", args=[injunction.reference, action])
        assert examiner.post(place, {"version": injunction.version, **more}).status_code == 302
    assert browser_of(city.applicant).get(reverse("claims:injunction", args=[injunction.reference])).status_code == 200
    assert browser_of(city.rival).get(reverse("claims:injunction", args=[injunction.reference])).status_code == 404


def test_the_register_takes_as_many_queries_for_many_as_for_one(city: ClaimsCity, browser_of: BrowserOf) -> None:
    browser = browser_of(city.examiner)
    counts = []
    for number in (1, 8):
        while Demand.objects.count() < number:
            city.presented(Guarantee.objects.first() or city.in_force(), amount=1_00)
        browser.get("/claims/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/claims/?q=恒达&presented_from=2026-11-01").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "junk", ["?page=9999999", "?state=no", "?presented_from=2026-13-45", "?q=%25_%27", "?view=x&page=-1"]
)
def test_junk_in_the_address_breaks_nothing(city: ClaimsCity, browser_of: BrowserOf, junk: str) -> None:
    city.presented()
    browser = browser_of(city.examiner)

    assert browser.get(f"/claims/{junk}").status_code == 200
    assert browser.get(f"/claims/recourse/{junk}").status_code == 200


def test_the_exports_are_recorded(city: ClaimsCity, browser_of: BrowserOf) -> None:
    city.paid()
    browser = browser_of(city.finance)

    for place in ("/claims/export/", reverse("claims:recourse_export", args=[Recourse.objects.get().reference])):
        content = io.BytesIO(b"".join(browser.get(place).streaming_content))
        assert content.getvalue()[:2] == b"PK"

    assert Entry.objects.filter(kind__in=("claim.exported", "recourse.exported")).count() == 2


def test_schedule_and_documents_know_of_demands(city: ClaimsCity, browser_of: BrowserOf) -> None:
    demand = city.presented(papers=[("索赔通知.pdf", PDF)])
    browser = browser_of(city.examiner)

    assert f"/claims/{demand.reference}/" in browser.get("/schedule/?month=2026-11").content.decode()
    assert "索赔通知.pdf" in browser.get("/documents/").content.decode()


def test_another_system_presents_completes_and_reads(city: ClaimsCity, clock: None) -> None:
    case = city.in_force()
    system = System.of(city.beneficiary, city.colleague(city.beneficiary, "orgadmin"), city.at)
    told = {
        "guarantee": case.reference, "amount": {"amount": "1000.00"}, "statement": STATEMENT, "payee_name": "指挥部",
        "payee_bank": "云州银行", "payee_account": "621700001", "to_complete": "停工证明",
    }  # fmt: skip

    made = system.post("/api/v1/claims", told).json()
    done = system.post(f"/api/v1/claims/{made['reference']}/actions/complete", {"version": made["version"]}).json()
    listed = system.get("/api/v1/claims", "state=examining").json()

    assert (made["state"], done["state"], done["due_on"]) == ("incomplete", "examining", "2026-12-03")
    assert [row["reference"] for row in listed["items"]] == [made["reference"]]
    assert [row["action"] for row in done["actions"]] == ["withdraw"]
    assert system.post("/api/v1/claims", told | {"amount": {"amount": "-1"}}).status_code == 422
