"""保证人机构: every house with its qualifications, scopes and capacity; what is filed about one, version by version."""

import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import signed_in
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantors.actions import (
    confirm_filing,
    discard_filing,
    edit_filing,
    end_filing,
    file_net_assets,
    file_qualification,
    file_scope,
)
from xinshu.guarantors.capacity import SOURCE, capacities
from xinshu.guarantors.forms import NetAssetsForm, QualificationForm, ScopeForm, initial_of
from xinshu.guarantors.lifecycle import LIFECYCLE, MANAGE, OWN
from xinshu.guarantors.models import SETTLED, Filing, NetAssets, Qualification, Scope, in_force
from xinshu.guarantors.naming import kind_name
from xinshu.guarantors.standing import REQUIRED, disqualified
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen

SHOWN = 200
SOON = timedelta(days=30)
NAMES: dict[type[Filing], str] = {Qualification: "qualification", Scope: "scope", NetAssets: "net_assets"}
TITLES: dict[type[Filing], Any] = {
    Qualification: lazy("登记资质"), Scope: lazy("登记业务范围"), NetAssets: lazy("登记净资产"),
}  # fmt: skip


def _houses(member: Member) -> Any:
    """Return the houses that `member` may look at: all for the operator's people, the own one for a guarantor's."""
    found = Organisation.objects.filter(kind__in=Organisation.ISSUERS, active=True).order_by("name", "pk")
    if member.can(MANAGE):
        return found
    if member.organisation.kind in Organisation.ISSUERS and member.can("guarantees.view"):
        return found.filter(pk=member.organisation_id)
    raise NotPermitted(_("您没有查看这个页面的权限。"), advice=_("需要查看的，请联系本机构管理员开通。"))


def _files(member: Member) -> bool:
    return member.can(MANAGE) or (member.organisation.kind in Organisation.ISSUERS and member.can(OWN))


@signed_in
def show_all(request: HttpRequest) -> HttpResponse:
    """Show every house with how it stands; with `house` in the address, one with all that is filed about it."""
    member, on = member_of(request), local_day(now())
    houses = _houses(member)
    asked = request.GET.get("house", "")
    alone = None if member.can(MANAGE) else member.organisation_id
    if alone or asked:
        house = houses.filter(pk=alone or (int(asked) if asked.isdecimal() and len(asked) < 10 else 0)).first()
        if house is None:
            raise Unknown(_("没有找到这家保证人。"), advice=_("请从保证人页面进入。"))
        return render(request, "guarantors/house.html", _house(house, member, on))
    if q := request.GET.get("q", "").strip()[:100]:
        houses = houses.filter(Q(name__icontains=q) | Q(uscc=q.upper()))
    waiting = [row for model in NAMES for row in model.objects.filter(state="draft").select_related("guarantor")]
    waiting.sort(key=lambda row: row.changed_at)
    context = {"rows": _rows(list(houses[:SHOWN]), on), "waiting": [_shown(row) for row in waiting], "q": q}
    return render(request, "guarantors/list.html", context)


def _rows(houses: list[Organisation], on: date) -> list[dict[str, Any]]:
    """Return each house with licence, end, scopes and capacity: as many queries for one as for all."""
    filed: dict[int, list[Qualification]] = {}
    for row in Qualification.objects.filter(guarantor__in=houses, state__in=SETTLED):
        filed.setdefault(row.guarantor_id, []).append(row)
    scopes: dict[int, list[Scope]] = {}
    for scope in Scope.objects.filter(guarantor__in=houses, state__in=SETTLED):
        scopes.setdefault(scope.guarantor_id, []).append(scope)
    stopped, taken = disqualified(houses, on), capacities(houses)
    return [
        {
            "house": house,
            "standing": _standing(house, filed.get(house.pk, []), stopped, on),
            "scopes": len(in_force(scopes.get(house.pk, []), on)),
            "capacity": taken[house.pk],
        }
        for house in houses
    ]


def _standing(
    house: Organisation, rows: list[Qualification], stopped: Mapping[int, str], on: date
) -> tuple[str, str, str]:
    """Return how the required licence stands: tone, word, and what there is to say about it."""
    kind = REQUIRED[Organisation.Kind(house.kind)][0]
    if house.pk in stopped:
        return "danger", _("停止受理"), stopped[house.pk]
    holding = [row for row in in_force([row for row in rows if row.kind == kind], on) if row.state == "confirmed"]
    if not holding:
        return "warn", _("未登记"), _("%(what)s还没有登记") % {"what": Qualification.Kind(kind).label}
    ends = min((row.valid_until for row in holding if row.valid_until is not None), default=None)
    if ends is None:
        return "ok", _("有效"), _("长期")
    told = _("%(day)s 到期") % {"day": ends.isoformat()}
    return ("warn", _("即将到期"), told) if ends - on <= SOON else ("ok", _("有效"), told)


