"""The demo city's sources: collected from within, without a network; the second platform tells some again."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.accounts.tests.conftest import member_with
from xinshu.collecting.demo import create_demo_sources
from xinshu.collecting.models import Source
from xinshu.tenders.models import Announcement
from xinshu.tenders.origins import namer

SignIn = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def test_the_demo_collects_from_two_platforms_and_knows_what_is_told_twice(
    at: datetime, settings: LazySettings
) -> None:
    settings.DEMO = True
    member_with("operator", username="operator")

    create_demo_sources(at)

    states = dict(Source.objects.values_list("code", "state"))
    assert states == {"yz-ggzy": "on", "yz-zbxx": "on", "yz-zbxx-rss": "off", "yz-ocds": "draft"}
    assert Announcement.objects.filter(source="yz-ggzy").count() >= 30
    repeats = Announcement.objects.filter(source="yz-zbxx", title__contains="中标").exclude(told_again_of=None)
    assert repeats.exists()
    assert not Source.objects.filter(state="on", last_good_at=None).exists()
    assert namer()("yz-zbxx") == "云州招标信息网"


def test_the_platforms_are_shown_in_a_demo_only(client: Client, settings: LazySettings) -> None:
    assert client.get("/sandbox/platforms/yunzhou/list.html").status_code == 404
    settings.DEMO = True

    assert "ewb-list-node" in client.get("/sandbox/platforms/yunzhou/list.html").content.decode()
    assert client.get("/sandbox/platforms/nobody/list.html").status_code == 404


AWARD = {
    "platform": "yunzhou", "project": "云湖东岸<截污>管网工程", "number": "YH-17", "buyer": "云州市教育基建服务中心",
    "winner": "云州恒达路桥工程有限公司", "amount": "2150万元",
}  # fmt: skip


def test_what_a_person_has_a_platform_publish_stands_on_every_face_of_it(
    sign_in: SignIn, settings: LazySettings
) -> None:
    settings.DEMO = True
    operator = member_with("operator", username="operator")
    browser = sign_in(operator)

    assert browser.post("/demo/platforms/", AWARD).status_code == 302

    listed = browser.get("/sandbox/platforms/yunzhou/api/notices?page=1").json()["data"]["records"]
    (told,) = [one for one in listed if one["title"] == "云湖东岸<截污>管网工程中标结果公告"]
    body = browser.get(f"/sandbox/platforms/yunzhou/api/notices/{told['id']}").json()["html"]
    assert "云湖东岸&lt;截污&gt;管网工程" in body
    assert "21,500,000.00元" in body
    releases = browser.get("/sandbox/platforms/yunzhou/releases.json").json()["releases"]
    assert 21_500_000 in [one["awards"][0]["value"]["amount"] for one in releases if "awards" in one]
    assert "云湖东岸" not in browser.get("/sandbox/platforms/bidding/list.html").content.decode()


@pytest.mark.parametrize(("field", "typed"), [("amount", "0.5"), ("winner", ""), ("platform", "elsewhere")])
def test_what_no_platform_would_publish_is_said_beside_its_field(sign_in: SignIn, field: str, typed: str) -> None:
    operator = member_with("operator", username="operator")

    answer = sign_in(operator).post("/demo/platforms/", AWARD | {field: typed})

    assert answer.status_code == 422
    assert 'value="YH-17"' in answer.content.decode()
    assert f'id="id_{field}-error"' in answer.content.decode()


def test_a_real_city_has_no_platform_to_play_with(sign_in: SignIn, settings: LazySettings) -> None:
    operator = member_with("operator", username="operator")
    settings.DEMO = settings.TESTING = False

    assert sign_in(operator).get("/demo/platforms/").status_code == 404
