"""消息: a member's own notices: read, mark, remove, filter, search; with what became of them on other channels."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.messaging import reading as acts
from xinshu.messaging.forms import HistoryForm
from xinshu.messaging.models import Notice

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
    context = {"page": page, "unread_only": unread_only, "asked_for": form.asked(), "tones": Notice.Tone.choices}
    return render(request, "messaging/notices.html", context)


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
    elif action in {"open", "read"}:
        acts.mark_notice(notice, "read", by=request.member, at=clock.now())  # type: ignore[attr-defined]
        if action == "open" and notice.link:
            return redirect(notice.link)
    elif action == "unread":
        acts.mark_notice(notice, "unread", by=request.member, at=clock.now())  # type: ignore[attr-defined]
    else:
        raise Http404
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    query = request.GET.urlencode()
    return redirect(reverse("messaging:list") + (f"?{query}" if query else ""))
