"""BH-33 whole, in browsers: segments sized while they are written, a discount proposed and adopted by another person,
products recommended with what is missing, figures with the register and Excel behind them."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.guarantees.models import CustomerTier, Guarantee
from xinshu.guarantees.tests.test_admitted import gated
from xinshu.insights.models import Proposal, Segment, SegmentVersion
from xinshu.insights.tests.conftest import House
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

Browse = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def _text(response: object) -> str:
    assert response.status_code == 200, response.content.decode()[-800:]  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]


def _rows(client: Client, path: str) -> list[list[object]]:
    response = client.get(path)
    assert response.status_code == 200
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[2:]


def _segment(fact: str, op: str, values: str, **more: str) -> dict[str, str]:
    return {
        "name": "活跃好客户", "rules": "1", "r0-rows": "1", "r0-on": "on", "r0-join": "all", "r0-c0-fact": fact,
        "r0-c0-op": op, "r0-c0-values": values, **more,
    }  # fmt: skip


@pytest.mark.req("BH-33")
def test_customers_are_divided_favoured_advised_and_counted(house: House, browser_of: Browse) -> None:
    house.plan()
    writer, manager = browser_of(house.writer), browser_of(house.manager)

    # a segment: its size is said while it is written, its versions stay
    sized = writer.post("/segments/size/", _segment("biz_year_count", "ge", "3"))
    assert "符合 1 家" in _text(sized)
    assert not Segment.objects.exists()
    assert "符合 0 家" in _text(writer.post("/segments/size/", _segment("biz_year_count", "ge", "4")))
    writer.post("/segments/new/", _segment("biz_year_count", "ge", "3"))
    segment = Segment.objects.get()
    score = _segment("credit_score", "ge", "800", version="1")
    writer.post(f"/segments/{segment.reference}/edit/", score)
    assert list(SegmentVersion.objects.order_by("number").values_list("number", "size")) == [(1, 1), (2, 1)]
    shown = _text(manager.get(f"/segments/{segment.reference}/"))
    assert "申请人信用分 820 分" in shown
    assert "近 12 个月出函笔数不低于 3 笔" in shown
    assert _rows(manager, f"/segments/{segment.reference}/export/")[0][0] == house.firm.name

    # a discount: proposed with reasons by one, adopted by the account manager; nothing comes by itself
    listed = _text(writer.get("/discounts/"))
    assert "近 12 个月出函 3 笔" in listed
    assert "建议 B 级" in listed
    assert not CustomerTier.objects.exists()
    until = local_day(house.at) + timedelta(days=365)
    asked = {"firm": str(house.firm.pk), "note": "近一年往来最多", "until": until.isoformat()}
    writer.post("/discounts/propose/", asked)
    proposal = Proposal.objects.get()
    assert len(proposal.reasons) == 4
    assert not CustomerTier.objects.exists()
    drain(at=house.at + timedelta(minutes=1))
    assert Notice.objects.filter(member=house.manager, text__contains="请负责的客户经理").count() == 1
    assert writer.post(f"/discounts/{proposal.reference}/adopt/", {"version": "1"}).status_code == 403
    assert "申请人信用分 820 分" in _text(manager.get(f"/discounts/{proposal.reference}/"))
    manager.post(f"/discounts/{proposal.reference}/adopt/", {"version": "1"})
    tier = CustomerTier.objects.get()
    assert (tier.code, tier.until, tier.applicant) == ("B", until, house.firm)
    assert _rows(manager, "/discounts/export/")[0][1] == "B 级"

    # a product for what the customer needs, with what stands against it
    Guarantee.objects.filter(pk=house.in_force[0].pk).update(expires_on=local_day(house.at) + timedelta(days=20))
    gated(house.city, "stop", 90_000 * 10_000 * 1_000_000)
    advised = _text(manager.get("/needs/"))
    assert "还有 20 天" in advised
    assert "履约快保" in advised
    assert "不符合" in advised
    assert "注册资本不低于" in advised
    assert "未满足" in advised
    assert "履约快保（不符合" in str(_rows(manager, "/needs/export/")[0][6])

    # figures: by trade, type, region and month; time of approval, conversion; the register's rows behind
    board = manager.get("/insights/?by=kind")
    shown = _text(board)
    assert "履约保函 3" in shown
    assert "100.0%" in shown
    assert "分钟" in shown
    behind = re.search(r'href="(/guarantees/\?[^"]*issued_from[^"]*)"', board.content.decode())
    assert behind is not None
    assert "共 3" in _text(manager.get(behind[1].replace("&amp;", "&")))
    for by in ("sector", "region", "month"):
        assert "合计" in _text(manager.get(f"/insights/?by={by}"))
    assert [row[:3] for row in _rows(manager, "/insights/export/?by=kind")][-1][:2] == ["合计", 3]
    exported = {"insights.exported", "needs.exported", "discount.exported", "segment.exported"}
    assert set(Entry.objects.filter(kind__in=exported).values_list("kind", flat=True)) == exported


@pytest.mark.parametrize("path", ["/insights/", "/segments/", "/discounts/", "/needs/", "/segments/new/"])
def test_only_a_houses_own_people_see_the_pages(house: House, browser_of: Browse, path: str) -> None:
    assert browser_of(house.city.applicant).get(path).status_code == 403
    assert browser_of(house.city.finance).get(path).status_code == 403


def test_what_belongs_to_another_house_does_not_exist(house: House, browser_of: Browse) -> None:
    browser_of(house.writer).post("/segments/new/", _segment("biz_count", "ge", "1"))
    other = house.city.member("江北银行", "bank", "reviewer")
    stranger, reference = browser_of(other), Segment.objects.get().reference

    for path in (f"/segments/{reference}/", f"/segments/{reference}/export/", f"/segments/{reference}/edit/"):
        assert stranger.get(path).status_code == 404
    assert "活跃好客户" not in stranger.get("/segments/").content.decode()


def test_bad_input_is_answered_and_nothing_typed_is_lost(house: House, browser_of: Browse) -> None:
    writer = browser_of(house.writer)

    refused = writer.post("/segments/new/", _segment("biz_count", "ge", "很多", note="年底前联系"))
    assert refused.status_code == 422
    assert "很多" in refused.content.decode()
    assert "年底前联系" in refused.content.decode()
    assert writer.get("/insights/?by=x&since=9999-99-99&until=0001-01-01&region=x&kind=no").status_code == 200
    assert writer.get("/insights/?since=1900-01-01&until=2026-01-01").status_code == 200
    assert writer.get("/discounts/?state=x&page=-4").status_code == 200
    assert writer.get("/needs/?source=x&page=99").status_code == 200
    assert writer.post("/discounts/propose/", {"firm": "x"}).status_code == 404
    house.plan()
    again = writer.post("/discounts/propose/", {"firm": str(house.firm.pk), "note": "说明文字", "until": "明年"})
    assert again.status_code == 422
    assert "说明文字" in again.content.decode()


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_a_page_asks_as_much_for_many_rows_as_for_one(house: House, browser_of: Browse) -> None:
    manager, soon = browser_of(house.manager), local_day(house.at) + timedelta(days=20)
    gated(house.city, "stop", 1)
    Guarantee.objects.filter(pk=house.in_force[0].pk).update(expires_on=soon)
    paths = ("/needs/", "/insights/", "/discounts/")
    for path in paths:
        manager.get(path)
    before = [_queries(manager, path) for path in paths]
    for _n in range(8):
        house.another(expires_on=soon)

    assert [_queries(manager, path) for path in paths] == before
