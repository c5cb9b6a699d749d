"""采集来源: the list with its health and export, one source, its form with a trial, what is done with it."""

import io
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import member_of
from xinshu.collecting.actions.sources import collect_now, edit_source, note_trial, switch_off, switch_on, write_source
from xinshu.collecting.forms import EditForm, SourceForm, typed_of
from xinshu.collecting.lifecycle import MANAGE, SOURCE
from xinshu.collecting.models import KeptPage, Run, Source
from xinshu.collecting.queries import Health, health_of, narrowed
from xinshu.collecting.trial import Trial, try_out
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown, there
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50
SHOWN = 20_000  # characters of a kept page


def _asked(request: HttpRequest) -> tuple[str, str]:
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    return text, request.GET.get("view", "")


@needs(MANAGE)
def show_all(request: HttpRequest) -> HttpResponse:
    """List the sources with their health."""
    text, view = _asked(request)
    rows = narrowed(Source.objects.visible_to(member_of(request)), text, view).order_by("name", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": health_of(list(page), now()), "view": view, "q": text}
    return render(request, "collecting/list.html", context)


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


def _errors(row: Health) -> str:
    return "" if row.error_percent is None else f"{row.error_percent}%"


def _alarms(row: Health) -> str:
    return "；".join(str(one.get_kind_display()) for one in row.alarms)


_NAME = "collecting.Source."
COLUMNS = (
    Column(lazy("来源"), 30, _NAME + "name", lambda row: row.source.name),
    Column(lazy("代码"), 20, _NAME + "code", lambda row: row.source.code),
    Column(lazy("类型"), 18, _NAME + "kind", lambda row: row.source.kind_label),
    Column(lazy("状态"), 10, _NAME + "state", lambda row: row.source.standing.label),
    Column(lazy("间隔（分钟）"), 12, _NAME + "minutes", lambda row: row.source.minutes),
    Column(lazy("最近正常"), 18, _NAME + "name", lambda row: _when(row.source.last_good_at)),
    Column(lazy("日均新公告（近 7 天）"), 20, _NAME + "usually", lambda row: row.per_day),
    Column(lazy("失败率（近 7 天）"), 16, _NAME + "failures", _errors),
    Column(lazy("告警"), 50, "collecting.Alarm.text", _alarms),
)  # fmt: skip


@needs(MANAGE)
def export(request: HttpRequest) -> FileResponse:
    """Download the sources with their health. It is recorded."""
    member, at = member_of(request), now()
    rows = narrowed(Source.objects.visible_to(member), *_asked(request)).order_by("name", "pk")
    sheet = export_sheet(
        _("采集来源"), COLUMNS, health_of(list(rows), at), kind="collecting.exported", subject=member.organisation,
        by=member, at=at,
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("采集来源.xlsx"))


def _source(request: HttpRequest, reference: str) -> Source:
    found = Source.objects.visible_to(member_of(request)).filter(reference=reference)
    return there(found.select_related("owner").first(), _("没有找到这个采集来源。"))


@needs(MANAGE)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a source: health, recipe with its versions, alarms with their pages, runs."""
    return _page(request, _source(request, reference))


def _page(request: HttpRequest, source: Source, trial: Trial | None = None) -> HttpResponse:
    member, at = member_of(request), now()
    possible = SOURCE.possible(source, member)
    versions = list(source.versions.order_by("-number").select_related("written_by__user"))
    asked = request.GET.get("number", "")
    version = next((one for one in versions if str(one.number) == asked), versions[0])
    runs = Paginator(source.runs.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "source": source, "health": health_of([source], at)[0], "versions": versions, "version": version,
        "recipe": version.recipe, "trial": trial, "runs": runs, "page": runs,
        "collecting": source.runs.filter(state__in=Run.OPEN, due_at__lte=at).exists(),
        "keep_days": settings.COLLECTING_KEEP_DAYS,
        "alarms": source.alarms.select_related("page").order_by("-opened_at", "-pk")[:20],
        "failed": source.items.filter(outcome__in=("gone", "barred", "unread", "refused")).order_by("-pk")[:20],
        "acts": [row for row in possible if row.action != "edit_source"],
        "editable": any(row.action == "edit_source" for row in possible),
    }  # fmt: skip
    return render(request, "collecting/source.html", context, status=422 if trial and trial.problem else 200)


@needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """Write a source, or try what is typed."""
    form = SourceForm(request.POST if request.method == "POST" else None)
    return _edit(request, form, None)


@needs(MANAGE)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change a source that is not being collected from, or try what is typed."""
    source = _source(request, reference)
    SOURCE.step("edit_source", source, member_of(request))
    form = EditForm(request.POST if request.method == "POST" else None, initial=typed_of(source))
    return _edit(request, form, source)


def _edit(request: HttpRequest, form: SourceForm, source: Source | None) -> HttpResponse:
    member, trial = member_of(request), None
    if request.method == "POST":
        if "try" in request.POST:
            if form.may_be_tried():
                trial = try_out(form.recipe(), form.cleaned_data["delay_seconds"], now())
        elif form.is_valid():
            try:
                made = (
                    write_source(form.wanted(), by=member, at=now())
                    if source is None
                    else edit_source(as_seen(source, request), form.wanted(), by=member, at=now())
                )
            except Invalid as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("来源已保存。试采成功后可以启用。"))
                return redirect("collecting:source", made.reference)
    seen = request.POST.get("version", str(source.version))[:10] if source else ""
    context = {"form": form, "source": source, "trial": trial, "seen": seen}
    return render(request, "collecting/edit.html", context, status=form.status)


