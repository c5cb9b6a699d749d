"""待跟进的中标: what was pushed and is not over, as cards; the workbench's panel is a part of the same page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.tenders.latest import as_work, waiting

PAGE, PANEL = 20, 4
WHY_NOT = (_("客户不需要保函"), _("已在别家办理"), _("金额或期限不合适"), _("不是本机构的客户"), _("名称匹配错了"))


@require_GET
@needs("tenders.view")
def show(request: HttpRequest) -> HttpResponse:
    """List them, newest or best first; `panel` is what the workbench shows, to be put there anew."""
    member, at = member_of(request), now()
    if "panel" in request.GET:
        rows = [as_work(one, member, at) for one in waiting(member)[:PANEL]]
        return render(request, "tenders/_panel.html", {"panel": {"context": {"rows": rows}}})
    best = request.GET.get("order") == "score"
    page = Paginator(waiting(member, best_first=best), PAGE).get_page(request.GET.get("page"))
    rows = [as_work(one, member, at) for one in page.object_list]
    return render(request, "tenders/waiting.html", {"page": page, "rows": rows, "best": best, "why_not": WHY_NOT})
