"""Bank lines: read whole or not at all, matched with fees and refunds, confirmed and undone by finance."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.billing.actions.reconciling import (
    ImportedBefore,
    confirm_match,
    confirm_sure,
    import_lines,
    match_by_hand,
    match_lines,
    undo_match,
    unmatched,
)
from xinshu.billing.bank import BankLine, Match
from xinshu.billing.bank_reading import Row, read_lines
from xinshu.core.money import yuan
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.payment import confirm_refund
from xinshu.guarantees.models import Payment
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
DAY = date(2026, 11, 21)
HEAD = "交易日期,收入金额（元）,支出金额（元）,对方户名,摘要,交易流水号\n"


def paid(city: City, **facts: object) -> Payment:
    return Payment.objects.get(guarantee=city.in_force(**facts))


def row(order: Payment, number: int = 2, **changed: object) -> Row:
    usual = {
        "row": number, "on": DAY, "amount": order.amount, "payer": order.guarantee.applicant.name,
        "remark": order.order_number, "bank_number": f"B{order.pk}{number}",
    }  # fmt: skip
    return Row(**(usual | changed))  # type: ignore[arg-type]


def imported(city: City, *rows: Row, sm3: str = "1") -> int:
    _file, pairs = import_lines(city.guarantor, list(rows), name="流水.csv", sm3=sm3, by=city.finance, at=city.at)
    return pairs


# reading


def test_a_statement_is_read_by_the_titles_of_its_columns_as_csv_and_as_xlsx() -> None:
    text = HEAD + '2026-11-21,"1,234.50",,恒达路桥,保费 P1,B-1\n20261122,,88,恒达路桥,退费,B-2\n,,,合计,,\n'
    book = io.BytesIO()
    sheet = xlsxwriter.Workbook(book)
    page = sheet.add_worksheet()
    page.write_row(0, 0, ["云州银行对账明细"])
    page.write_row(2, 0, ["记账日期", "金额", "付款人", "附言"])
    page.write_datetime(
        3, 0, datetime(2026, 11, 21, tzinfo=UTC).replace(tzinfo=None), sheet.add_format({"num_format": "yyyy-mm-dd"})
    )
    page.write_row(3, 1, [-88.1, "恒达路桥", "退费"])
    sheet.close()

    csv = read_lines(text.encode("gb18030"), "a.csv")
    xlsx = read_lines(book.getvalue(), "a.xlsx")

    assert [(one.row, one.on, one.amount, one.bank_number) for one in csv] == [
        (2, DAY, 1_234_50, "B-1"), (3, date(2026, 11, 22), -88_00, "B-2"),
    ]  # fmt: skip
    assert [(one.on, one.amount, one.payer, one.remark) for one in xlsx] == [(DAY, -88_10, "恒达路桥", "退费")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "标题行"),
        (b"\x00\x01", "不是文本"),
        (b"\xff\xfe\xff", "编码"),
        ("甲,乙\n1,2\n".encode(), "标题行"),
        (HEAD.encode(), "没有流水"),
        ((HEAD + "昨天,1,,甲,乙,\n2026-02-30,1,,甲,乙,\n2026-11-21,一块,,甲,乙,\n").encode(), "第 2 行"),
        ((HEAD + "2026-11-21,1.005,,甲,乙,\n").encode(), "精确到了分以下"),
        ((HEAD + "2026-11-21,1,,甲,乙,\n" * 5_001).encode(), "超过 5000 行"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_and_says_where(content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_lines(content, "a.csv")

    assert words in refused.value.message


# matching


def test_lines_find_their_fees_and_refunds_and_the_rest_stays_on_either_side(city: City) -> None:
    one, other, third = paid(city), paid(city, amount=111_111_00), paid(city, by=city.rival)
    Payment.objects.filter(pk=other.pk).update(state=Payment.State.REFUNDING)
    confirm_refund(other, receipt="SBX-R", at=city.at)

    pairs = imported(
        city, row(one, remark="", on=DAY + timedelta(days=1)), row(other, 3), row(other, 4, amount=-other.amount),
        row(third, 5, amount=third.amount + 1),
    )  # fmt: skip

    matches = {made.transfer.key: made.score for made in Match.objects.select_related("transfer")}
    assert pairs == 3
    assert matches == {one.order_number: 85, other.order_number: 100, f"refund:{other.order_number}": 100}
    assert [line.note for line in BankLine.objects.left()] == [
        f"订单号 {third.order_number} 相符，金额不符：我方 {third.amount / 100:,.2f} 元"
    ]
    assert [moved.key for moved in unmatched(city.guarantor)] == [third.order_number]


def test_the_same_file_is_imported_once_and_the_same_bank_number_once(city: City) -> None:
    one, other = paid(city), paid(city, amount=111_111_00)
    imported(city, row(one))

    with pytest.raises(ImportedBefore):
        imported(city, row(one))
    pairs = imported(city, row(one), row(other, 3), sm3="2")

    assert (pairs, BankLine.objects.count()) == (1, 2)


def test_neither_line_nor_fee_can_stand_in_two_matches(city: City) -> None:
    order = paid(city)
    imported(city, row(order), row(order, 3))
    made, free = Match.objects.get(), BankLine.objects.left().get()

    with pytest.raises(NotNow):
        match_by_hand(free, order.order_number, by=city.finance, at=city.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.create(
            house=made.house, line=made.line, transfer=made.transfer, way="person", score=1, reason="",
            state="proposed", made_at=city.at, changed_at=city.at,
        )  # fmt: skip


def test_what_a_person_undid_is_free_again_and_not_matched_by_itself(city: City) -> None:
    order = paid(city)
    imported(city, row(order))
    made = confirm_match(Match.objects.get(), by=city.finance, at=city.at)

    undo_match(made, by=city.finance, at=city.at)

    assert match_lines(city.guarantor, by=city.finance, at=city.at) == 0
    again = match_by_hand(made.line, f" {order.order_number.lower()} ", by=city.finance, at=city.at)
    assert (again.state, again.way) == ("confirmed", "person")
    with pytest.raises(NotNow):
        confirm_match(again, by=city.finance, at=city.at)
    with pytest.raises(Changed):
        undo_match(Match(pk=made.pk, version=1, house_id=made.house_id), by=city.finance, at=city.at)
    told = Entry.objects.filter(kind__startswith="match.").order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["match.confirmed", "match.undone", "match.made"]


def test_only_what_is_sure_is_confirmed_at_once(city: City) -> None:
    imported(city, row(paid(city)), row(paid(city, amount=111_111_00), 3, remark=""))

    count = confirm_sure(city.guarantor, by=city.finance, at=city.at)

    assert count == 1
    assert sorted(Match.objects.values_list("state", "score")) == [("confirmed", 100), ("proposed", 90)]


def test_a_match_by_hand_wants_the_amount_to_the_fen(city: City) -> None:
    order = paid(city)
    imported(city, row(order, amount=order.amount - 1))

    with pytest.raises(Invalid):
        match_by_hand(BankLine.objects.get(), order.order_number, by=city.finance, at=city.at)
    with pytest.raises(Invalid):
        match_by_hand(BankLine.objects.get(), "PNOSUCH", by=city.finance, at=city.at)


def test_nobody_but_the_house_s_finance_reconciles(city: City) -> None:
    order = paid(city)
    imported(city, row(order))
    foreign = city.member("云州第二担保有限公司", "guarantor", "finance")

    for member in (city.reviewer, city.applicant, foreign):
        with pytest.raises(NotPermitted):
            match_lines(city.guarantor, by=member, at=city.at)
        with pytest.raises(NotPermitted):
            confirm_match(Match.objects.get(), by=member, at=city.at)


def test_a_fee_that_comes_in_after_the_file_is_found_when_matched_again(city: City) -> None:
    order = city.paying()
    imported(city, row(order))
    assert Match.objects.count() == 0

    from xinshu.guarantees.actions.payment import confirm_payment

    confirm_payment(order, receipt="SBX-1", at=city.at)

    assert match_lines(city.guarantor, by=city.finance, at=city.at) == 1


# pages


def test_finance_imports_confirms_undoes_and_takes_the_differences(city: City, browser_of: BrowserOf) -> None:
    order = paid(city, kind="bid")
    browser = browser_of(city.finance)
    amount = f"{order.amount / 100:.2f}"
    text = HEAD + f"2026-11-21,{amount},,恒达路桥,{order.order_number},B-1\n2026-11-21,7.00,,不认识的人,房租,B-2\n"

    sent = browser.post("/billing/bank/import/", {"file": SimpleUploadedFile("流水.csv", text.encode())})
    page = browser.get("/billing/bank/").content.decode()
    made = Match.objects.get()
    done = browser.post(f"/billing/bank/matches/{made.reference}/confirm/", {"version": made.version})
    left = browser.get("/billing/bank/?view=lines").content.decode()
    sheet = browser.get("/billing/bank/export/")

    assert (sent.status_code, done.status_code, sheet.status_code) == (302, 302, 200)
    assert order.order_number in page
    assert "确认全部 100 分的（1 笔）" in page
    assert "房租" in left
    assert order.order_number in browser.get("/billing/bank/?view=confirmed").content.decode()
    assert browser.get("/billing/bank/?view=moved&page=7").status_code == 200
    assert Entry.objects.get(kind="bank.exported").data["rows"] == 1


@pytest.mark.req("EP-26")
def test_a_period_of_a_party_is_stated_filtered_exported_and_reconciled_with_the_bank(
    city: City, browser_of: BrowserOf
) -> None:
    one, other = paid(city), paid(city, amount=111_111_00)
    browser, period = browser_of(city.finance), "since=2026-11-01&until=2026-11-21"
    overview = browser.get(f"/billing/statements/?{period}").content.decode()
    address = re.search(r"/billing/statements/\w+/", overview.partition("<tbody>")[2])[0]  # type: ignore[index]

    whole = browser.get(f"{address}?{period}").content.decode()
    narrowed = browser.get(f"{address}?{period}&what=fee&q={one.order_number}").content.decode()
    sheet = browser.get(f"{address}export/?{period}")
    imported(city, row(one))

    assert yuan(one.amount + other.amount) in overview
    assert one.order_number in whole and other.order_number in whole  # noqa: PT018
    assert other.order_number not in narrowed
    assert yuan(one.amount + other.amount) in narrowed  # the sums are the period's, whatever is shown
    assert sheet.status_code == 200
    assert one.order_number in browser.get("/billing/bank/?view=proposed").content.decode()
    assert other.order_number in browser.get("/billing/bank/?view=moved").content.decode()


def test_a_file_that_cannot_be_read_says_why_on_the_page(city: City, browser_of: BrowserOf) -> None:
    city.finance, browser = city.finance, browser_of(city.finance)

    bad = browser.post("/billing/bank/import/", {"file": SimpleUploadedFile("a.csv", b"x,y\n1,2\n")})
    none = browser.post("/billing/bank/import/", {})

    assert (bad.status_code, none.status_code) == (422, 422)
    assert "没有找到标题行" in bad.content.decode()
    assert "请选择流水文件" in none.content.decode()


def test_another_house_sees_nothing_of_the_account(city: City, browser_of: BrowserOf) -> None:
    order = paid(city)
    imported(city, row(order), row(order, 3))
    made, line = Match.objects.get(), BankLine.objects.left().get()
    foreign = browser_of(city.member("云州第二担保有限公司", "guarantor", "finance"))

    assert order.order_number not in foreign.get("/billing/bank/?view=lines").content.decode()
    assert foreign.post(f"/billing/bank/matches/{made.reference}/undo/", {"version": 1}).status_code == 404
    assert foreign.post(f"/billing/bank/lines/{line.reference}/match/", {"order": "P"}).status_code == 404
    assert browser_of(city.applicant).get("/billing/bank/").status_code == 403