@require_POST
@needs(MANAGE)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    source, by = _source(request, reference), member_of(request)
    if action == "try_source":
        return _try(request, source)
    if action == "switch_on":
        switch_on(as_seen(source, request), by=by, at=now())
        messages.success(request, _("已启用，马上开始第一次采集。"))
    elif action == "collect_now":
        collect_now(as_seen(source, request), by=by, at=now())
        messages.success(request, _("已安排采集，结果会自己出现在采集记录里。"))
    elif action == "switch_off":
        switch_off(as_seen(source, request), reason=reason_in(request), by=by, at=now())
        messages.success(request, _("已停用，不再访问这个来源。已采集的公告都保留。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("collecting:source", reference)


def _try(request: HttpRequest, source: Source) -> HttpResponse:
    seen, by = as_seen(source, request), member_of(request)
    SOURCE.step("try_source", source, by)
    trial = try_out(source.recipe, source.delay_seconds, now())
    if not trial.problem and trial.found is not None and trial.notice is not None:
        source = note_trial(seen, listed=len(trial.found.listed), title=trial.notice.title, by=by, at=now())
    return _page(request, source, trial)


def _kept(request: HttpRequest, reference: str) -> KeptPage:
    own = Source.objects.visible_to(member_of(request)).values("pk")
    found = KeptPage.objects.filter(source__in=own, reference=reference).select_related("source").first()
    return there(found, _("没有找到这个留存页面，它可能已过保存期。"))


@needs(MANAGE)
def show_kept(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a kept page as text: nothing of it is run."""
    kept = _kept(request, reference)
    text = bytes(kept.content).decode("utf-8", "replace").replace("\0", "")
    context = {"kept": kept, "text": text[:SHOWN], "cut": len(text) > SHOWN or kept.size > len(bytes(kept.content))}
    return render(request, "collecting/kept.html", context)


@needs(MANAGE)
def download_kept(request: HttpRequest, reference: str) -> FileResponse:
    """Download a kept page as a text file, whatever it says it is."""
    kept = _kept(request, reference)
    return FileResponse(
        io.BytesIO(bytes(kept.content)), as_attachment=True, content_type="text/plain; charset=utf-8",
        filename=_("留存页面-%(reference)s.txt") % {"reference": kept.reference},
    )  # fmt: skip
