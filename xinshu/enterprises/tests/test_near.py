"""A customer is found though its name was typed otherwise, below what holds the words as typed, with the reason."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.search.finding import find
from xinshu.enterprises.search.near import near
from xinshu.ledger.worker import drain

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-02", "BH-13")]
NAMES = {"恒达": "武汉恒达路桥工程有限公司", "己任": "云州己任（集团）市政建设有限公司", "改名": "云州新城置业有限公司"}


@pytest.fixture
def city(manager: Member, at: datetime) -> dict[str, Enterprise]:
    made = {}
    for key, name in NAMES.items():
        firm, _new = Organisation.objects.get_or_create(
            name=name, kind=Organisation.Kind.ENTERPRISE, defaults={"verified": True}
        )
        take_customer(firm, manager=manager, by=SYSTEM, at=at)
        made[key] = enterprise_of(firm)
    enter_fields(made["改名"], {"former_name": "云州第三建筑有限公司"}, by=SYSTEM, at=at)
    stray = Organisation.objects.create(name="武汉恒达路桥工程股份有限公司", kind=Organisation.Kind.ENTERPRISE)
    enterprise_of(stray)
    drain(at=at)
    return made


@pytest.mark.parametrize(
    ("typed", "found", "why"),
    [
        ("云州已任(集团)市政建设有限公司", "己任", "疑似错字：用字输入“已”，资料“己”"),  # 己 read as 已
        ("武汉恒达路桥工程有限责任公司", "恒达", "写法不同"),
        ("云州己任[集团]市政建设有限公司", "己任", "括号、空格或全半角写法不同"),
        ("恒达路桥公司", "恒达", "输入里没有行政区划“武汉”"),
        ("云州第三建筑有限责任公司", "改名", "曾用名（云州第三建筑有限公司）"),
    ],
)
def test_who_was_meant_is_found_with_the_reason(
    city: dict[str, Enterprise], manager: Member, typed: str, found: str, why: str
) -> None:
    hits, _more = find(typed, manager, 8)

    alike = near(typed, manager, hits)

    assert [one.pk for one in hits] + [one.enterprise.pk for one in alike] == [city[found].pk]
    if not hits:
        assert why in alike[0].why


def test_what_was_found_as_typed_is_not_shown_twice(city: dict[str, Enterprise], manager: Member) -> None:
    hits, _more = find(NAMES["恒达"], manager, 8)

    assert hits == [city["恒达"]]
    assert near(NAMES["恒达"], manager, hits) == []


@pytest.mark.parametrize(
    "typed", ["", "恒达", "yzhd", "91330100", "四个字呢", "\ud800武汉恒达路桥", "公司" * 200, "%_'\"武汉恒达"]
)
def test_what_is_no_name_finds_nobody_or_somebody_but_never_breaks(
    city: dict[str, Enterprise], manager: Member, typed: str
) -> None:
    assert len(near(typed, manager)) <= 3


def test_nobody_elses_customers_are_near(city: dict[str, Enterprise], stranger: Member, clerk: Member) -> None:
    for member in (stranger, clerk):
        assert near("恒达路桥公司", member) == []


def test_the_pages_show_them_below(
    city: dict[str, Enterprise], manager: Member, browser_of: Callable[[Member], Client]
) -> None:
    browser = browser_of(manager)

    for path in ("/find/", "/enterprises/"):
        page = browser.get(path, {"q": "恒达路桥公司"}).content.decode()
        assert "名称相近" in page
        assert NAMES["恒达"] in page
        assert "股份" not in page


def test_the_same_number_of_questions_for_one_and_for_many(
    city: dict[str, Enterprise], manager: Member, django_assert_max_num_queries: Callable
) -> None:
    with django_assert_max_num_queries(8):
        near("恒达路桥公司", manager)
