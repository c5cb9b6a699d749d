"""Finding a customer while typing: parts of names, former names, pinyin initials, codes; and what belongs to it."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.grams import grams_of, looked_up, normalise, terms_of
from xinshu.documents.uploads import keep_file
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.enterprises.models import Enterprise, Relation, SearchText
from xinshu.enterprises.search.finding import find
from xinshu.enterprises.search.index import initials
from xinshu.enterprises.tasks import index_what_is_missing
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain

Browser = Callable[[Member], Client]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("恒达 路桥", ["恒达", "路桥"]),
        ("（云州）恒达", ["云州恒达"]),
        ("ＭＡ２Ｈ", ["ma2h"]),
        ("恒", []),
        ("", []),
        ("% _ '\" \\", []),
        ("恒达 恒达", ["恒达"]),
    ],
)
def test_what_was_typed_becomes_terms(typed: str, terms: list[str]) -> None:
    assert terms_of(typed) == terms


@pytest.mark.parametrize("term", ["恒达", "hdlq", "hd", "91330100ma2h12345x", "2h12", "有限公司", "达ab路"])
def test_every_piece_looked_up_is_among_those_of_a_text_that_holds_the_term(term: str) -> None:
    assert set(looked_up(term)) <= grams_of([f"云州{term}工程"])


def test_initials_are_of_the_reading_that_a_word_has() -> None:
    assert initials("重庆恒达（集团）3 号") == "cqhdjt3h"
    assert normalise("Ａ b（c）") == "abc"


@pytest.fixture
def city(firm: Organisation, customer: None, manager: Member, at: datetime) -> dict[str, Enterprise]:
    """Four customers of one house, findable, and one of nobody's."""
    made = {"恒达": enterprise_of(firm)}
    for key, name, code in (
        ("恒通", "云州恒通建设有限公司", "91330100MA2H22222N"),
        ("重庆", "重庆恒达市政工程有限公司", None),
        ("改名", "云州新城置业有限公司", None),
    ):
        one = Organisation.objects.create(name=name, kind=Organisation.Kind.ENTERPRISE, uscc=code)
        take_customer(one, manager=manager, by=SYSTEM, at=at)
        made[key] = enterprise_of(one)
    enter_fields(made["改名"], {"former_name": "云州第三建筑公司"}, by=SYSTEM, at=at)
    made["无主"] = enterprise_of(
        Organisation.objects.create(name="江北恒达路桥有限公司", kind=Organisation.Kind.ENTERPRISE)
    )
    drain(at=at)
    return made


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("恒达", ["恒达", "重庆"]),
        ("恒达路桥", ["恒达"]),
        ("路桥", ["恒达"]),
        ("第三建筑", ["改名"]),
        ("yzhd", ["恒达"]),
        ("cqhd", ["重庆"]),
        ("lq", ["恒达"]),
        ("ma2h22", ["恒通"]),
        ("91330100", ["恒通", "恒达"]),
        ("云州 恒通", ["恒通"]),
        ("有限公司", ["恒通", "改名", "恒达", "重庆"]),
        ("达恒", []),
        ("恒", []),
    ],
)
def test_a_customer_is_found_by_what_was_typed(city: dict, manager: Member, typed: str, found: list[str]) -> None:
    hits, _more = find(typed, manager, 8)

    assert {one.pk for one in hits} == {city[key].pk for key in found}


@pytest.mark.django_db
def test_a_name_that_begins_like_that_comes_first(city: dict, manager: Member) -> None:
    assert find("重庆恒达", manager, 1) == ([city["重庆"]], False)
    assert find("恒达", manager, 1)[1]


@pytest.mark.django_db
def test_a_new_name_is_found_beside_the_old_one(city: dict, manager: Member, at: datetime) -> None:
    enter_fields(city["恒达"], {"legal_name": "云州腾飞路桥有限公司"}, by=SYSTEM, at=at)
    drain(at=at)

    assert [find(typed, manager, 8)[0] for typed in ("腾飞", "tflq", "恒达路桥")] == [
        [city["恒达"]], [city["恒达"]], [city["恒达"]],
    ]  # fmt: skip


