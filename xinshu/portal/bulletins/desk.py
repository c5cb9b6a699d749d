"""公告管理: the list, writing and correcting with a preview, publishing, files, history, export."""

import io
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.documents.uploads import read_upload
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.kinds import name_of
from xinshu.ledger.queries import history_of
from xinshu.portal.bulletins import actions as acts
from xinshu.portal.bulletins.forms import ActForm, BulletinForm, FileForm, SearchForm
from xinshu.portal.bulletins.lifecycle import BULLETIN, MANAGE
from xinshu.portal.bulletins.queries import VIEWS, Search, kept_bulletin
from xinshu.portal.bulletins.wording import readable, shown_text
from xinshu.portal.models import Bulletin, BulletinVersion, Category
from xinshu.web.posted import as_seen

PER_PAGE = 20
DONE = {
    "publish": lazy("公告已发布。"),
    "take_down": lazy("公告已下架。"),
    "delete": lazy("公告已删除，历史仍可查。"),
}


@require_GET
@needs(MANAGE)
def show_all(request: MemberRequest) -> HttpResponse:
    """List what the platform keeps."""
    at, search = now(), _searched(request)
    page = Paginator(search.kept(at), PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        (str(label), f"?view={view}", Search(view=view).kept(at).count(), view == search.view)
        for view, label in VIEWS.items()
    ]  # fmt: skip
    context = {
        "page": page, "search": search, "tabs": tabs, "rows": [(one, one.standing_at(at)) for one in page],
        "categories": [("", _("全部类别")), *Category.choices],
    }  # fmt: skip
    return render(request, "portal/bulletins.html", context)


@require_http_methods(["GET", "POST"])
@needs(MANAGE)
def new(request: MemberRequest) -> HttpResponse:
    """Write one; `preview` in what is posted shows it and saves nothing."""
    return _written(request, None)


@require_http_methods(["GET", "POST"])
@needs(MANAGE)
def edit(request: MemberRequest, reference: str) -> HttpResponse:
    """Correct one, with the same preview."""
    bulletin = kept_bulletin(reference)
    BULLETIN.step("edit", bulletin, request.member)
    return _written(request, bulletin)


@require_GET
@needs(MANAGE)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """One as it will be read, with its times, files and acts."""
    bulletin, at = kept_bulletin(reference), now()
    possible = BULLETIN.possible(bulletin, request.member)
    context = {
        "bulletin": bulletin,
        "standing": bulletin.standing_at(at),
        "text": shown_text(bulletin.body),
        "files": bulletin.attachments.select_related("file__blob"),
        "rows": [row for row in possible if row.action != "edit"],
        "may_edit": any(row.action == "edit" for row in possible),
        "versions": bulletin.versions.count(),
    }
    return render(request, "portal/bulletin.html", context)


@require_GET
@needs(MANAGE)
def history(request: MemberRequest, reference: str) -> HttpResponse:
    """Every wording it ever had, and who did what when. `number` in the address opens one version."""
    bulletin = kept_bulletin(reference)
    versions = list(bulletin.versions.all())
    asked = request.GET.get("number", "")
    chosen = next((one for one in versions if str(one.number) == asked), versions[0])
    earlier = next((one for one in versions if one.number == chosen.number - 1), None)
    story = [
        {
            "title": name_of(entry.kind),
            "by": entry.actor_label,
            "moment": entry.at,
            "text": entry.data.get("reason", ""),
        }
        for entry in history_of(bulletin).order_by("-pk")[:100]
    ]
    context = {
        "bulletin": bulletin,
        "standing": bulletin.standing_at(now()),
        "versions": versions,
        "chosen": chosen,
        "text": shown_text(chosen.body),
        "differs": _differences(chosen, earlier) if earlier else [],
        "story": story,
    }
    return render(request, "portal/bulletin_history.html", context)


