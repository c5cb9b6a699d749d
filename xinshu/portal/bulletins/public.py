"""公告 as anybody reads them: the list, one of them, its files, the feed. No sign-in."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from xinshu.core.clock import now
from xinshu.core.refusals import Unknown
from xinshu.documents.views import file_response
from xinshu.portal.bulletins.forms import SearchForm
from xinshu.portal.bulletins.queries import Search, shown_bulletin
from xinshu.portal.bulletins.wording import beginning, shown_text
from xinshu.portal.models import Category

PER_PAGE = 15
FED = 30


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """List what is shown now, pinned ones first."""
    form = SearchForm(request.GET)
    form.is_valid()
    search = Search(q=form.cleaned_data.get("q", ""), category=form.cleaned_data.get("category", ""))
    page = Paginator(search.public(now()), PER_PAGE).get_page(request.GET.get("page"))
    kept = {"q": search.q} if search.q else {}
    tabs = [
        (str(label), f"?{urlencode({'category': code, **kept})}", None, code == search.category)
        for code, label in Category.choices
    ]
    context = {"page": page, "search": search, "tabs": tabs}
    return render(request, "portal/announcements.html", context)


@require_GET
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One announcement."""
    at = now()
    bulletin = shown_bulletin(reference, at)
    others = Search().public(at).exclude(pk=bulletin.pk)[:5]
    context = {
        "bulletin": bulletin,
        "text": shown_text(bulletin.body),
        "files": bulletin.attachments.select_related("file__blob"),
        "others": others,
    }
    return render(request, "portal/announcement.html", context)


@require_safe
def download(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Hand over a file of an announcement that is shown now."""
    bulletin = shown_bulletin(reference, now())
    found = bulletin.attachments.select_related("file__blob").filter(pk=min(number, 2**62)).first()
    if found is None:
        raise Unknown(_("没有找到这个附件。"), advice=_("可能已被移除，请看公告正文。"))
    return file_response(found.file)


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The newest announcements for feed readers (Atom, RFC 4287)."""
    made = Atom1Feed(
        title=_("信枢公告"),
        link=request.build_absolute_uri(reverse("portal:announcements")),
        description=_("平台规则、服务与风险提示"),
        language="zh-CN",
        feed_url=request.build_absolute_uri(),
    )
    for bulletin in Search().public(now()).order_by("-published_at", "-pk")[:FED]:
        link = request.build_absolute_uri(reverse("portal:announcement", args=[bulletin.reference]))
        made.add_item(
            title=bulletin.title, link=link, unique_id=link, description=beginning(bulletin.body, 300),
            pubdate=bulletin.published_at, updateddate=bulletin.changed_at,
            categories=[str(bulletin.get_category_display())],
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type=made.content_type)
