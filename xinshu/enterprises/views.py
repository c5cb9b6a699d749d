"""企业资料: one's own, or a customer's; and a guarantor's customers."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import now, today
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.enterprises.actions import enter_fields, enterprise_of, may_enter
from xinshu.enterprises.forms import RecordForm
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.enterprises.queries import history_of, record_of

PER_PAGE = 20
APPLICANTS = (Organisation.Kind.ENTERPRISE, Organisation.Kind.PERSON)


@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    """Lead an enterprise's people to their own record, a guarantor's to their customers."""
    member: Member = request.member  # type: ignore[attr-defined]
    if member.organisation.kind in APPLICANTS:
        return redirect("enterprises:detail", enterprise_of(member.organisation).reference)
    return customers(request)


@needs("enterprises.view")
def customers(request: HttpRequest) -> HttpResponse:
    """客户资料: whose manager is who."""
    member: Member = request.member  # type: ignore[attr-defined]
    q = request.GET.get("q", "").strip()[:100]
    found = (
        Relation.objects.filter(guarantor=member.organisation)
        .select_related("enterprise__organisation", "manager__user")
        .order_by("-since", "-id")
    )
    if q:
        found = found.filter(enterprise__organisation__name__icontains=q)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "enterprises/customers.html", {"page": page, "q": q})


@signed_in
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the record, pre-filled; keep what was changed."""
    member: Member = request.member  # type: ignore[attr-defined]
    enterprise = _enterprise_for(member, reference)
    form = RecordForm(request.POST or None, record=record_of(enterprise.organisation, today()))
    editable = _may_enter(enterprise, member)
    if request.method == "POST" and form.is_valid():
        try:
            kept = enter_fields(enterprise, form.values(), by=member, at=now(), seen=_seen(request))
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("已保存 %(n)d 项资料。") % {"n": len(kept)} if kept else _("没有改动，资料保持不变。")
            )
            onward = request.POST.get("next", "")
            safe = onward.startswith("/") and url_has_allowed_host_and_scheme(
                onward, {request.get_host()}, request.is_secure()
            )
            return redirect(onward) if safe else redirect("enterprises:detail", reference)
    context = {
        "enterprise": enterprise,
        "organisation": enterprise.organisation,
        "form": form,
        "editable": editable,
        "history": history_of(enterprise, limit=12),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "manager": enterprise.relations.filter(guarantor=member.organisation).select_related("manager__user").first(),
        "seen": _seen(request) if form.is_bound else form.seen,
    }
    return render(request, "enterprises/detail.html", context, status=form.status)


def _enterprise_for(member: Member, reference: str) -> Enterprise:
    found = Enterprise.objects.visible_to(member).filter(reference=reference).select_related("organisation").first()
    if found is None:
        raise Unknown(_("没有找到这家企业的资料。"), advice=_("请核对地址，或从客户资料列表进入。"))
    return found


def _may_enter(enterprise: Enterprise, member: Member) -> bool:
    try:
        may_enter(enterprise, member)
    except NotPermitted:
        return False
    return True


def _seen(request: HttpRequest) -> int:
    posted = request.POST.get("seen", "")
    return int(posted) if posted.isascii() and posted.isdecimal() and len(posted) < 19 else 0