@require_POST
@needs(MANAGE)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Publish, take down, delete."""
    bulletin, by, at = as_seen(kept_bulletin(reference), request), request.member, now()
    reason = _told(request).get("reason", "")
    if action == "publish":
        acts.publish_bulletin(bulletin, by=by, at=at)
    elif action == "take_down":
        acts.take_down_bulletin(bulletin, by=by, at=at, reason=reason)
    elif action == "delete":
        acts.delete_bulletin(bulletin, by=by, at=at, reason=reason)
    else:
        raise Http404
    messages.success(request, str(DONE[action]))
    return redirect("portal:bulletin", reference)


@require_POST
@needs(MANAGE)
def attach(request: MemberRequest, reference: str) -> HttpResponse:
    """Add a file."""
    bulletin = as_seen(kept_bulletin(reference), request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Invalid(_("没有选择文件。"), advice=_("请选择文件后再上传。"))
    upload = form.cleaned_data["file"]
    acts.attach_to_bulletin(bulletin, read_upload(upload), upload.name, by=request.member, at=now())
    messages.success(request, _("附件已加入公告。"))
    return redirect("portal:bulletin", reference)


@require_POST
@needs(MANAGE)
def detach(request: MemberRequest, reference: str, number: int) -> HttpResponse:
    """Take a file off."""
    bulletin = as_seen(kept_bulletin(reference), request)
    acts.detach_from_bulletin(bulletin, min(number, 2**62), by=request.member, at=now())
    messages.success(request, _("附件已移除。"))
    return redirect("portal:bulletin", reference)


@require_GET
@needs(MANAGE)
def export(request: MemberRequest) -> FileResponse:
    """Download what the filters leave, as Excel. Who took it is recorded."""
    at, search = now(), _searched(request)
    made = export_sheet(
        _("公告"), COLUMNS, ((one, at) for one in search.kept(at).iterator(chunk_size=2_000)), kind="bulletin.exported",
        subject=request.member.organisation, by=request.member, at=at, query=request.GET.urlencode()[:500],
    )  # fmt: skip
    name = _("公告-%(moment)s.xlsx") % {"moment": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


COLUMNS = (
    Column(lazy("标题"), 60, "portal.Bulletin.title", lambda row: row[0].title),
    Column(lazy("类别"), 8, "portal.Bulletin.category", lambda row: str(row[0].get_category_display())),
    Column(lazy("状态"), 10, "portal.Bulletin.state", lambda row: row[0].standing_at(row[1]).label),
    Column(lazy("置顶"), 6, "portal.Bulletin.category", lambda row: _("是") if row[0].pinned else ""),
    Column(lazy("发布时间"), 18, "portal.Bulletin.category", lambda row: _minute(row[0].published_at)),
    Column(lazy("展示时间"), 18, "portal.Bulletin.category", lambda row: _minute(row[0].shown_from)),
    Column(lazy("下架时间"), 18, "portal.Bulletin.category", lambda row: _minute(row[0].shown_until)),
    Column(lazy("最后修改"), 18, "portal.Bulletin.category", lambda row: _minute(row[0].changed_at)),
    Column(lazy("正文"), 80, "portal.Bulletin.body", lambda row: row[0].body[:30_000]),
)


def _written(request: MemberRequest, bulletin: Bulletin | None) -> HttpResponse:
    initial = {name: getattr(bulletin, name) for name in acts.WORDING} if bulletin else {}
    form, preview = BulletinForm(request.POST or None, initial=initial), None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if "preview" in request.POST:
            preview = {**typed, "text": shown_text(readable(typed["body"]))}
        else:
            try:
                saved = _saved(request, bulletin, typed)
            except Invalid as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("公告已保存。"))
                return redirect("portal:bulletin", saved.reference)
    seen = _told(request).get("version") or (bulletin.version if bulletin else None)
    context = {"form": form, "bulletin": bulletin, "preview": preview, "seen": seen}
    return render(request, "portal/bulletin_edit.html", context, status=form.status)


def _saved(request: MemberRequest, bulletin: Bulletin | None, typed: dict[str, Any]) -> Bulletin:
    if bulletin is None:
        return acts.write_bulletin(by=request.member, at=now(), **typed)
    return acts.edit_bulletin(as_seen(bulletin, request), by=request.member, at=now(), **typed)


def _searched(request: HttpRequest) -> Search:
    form = SearchForm(request.GET)
    form.is_valid()
    return Search(**{name: value for name, value in form.cleaned_data.items() if value})


def _told(request: HttpRequest) -> dict[str, Any]:
    form = ActForm(request.POST)
    form.is_valid()
    return form.cleaned_data


def _differences(chosen: BulletinVersion, earlier: BulletinVersion) -> list[tuple[str, str, str]]:
    """Return what a version changed: name, before, after."""
    rows = [
        (str(BulletinForm.base_fields[name].label), _plain(getattr(earlier, name)), _plain(getattr(chosen, name)))
        for name in acts.WORDING
        if getattr(earlier, name) != getattr(chosen, name)
    ]
    if earlier.files != chosen.files:
        rows.append((_("附件"), "、".join(earlier.files) or "—", "、".join(chosen.files) or "—"))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return _minute(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value or "—")[:600]
