"""Saved views of the register: filters and columns under a name, one's own or the house's; exports show what shows."""

import io
from collections.abc import Callable

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.saved_views import MOST, drop_view, save_view
from xinshu.guarantees.models import SavedView
from xinshu.guarantees.register_columns import COLUMNS, USUAL, chosen
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.views.register import COLUMNS as EXPORT
from xinshu.guarantees.views.register import EXPORTED
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


def titles(content: bytes) -> list[str]:
    """Return the titles of an exported workbook's columns."""
    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [str(cell) for cell in sheet.to_python()[1]]


def test_columns_come_in_the_table_s_order_and_nonsense_is_the_usual() -> None:
    assert chosen(["fee,applicant", "x"]) == ("applicant", "fee")
    assert chosen([]) == chosen(["nonsense"]) == USUAL
    assert set(EXPORTED) == set(COLUMNS)
    assert max(place for places in EXPORTED.values() for place in places) < len(EXPORT)


def test_the_same_name_again_replaces_and_a_person_keeps_a_bounded_number(city: City) -> None:
    first = save_view(" 大额 ", "amount_from=1", shared=False, by=city.reviewer, at=city.at)
    again = save_view("大额", "amount_from=2", shared=True, by=city.reviewer, at=city.at)

    assert (again.pk, again.query, again.shared) == (first.pk, "amount_from=2", True)
    for number in range(MOST - 1):
        save_view(f"视图{number}", "", shared=False, by=city.reviewer, at=city.at)
    with pytest.raises(NotNow):
        save_view("再一个", "", shared=False, by=city.reviewer, at=city.at)
    for name in ("", "名" * 21):
        with pytest.raises(Invalid):
            save_view(name, "", shared=False, by=city.reviewer, at=city.at)
    assert "amount_from" not in str(Entry.objects.filter(kind="view.saved").first().data)  # type: ignore[union-attr]


def test_a_view_is_the_owner_s_or_shared_in_the_house_and_dropped_by_its_owner_only(city: City) -> None:
    own = save_view("我的", "", shared=False, by=city.reviewer, at=city.at)
    shared = save_view("大家的", "", shared=True, by=city.reviewer, at=city.at)

    assert set(SavedView.objects.visible_to(city.reviewer)) == {own, shared}
    assert set(SavedView.objects.visible_to(city.signer)) == {shared}
    assert not SavedView.objects.visible_to(city.applicant).exists()
    with pytest.raises(NotPermitted):
        drop_view(shared, by=city.signer, at=city.at)
    drop_view(shared, by=city.reviewer, at=city.at)
    assert set(SavedView.objects.all()) == {own}


@pytest.mark.req("EP-25")
def test_what_is_issued_stands_in_the_register_is_queried_saved_as_a_view_and_exported_as_shown(
    city: City, browser_of: BrowserOf
) -> None:
    case, other = city.in_force(), city.in_force("bid", by=city.rival)
    browser = browser_of(city.reviewer)
    kept = {"query": "kind=performance&page=3&x=y", "name": "履约", "cols": ["amount", "guarantor"], "shared": "on"}

    saved = browser.post("/guarantees/views/save/", kept)
    page = browser.get(saved["Location"]).content.decode()
    sheet = b"".join(browser.get(saved["Location"].replace("/guarantees/?", "/guarantees/export/?")))
    whole = b"".join(browser.get("/guarantees/export/"))

    assert saved["Location"] == "/guarantees/?kind=performance&cols=guarantor%2Camount"
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert str(case.number) in table
    assert str(other.number) not in table
    assert case.guarantor.name in table
    assert case.project.name not in table
    assert titles(sheet) == ["保函编号", "类型", "状态", "保证人", "保函金额（元）"]
    assert len(titles(whole)) == len(EXPORT)
    assert "履约" in browser_of(city.signer).get("/guarantees/").content.decode()
    assert "共享" not in browser_of(city.applicant).get("/guarantees/").content.decode().partition("<dialog")[0]


def test_pages_keep_apply_without_a_name_and_drop(city: City, browser_of: BrowserOf) -> None:
    city.in_force()
    browser = browser_of(city.reviewer)

    shown = browser.post("/guarantees/views/save/", {"query": "", "cols": list(COLUMNS), "only": "show", "name": ""})
    page = browser.get(shown["Location"]).content.decode()
    browser.post("/guarantees/views/save/", {"query": "state=in_force", "name": "在保"})
    view = SavedView.objects.get()
    here = browser.get("/guarantees/?state=in_force").content.decode()
    foreign = browser_of(city.applicant).post(f"/guarantees/views/{view.reference}/drop/")
    dropped = browser.post(f"/guarantees/views/{view.reference}/drop/")

    assert shown.status_code == 302
    for label in COLUMNS.values():
        assert str(label) in page
    assert "删除“在保”" in here
    assert (foreign.status_code, dropped.status_code) == (404, 302)
    assert not SavedView.objects.exists()
    assert browser.get("/guarantees/?cols=,&cols=x").status_code == 200
    assert browser.post("/guarantees/views/save/", {"query": "%00=1&q=" + "x" * 900, "name": "坏"}).status_code < 500
