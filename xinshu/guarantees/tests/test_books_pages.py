"""Pages of the books: strangers, wrong roles, the happy way, files, junk, and the same number of queries for many."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import report_capital
from xinshu.books.lines import grant_line
from xinshu.books.models import Account, CustomerGroup, GroupMember, TotalLimit
from xinshu.books.reconciliation import reconcile
from xinshu.core.actors import SYSTEM
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
JUNK = ("-1", "9" * 40, "%00", "2026-13-45T99:99")


def sheet_behind(browser: Client, address: str) -> list[list[str]]:
    """Return the cells of a downloaded sheet as text, row by row; a formula has no place in it."""
    content = b"".join(browser.get(address).streaming_content)
    sheet = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{SHEET}f"))
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{SHEET}row")]


def line_of_city(city: City) -> Account:
    return Account.objects.get(holder=city.reviewer.organisation, party=city.applicant.organisation, purpose="line")


def test_strangers_are_sent_to_sign_in_and_beneficiaries_away(city: City, browser_of: BrowserOf) -> None:
    city.fee_due()
    for name in ("lines", "limits", "reconciliation", "export_lines", "export_limits"):
        assert Client().get(reverse(f"books:{name}")).status_code == 302
        assert browser_of(city.beneficiary).get(reverse(f"books:{name}")).status_code == 403


def test_only_those_who_keep_limits_change_them(city: City, browser_of: BrowserOf) -> None:
    for member in (city.applicant, city.signer, city.manager):
        answer = browser_of(member).post(reverse("books:thresholds"), {"warn_at": "10", "alarm_at": "20"})
        assert answer.status_code == 403
    assert not TotalLimit.objects.exclude(warn_at=80).exists()


def test_thresholds_are_set_a_group_is_founded_joined_and_left(city: City, browser_of: BrowserOf) -> None:
    city.fee_due()
    browser = browser_of(city.reviewer)
    applicant = city.applicant.organisation

    report_capital(
        city.reviewer.organisation, 1_200_000_000_00, as_of=date(2026, 6, 30), source="2026 年半年报", by=SYSTEM,
        at=city.at,
    )  # fmt: skip
    assert browser.post(reverse("books:thresholds"), {"warn_at": "60", "alarm_at": "90"}).status_code == 302
    assert browser.post(reverse("books:new_group"), {"name": "恒达集团"}).status_code == 302
    group = CustomerGroup.objects.get()
    page = reverse("books:group", args=[group.reference])
    joined = {"party": applicant.pk, "relation": "parent", "basis": "工商登记"}
    assert browser.post(reverse("books:join", args=[group.reference]), joined).status_code == 302

    shown = browser.get(page).content.decode()
    assert applicant.name in shown
    assert "1.8 亿" in browser.get(reverse("books:limits")).content.decode()
    member = GroupMember.objects.get()
    left = {"member": member.pk, "reason": "股权已经转让"}
    assert browser.post(reverse("books:leave", args=[group.reference]), left).status_code == 302
    assert "以前的成员" in browser.get(page).content.decode()
    assert (
        Entry.objects.filter(kind__in=("capacity.thresholds", "group.founded", "group.joined", "group.left")).count()
        == 4
    )


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(city: City, browser_of: BrowserOf) -> None:
    city.fee_due()
    browser = browser_of(city.reviewer)

    for wrong in ({}, {"warn_at": "-5", "alarm_at": "9" * 40}, {"warn_at": "90", "alarm_at": "80"}, {"warn_at": "x"}):
        assert browser.post(reverse("books:thresholds"), wrong).status_code == 422
    assert browser.post(reverse("books:new_group"), {"name": " "}).status_code == 422

    assert not TotalLimit.objects.exclude(warn_at=80).exists()
    assert not CustomerGroup.objects.exists()


def test_the_files_hold_what_the_pages_show_and_who_took_them_is_recorded(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force()
    browser = browser_of(city.reviewer)
    browser.post(reverse("books:new_group"), {"name": "=cmd()"})

    lines, limits, statement = (
        sheet_behind(browser, address)
        for address in (
            reverse("books:export_lines"),
            reverse("books:export_limits"),
            reverse("books:export_statement", args=[line_of_city(city).reference]) + "?since=2026-11-01T00:00",
        )
    )

    occupied = {row[0]: float(row[3]) * 100 for row in lines[2:]}
    assert occupied[city.applicant.organisation.name] == case.amount
    assert limits[2][1] == "=cmd()"
    assert [row[1] for row in statement][-3:] == ["预占", "占用", "期末"]
    assert statement[-2][2] == case.number
    assert Entry.objects.filter(kind="books.exported").count() == 3
    assert browser_of(city.signer).get(reverse("books:export_lines")).status_code == 403


def test_junk_is_answered_never_broken(city: City, browser_of: BrowserOf) -> None:
    city.fee_due()
    browser, line = browser_of(city.reviewer), line_of_city(city)
    browser.post(reverse("books:new_group"), {"name": "恒达集团"})
    group = CustomerGroup.objects.get()

    for junk in JUNK:
        for address in (
            reverse("books:lines") + f"?q={junk}&page={junk}",
            reverse("books:statement", args=[line.reference]) + f"?since={junk}&until={junk}",
            reverse("books:export_statement", args=[line.reference]) + f"?since={junk}",
            reverse("books:reconciliation") + f"?page={junk}",
            f"/credit-lines/{junk}/",
            f"/concentration/groups/{junk}/",
        ):
            assert browser.get(address).status_code < 500, address
        for name, posted in (
            ("join", {"party": junk, "relation": junk, "basis": junk}),
            ("leave", {"member": junk, "reason": junk}),
        ):
            assert 400 <= browser.post(reverse(f"books:{name}", args=[group.reference]), posted).status_code < 500


def test_a_difference_is_shown_to_its_issuer_and_to_auditors_only(city: City, browser_of: BrowserOf) -> None:
    city.fee_due()
    Account.objects.filter(pk=line_of_city(city).pk).update(credits_posted=F("credits_posted") + 1)
    reconcile(city.at)

    shown = browser_of(city.reviewer).get(reverse("books:reconciliation")).content.decode()

    assert "余额与流水不符" in shown
    assert city.applicant.organisation.name in shown
    assert browser_of(city.applicant).get(reverse("books:reconciliation")).status_code == 403


def test_thirty_lines_cost_as_many_queries_as_one(city: City, browser_of: BrowserOf) -> None:
    city.fee_due()
    browser = browser_of(city.reviewer)

    def queries() -> int:
        browser.get(reverse("books:lines"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(reverse("books:lines"))
        return len(captured)

    few = queries()
    for number in range(30):
        party = Organisation.objects.create(name=f"企业{number}", kind=Organisation.Kind.ENTERPRISE)
        grant_line(city.reviewer.organisation, party, 1_00, by=SYSTEM, at=city.at, key=f"line-{number}")

    assert queries() == few
