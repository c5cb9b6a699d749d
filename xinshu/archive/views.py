"""归档: the list of dossiers, one dossier with its files, downloads, sealing on demand."""

import io
from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.archive.batches import AT_MOST, part_between, parts_of, remember_taken, written
from xinshu.archive.bundles import bundle_of, content_of, readable
from xinshu.archive.dossiers import ask_for_dossier
from xinshu.archive.exporting import ask_for_export, take_part
from xinshu.archive.forms import FiltersForm
from xinshu.archive.models import Dossier, Export
from xinshu.archive.queries import Filters, dossiers_of
from xinshu.archive.sides import GUARANTOR, side_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotPermitted, Unknown
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.ledger.exports import Column, export_sheet, must_export
from xinshu.ledger.reads import looked_at
from xinshu.ledger.recording import record
from xinshu.web.posted import page_in

PAGE, EXPORT_UP_TO = 20, 50_000
RELATED = ("guarantee__applicant", "guarantee__guarantor", "guarantee__beneficiary", "guarantee__project")


@require_GET
@needs("guarantees.view")
def show_list(request: HttpRequest) -> HttpResponse:
    """List the dossiers that exist for the member, narrowed by the URL."""
    form, filters = _filters(request)
    found = dossiers_of(member_of(request), now(), filters).select_related(*RELATED)
    page = page_in(request, size=PAGE)
    rows = list(found[(page - 1) * PAGE : page * PAGE + 1])
    shown = [{"dossier": row, "state": LIFECYCLE.states[row.state_then]} for row in rows[:PAGE]]
    context = {"form": form, "filters": filters, "rows": shown, "page": page, "has_next": len(rows) > PAGE}
    return render(request, "archive/list.html", {**context, "applied": _applied(form)})


@require_GET
@needs("guarantees.view")
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one dossier: what it holds for the member, how it is proven, the other versions."""
    member, at = member_of(request), now()
    dossier = _dossier(member, reference, at)
    case, side = dossier.guarantee, side_of(dossier.guarantee, member)
    looked_at("archive.read", dossier, by=member, at=at, sealed_until=case.secret_until)
    items = readable(dossier, side)
    versions = Dossier.objects.filter(guarantee=case).exclude(sealed_at=None).order_by("-number")
    return render(
        request,
        "archive/detail.html",
        {
            "dossier": dossier,
            "case": case,
            "items": items,
            "hidden": dossier.count - len(items),
            "versions": versions,
            "state": LIFECYCLE.states[dossier.state_then],
            "may_seal": side == GUARANTOR,
            "making": Dossier.objects.filter(guarantee=case, sealed_at=None).exists(),
        },
    )


@require_GET
@needs("guarantees.view")
def bundle(request: HttpRequest, reference: str) -> HttpResponse:
    """Download the whole dossier, as far as the member may see it. Recorded before it goes."""
    member, at = member_of(request), now()
    must_export(member)
    dossier = _dossier(member, reference, at)
    content = bundle_of(dossier, side_of(dossier.guarantee, member))
    _take(dossier, member, at, "*")
    name = _("归档-%(number)s-第%(version)d版.zip") % {"number": dossier.guarantee.number, "version": dossier.number}
    return _attachment(content, name, "application/zip")


@require_GET
@needs("guarantees.view")
def file(request: HttpRequest, reference: str, position: str) -> HttpResponse:
    """Download one file of a dossier."""
    member, at = member_of(request), now()
    dossier = _dossier(member, reference, at)
    items = readable(dossier, side_of(dossier.guarantee, member))
    item = next((one for one in items if str(one.position) == position), None)
    if item is None:
        raise Unknown(_("没有找到这个归档文件。"), advice=_("请从归档页面打开。"))
    content = content_of(item)
    _take(dossier, member, at, item.path)
    return _attachment(content, item.path.rpartition("/")[2], item.blob.mime)


@require_POST
@needs("guarantees.view")
def seal(request: HttpRequest, reference: str) -> HttpResponse:
    """Have a guarantee archived as it is now; the guarantor's people only."""
    member, at = member_of(request), now()
    guarantee = guarantee_for(member, reference)
    if side_of(guarantee, member) != GUARANTOR:
        raise NotPermitted(_("归档由保证人办理。"), advice=_("您可以下载现有的归档案卷和证明文件。"))
    ask_for_dossier(guarantee, cause=Dossier.Cause.ASKED, by=member, at=at)
    messages.success(request, _("正在归档，通常几秒完成，刷新页面即可看到。"))
    return redirect("guarantees:detail", reference)


