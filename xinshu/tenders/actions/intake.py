"""Taking in an announcement, through whichever door: once per content, every later edit a version of its own."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.clock import moment
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.core.sm import sm3
from xinshu.ledger.recording import record
from xinshu.tenders.lines import keep_listed
from xinshu.tenders.models import BY_HAND, Announcement, Revision
from xinshu.tenders.reading.facts import Reading, as_rows
from xinshu.tenders.reading.kinds import KINDS, OTHER
from xinshu.tenders.reading.pages import Hints, read_page
from xinshu.tenders.retelling import first_telling
from xinshu.tenders.sameness import keys_of

LARGEST = 1_000_000  # characters of a body
SHORTEST = 20
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Delivery:
    """What a source tells: its own id (empty: none), address, title, when published, where, and the body as it came.

    `kind`: as the source says, where it does; else the title decides.
    """

    title: str
    body: str
    source: str = BY_HAND
    source_id: str = ""
    url: str = ""
    kind: str = ""
    published_at: datetime | None = None
    region_code: str = ""


@transaction.atomic
def take_in(told: Delivery, *, by: Actor, at: datetime, entered_by: Organisation | None = None) -> Announcement:
    """Keep what a source tells and return its announcement; the same content a second time changes nothing.

    Raises Invalid per field for what no notice can be. What follows (whose names it prints, who is told) follows from
    the entry.
    """
    if not by.can("tenders.enter"):
        raise NotPermitted(_("您没有录入公告的权限。"), advice=_("需要录入的，请联系本机构管理员开通。"))
    told = _checked(told)
    digest = sm3(told.body.encode()).hex()
    source_id = told.source_id or digest
    announcement, _new = Announcement.objects.get_or_create(  # two at once: the second waits here, then finds it
        source=told.source, source_id=source_id,
        defaults={"title": told.title, "received_at": at, "changed_at": at, "entered_by": entered_by, "latest": 0},
    )  # fmt: skip
    announcement = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
    if announcement.revisions.filter(sm3=digest).exists():
        return announcement
    reading = read_page(told.body, told.title, Hints(told.kind, told.region_code))
    if not reading.text.strip():
        raise Invalid(_("正文里没有文字，没有保存。"), fields={"body": _("没有读到文字")})
    announcement.latest += 1
    _tell(announcement, told, reading, at)
    before = announcement.told_again_of_id
    announcement.told_again_of = first_telling(announcement)
    announcement.save()
    if announcement.told_again_of_id is not None:  # then what told it again tells again what that one told first
        Announcement.objects.filter(told_again_of=announcement).update(told_again_of=announcement.told_again_of_id)
    keep_listed(announcement, before=before)
    Revision.objects.create(
        announcement=announcement, number=announcement.latest, title=told.title, kind=reading.kind, body=told.body,
        sm3=digest, text=reading.text, facts=as_rows(reading.facts), received_at=at, received_from=by.actor_key,
    )  # fmt: skip
    record(
        "announcement.taken" if announcement.latest == 1 else "announcement.edited",
        announcement, by=by, at=at, source=told.source, title=told.title, number=announcement.latest, sm3=digest,
    )  # fmt: skip
    return announcement


def _checked(told: Delivery) -> Delivery:
    title = " ".join(_UNKEEPABLE.sub("", told.title).split())
    body = _UNKEEPABLE.sub("", told.body)
    problems = {}
    if not 4 <= len(title) <= 300:
        problems["title"] = _("请填写公告标题，4 到 300 个字。")
    if len(body.strip()) < SHORTEST:
        problems["body"] = _("正文太短，请粘贴公告全文。")
    elif len(body) > LARGEST:
        problems["body"] = _("正文超过 %(n)s 个字，没有保存。") % {"n": f"{LARGEST:,}"}
    if told.url and not re.fullmatch(r"https?://[^\s<>\"']{3,490}", told.url):
        problems["url"] = _("网址以 http:// 或 https:// 开头。")
    if told.region_code and not re.fullmatch(r"\d{2,12}", told.region_code):
        problems["region_code"] = _("行政区划填代码，例如 990103。")
    if told.kind and told.kind not in KINDS:
        problems["kind"] = _("请选择公告类型。")
    if not re.fullmatch(r"[\w.\-]{1,60}", told.source):
        problems["source"] = _("来源代码只用字母、数字、点和横线，不超过 60 个字符。")
    if len(told.source_id) > 120 or not told.source_id.isprintable():
        problems["source_id"] = _("来源编号不超过 120 个字符。")
    if problems:
        raise Invalid(_("公告没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    return Delivery(title, body, told.source, told.source_id, told.url, told.kind, told.published_at, told.region_code)


def _tell(announcement: Announcement, told: Delivery, reading: Reading, at: datetime) -> None:
    """Bring the columns for lists up to what the newest version says."""
    winners = list(dict.fromkeys(fact.value for fact in reading.all("winner", "member")))
    winners = winners or [fact.value for fact in reading.all("candidate") if fact.number == 1]
    announcement.title, announcement.kind, announcement.changed_at = told.title, reading.kind or OTHER, at
    announcement.url = told.url or announcement.url
    announcement.published_at = told.published_at or announcement.published_at or _printed_day(reading)
    announcement.region_code = told.region_code or _sure(reading, "region") or announcement.region_code
    announcement.trade = _sure(reading, "trade")
    announcement.project_name = _first(reading, "project", "lot_name")[:300]
    announcement.project_number = _first(reading, "number", "lot_number")[:80]
    announcement.buyer = _first(reading, "buyer")[:120]
    announcement.winners = "、".join(winners)[:500]
    announcement.amount = total_of(reading)
    announcement.title_key, announcement.number_key = keys_of(told.title, announcement.project_number)
    said = (
        told.title,
        *(getattr(announcement, name) for name in ("project_name", "project_number", "buyer", "winners")),
    )
    announcement.words = "\n".join((*said, reading.text)).lower()


def _printed_day(reading: Reading) -> datetime | None:
    """Return the day that the notice prints as its own, where it does."""
    fact = reading.first("published_on")
    return moment(date.fromisoformat(fact.value)) if fact is not None else None


def _first(reading: Reading, *codes: str) -> str:
    return next((fact.value for code in codes if (fact := reading.first(code)) is not None), "")


def _sure(reading: Reading, code: str) -> str:
    return next((fact.value for fact in reading.all(code) if fact.sure), "")


def total_of(reading: Reading) -> int | None:
    """Return the sum over the lots in 分, where each that has a winner has one sure amount; else None."""
    amounts = [fact for fact in reading.all("amount") if fact.sure and fact.number]
    lots = {fact.lot for fact in reading.all("winner")} or {fact.lot for fact in amounts}
    return sum(fact.number or 0 for fact in amounts) if amounts and {fact.lot for fact in amounts} == lots else None
