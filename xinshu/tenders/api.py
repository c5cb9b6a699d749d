"""/api/v1/announcements: partners deliver notices, and read them back."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid
from xinshu.integrations.interface import responses
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import Money, SensibleMoment, caller, moment, money, page_of, read_cursor
from xinshu.tenders.actions.intake import LARGEST, Delivery, take_in
from xinshu.tenders.asking import Filters
from xinshu.tenders.lines import place_of
from xinshu.tenders.listing import found_in
from xinshu.tenders.models import Announcement
from xinshu.tenders.queries import announcement_for, revision_of
from xinshu.tenders.reading.kinds import KINDS

router = Router(tags=["招标公告"])
_KINDS = "|".join(KINDS)


class AnnouncementIn(Schema):
    """一份公告。同一 id 的内容改了就再推一次，成为新版本；内容相同的重复推送不变。"""

    id: str = Field(min_length=1, max_length=120, description="来源系统中的公告编号，始终不变")
    title: str = Field(min_length=4, max_length=300)
    body: str = Field(min_length=20, max_length=LARGEST, description="公告正文：HTML 或文本，原样")
    kind: str | None = Field(None, pattern=f"^({_KINDS})$", description="不填时按标题判断")
    url: str | None = Field(None, max_length=500, pattern=r"^https?://\S+$")
    published_at: SensibleMoment | None = None
    region_code: str | None = Field(None, pattern=r"^[0-9]{2,12}$")


class FactOut(Schema):
    """读出的一项。start、end 是在 text 中的位置；sure 为否的只作参考。金额以分为单位。"""

    code: str
    value: str
    start: int
    end: int
    sure: bool
    lot: int
    number: int | None
    note: str
    of: str = Field("", description="投标报价是谁的；金额为 offer 时，公告只写了报价")


class AnnouncementOut(Schema):
    """一份公告和读出的内容。"""

    reference: str
    source: str
    id: str
    kind: str
    kind_label: str
    title: str
    url: str
    published_at: str | None
    region_code: str
    trade: str = Field(description="行业：门类字母加数字，前几位相同即属于它")
    version: int
    project_name: str
    project_number: str
    buyer: str
    winners: str
    amount: Money | None
    facts: list[FactOut]
    text: str = Field(description="公告正文的文字；列表里不给")


class AnnouncementPage(Schema):
    """一页公告，新发布的在前。"""

    items: list[AnnouncementOut]
    next: str | None


class AnnouncementFilters(Schema):
    """查询条件，都可以不填。"""

    q: str = Field("", max_length=100)
    kind: str = Field("", pattern=f"^({_KINDS})?$")
    region: str = Field("", pattern=r"^[0-9]{0,12}$")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


def represent(announcement: Announcement, *, whole: bool) -> dict[str, Any]:
    """Return an announcement as the interface writes it; with text and facts where `whole`."""
    revision = revision_of(announcement, "") if whole else None
    return {
        "reference": announcement.reference,
        "source": announcement.source,
        "id": announcement.source_id,
        "kind": announcement.kind,
        "kind_label": announcement.kind_label,
        "title": announcement.title,
        "url": announcement.url,
        "published_at": moment(announcement.published_at),
        "region_code": announcement.region_code,
        "trade": announcement.trade,
        "version": announcement.latest,
        "project_name": announcement.project_name,
        "project_number": announcement.project_number,
        "buyer": announcement.buyer,
        "winners": announcement.winners,
        "amount": money(announcement.amount),
        "facts": revision.facts if revision else [],
        "text": revision.text if revision else "",
    }


def source_of(by: Caller) -> str:
    """Return under which source a client's notices stand: its own, so that it never writes over another's."""
    return f"partner.{by.client.reference}"


@router.post(
    "", response=responses(AnnouncementOut), summary="推送公告", operation_id="deliver_announcement",
    url_name="announcements_new",
)  # fmt: skip
def deliver(request: HttpRequest, told: AnnouncementIn) -> dict[str, Any]:
    """收下一份公告。相关客户的经理和中标人随后收到提醒。"""
    by, at = caller(request, "tenders.enter"), now()
    made = take_in(
        Delivery(
            title=told.title, body=told.body, source=source_of(by), source_id=told.id, url=told.url or "",
            kind=told.kind or "", published_at=told.published_at, region_code=told.region_code or "",
        ),
        by=by, at=at, entered_by=by.organisation,
    )  # fmt: skip
    return represent(made, whole=True)


@router.get(
    "", response=responses(AnnouncementPage), summary="查询公告", operation_id="list_announcements",
    url_name="announcements",
)  # fmt: skip
def list_announcements(request: HttpRequest, filters: Query[AnnouncementFilters]) -> dict[str, Any]:
    """按条件逐页返回公告，新发布的在前（没有发布日期的按收到的时间）。q 在公告全文里查，几个词之间用空格。"""
    by = caller(request, "tenders.view")
    asked = Filters(q=filters.q, kind=filters.kind, region=filters.region)
    before = None
    if filters.cursor:
        place = read_cursor(filters.cursor)
        if len(place) != 2 or place[0] != "announcements by day":
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        before = place[1]
    order = found_in(by, asked, 0, filters.limit + 1, before=before, folded=False)
    there = Announcement.objects.defer("words").in_bulk(order)
    rows, following = page_of(
        [there[pk] for pk in order if pk in there], filters.limit,
        lambda row: ("announcements by day", place_of(row)),
    )  # fmt: skip
    return {"items": [represent(row, whole=False) for row in rows], "next": following}


@router.get(
    "/{reference}", response=responses(AnnouncementOut), summary="读取公告", operation_id="read_announcement",
    url_name="announcement",
)  # fmt: skip
def read(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一份公告的最新版本和读出的内容。"""
    caller(request, "tenders.view")
    return represent(announcement_for(reference), whole=True)
