"""Pages: the graph with its table, as of a day, paths, circles, telling and correcting, the workbook, the books."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.accounts.tests.browsers import signed_in
from xinshu.accounts.tests.conftest import member_with
from xinshu.books.models import GroupMember
from xinshu.core.clock import moved_to
from xinshu.enterprises.managers import take_customer
from xinshu.enterprises.models import Enterprise
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.rules.models import SourceCall
from xinshu.rules.sources.sandbox import BROKEN, FINE
from xinshu.ties.actions import Other
from xinshu.ties.models import Tie
from xinshu.ties.nodes import node_of
from xinshu.ties.register import SOURCE
from xinshu.ties.tests.conftest import AT, Telling, firm_other, paper

TYPED = {
    "kind": "ownership", "direction": "from", "who": "person", "name": "祁述之", "share": "60",
    "valid_from": "2024-01-01", "label": "公司章程",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with moved_to(AT):
        yield


def read(browser: Client, enterprise: Enterprise, rest: str = "", status: int = 200) -> str:
    answer = browser.get(f"/enterprises/{enterprise.reference}/graph/{rest}")
    assert answer.status_code == status, rest
    return answer.content.decode()


def test_the_graph_says_how_relations_get_in_and_then_draws_and_lists_them(
    clerk: Member, other_manager: Member, enterprise: Enterprise
) -> None:
    browser = signed_in(clerk)
    assert "还没有关联关系" in read(browser, enterprise)
    number = "11010519491231002X"

    answer = browser.post(
        f"/enterprises/{enterprise.reference}/graph/new/", {**TYPED, "number": number, "file": paper()}, follow=True
    )

    page = answer.content.decode()
    assert page.count("持股 60%") >= 2  # in the drawing and in the table
    assert '<svg class="graph"' in page
    assert number not in page
    assert "实际控制人 祁述之" in page
    assert "祁述之" in read(signed_in(other_manager), enterprise)  # the firm's own word: its houses read it
    assert read(signed_in(member_with("manager", kind="bank", username="far")), enterprise, status=404)


def test_what_was_typed_stays_when_the_paper_is_missing(clerk: Member, enterprise: Enterprise) -> None:
    answer = signed_in(clerk).post(f"/enterprises/{enterprise.reference}/graph/new/", {**TYPED, "label": ""})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请上传证明这层关系的文件" in page
    assert 'value="祁述之"' in page
    assert not Tie.objects.exists()


def test_a_tie_is_corrected_and_taken_back_on_its_page_and_the_history_keeps_all(
    clerk: Member, enterprise: Enterprise, told: Telling
) -> None:
    tie, browser = told(clerk), signed_in(clerk)
    facts = {"share": "55.5", "valid_from": "2024-01-01"}
    assert browser.post(f"/ties/{tie.reference}/", facts).status_code == 422  # no reason

    browser.post(f"/ties/{tie.reference}/", {**facts, "reason": "比例抄错"})
    newest = Tie.objects.get(replaces=tie)
    assert "持股 55.5%" in read(browser, enterprise)
    browser.post(f"/ties/{newest.reference}/withdraw/", {"reason": "登记到了别家"})

    assert "还没有关联关系" in read(browser, enterprise)
    history = read(browser, enterprise, "history/")
    assert [word in history for word in ("比例抄错", "登记到了别家", "撤销", "更正")] == [True] * 4
    assert signed_in(member_with("applicant", username="far")).get(f"/ties/{tie.reference}/").status_code == 404


@pytest.mark.parametrize(
    ("rest", "status"),
    [("?true=1700-01-01", 422), ("?known=x", 422), ("?steps=x&centre=nobody", 200), ("path/?q=x&true=9", 422)],
)
def test_what_cannot_be_a_day_is_refused_on_the_page(
    rest: str, status: int, clerk: Member, enterprise: Enterprise
) -> None:
    answer = signed_in(clerk).get(f"/enterprises/{enterprise.reference}/graph/{rest}")

    assert answer.status_code == status


def test_a_tie_is_corrected_by_its_account_manager_and_nobody_else_of_the_house(
    manager: Member, enterprise: Enterprise, told: Telling
) -> None:
    tie = told(manager)
    second = member_with("manager", username="second", organisation=manager.organisation)
    reviewer = member_with("reviewer", username="looks", organisation=manager.organisation)
    facts = {"share": "55.5", "valid_from": "2024-01-01", "reason": "比例抄错"}

    for other in (second, reviewer):
        browser = signed_in(other)
        assert f"/ties/{tie.reference}/" not in read(browser, enterprise)
        assert "不能手工更正" in browser.get(f"/ties/{tie.reference}/").content.decode()
        assert browser.post(f"/ties/{tie.reference}/", facts).status_code == 403
        assert browser.post(f"/ties/{tie.reference}/withdraw/", {"reason": "登记到了别家"}).status_code == 403
    assert not Tie.objects.filter(replaces=tie).exists()

    browser = signed_in(manager)
    assert f"/ties/{tie.reference}/" in read(browser, enterprise)
    assert browser.post(f"/ties/{tie.reference}/", facts).status_code == 302
    assert Tie.objects.get(replaces=tie).share == 5_550


def test_letters_of_a_house_are_not_even_read_for_circles(
    manager: Member, enterprise: Enterprise, told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle_of_three(manager, told)
    house, browser = node_of(manager.organisation), signed_in(manager)
    one = Tie.objects.filter(kind="guarantee").earliest("pk")
    letters = [
        Tie(
            kind="guarantee", source=house, target=one.target, amount=9_00, valid_from=one.valid_from, origin="case",
            teller=manager.organisation, case_key=f"guarantees.guarantee:{n}:guarantee", label=f"保函 {n}",
            recorded_at=AT, recorded_by="system",
        )
        for n in range(30)
    ]  # fmt: skip
    Tie.objects.bulk_create(letters)

    monkeypatch.setattr("xinshu.ties.views.circles.LOOKED_AT", 3)
    page = browser.get("/guarantee-circles/").content.decode()

    assert "3 家的担保圈" in page
    assert "没有全看" not in page  # of thirty-three guarantees three were looked at, and they are all there are


def circle_of_three(manager: Member, told: Telling) -> None:
    one, two = firm_other(7), firm_other(8)
    first = told(manager, kind="guarantee", amount=6_000_000_00, from_other=False, other=one).target
    second = told(manager, kind="guarantee", from_other=False, other=two, about=first).target
    told(manager, kind="guarantee", from_other=True, other=Other(node=second))


@pytest.mark.req("RC-18")
def test_hidden_relations_controllers_circles_and_contagion_on_one_page(
    clerk: Member, manager: Member, other_manager: Member, enterprise: Enterprise, told: Telling
) -> None:
    circle_of_three(manager, told)
    holding = told(clerk, share=7_000, other=firm_other(9)).source
    told(clerk, share=8_000, about=holding)
    told(clerk, kind="supply", other=firm_other(10))
    browser = signed_in(manager)

    page, before = read(browser, enterprise), read(browser, enterprise, "?true=2023-01-01")
    path = read(browser, enterprise, "path/?q=云州第8建设有限公司")
    circles = browser.get("/guarantee-circles/").content.decode()

    assert "实际控制人 祁述之" in page
    assert "56%" in page  # 80 % of 70 %
    assert "圈内 3 家" in page
    assert [word in page for word in ("须代为清偿", "货款难以收回", "投资受损")] == [True] * 3
    assert "那一天还没有关系" in before
    assert "1 步" in path
    assert "3 家的担保圈" in circles
    assert "6,000,000.00" in circles
    other = signed_in(other_manager)
    assert "不在担保圈里" in read(other, enterprise)
    assert "没有发现担保圈" in other.get("/guarantee-circles/").content.decode()


def test_the_workbook_says_what_the_table_says_and_covers_persons(
    manager: Member, clerk: Member, enterprise: Enterprise, told: Telling
) -> None:
    told(clerk)

    answer = signed_in(manager).get(f"/enterprises/{enterprise.reference}/graph/export/")

    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()  # type: ignore[arg-type]
    assert rows[2][:4] == ["祁**", "持股", "云州新禾建设有限公司", "持股 60%"]
    assert Entry.objects.filter(kind="tie.exported").exists()


def test_the_register_is_asked_by_the_worker_up_to_the_owners_of_owners(
    clerk: Member, enterprise: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, page = signed_in(clerk), f"/enterprises/{enterprise.reference}/graph/ask/"
    monkeypatch.setattr(SOURCE, "behaves", lambda _key, _at: BROKEN)
    browser.post(page)
    drain()
    assert "没有答复" in read(browser, enterprise)

    monkeypatch.setattr(SOURCE, "behaves", lambda _key, _at: FINE)
    browser.post(page)
    drain()

    ties = Tie.objects.filter(target=node_of(clerk.organisation))
    assert sum(tie.share or 0 for tie in ties) == 10_000
    assert set(ties.filter(kind="person").values_list("role", flat=True)) == {"法定代表人", "监事"}
    assert SourceCall.objects.filter(owner=clerk.organisation, outcome="answered").exists()
    assert "法定代表人" in read(browser, enterprise)


def test_customers_who_belong_together_are_taken_into_one_group_of_the_books(
    manager: Member, clerk: Member, enterprise: Enterprise, told: Telling
) -> None:
    sister = member_with("applicant", username="sister").organisation
    take_customer(sister, manager=manager, by=manager, at=AT)
    told(clerk, share=5_000, other=Other(node=node_of(sister)))
    reviewer = signed_in(member_with("reviewer", username="limits", organisation=manager.organisation))
    assert "还没有归入同一个集团客户" in read(reviewer, enterprise)

    reviewer.post(f"/enterprises/{enterprise.reference}/graph/group/")

    members = GroupMember.objects.filter(issuer=manager.organisation, until=None)
    assert {row.party for row in members} == {sister, enterprise.organisation}
    assert "已归入同一集团" in read(reviewer, enterprise)
    assert signed_in(manager).post(f"/enterprises/{enterprise.reference}/graph/group/").status_code == 403


def test_the_portrait_has_the_chapter_with_shareholders_and_people(
    clerk: Member, enterprise: Enterprise, told: Telling
) -> None:
    told(clerk)
    told(clerk, kind="person", role="法定代表人")

    page = signed_in(clerk).get(f"/enterprises/{enterprise.reference}/portrait/").content.decode()

    assert [word in page for word in ("股权与关联", "祁述之 · 持股 60%", "祁述之 · 法定代表人", "公司章程")] == [
        True
    ] * 4


def test_the_page_asks_as_often_for_twenty_ties_as_for_two(
    clerk: Member, told: Telling, enterprise: Enterprise
) -> None:
    def queries() -> int:
        browser = signed_in(clerk)
        read(browser, enterprise)
        with CaptureQueriesContext(connection) as asked:
            read(browser, enterprise)
        return len(asked)

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            told(clerk, kind="supply", other=firm_other(number))

    more(20, 22)
    few = queries()
    more(22, 40)

    assert queries() == few
