"""Pages: the register and its export, one case as each role sees it, acts by POST."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.application import attach_file
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.queries import COUNT_UP_TO
from xinshu.guarantees.tests.city import MINUTE, SMALL, WAN, City
from xinshu.ledger.models import Entry
from xinshu.ledger.sealing import seal
from xinshu.ledger.worker import drain

BrowserOf = Callable[[Member], Client]
REGISTER = "/guarantees/"
pytestmark = pytest.mark.django_db


def page(browser: Client, address: str, **query: object) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200, (address, query, answer.status_code)
    return answer.content.decode()


def listed(browser: Client, **query: object) -> set[str]:
    """Return the references of the cases that the register shows."""
    text = page(browser, REGISTER, **query)
    return {case.reference for case in Guarantee.objects.all() if f"/guarantees/{case.reference}/" in text}


def at(case: Guarantee, action: str = "") -> str:
    return f"/guarantees/{case.reference}/" + (f"{action}/" if action else "")


def statements(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as counted:
        assert browser.get(address).status_code == 200
    return len(counted)


# the register


class TestRegister:
    @pytest.mark.parametrize("address", [REGISTER, "/guarantees/totals/", "/guarantees/export/", "/guarantees/new/"])
    def test_a_stranger_is_asked_to_sign_in_and_returns(self, city: City, address: str) -> None:
        answer = Client().get(address)

        assert (answer.status_code, answer["Location"]) == (302, f"{reverse('accounts:sign_in')}?next={address}")

    @pytest.mark.parametrize(
        ("who", "address"),
        [
            ("operator", REGISTER), ("auditor", REGISTER), ("sysadmin", "/guarantees/totals/"),
            ("bank", "/guarantees/export/"), ("beneficiary", "/guarantees/new/"), ("reviewer", "/guarantees/new/"),
        ],
    )  # fmt: skip
    def test_whoever_lacks_the_right_is_told_so(
        self, city: City, browser_of: BrowserOf, who: str, address: str
    ) -> None:
        answer = browser_of(getattr(city, who)).get(address)

        assert answer.status_code == 403
        assert "没有操作权限" in answer.content.decode()

    def test_an_empty_register_says_how_to_begin(self, city: City, browser_of: BrowserOf) -> None:
        assert "申请第一份保函" in page(browser_of(city.applicant), REGISTER)
        assert "申请第一份保函" not in page(browser_of(city.department), REGISTER)

    @pytest.mark.req("EP-25")
    def test_what_is_issued_stands_in_the_register_by_itself_can_be_queried_and_exported(
        self, city: City, browser_of: BrowserOf
    ) -> None:
        case = city.in_force(amount=1_234_567_89)
        browser = browser_of(city.applicant)

        text = page(browser, REGISTER, q=case.number)
        rows = exported(browser, q=case.number)

        assert case.number in text
        assert "1,234,567.89" in text
        assert [row[0] for row in rows] == ["保函编号", case.number]

    def test_each_filter_narrows_and_stays_in_the_address(self, city: City, browser_of: BrowserOf) -> None:
        bid, small, large = city.fee_due("bid"), city.in_force(amount=10 * WAN), city.in_review()
        browser = browser_of(city.applicant)
        everything = {bid.reference, small.reference, large.reference}

        assert listed(browser) == everything
        assert listed(browser, kind="bid") == {bid.reference}
        assert listed(browser, state="in_review") == {large.reference}
        assert listed(browser, view="in_force") == {small.reference}
        assert listed(browser, view="todo") == {bid.reference}
        assert listed(browser, view="over") == set()
        assert listed(browser, amount_to="100000") == {small.reference}
        assert listed(browser, amount_from="100000.01", amount_to="40万") == {bid.reference}
        assert listed(browser, expires_to="2026-12-31") == set()
        assert listed(browser, expires_from="2027-01-01") == everything
        assert listed(browser, q=small.number[:12]) == {small.reference}
        assert listed(browser, q=large.reference.lower()) == {large.reference}
        assert listed(browser, q=bid.project.number) == {bid.reference}
        assert listed(browser, q="恒达路桥") == everything
        assert listed(browser, q="临港新区建设") == everything
        assert listed(browser, q="%") == listed(browser, q="没有这个") == set()
        assert "去掉一个条件" in page(browser, REGISTER, q="没有这个")

    @pytest.mark.parametrize(
        "query",
        [
            {"amount_from": "很多"}, {"amount_from": "-1"}, {"amount_to": "9" * 40}, {"expires_from": "2026-13-45"},
            {"expires_to": "昨天"}, {"kind": "nonsense"}, {"state": "nonsense"}, {"q": "x" * 101},
        ],
    )  # fmt: skip
    def test_a_filter_that_does_not_read_is_left_out_and_said(
        self, city: City, browser_of: BrowserOf, query: dict[str, str]
    ) -> None:
        case = city.draft()
        browser = browser_of(city.applicant)

        assert listed(browser, **query) == {case.reference}
        assert "有的条件没有看懂" in page(browser, REGISTER, **query)

    @pytest.mark.parametrize("number", ["0", "-1", "999999", "9" * 30, "x", "１", "", "2"])
    def test_whatever_page_is_asked_for_there_is_one(self, city: City, browser_of: BrowserOf, number: str) -> None:
        case = city.draft()

        assert listed(browser_of(city.applicant), page=number) == {case.reference}

    def test_a_view_that_does_not_exist_is_the_whole_register(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft()

        assert listed(browser_of(city.applicant), view="nonsense") == {case.reference}

    def test_pages_follow_one_another_without_gap_or_overlap(self, city: City, browser_of: BrowserOf) -> None:
        project = city.project()
        cases = {city.empty(project=project).reference for _number in range(45)}
        browser = browser_of(city.applicant)

        first, second, third = (listed(browser, page=number) for number in (1, 2, 3))

        assert (len(first), len(second), len(third)) == (20, 20, 5)
        assert first | second | third == cases
        assert "第 41–45 条，共 45 条" in page(browser, REGISTER, page=3)
        assert listed(browser, page=4) == third

    def test_beyond_the_end_of_a_register_too_long_to_count_is_its_last_page(
        self, city: City, browser_of: BrowserOf
    ) -> None:
        first = city.empty()
        same = {field: getattr(first, field) for field in ("kind", "state", *PARTIES, "created_at", "changed_at")}
        last = Guarantee.objects.bulk_create(Guarantee(**same) for _number in range(COUNT_UP_TO + 4))

        shown = listed(browser_of(city.applicant), page=999)

        assert shown == {first.reference, *(case.reference for case in last[:4])}

    def test_totals_count_everything_that_the_filters_leave(self, city: City, browser_of: BrowserOf) -> None:
        city.draft(amount=10_00)
        city.draft(amount=20_50)
        city.in_force(amount=100 * WAN)
        browser = browser_of(city.applicant)

        text = page(browser, "/guarantees/totals/", amount_to="100")

        assert text.strip() == "筛选结果共 2 笔，保函金额 30.50 元，保费 0.00 元"

    def test_thirty_rows_take_as_many_statements_as_one(self, city: City, browser_of: BrowserOf) -> None:
        project = city.project()
        city.submitted(project=project)
        browser = browser_of(city.applicant)
        one = statements(browser, REGISTER)
        for _number in range(29):
            city.empty(project=project)

        thirty = statements(browser, REGISTER)

        assert thirty == one


def exported(browser: Client, **query: object) -> list[list[object]]:
    answer = browser.get("/guarantees/export/", query)
    assert answer.status_code == 200
    content = io.BytesIO(b"".join(answer.streaming_content))
    return CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()[1:]  # below the watermark


class TestExport:
    def test_numbers_are_numbers_to_the_fen(self, city: City, browser_of: BrowserOf) -> None:
        case = city.in_force(project=city.project(award=99_999_999_99), amount=9_999_999_99 - 9_000_000_00)
        fee = case.fee_amount

        header, row = exported(browser_of(city.applicant))

        told = dict(zip(header, row, strict=True))
        assert (told["保函金额（元）"], told["保费（元）"]) == (999_999.99, fee / 100)
        assert (told["保函编号"], told["状态"], told["生效日"], told["到期日"]) == (
            case.number, "在保", "2026-11-22", "2027-06-10",
        )  # fmt: skip

    def test_a_name_that_looks_like_a_formula_stays_a_name(self, city: City, browser_of: BrowserOf) -> None:
        city.draft(project=city.project(name="=1+1|cmd 市政工程"))

        _header, row = exported(browser_of(city.applicant))

        assert "=1+1|cmd 市政工程" in row

    def test_it_holds_what_the_filters_leave_and_who_took_it_is_recorded(
        self, city: City, browser_of: BrowserOf
    ) -> None:
        kept = city.draft(amount=10_00)
        city.draft(amount=20_00)

        rows = exported(browser_of(city.applicant), amount_to="15", page="7")

        assert [row[0] for row in rows[1:]] == [kept.reference]
        entry = Entry.objects.get(kind="guarantee.exported")
        assert (entry.actor_key, entry.data["query"]) == (city.applicant.actor_key, "amount_to=15&page=7")


class TestDetail:
    def test_its_two_parties_see_the_inner_matter(self, city: City, browser_of: BrowserOf) -> None:
        case = city.in_force()
        told = {who: page(browser_of(getattr(city, who)), at(case)) for who in ("applicant", "manager", "reviewer")}

        for text in told.values():
            for words in ("自动审查", "额度占用", "费率表 V1", "保费到账", case.number, "连带责任保证"):
                assert words in text

    @pytest.mark.parametrize("who", ["beneficiary", "department"])
    def test_others_see_the_instrument_and_nothing_of_its_making(
        self, city: City, browser_of: BrowserOf, who: str
    ) -> None:
        case = city.in_force()

        text = page(browser_of(getattr(city, who)), at(case))

        for words in (case.number, "2,000,000.00", case.applicant.name, "签章并送达", case.clauses[2]):
            assert words in text
        for words in ("额度占用", "费率表", "10,958.90", "保费到账", "提交申请", city.applicant.user.name, "企业资料"):
            assert words not in text

    @pytest.mark.parametrize("who", ["rival", "bank", "other_department"])
    def test_for_everybody_else_it_does_not_exist(self, city: City, browser_of: BrowserOf, who: str) -> None:
        case = city.in_force()
        browser = browser_of(getattr(city, who))

        answers = [browser.get(at(case)), browser.get(at(case, "progress")), browser.get(at(case, "evidence")),
                   browser.post(at(case, "release"), {"version": case.version, "reason": "试一试"})]  # fmt: skip

        assert {answer.status_code for answer in answers} == {404}
        assert Guarantee.objects.get().state == "in_force"

    @pytest.mark.parametrize(
        ("state", "who", "buttons"),
        [
            ("draft", "applicant", {"withdraw"}),
            ("in_review", "reviewer", {"approve", "return", "decline"}),
            ("in_review", "applicant", {"withdraw"}),
            ("in_review", "signer", set()),
            ("fee_due", "applicant", {"pay", "withdraw"}),
            ("to_issue", "signer", {"issue"}),
            ("to_issue", "reviewer", set()),
            ("in_force", "beneficiary", {"release"}),
            ("in_force", "department", set()),
            ("in_force", "applicant", set()),
            ("released", "beneficiary", set()),
        ],
    )
    def test_everybody_finds_the_buttons_of_their_own_acts_only(
        self, city: City, browser_of: BrowserOf, state: str, who: str, buttons: set[str]
    ) -> None:
        case = city.come_to(state)

        text = page(browser_of(getattr(city, who)), at(case))

        acts = ("submit", "withdraw", "approve", "return", "decline", "pay", "issue", "release")
        assert {act for act in acts if f'action="{at(case, act)}"' in text} == buttons

    def test_the_applicant_reads_why_it_came_back(self, city: City, browser_of: BrowserOf) -> None:
        case = city.returned()

        assert "退回补正：" in page(browser_of(city.applicant), at(case))
        assert "请补充中标通知书原件。" in page(browser_of(city.applicant), at(case))

    def test_the_manager_who_keeps_the_case_acts_for_the_applicant(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft(by=city.manager)

        text = page(browser_of(city.manager), at(case))

        assert "继续填写" in text
        assert city.manager.user.name in text

    def test_more_history_and_files_take_as_many_statements(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft()
        house, by = city.applicant.organisation, city.applicant
        case = attach_file(case, keep_file(PDF, "0.pdf", house, by, city.at), "营业执照", by=by, at=city.at)
        browser = browser_of(by)
        few = statements(browser, at(case))
        for number in range(5):
            file = keep_file(PDF + b"%" * number, f"{number + 1}.pdf", house, by, city.at)
            case = attach_file(case, file, "营业执照", by=by, at=city.at)

        assert statements(browser, at(case)) == few

    def test_a_page_that_waits_is_told_when_the_case_has_moved(self, city: City, browser_of: BrowserOf) -> None:
        case = city.submitted()
        browser = browser_of(city.applicant)
        waiting = browser.get(at(case, "progress"), {"version": case.version})

        drain()
        moved = browser.get(at(case, "progress"), {"version": case.version})

        assert (waiting.status_code, waiting.get("HX-Refresh")) == (204, None)
        assert (moved.status_code, moved["HX-Refresh"]) == (200, "true")
        assert browser.get(at(case, "progress"), {"version": "x"}).status_code == 200

    def test_each_side_takes_away_the_evidence_it_may_know(self, city: City, browser_of: BrowserOf) -> None:
        case = city.in_force()
        early = browser_of(city.applicant).get(at(case, "evidence"))
        seal(city.at + timedelta(hours=1))

        inside = browser_of(city.applicant).get(at(case, "evidence"))
        outside = browser_of(city.beneficiary).get(at(case, "evidence"))

        assert early.status_code == 409
        assert inside.json()["entry"]["kind"] == outside.json()["entry"]["kind"] == "guarantee.delivered"
        assert f"{case.number}.evidence.json" in inside["Content-Disposition"]


class TestActs:
    def test_from_submission_to_release_by_the_buttons(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft(project=city.project(award=3 * SMALL))

        def press(who: str, action: str, **form: str) -> Guarantee:
            version = Guarantee.objects.get(pk=case.pk).version
            answer = browser_of(getattr(city, who)).post(at(case, action), {"version": version, **form})
            assert (answer.status_code, answer["Location"]) == (302, at(case)), answer.content.decode()
            drain()
            return Guarantee.objects.get(pk=case.pk)

        assert press("applicant", "submit").state == "in_review"
        assert press("reviewer", "return", reason="请核对工期。").state == "returned"
        assert press("applicant", "submit").state == "in_review"
        assert press("reviewer", "approve", opinion="同意承保。").state == "fee_due"
        assert press("applicant", "pay", account="6000-0002").state == "fee_due"
        assert press("applicant", "pay", account="6000-0001").state == "to_issue"
        assert press("signer", "issue").state == "in_force"
        assert press("beneficiary", "release", reason="竣工验收合格。").state == "released"

    def test_an_old_page_is_answered_with_what_changed(self, city: City, browser_of: BrowserOf) -> None:
        case = city.to_issue()
        version = case.version
        other = city.colleague(city.signer, "signer")
        issue_guarantee(case, by=other, at=city.at + 10 * MINUTE)

        answer = browser_of(city.signer).post(at(case, "issue"), {"version": version})

        text = answer.content.decode()
        assert answer.status_code == 409
        assert "您的操作没有执行" in text
        assert other.user.name in text
        assert "签发" in text
        assert Guarantee.objects.get().version == version + 1

    def test_the_same_button_twice_does_it_once(self, city: City, browser_of: BrowserOf) -> None:
        case = city.fee_due()
        browser, form = browser_of(city.applicant), {"version": case.version, "account": "6000-0001"}

        answers = [browser.post(at(case, "pay"), form).status_code for _time in range(3)]
        drain()

        assert answers == [302, 409, 409]
        assert Payment.objects.count() == 1
        assert Guarantee.objects.get().state == "to_issue"

    @pytest.mark.parametrize("form", [{}, {"version": ""}, {"version": "x"}, {"version": "1.5"}])
    def test_a_form_without_its_version_does_nothing(self, city: City, browser_of: BrowserOf, form: dict) -> None:
        case = city.draft()

        answer = browser_of(city.applicant).post(at(case, "submit"), form)

        assert answer.status_code == 422
        assert Guarantee.objects.get().state == "draft"

    def test_a_version_that_never_was_is_a_changed_page(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft()

        assert browser_of(city.applicant).post(at(case, "submit"), {"version": "0"}).status_code == 409

    def test_an_act_that_does_not_exist_is_not_found(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft()
        browser = browser_of(city.applicant)

        for action in ("nonsense", "pass", "confirm_fee", "deliver", "expire", "edit"):
            assert browser.post(at(case, action), {"version": case.version}).status_code == 404
        assert Guarantee.objects.get().version == case.version

    def test_acts_are_posted(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft()

        assert browser_of(city.applicant).get(at(case, "submit")).status_code == 405
        assert Client().get(at(case, "submit")).status_code == 405

    def test_a_stranger_posts_nothing(self, city: City) -> None:
        case = city.draft()

        answer = Client().post(at(case, "submit"), {"version": case.version})

        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("accounts:sign_in"))
        assert Guarantee.objects.get().state == "draft"

    @pytest.mark.parametrize(
        ("state", "who", "action"),
        [("in_review", "signer", "approve"), ("to_issue", "reviewer", "issue"), ("in_force", "department", "release")],
    )
    def test_whoever_sees_it_but_may_not_is_told_so(
        self, city: City, browser_of: BrowserOf, state: str, who: str, action: str
    ) -> None:
        case = city.come_to(state)

        answer = browser_of(getattr(city, who)).post(
            at(case, action), {"version": case.version, "reason": "不该由我来办"}
        )

        assert answer.status_code == 403
        assert Guarantee.objects.get().state == state

    @pytest.mark.parametrize(
        ("state", "who", "action"),
        [
            ("in_review", "reviewer", "return"),
            ("in_review", "reviewer", "decline"),
            ("in_force", "beneficiary", "release"),
            ("fee_due", "applicant", "withdraw"),
        ],
    )
    def test_an_act_that_needs_a_reason_gets_one(
        self, city: City, browser_of: BrowserOf, state: str, who: str, action: str
    ) -> None:
        case = city.come_to(state)

        answer = browser_of(getattr(city, who)).post(at(case, action), {"version": case.version, "reason": "  "})

        assert answer.status_code == 422
        assert "请写明原因" in answer.content.decode()
        assert Guarantee.objects.get().state == state

    @pytest.mark.parametrize("account", ["", "6000-9999"])
    def test_an_account_that_nobody_has_is_not_charged(self, city: City, browser_of: BrowserOf, account: str) -> None:
        case = city.fee_due()

        answer = browser_of(city.applicant).post(at(case, "pay"), {"version": case.version, "account": account})

        assert answer.status_code == 422
        assert not Payment.objects.exists()

    def test_what_cannot_be_submitted_says_why_and_keeps_everything(self, city: City, browser_of: BrowserOf) -> None:
        case = city.draft(amount=SMALL)

        answer = browser_of(city.applicant).post(at(case, "submit"), {"version": case.version})

        assert answer.status_code == 422
        assert "超过上限" in answer.content.decode()
        assert Guarantee.objects.get().amount == SMALL


def test_the_letter_is_read_by_whoever_may_see_the_case(city: City, browser_of: BrowserOf) -> None:
    case = Guarantee.objects.select_related(*PARTIES, "letter__file").get(pk=city.in_force(sealed=True).pk)
    letter = reverse("documents:file", args=[case.letter.file.reference])
    readers = ("applicant", "reviewer", "beneficiary", "department", "rival", "bank", "other_department", "auditor")

    found = {who: browser_of(getattr(city, who)).get(letter).status_code for who in readers}

    assert found == {
        "applicant": 200, "reviewer": 200, "beneficiary": 200, "department": 200,
        "rival": 404, "bank": 404, "other_department": 404, "auditor": 404,
    }  # fmt: skip


def test_material_is_read_by_the_two_parties_only(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force()
    file = keep_file(PDF, "合同.pdf", case.applicant, city.applicant, city.at, subject=case)
    address = reverse("documents:file", args=[file.reference])
    readers = ("applicant", "reviewer", "beneficiary", "department", "rival")

    found = {who: browser_of(getattr(city, who)).get(address).status_code for who in readers}

    assert found == {"applicant": 200, "reviewer": 200, "beneficiary": 404, "department": 404, "rival": 404}


def test_the_badge_the_tab_the_desk_and_the_list_count_the_same(city: City, browser_of: BrowserOf) -> None:
    for _number in range(2):
        city.in_review()
    city.to_issue()
    browser = browser_of(city.reviewer)

    with moved_to(city.at + timedelta(days=1)):
        text = page(browser, reverse("portal:workbench"))

    assert len(listed(browser, view="todo")) == 2
    assert text.count("给出审批结论") == 2
