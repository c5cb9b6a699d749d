"""消息: a member's own notices: read, mark, remove, filter, search; with what became of them on other channels."""

# ruff: noqa: E501  (a table is read across)

import io
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.requests import member_of
from xinshu.core import clock
from xinshu.core.clock import CHINA
from xinshu.core.doors import signed_in
from xinshu.ledger.exports import LIMIT as EXPORT_UP_TO
from xinshu.ledger.exports import Column, export_sheet
from xinshu.messaging import reading as acts
from xinshu.messaging.forms import HistoryForm
from xinshu.messaging.models import Message, Notice
from xinshu.messaging.topics import TOPICS

PER_PAGE = 30


@require_GET
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """Show all notices, or the unread ones (`?show=unread`), newest first; `q`, `tone`, `from`, `to` narrow them."""
    mine = Notice.objects.visible_to(request.member)  # type: ignore[attr-defined]
    unread_only = request.GET.get("show") == "unread"
    form = HistoryForm(request.GET)
    shown = form.narrow(mine.unread() if unread_only else mine).order_by("-at", "-id").prefetch_related("messages")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unread_only": unread_only,
        "asked_for": form.asked(),
        "tones": Notice.Tone.choices,
        "topics": TOPICS,
    }
    return render(request, "messaging/notices.html", context)


@require_GET
@signed_in
def export(request: HttpRequest) -> FileResponse:
    """Download one's own messages, narrowed as the list is."""
    member, at = member_of(request), clock.now()
    mine = Notice.objects.visible_to(member)
    found = HistoryForm(request.GET).narrow(mine.unread() if request.GET.get("show") == "unread" else mine)
    rows = found.order_by("-at", "-id").prefetch_related("messages")[:EXPORT_UP_TO]
    made = export_sheet(
        _("消息"), COLUMNS, rows.iterator(chunk_size=1000), kind="notice.exported", subject=member, by=member, at=at,
        query=request.GET.urlencode()[:500],
    )  # fmt: skip
    name = _("消息-%(when)s.xlsx") % {"when": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


COLUMNS = (
    Column(lazy("时间"), 17, "messaging.Notice.topic", lambda row: _minute(row.at)),
    Column(lazy("主题"), 12, "messaging.Notice.topic", lambda row: _topic(row)),
    Column(lazy("内容"), 70, "messaging.Notice.text", lambda row: row.text),
    Column(lazy("分数"), 8, "messaging.Notice.score", lambda row: "" if row.score is None else row.score),
    Column(lazy("已读"), 17, "messaging.Notice.topic", lambda row: _minute(row.read_at)),
    Column(lazy("打开"), 17, "messaging.Notice.topic", lambda row: _minute(row.opened_at)),
    Column(lazy("其他渠道"), 40, "messaging.Message.channel", lambda row: "、".join(f"{one.get_channel_display()}{one.standing.label}" for one in row.messages.all())),
)  # fmt: skip


def _topic(notice: Notice) -> str:
    return str(TOPICS[notice.topic].label) if notice.topic in TOPICS else notice.topic


@require_GET
@signed_in
def go(request: HttpRequest, reference: str) -> HttpResponse:
    """Lead on from a message outside (mail, WeChat, SMS), and note that it was opened. Its addressee only."""
    member = member_of(request)
    mine = Message.objects.filter(member__user=member.user_id).select_related("notice")
    message = get_object_or_404(mine, reference=reference)
    return redirect(acts.open_message(message, by=member, at=clock.now()) or "messaging:list")


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    marked = acts.read_all(by=request.member, at=clock.now())  # type: ignore[attr-defined]
    if marked:
        messages.success(request, _("已把 %(n)d 条消息标为已读。") % {"n": marked})
    return _back(request)


@require_POST
@signed_in
def mark(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Open one notice (read it and go where it leads), mark it read or unread, or remove it."""
    notice = get_object_or_404(Notice.objects.visible_to(request.member), reference=reference)  # type: ignore[attr-defined]
    if action == "remove":
        acts.mark_notice(notice, "removed", by=request.member, at=clock.now())  # type: ignore[attr-defined]
        messages.success(request, _("已删除这条消息。"))
    elif action == "open":
        acts.open_notice(notice, by=request.member, at=clock.now())  # type: ignore[attr-defined]
        if notice.link:
            return redirect(notice.link)
    elif action == "read":
        acts.mark_notice(notice, "read", by=request.member, at=clock.now())  # type: ignore[attr-defined]
    elif action == "unread":
        acts.mark_notice(notice, "unread", by=request.member, at=clock.now())  # type: ignore[attr-defined]
    else:
        raise Http404
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    query = request.GET.urlencode()
    return redirect(reverse("messaging:list") + (f"?{query}" if query else ""))
