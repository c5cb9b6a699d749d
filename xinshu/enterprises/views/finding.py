"""全局搜索: what was typed brings customers with what is theirs, guarantees, projects, and files by their content."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import signed_in
from xinshu.core.grams import terms_of
from xinshu.documents.searching.finding import find_files
from xinshu.documents.visibility import homes_of
from xinshu.enterprises.search.finding import find
from xinshu.enterprises.search.near import near
from xinshu.enterprises.search.related import FINDERS, related_to

BEST = 3  # customers shown with what is theirs
FILES = 10  # of one page
PAGES = 20  # so many can be turned; who has not found it by then types another word


@require_safe
@signed_in
def show(request: HttpRequest) -> HttpResponse:
    """Show everything that was found, each kind a few; files by their content can be turned over."""
    member, at = member_of(request), now()
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    typed = request.GET.get("page", "")
    number = min(max(int(typed), 1), PAGES) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1
    long_enough = bool(terms_of(q))
    customers, more_customers = (
        find(q, member, BEST) if long_enough and number == 1 and member.can("enterprises.view") else ([], False)
    )
    files, more_files = find_files(q, member, at, limit=FILES, page=number) if long_enough else ([], False)
    groups = [
        (finder, hits, finder.everything(q))
        for finder in (FINDERS.values() if long_enough and number == 1 else ())
        if (hits := finder.find(q, member, at))
    ]
    alike = near(q, member, customers) if number == 1 and len(customers) < BEST else []
    context = {
        "q": q, "long_enough": long_enough, "customers": customers, "more_customers": more_customers,
        "near": alike,
        "related": related_to(customers, member, at), "groups": groups, "files": files, "number": number,
        "homes": homes_of([hit.file for hit in files], member, at),
        "next": number + 1 if more_files and number < PAGES else None,
        "nothing": not (customers or alike or groups or files),
        "kinds": _("企业、保函、项目和文件内容"),
    }  # fmt: skip
    return render(request, "enterprises/find.html", context)
