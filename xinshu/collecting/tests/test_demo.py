"""The demo city's sources: collected from within, without a network; the second platform tells some again."""

from datetime import datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from xinshu.accounts.tests.conftest import member_with
from xinshu.collecting.demo import create_demo_sources
from xinshu.collecting.models import Source
from xinshu.tenders.models import Announcement

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


def test_the_platforms_are_shown_in_a_demo_only(client: Client, settings: LazySettings) -> None:
    assert client.get("/sandbox/platforms/yunzhou/list.html").status_code == 404
    settings.DEMO = True

    assert "ewb-list-node" in client.get("/sandbox/platforms/yunzhou/list.html").content.decode()
    assert client.get("/sandbox/platforms/nobody/list.html").status_code == 404
