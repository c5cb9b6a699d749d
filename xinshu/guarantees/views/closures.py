"""不可抗力停业: the house says from when to when its counter was shut; what lived on by it, as a list and as Excel."""

import io

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.actions.closures import LIFECYCLE, RIGHT, declare_closure, lift_closure
from xinshu.guarantees.changes.forms import REASON
from xinshu.guarantees.forms import DayField
from xinshu.guarantees.models import Closure, Prolonging
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen
from xinshu.web.refusals import keep_typed

SHOWN = 100


class ClosureForm(RefusableForm):
    """Since when, why, on what paper."""

    use_required_attribute = False

    began_on = DayField(label=lazy("停业首日"))
    reason = forms.CharField(label=lazy("停业的原因"), max_length=500, widget=REASON)
    file = forms.FileField(label=lazy("政府公告或证明"), required=False, allow_empty_file=True)


class LiftForm(RefusableForm):
    """The last day on which the counter was shut."""

    use_required_attribute = False

    ended_on = DayField(label=lazy("最后停业日"))


def _house(member: Member) -> Organisation:
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有出具保函的机构登记停业。"))
    house: Organisation = member.organisation
    return house


def _closure(member: Member, reference: str) -> Closure:
    found = Closure.objects.visible_to(member).filter(reference=reference).select_related("guarantor", "document")
    closure = found.first()
    if closure is None:
        raise Unknown(_("没有找到这次停业登记。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return closure


@needs("guarantees.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's closures; declare one."""
    member = member_of(request)
    house, may = _house(member), member.can(RIGHT)
    form = ClosureForm(request.POST or None, request.FILES or None, initial={"began_on": local_day(now())})
    if request.method == "POST":
        if not may:
            raise NotPermitted(_("您没有登记停业的权限。"), advice=_("停业由签发人登记。"))
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                made = declare_closure(
                    house, began_on=form.cleaned_data["began_on"], reason=form.cleaned_data["reason"],
                    content=read_upload(upload) if upload else None, name=upload.name if upload else "", by=member,
                    at=now(),
                )  # fmt: skip
            except Invalid as refusal:
                form.refuse(refusal)
            except NotNow as refusal:
                form.add_error(None, f"{refusal.message}{refusal.advice}")
            else:
                messages.success(request, _("停业已登记，停业期间到期的独立保函已展期三十日。"))
                return redirect("guarantees:closure", made.reference)
    rows = Closure.objects.visible_to(member).order_by("-began_on", "-pk")[:SHOWN]
    shown = [(row, LIFECYCLE.states[row.state]) for row in rows]
    return render(
        request, "guarantees/closures.html", {"rows": shown, "form": form if may else None}, status=form.status
    )


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one closure with the guarantees that lived on by it."""
    member = member_of(request)
    return _show(request, member, _closure(member, reference))


def _show(request: HttpRequest, member: Member, closure: Closure, form: LiftForm | None = None) -> HttpResponse:
    may = any(row.action == "lift" for row in LIFECYCLE.possible(closure, member))
    rows = closure.prolongings.select_related("guarantee__applicant").order_by("after", "pk")
    context = {
        "closure": closure,
        "state": LIFECYCLE.states[closure.state],
        "rows": rows[:SHOWN],
        "number": rows.count(),
        "form": (form or LiftForm(initial={"ended_on": local_day(now())})) if may else None,
    }
    return render(request, "guarantees/closure.html", context, status=form.status if form else 200)


@require_POST
@needs("guarantees.view")
def lift(request: HttpRequest, reference: str) -> HttpResponse:
    """Say when the counter opened again."""
    member = member_of(request)
    closure, form = _closure(member, reference), LiftForm(request.POST)
    if form.is_valid():
        try:
            lift_closure(as_seen(closure, request), ended_on=form.cleaned_data["ended_on"], by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已登记恢复营业。"))
            return redirect("guarantees:closure", reference)
    return _show(request, member, closure, form)


@needs("guarantees.export")
def export(request: HttpRequest, reference: str) -> FileResponse:
    """Download the guarantees that lived on by a closure as Excel."""
    member, at = member_of(request), now()
    closure = _closure(member, reference)
    rows = list(closure.prolongings.select_related("guarantee__applicant").order_by("after", "pk"))
    sheet = export_sheet(_("停业展期"), COLUMNS, rows, kind="closure.exported", subject=closure, by=member, at=at)
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("停业展期.xlsx"))


def _number(row: Prolonging) -> str:
    return row.guarantee.number or row.guarantee.reference


COLUMNS = (
    Column(lazy("保函编号"), 28, "guarantees.Guarantee.number", _number),
    Column(lazy("申请人"), 34, "accounts.Organisation.name", lambda row: row.guarantee.applicant.name),
    Column(lazy("原到期日"), 14, "guarantees.Prolonging.before", lambda row: row.before.isoformat()),
    Column(lazy("展期后"), 14, "guarantees.Prolonging.after", lambda row: row.after.isoformat()),
)
keep_typed(
    "guarantees",
    {
        name: field.label
        for form in (ClosureForm, LiftForm)
        for name, field in form.base_fields.items()
        if name != "file"
    },
)