@pytest.mark.django_db
def test_customers_of_another_house_are_not_found(city: dict, stranger: Member, clerk: Member) -> None:
    assert find("恒达", stranger, 8) == ([], False)
    assert find("恒达", clerk, 8) == ([], False)


@pytest.mark.django_db
def test_what_came_before_the_index_is_indexed_at_night(city: dict, manager: Member, at: datetime) -> None:
    SearchText.objects.all().delete()
    assert find("恒达", manager, 8) == ([], False)

    index_what_is_missing(at.date(), at)

    assert len(find("恒达", manager, 8)[0]) == 2
    assert SearchText.objects.count() == Relation.objects.count()


@pytest.mark.django_db
def test_the_list_brings_the_customer_with_what_belongs_to_it(
    browser_of: Browser, city: dict, manager: Member, guarantor: Organisation, at: datetime
) -> None:
    keep_file(PDF, "恒达营业执照.pdf", guarantor, manager, at, subject=city["恒达"])
    browser, page = browser_of(manager), reverse("enterprises:list")

    found = browser.get(page, {"q": "yzhd"})
    nothing = browser.get(page, {"q": "没有的"})
    odd = [browser.get(page, {"q": typed}).status_code for typed in ("恒", "%", "'", "a" * 500, '"恒达" OR x')]

    assert "云州恒达路桥工程有限公司" in found.text
    assert "恒达营业执照.pdf" in found.text
    assert "重庆恒达" not in found.text
    assert "没有符合条件的客户" in nothing.text
    assert odd == [200] * 5


@pytest.mark.django_db
@pytest.mark.parametrize("view", ["mine", "due", "conflicts", "nonsense"])
def test_views_of_the_list_open(browser_of: Browser, city: dict, manager: Member, view: str) -> None:
    answer = browser_of(manager).get(reverse("enterprises:list"), {"view": view})

    assert answer.status_code == 200
    assert ("云州恒达路桥" in answer.text) is (view in ("mine", "nonsense"))


@pytest.mark.django_db
def test_the_export_has_every_field_of_those_asked_for_and_is_recorded(
    browser_of: Browser, city: dict, manager: Member, guarantor: Organisation, at: datetime
) -> None:
    enter_fields(city["恒达"], {"registered_capital": "5000000000", "contact_phone": "13800006021"}, by=SYSTEM, at=at)

    answer = browser_of(manager).get(reverse("enterprises:export"), {"q": "恒达路桥"})

    content = b"".join(answer.streaming_content)
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    row = dict(zip(rows[1], rows[2], strict=True))
    assert len(rows) == 3
    assert (row["企业名称"], row["注册资本（元）"]) == ("云州恒达路桥工程有限公司", 50_000_000)
    assert row["经办人手机"] != "13800006021"  # covered for whoever may not reveal
    assert Entry.objects.get(kind="enterprise.exported").data["rows"] == 1


@pytest.mark.django_db
def test_the_search_page_stands_whatever_is_typed(
    browser_of: Browser, city: dict, manager: Member, stranger: Member, clerk: Member
) -> None:
    page = reverse("enterprises:find")
    odd = [
        ("恒", ""),
        ("%", ""),
        ('"', "x"),
        ("a" * 500, "-1"),
        ('"恒达" OR x', "99999999999"),
        ("", ""),
        ("恒达", "3"),
    ]

    answers = [browser_of(manager).get(page, {"q": q, "page": number}).status_code for q, number in odd]
    foreign = browser_of(stranger).get(page, {"q": "恒达"}).text

    assert answers == [200] * len(odd)
    assert "云州恒达" not in foreign
    assert "没有找到" in foreign
    assert browser_of(clerk).get(page, {"q": "恒达"}).status_code == 200
