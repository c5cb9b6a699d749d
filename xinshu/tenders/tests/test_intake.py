"""What lists are made of: region and trade of the newest version, the source's own word before what was read."""

from datetime import UTC, datetime

import pytest

from xinshu.core.actors import SYSTEM
from xinshu.tenders.actions.intake import Delivery, take_in

AT = datetime(2026, 5, 6, 1, tzinfo=UTC)
BODY = "招标人：湖北省宜昌市夷陵区某局\n项目名称：某某道路改造工程\n中标人：甲乙建设有限公司\n中标价：10万元"


@pytest.mark.django_db
@pytest.mark.req("BH-12")
def test_an_announcement_keeps_region_and_trade_that_were_read():
    announcement = take_in(Delivery("某某道路改造工程中标结果公告", BODY), by=SYSTEM, at=AT)

    assert (announcement.region_code, announcement.trade, announcement.amount) == ("420506", "E481", 10_000_000)


@pytest.mark.django_db
def test_what_the_source_says_goes_before_what_was_read():
    told = Delivery("某某道路改造工程公告", BODY, kind="award", region_code="430000")

    announcement = take_in(told, by=SYSTEM, at=AT)

    assert (announcement.region_code, announcement.kind) == ("430000", "award")


@pytest.mark.django_db
def test_a_later_version_that_tells_no_trade_empties_it():
    first = take_in(Delivery("某某道路改造工程中标结果公告", BODY, source_id="1"), by=SYSTEM, at=AT)
    later = Delivery("某某结果公告", "招标人：某局\n中标人：甲乙建设有限公司\n中标价：10万元", source_id="1")

    announcement = take_in(later, by=SYSTEM, at=AT)

    assert (announcement.pk, announcement.trade, announcement.region_code) == (first.pk, "", "420506")
