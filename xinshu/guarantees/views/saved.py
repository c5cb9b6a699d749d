"""Saved views of the register: kept under a name from the register's page, dropped there."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.guarantees.actions.saved_views import drop_view, save_view
from xinshu.guarantees.forms import FiltersForm
from xinshu.guarantees.models import SavedView
from xinshu.guarantees.register_columns import chosen


@require_POST
@needs("guarantees.view")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters that the page was opened with, and the columns that were ticked."""
    member = member_of(request)
    query = told_query(QueryDict(request.POST.get("query", "")[:2000].replace("\0", "")), request.POST.getlist("cols"))
    shared = request.POST.get("shared") == "on"
    name = request.POST.get("name", "").replace("\0", "")
    if not name.strip() and request.POST.get("only") == "show":
        return redirect(f"{reverse('guarantees:list')}?{query}")
    view = save_view(name, query, shared=shared, by=member, at=now())
    messages.success(request, _("视图“%s”已保存。") % view.name)
    return redirect(f"{reverse('guarantees:list')}?{query}")


@require_POST
@needs("guarantees.view")
def drop(request: HttpRequest, reference: str) -> HttpResponse:
    """Drop one of one's own views."""
    member = member_of(request)
    view = SavedView.objects.visible_to(member).filter(reference=reference).first()
    if view is None:
        raise Unknown(_("没有找到这个视图。"), advice=_("可能已经删除。"))
    drop_view(view, by=member, at=now())
    messages.success(request, _("视图已删除。"))
    return redirect("guarantees:list")


def told_query(asked: QueryDict, columns: list[str]) -> str:
    """Return filters that can be read, and columns, as they stand in a URL: nothing else is kept."""
    form = FiltersForm(asked)
    form.is_valid()
    told = {name: asked[name] for name, value in form.cleaned_data.items() if value not in (None, "")}
    if columns:
        told["cols"] = ",".join(chosen(columns))
    return urlencode(told)


def views_of(member: Member, here: str) -> list[tuple[SavedView, str, bool]]:
    """Return the saved views of `member` as (view, address, whether it is what is shown): own first, then shared."""
    found = SavedView.objects.visible_to(member).select_related("owner__user").order_by("name", "pk")
    page = reverse("guarantees:list")
    rows = sorted(found, key=lambda view: view.owner_id != member.pk)
    return [(view, f"{page}?{view.query}", view.query == here) for view in rows]