def _house(house: Organisation, member: Member, on: date) -> dict[str, Any]:
    row = _rows([house], on)[0]
    kind, source = REQUIRED[Organisation.Kind(house.kind)]
    qualifications = Qualification.objects.filter(guarantor=house).select_related("file").order_by("kind", "-pk")
    return {
        **row,
        "qualifications": [_shown(one) for one in qualifications],
        "scope_rows": [_shown(one) for one in Scope.objects.filter(guarantor=house).order_by("kind", "-pk")],
        "assets_rows": [_shown(one) for one in NetAssets.objects.filter(guarantor=house).order_by("-pk")],
        "required": Qualification.Kind(kind).label,
        "required_by": source,
        "capacity_by": SOURCE,
        "files": _files(member),
        "manages": member.can(MANAGE),
    }


def _shown(row: Filing) -> dict[str, Any]:
    """Return what a list shows of a filing."""
    name = NAMES[type(row)]
    return {
        "row": row,
        "what": _title_of(row),
        "state": LIFECYCLE.states[row.state],
        "href": reverse(f"guarantors:{name}", args=[row.reference]),
        "name": name,
    }


def _title_of(row: Filing) -> str:
    if isinstance(row, Qualification):
        return str(row.get_kind_display())
    if isinstance(row, NetAssets):
        return _("净资产 %(amount)s 元") % {"amount": yuan(row.amount)}
    assert isinstance(row, Scope)
    kind = kind_name(row.kind) if row.kind else _("全部类型")
    return _("业务范围：%(kind)s") % {"kind": kind}


