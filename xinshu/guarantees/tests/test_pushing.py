"""推送与使用 (BH-15, BH-16): an award is told once with its score; answers count in the next; one click from a card."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_origins import BODY, awarded, issue, stages, work
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.actions.opportunities import follow, set_aside
from xinshu.tenders.models import Opportunity

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def told(city: City, body: str, days: int, title: str = "白杨路改造工程中标结果公告") -> Opportunity:
    """Let a notice arrive `days` later; return the guarantor's opportunity."""
    assert city.applicant.organisation != city.guarantor  # both are there by now
    at = city.at + timedelta(days=days)
    made = take_in(Delivery(title=title, body=body, published_at=at), by=city.manager, at=at)
    drain(at=at + timedelta(minutes=1))
    return Opportunity.objects.get(announcement=made, house=city.guarantor)


def lot(number: int) -> str:
    return BODY.replace("BY-2026-01", f"BY-2026-{number:02d}").replace("白杨路", f"白杨路{number}号")


@pytest.mark.req("BH-15")
def test_an_award_is_told_with_its_score_and_once_whoever_tells_it(city: City) -> None:
    first, _own = awarded(city)

    again = Delivery(
        title="关于白杨路改造工程的中标公告", body=BODY, published_at=city.at, source="city.b", source_id="1"
    )
    take_in(again, by=city.manager, at=city.at + timedelta(days=1))
    drain(at=city.at + timedelta(days=1, minutes=1))

    notice = Notice.objects.get(member=city.manager, topic="award")
    assert notice.score == sum(points for _words, points in first.reasons) == first.score == 90


def test_another_amount_or_another_lot_is_other_news(city: City) -> None:
    awarded(city)

    told(city, BODY.replace("贰仟万元整（¥20,000,000.00）", "贰仟壹佰万元整（¥21,000,000.00）"), 1)
    told(city, lot(2), 1)

    assert Notice.objects.filter(member=city.manager, topic="award").count() == 3


@pytest.mark.req("BH-16")
@pytest.mark.parametrize(("answer", "more"), [("follow", True), ("set_aside", False)])
def test_what_is_answered_counts_in_the_next_award_with_the_reason(city: City, answer: str, more: bool) -> None:
    plain = told(city, lot(1), 0)
    for number in range(2, 5):
        one = told(city, lot(number), 0)
        if answer == "follow":
            follow(one, by=city.manager, at=city.at)
        else:
            set_aside(one, reason="客户不需要保函", by=city.manager, at=city.at)

    after = told(city, lot(9), 0)

    assert (after.score > plain.score, after.score < plain.score) == (more, not more)
    assert any("这个客户的中标，您反馈 3 次" in words for words, _points in after.reasons)


@pytest.mark.req("BH-16")
def test_what_was_set_aside_is_explained_and_taken_back(city: City, browser_of: BrowserOf) -> None:
    plain, one = told(city, lot(1), 0), told(city, lot(2), 0)
    browser = browser_of(city.manager)
    path = f"/opportunities/{one.reference}"

    said = browser.post(f"{path}/set_aside/", {"version": 1, "reason": "客户不需要保函"}, follow=True).content.decode()
    worse = told(city, lot(3), 0)
    back = browser.post(f"{path}/take_back/", {"version": 2}, follow=True).content.decode()

    one.refresh_from_db()
    assert "这个客户的中标，您反馈 1 次，跟进 0 次，-" in said
    assert "撤回不相关" in said
    assert "已撤回" in back
    assert (one.state, one.reason) == ("pushed", "")
    assert worse.score < plain.score
    assert told(city, lot(4), 0).score == plain.score


@pytest.mark.req("BH-16")
def test_from_the_card_one_click_leads_to_the_filled_application(city: City, browser_of: BrowserOf) -> None:
    opportunity, _own = awarded(city)
    manager = browser_of(city.manager)

    page = manager.get("/tenders/waiting/?order=score").content.decode()
    click = re.search(r'action="(/awards/\w+/guarantee/)"', page)
    assert click is not None
    for words in ("为什么是 90 分", "公告要求提供担保", "履约保函", "1,600,000.00", "10 个工作日内"):
        assert words in page
    manager.post(click[1], {"kind": "performance"})

    assert Guarantee.objects.get().amount == 160_000_000
    panel = manager.get("/tenders/waiting/?panel=1").content.decode()
    assert page.count("不相关的原因") == 1
    assert "data-live-awards" in panel
    assert "csrfmiddlewaretoken" in panel
    assert "不相关的原因" not in panel
    assert "<html" not in panel
    assert opportunity.reference in manager.get("/workbench/").content.decode()


def test_nobody_finds_what_was_pushed_to_another_house(city: City, browser_of: BrowserOf) -> None:
    opportunity, _own = awarded(city)

    assert opportunity.reference not in browser_of(city.rival).get("/tenders/waiting/").content.decode()


def test_business_that_came_of_it_stands_with_the_notice(city: City, browser_of: BrowserOf) -> None:
    opportunity, _own = awarded(city)
    browser_of(city.manager).get(f"/tenders/{opportunity.announcement.reference}/")
    read = Notice.objects.get(member=city.manager, topic="award")
    browser_of(city.manager).post(f"/awards/{opportunity.reference}/guarantee/", {"kind": "performance"})

    issue(city, Guarantee.objects.get())
    work(city, 1)

    notice = Notice.objects.get(pk=read.pk)
    assert read.read_at is not None
    assert notice.business_at is not None
    assert stages(opportunity) == ["pushed", "opened", "followed", "begun", "submitted", "issued"]
