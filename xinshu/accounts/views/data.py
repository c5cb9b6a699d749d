"""数据分级: how sensitive every field is; 用户清单 taken away."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from xinshu.accounts.exports import export_users
from xinshu.accounts.forms import SearchForm
from xinshu.accounts.requests import MemberRequest
from xinshu.core import clock
from xinshu.core.classification import Level, classified
from xinshu.core.doors import needs
from xinshu.ledger.exports import XLSX


@needs("accounts.view")
def classification_page(request: MemberRequest) -> HttpResponse:
    """数据分级: the table of classes, by context, narrowed to a level."""
    level = request.GET.get("level", "")
    wanted = Level(int(level)) if level in {"1", "2", "3", "4"} else None
    rows = [(model, field, of) for model, field, of in classified() if of is not None]
    counts = {one: sum(of.level == one for _model, _field, of in rows) for one in Level}
    shown = [row for row in rows if wanted is None or row[2].level == wanted]
    apps = [
        (app, [(model.__name__, field.name, of) for model, field, of in found])
        for app, found in groupby(shown, key=lambda row: row[0]._meta.app_config.verbose_name)
    ]
    context = {"apps": apps, "counts": counts, "wanted": wanted, "levels": list(Level), "total": len(rows)}
    return render(request, "accounts/classification.html", context)


@require_POST
@needs("accounts.view")
def users_export(request: MemberRequest) -> HttpResponse:
    """导出用户清单: what the filters leave, phones and names covered without the right to see them."""
    asked, at = SearchForm(request.GET).asked(), clock.now()
    export = export_users(request.member, q=asked["q"], state=asked["state"], at=at)
    response = HttpResponse(export.content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="users-{at.astimezone(clock.CHINA):%Y%m%d-%H%M}.xlsx"'
    return response