@require_GET
@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the list as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    _form, filters = _filters(request)
    found = dossiers_of(member, at, filters)
    told = Guarantee.objects.filter(pk__in=found.order_by().values("guarantee"))
    rows = found.select_related(*RELATED)[:EXPORT_UP_TO]
    made = export_sheet(
        _("归档清单"),
        COLUMNS,
        rows.iterator(chunk_size=2000),
        kind="archive.exported",
        subject=member.organisation,
        by=member,
        at=at,
        query=request.GET.urlencode()[:500],
        sealed_until=secret_until(told, at),
    )
    name = _("归档清单-%(moment)s.xlsx") % {"moment": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


@require_GET
@needs("guarantees.export")
def batch(request: HttpRequest) -> HttpResponse:
    """Show into which parts the dossiers that the filters leave are cut, each a download of its own."""
    form, filters = _filters(request)
    found = dossiers_of(member_of(request), now(), filters)
    parts = parts_of(found)
    earlier = Export.objects.visible_to(member_of(request)).order_by("-pk")[:5]
    context = {
        "parts": parts, "applied": _applied(form), "total": sum(part.count for part in parts), "earlier": earlier,
    }  # fmt: skip
    return render(
        request, "archive/batch.html", {**context, "most": AT_MOST, "over": found[: AT_MOST + 1].count() > AT_MOST}
    )


@require_GET
@needs("guarantees.export")
def batch_part(request: HttpRequest, first: str, last: str) -> HttpResponseBase:
    """Send one part while it is written. Every dossier in it is recorded as taken before."""
    member, at = member_of(request), now()
    must_export(member)
    _form, filters = _filters(request)
    dossiers = part_between(dossiers_of(member, at, filters), first, last)
    remember_taken(dossiers, member, at)
    response = StreamingHttpResponse(written(dossiers, member), content_type="application/zip")
    name = _("归档-%(first)s-%(last)s.zip") % {"first": first, "last": last}
    response["Content-Disposition"] = f"attachment; filename=\"dossiers\"; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@needs("guarantees.export")
def ask_export(request: HttpRequest) -> HttpResponse:
    """Have the worker make an export of what the filters leave."""
    member, at = member_of(request), now()
    _form, filters = _filters(request)
    export = ask_for_export(dossiers_of(member, at, filters), filters=request.GET.urlencode(), by=member, at=at)
    messages.success(request, _("正在后台准备，可以离开这个页面，准备好后会通知您。"))
    return redirect("archive:show_export", export.reference)


def _export(member: Member, reference: str) -> Export:
    found = Export.objects.visible_to(member).filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这次导出。"), advice=_("只有申请导出的人可以下载。"))
    return found


@require_GET
@needs("guarantees.export")
def show_export(request: HttpRequest, reference: str) -> HttpResponse:
    """Show how far an export has come, and its parts."""
    export = _export(member_of(request), reference)
    parts = list(export.parts.order_by("position").defer("blob"))
    done = sum(part.made_at is not None for part in parts)
    over = export.expires_at is not None and export.expires_at <= now()
    context = {
        "export": export, "parts": [(part, len(part.dossiers)) for part in parts], "done": done,
        "percent": done * 100 // len(parts) if parts else 100, "over": over or export.state == Export.State.EXPIRED,
    }  # fmt: skip
    return render(request, "archive/export.html", context)


@require_GET
@needs("guarantees.export")
def export_progress(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell a waiting page whether another part is made: 204 while not, a reload when it is."""
    export = _export(member_of(request), reference)
    done = export.parts.exclude(made_at=None).count()
    same = str(done) == request.GET.get("done") and export.state == Export.State.MAKING
    return HttpResponse(status=204) if same else HttpResponse(status=200, headers={"HX-Refresh": "true"})


@require_GET
@needs("guarantees.export")
def export_part(request: HttpRequest, reference: str, position: str) -> HttpResponse:
    """Download one part. Recorded for every dossier in it before it goes."""
    member = member_of(request)
    export = _export(member, reference)
    number = int(position) if position.isascii() and position.isdecimal() and len(position) < 6 else 0
    content = take_part(export, number, by=member, at=now())
    return _attachment(content, _("归档-%(day)s-%(n)d.zip") % {
        "day": f"{export.asked_at.astimezone(CHINA):%Y%m%d}", "n": number,
    }, "application/zip")  # fmt: skip


def _dossier(member: Member, reference: str, at: datetime) -> Dossier:
    """Return the sealed dossier with this reference. Raises Unknown when there is none, or none for this member."""
    found = Dossier.objects.visible_to(member, at).exclude(sealed_at=None).filter(reference=reference)
    dossier = found.select_related(*RELATED).first()
    if dossier is None:
        raise Unknown(_("没有找到这份归档。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return dossier


def _take(dossier: Dossier, member: Member, at: datetime, what: str) -> None:
    with transaction.atomic():
        record("archive.taken", dossier, by=member, at=at, sealed_until=dossier.guarantee.secret_until, path=what)


def _attachment(content: bytes, name: str, mime: str) -> HttpResponse:
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f"attachment; filename=\"dossier\"; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _filters(request: HttpRequest) -> tuple[FiltersForm, Filters]:
    form = FiltersForm(request.GET)
    form.is_valid()
    return form, Filters(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})


def _applied(form: FiltersForm) -> list[tuple[str, str]]:
    """Return the filters in force in words, each with the name to leave out of the URL."""
    words = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if value not in (None, ""):
            shown = dict(field.choices).get(value, value) if hasattr(field, "choices") else value
            words.append((f"{field.label}：{shown}" if field.label else str(shown), name))
    return words


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


COLUMNS = (
    Column(lazy("保函编号"), 24, "guarantees.Guarantee.number", lambda row: row.guarantee.number),
    Column(lazy("类型"), 10, "guarantees.Guarantee.kind", lambda row: str(row.guarantee.get_kind_display())),
    Column(lazy("归档时状态"), 12, "archive.Dossier.state_then", lambda row: LIFECYCLE.states[row.state_then].label),
    Column(lazy("申请人"), 32, "accounts.Organisation.name", lambda row: row.guarantee.applicant.name),
    Column(lazy("保证人"), 28, "accounts.Organisation.name", lambda row: row.guarantee.guarantor.name),
    Column(lazy("受益人"), 32, "accounts.Organisation.name", lambda row: row.guarantee.beneficiary.name),
    Column(lazy("项目"), 44, "projects.Project.name", lambda row: row.guarantee.project.name),
    Column(lazy("归档号"), 16, "archive.Dossier.reference", lambda row: row.reference),
    Column(lazy("版次"), 8, "archive.Dossier.number", lambda row: row.number),
    Column(lazy("归档时间"), 18, "archive.Dossier.state_then", lambda row: _minute(row.sealed_at)),
    Column(lazy("件数"), 8, "archive.Dossier.count", lambda row: row.count),
    Column(lazy("保管至"), 12, "archive.Dossier.state_then", lambda row: str(row.retain_until or "")),
    Column(lazy("目录摘要 SM3"), 66, "archive.Dossier.manifest_sm3", lambda row: row.manifest_sm3),
)