@signed_in
def export(request: HttpRequest) -> FileResponse:
    """Download the houses as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    rows = _rows(list(_houses(member)[:SHOWN]), local_day(at))
    sheet = export_sheet(
        _("保证人机构"), COLUMNS, rows, kind="guarantors.exported", subject=member.organisation, by=member, at=at
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("保证人机构.xlsx"))


def _yuan(amount: int | None) -> float | str:
    return "" if amount is None else amount / 100


COLUMNS = (
    Column(lazy("保证人"), 34, "accounts.Organisation.name", lambda row: row["house"].name),
    Column(lazy("资质"), 12, "guarantors.Qualification.kind", lambda row: str(row["standing"][1])),
    Column(lazy("说明"), 36, "guarantors.Qualification.valid_until", lambda row: str(row["standing"][2])),
    Column(lazy("有效业务范围"), 14, "guarantors.Scope.region_code", lambda row: row["scopes"]),
    Column(
        lazy("已占用（元）"), 20, "guarantors.Scope.most_amount", lambda row: _yuan(row["capacity"].used), money=True
    ),
    Column(
        lazy("承保能力（元）"), 20, "guarantors.Scope.most_amount", lambda row: _yuan(row["capacity"].most), money=True
    ),
)  # fmt: skip


# one filing


def _filing(model: type[Any], request: HttpRequest, reference: str) -> Any:
    found = model.objects.visible_to(member_of(request)).filter(reference=reference)
    filing = found.select_related("guarantor", "replaces").first()
    if filing is None:
        raise Unknown(_("没有找到这份登记。"), advice=_("请从保证人页面进入。"))
    return filing


def _show(request: HttpRequest, model: type[Any], reference: str) -> HttpResponse:
    member, filing = member_of(request), _filing(model, request, reference)
    acts = LIFECYCLE.possible(filing, member)
    name = NAMES[model]
    successor = filing.successors.exclude(state="discarded").order_by("-pk").first()
    return render(
        request,
        f"guarantors/{name}.html",
        {
            **_shown(filing),
            "filing": filing,
            "base": reverse(f"guarantors:{name}", args=[filing.reference]),
            "back": f"{reverse('guarantors:list')}?house={filing.guarantor_id}",
            "acts": [
                row for row in acts if row.action != "edit" and not (model is NetAssets and row.action == "end_filing")
            ],
            "editable": any(row.action == "edit" for row in acts),
            "author": member.user_id in filing.authors,
            "next": filing.state == "confirmed" and _files(member) and successor is None,
            "next_url": f"{reverse(f'guarantors:new_{name}')}?replaces={filing.reference}",
            "older": _shown(filing.replaces) if filing.replaces else None,
            "newer": _shown(successor) if successor else None,
            "kind_name": kind_name(filing.kind) if getattr(filing, "kind", "") else _("全部类型"),
        },
    )


def _new(request: HttpRequest, model: type[Any], form_of: type[Any], file_it: Callable[..., Any]) -> HttpResponse:
    member = member_of(request)
    houses = _houses(member)
    if not _files(member):
        raise NotPermitted(_("您没有登记的权限。"), advice=_("需要登记的，请联系本机构管理员开通。"))
    replaces = _filing(model, request, request.GET["replaces"][:16]) if request.GET.get("replaces") else None
    asked = str(replaces.guarantor_id) if replaces else request.GET.get("house", "")
    alone = None if member.can(MANAGE) else member.organisation_id
    house = houses.filter(pk=alone or (int(asked) if asked.isdecimal() and len(asked) < 10 else 0)).first()
    if house is None:
        raise Unknown(_("没有找到这家保证人。"), advice=_("请从保证人页面进入。"))
    initial = initial_of(replaces) if replaces else {"valid_from": local_day(now())}
    form = form_of(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            filed = file_it(house, form, replaces, member)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已登记，等另一位运营人员确认。"))
            return redirect(f"guarantors:{NAMES[model]}", filed.reference)
    return _form_page(request, form, model, house, replaces=replaces)


def _edit(request: HttpRequest, model: type[Any], form_of: type[Any], reference: str) -> HttpResponse:
    member, filing = member_of(request), _filing(model, request, reference)
    LIFECYCLE.step("edit", filing, member)
    form = form_of(request.POST or None, request.FILES or None, initial=initial_of(filing))
    if request.method == "POST" and form.is_valid():
        try:
            edit_filing(as_seen(filing, request), form.says(), by=member, at=now(), upload=_upload(form))
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存，等另一位运营人员确认。"))
            return redirect(f"guarantors:{NAMES[model]}", reference)
    seen = request.POST.get("version", filing.version)
    return _form_page(request, form, model, filing.guarantor, filing=filing, seen=seen)


def _form_page(
    request: HttpRequest, form: Any, model: type[Filing], house: Organisation, **context: Any
) -> HttpResponse:
    name, filing = NAMES[model], context.get("filing")
    back = f"{reverse('guarantors:list')}?house={house.pk}"
    return render(
        request,
        "guarantors/filing_edit.html",
        {
            "form": form, "house": house, "title": TITLES[model], "list_url": back, "uploads": "file" in form.fields,
            "back": reverse(f"guarantors:{name}", args=[filing.reference]) if filing else back, **context,
        },
        status=form.status,
    )  # fmt: skip


def _act(request: HttpRequest, model: type[Any], reference: str, action: str) -> HttpResponse:
    filing, by, at = _filing(model, request, reference), member_of(request), now()
    reason = request.POST.get("reason", "")
    if action == "confirm_filing":
        confirm_filing(as_seen(filing, request), by=by, at=at)
        done = _("已确认，新申请按它受理。")
    elif action == "discard_filing":
        discard_filing(as_seen(filing, request), by=by, at=at, reason=reason)
        done = _("已作废，现在有效的登记不变。")
    elif action == "end_filing":
        end_filing(as_seen(filing, request), by=by, at=at, reason=reason)
        done = _("已停用，在保的保函不受影响。")
    else:
        raise Unknown(_("没有这项操作。"))
    messages.success(request, done)
    return redirect(f"guarantors:{NAMES[model]}", reference)


def _upload(form: Any) -> tuple[bytes, str] | None:
    upload = form.cleaned_data.get("file")
    return (read_upload(upload), upload.name) if upload else None


@signed_in
def new_qualification(request: HttpRequest) -> HttpResponse:
    """File a qualification or the next version of one."""
    return _new(
        request, Qualification, QualificationForm,
        lambda house, form, replaces, by: file_qualification(
            house, form.says(), by=by, at=now(), replaces=replaces, upload=_upload(form)
        ),
    )  # fmt: skip


@signed_in
def show_qualification(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version with those before and after it."""
    return _show(request, Qualification, reference)


@signed_in
def edit_qualification(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    return _edit(request, Qualification, QualificationForm, reference)


@require_POST
@signed_in
def act_on_qualification(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle."""
    return _act(request, Qualification, reference, action)


@signed_in
def new_scope(request: HttpRequest) -> HttpResponse:
    """File a business or the next version of one."""
    return _new(
        request, Scope, ScopeForm,
        lambda house, form, replaces, by: file_scope(house, form.says(), by=by, at=now(), replaces=replaces),
    )  # fmt: skip


@signed_in
def show_scope(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version with those before and after it."""
    return _show(request, Scope, reference)


@signed_in
def edit_scope(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    return _edit(request, Scope, ScopeForm, reference)


@require_POST
@signed_in
def act_on_scope(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle."""
    return _act(request, Scope, reference, action)


@signed_in
def new_net_assets(request: HttpRequest) -> HttpResponse:
    """File net assets."""
    return _new(
        request, NetAssets, NetAssetsForm,
        lambda house, form, replaces, by: file_net_assets(
            house, form.says(), by=by, at=now(), replaces=replaces, upload=_upload(form)
        ),
    )  # fmt: skip


@signed_in
def show_net_assets(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version with those before and after it."""
    return _show(request, NetAssets, reference)


@signed_in
def edit_net_assets(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    return _edit(request, NetAssets, NetAssetsForm, reference)


@require_POST
@signed_in
def act_on_net_assets(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle."""
    return _act(request, NetAssets, reference, action)
