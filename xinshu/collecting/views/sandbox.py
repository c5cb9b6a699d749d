"""The demo's platforms: their pages, for whoever opens a notice at its source, and the page that has them publish."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from xinshu.accounts.requests import member_of
from xinshu.collecting.forms import AwardForm
from xinshu.collecting.lifecycle import MANAGE
from xinshu.collecting.models import Source
from xinshu.collecting.sandbox.inside import BUYERS, PLACE, WINNERS, say
from xinshu.collecting.sandbox.published import publish, published
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown


def platform(request: HttpRequest, path: str) -> HttpResponse:
    """Answer as an invented platform would."""
    if not settings.DEMO or request.method not in ("GET", "HEAD"):
        raise Http404
    said = say(request.get_full_path(), {})
    return HttpResponse(said.body, status=said.status, content_type=said.headers.get("Content-Type", "text/plain"))


@needs(MANAGE)
def publishing(request: HttpRequest) -> HttpResponse:
    """Have a platform publish an award now, so that its way to the winner's manager can be watched."""
    if not (settings.DEMO or settings.TESTING):
        raise Unknown(_("只有演示环境有这个页面。"))
    at = now()
    many = sum(len(published(name)) for name in ("yunzhou", "bidding"))
    proposed = {
        "platform": "yunzhou", "project": _("云湖片区排水改造工程（演示%(n)s）") % {"n": many + 1},
        "number": f"YSFB-{local_day(at):%Y%m%d}-{many + 1:03d}", "buyer": BUYERS[0], "winner": WINNERS[1],
        "amount": 1_286_000_000,
    }  # fmt: skip
    form = AwardForm(request.POST if request.method == "POST" else None, initial=proposed)
    if form.is_valid():
        publish(form.cleaned_data["platform"], form.award(), at)
        messages.success(request, _("平台已发布。下一次采集会取到它；打开来源点“立即采集”，马上就取。"))
        return redirect("collecting:publishing")
    newest = sorted(
        ((one, f"{PLACE}/{name}/notice/{one.id}.html") for name in ("yunzhou", "bidding") for one in published(name)),
        key=lambda told: told[0].at, reverse=True,
    )  # fmt: skip
    running = Source.objects.visible_to(member_of(request)).filter(state="on")
    context = {
        "form": form, "winners": WINNERS, "newest": newest[:10],
        "sources": [one for one in running.order_by("pk") if f"{PLACE}/" in one.recipe.address],
    }  # fmt: skip
    return render(request, "collecting/publishing.html", context, status=form.status)
