"""门户编排: channels and columns in one form, seen before they hold; every arrangement there ever was."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.portal.arranging import actions as acts
from xinshu.portal.arranging.forms import Channels, Columns, NoteForm, pieces_of
from xinshu.portal.arranging.showing import CHANNELS, bar_of, current, filled
from xinshu.portal.bulletins.lifecycle import MANAGE
from xinshu.portal.models import Arrangement

SHOWN = 30


@require_http_methods(["GET", "POST"])
@needs(MANAGE)
def show(request: MemberRequest) -> HttpResponse:
    """The arrangement as a form. By POST it is kept, or with `preview` shown as the home page and not kept."""
    if request.method != "POST":
        channels, columns = current()
        return _page(request, Channels(prefix="channels", initial=channels), Columns(prefix="columns", initial=columns))
    typed_channels, typed_columns = Channels(request.POST, prefix="channels"), Columns(request.POST, prefix="columns")
    note = NoteForm(request.POST)
    if not (note.is_valid() and typed_channels.is_valid() and typed_columns.is_valid()):
        return _page(request, typed_channels, typed_columns, note, wrong=True)
    pieces = pieces_of(typed_channels), pieces_of(typed_columns)
    try:
        if "preview" in request.POST:
            return _preview(request, *acts.check(*pieces))
        told = note.cleaned_data
        acts.arrange(*pieces, seen=told["seen"] or 0, note=told["note"], by=request.member, at=now())
    except Invalid as refusal:
        return _page(request, typed_channels, typed_columns, note, refusal=refusal)
    cache.delete(CHANNELS)
    messages.success(request, _("编排已保存，首页已更新。"))
    return redirect("portal:arrangement")


@require_POST
@needs(MANAGE)
def restore(request: MemberRequest) -> HttpResponse:
    """Go back to an earlier arrangement, as a new version."""
    form = NoteForm(request.POST)
    form.is_valid()
    told = form.cleaned_data
    acts.restore(told.get("number") or 0, seen=told.get("seen") or 0, by=request.member, at=now())
    cache.delete(CHANNELS)
    messages.success(request, _("已恢复，首页已更新。"))
    return redirect("portal:arrangement")


def _preview(request: MemberRequest, channels: Any, columns: Any) -> HttpResponse:
    context = {
        "rows": filled(columns, now(), inside=False),
        "public_channels": bar_of(channels),
        "preview": True,
    }
    return render(request, "portal/home.html", context)


def _page(
    request: MemberRequest, channels: Any, columns: Any, note: NoteForm | None = None, *, wrong: bool = False,
    refusal: Invalid | None = None,
) -> HttpResponse:  # fmt: skip
    holds = acts.newest()
    context = {
        "channels": channels,
        "columns": columns,
        "note": note or NoteForm(),
        "seen": request.POST.get("seen", "") if note else (holds.number if holds else 0),
        "holds": holds,
        "past": Arrangement.objects.order_by("-number")[:SHOWN],
        "refusal": refusal,
        "wrong": wrong,
    }
    return render(request, "portal/arrangement.html", context, status=422 if wrong or refusal else 200)
