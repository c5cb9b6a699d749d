"""Training data: the list, bringing a table, its dictionary, its acts."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.scoring.actions.data import bring_table, confirm_data, describe_data, drop_data
from xinshu.scoring.facts import FACTS, fact_for
from xinshu.scoring.learning.kinds import CATEGORY, FEATURE, IGNORE, NUMBER, TARGET, TIME, Column, columns_from
from xinshu.scoring.lifecycle import DATA, TRAIN, VIEW
from xinshu.scoring.models import DataSet
from xinshu.scoring.views.doors import data_of, house_of
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50


def roles() -> list[tuple[str, str]]:
    """Return what a column can be for."""
    return [(FEATURE, _("特征")), (TARGET, _("是否违约")), (TIME, _("时间")), (IGNORE, _("不使用"))]


def kinds() -> list[tuple[str, str]]:
    """Return what a column can be."""
    return [(NUMBER, _("数字")), (CATEGORY, _("类别"))]


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's tables."""
    member = house_of(request)
    rows = DataSet.objects.visible_to(member).order_by("-created_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "states": DATA.states, "trains": member.can(TRAIN)}
    return render(request, "scoring/data_list.html", context)


@needs(TRAIN)
def new(request: HttpRequest) -> HttpResponse:
    """Bring a table. What is wrong with it is said in words, and nothing typed is lost."""
    member, typed = house_of(request), {"name": "", "note": ""}
    wrong: Invalid | None = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:300] for name in typed}
        upload: Any = request.FILES.get("file")
        try:
            if upload is None:
                raise Invalid(_("还没有选择文件。"), fields={"file": _("请选择 CSV、XLSX 或 ARFF 文件")})
            brought = bring_table(
                read_upload(upload), upload.name or "", typed["name"], note=typed["note"], by=member, at=now()
            )
        except Invalid as refused:
            wrong = refused
        else:
            messages.success(request, _("已保存，请核对每一列是什么，再确认可训练。"))
            return redirect("scoring:data", brought.reference)
    context = {"typed": typed, "wrong": wrong, "facts": FACTS.values()}
    return render(request, "scoring/data_new.html", context, status=422 if wrong else 200)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one table: its dictionary, what each column looks like; on POST write the dictionary."""
    one, member = data_of(request, reference), house_of(request)
    columns, bad, note = columns_from(one.columns), one.bad_value, one.note
    wrong: Invalid | None = None
    if request.method == "POST":
        columns, bad, note = _posted(request, columns)
        try:
            describe_data(as_seen(one, request), columns, bad, note, by=member, at=now())
        except Invalid as refused:
            wrong = refused
            one.refresh_from_db()
        else:
            messages.success(request, _("列字典已保存。"))
            return redirect("scoring:data", reference)
    acts = DATA.possible(one, member)
    rows = [
        {"column": column, "look": look, "fact": fact_for(column), "wrong": wrong.fields if wrong else {}}
        for column, look in zip(columns, one.looks, strict=True)
    ]
    context = {
        "data": one, "rows": rows, "bad": bad, "note": note, "wrong": wrong, "state": DATA.states[one.state],
        "acts": [act for act in acts if act.action != "describe"], "roles": roles(), "kinds": kinds(),
        "editable": any(act.action == "describe" for act in acts), "facts": FACTS.values(),
        "filled": sum(row["fact"] is not None and row["column"].role == FEATURE for row in rows),
    }  # fmt: skip
    return render(request, "scoring/data.html", context, status=422 if wrong else 200)


def _posted(request: HttpRequest, columns: tuple[Column, ...]) -> tuple[tuple[Column, ...], str, str]:
    """Return the dictionary as it was typed; a word that is none of the choices leaves what stood."""
    post, found = request.POST, []
    allowed = {"kind": dict(kinds()), "role": dict(roles())}
    for place, column in enumerate(columns):
        said = {name: post.get(f"c{place}-{name}", "") for name in ("label", "kind", "role")}
        kind = said["kind"] if said["kind"] in allowed["kind"] else column.kind
        role = said["role"] if said["role"] in allowed["role"] else column.role
        found.append(Column(column.name, said["label"].strip()[:80], kind, role))
    return tuple(found), post.get("bad_value", "")[:60], post.get("note", "")[:300]


@require_POST
@needs(VIEW)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Confirm or drop a table. The posted version is what the person saw."""
    one, by, at = data_of(request, reference), house_of(request), now()
    if action == "confirm":
        confirm_data(as_seen(one, request), by=by, at=at)
        messages.success(request, _("已确认，可以用它训练。"))
    elif action == "drop":
        drop_data(as_seen(one, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已作废，不再用它训练。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("scoring:data", reference)
