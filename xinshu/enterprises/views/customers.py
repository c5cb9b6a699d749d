"""客户资料: a house's customers, found while typing; handed over, exported; how often their records are looked at."""

from io import BytesIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now, today
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.ageing import ages_of, grown_old, rhythm_of, set_rhythm
from xinshu.enterprises.exporting import export_customers
from xinshu.enterprises.forms import HandOverForm, RhythmForm
from xinshu.enterprises.managers import ASSIGN, KEEPS, hand_over_customer, may_hand_over
from xinshu.enterprises.models import RecordField, Relation
from xinshu.enterprises.search.finding import find, narrowed
from xinshu.enterprises.search.near import near
from xinshu.enterprises.search.related import related_to
from xinshu.enterprises.search.sieves import Offered, marks_of, offered
from xinshu.enterprises.views.doors import enterprise_for, number_in

PER_PAGE = 20
BEST = 3  # of what was found, shown with what belongs to it
APPLICANTS = (Organisation.Kind.ENTERPRISE, Organisation.Kind.PERSON)
VIEWS = ("", "mine", "due", "conflicts")


@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    """Lead an enterprise's people to their own record, a guarantor's to their customers."""
    member = member_of(request)
    if member.organisation.kind in APPLICANTS:
        return redirect("enterprises:detail", enterprise_of(member.organisation).reference)
    return customers(request)


def _found(request: HttpRequest, sieves: list[Offered]) -> tuple[QuerySet[Relation], str, str]:
    """Return the customers asked for, what was typed, and which view of them."""
    member = member_of(request)
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    view = request.GET.get("view", "")
    found = Relation.objects.filter(guarantor=member.organisation)
    if view == "mine":
        found = found.filter(manager=member)
    elif view == "due":
        old = Q()
        for part, days in rhythm_of(member.organisation).items():
            old |= Q(pk__in=grown_old(part, member.organisation, days, today()).values("pk"))
        found = found.filter(old)
    elif view == "conflicts":
        found = found.filter(enterprise__in=RecordField.objects.contradicting().values("enterprise"))
    if q:
        found = found.filter(narrowed(q, member))
    for one in sieves:
        if one.chosen:
            found = found.filter(one.sieve.narrow(one.chosen, member, now()))
    return found, q, view if view in VIEWS else ""


def _sieves(request: HttpRequest) -> list[Offered]:
    return offered(lambda code: request.GET.get(code, ""), member_of(request), now())


@needs("enterprises.view")
def customers(request: HttpRequest) -> HttpResponse:
    """客户资料: whose manager is who, what is old; what was typed brings the likeliest with all that is theirs."""
    member, at = member_of(request), now()
    sieves = _sieves(request)
    found, q, view = _found(request, sieves)
    rows = found.select_related("enterprise__organisation", "manager__user").order_by("-since", "-id")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = [relation.enterprise for relation in page]
    ages = ages_of(shown, rhythm_of(member.organisation))
    contradicted = set(
        RecordField.objects.contradicting().filter(enterprise__in=shown).values_list("enterprise", flat=True)
    )
    best = find(q, member, BEST)[0] if q and page.number == 1 else []
    alike = near(q, member, best) if q and page.number == 1 and len(best) < BEST else []
    context = {
        "page": page, "q": q, "near": alike, "view": view, "best": best, "sieves": sieves,
        "marks": marks_of(shown, member, at),
        "related": related_to(best, member, at),
        "old": {pk: [age.part.label for age in of if age.is_old(today())] for pk, of in ages.items()},
        "contradicted": contradicted, "arranges": member.can(ASSIGN), "exports": member.can("enterprises.export"),
        "views": [("", _("全部客户")), ("mine", _("我的客户")), ("due", _("到期待更新")), ("conflicts", _("有不一致"))],
    }  # fmt: skip
    return render(request, "enterprises/customers.html", context)


@needs("enterprises.view")
def export(request: HttpRequest) -> FileResponse:
    """Download the customers asked for with their records as Excel. Who took what out is recorded."""
    member = member_of(request)
    if not member.can("enterprises.export"):
        raise NotPermitted(_("您没有导出客户资料的权限。"), advice=_("需要导出的，请联系本机构管理员开通。"))
    found, _q, _view = _found(request, _sieves(request))
    sheet = export_customers(found, by=member, at=now())
    return FileResponse(BytesIO(sheet.content), as_attachment=True, filename=_("客户资料.xlsx"))


@signed_in
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a customer to a colleague, with a reason that both read."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    relation = enterprise.relations.filter(guarantor=member.organisation).select_related("manager__user").first()
    if relation is None:
        raise Unknown(_("这家企业不是本机构的客户。"), advice=_("请从客户资料列表进入。"))
    may_hand_over(relation, member)
    colleagues = _colleagues(relation)
    form = HandOverForm(request.POST or None, colleagues=colleagues)
    if request.method == "POST" and form.is_valid():
        try:
            hand_over_customer(
                relation, to=form.cleaned_data["manager"], reason=form.cleaned_data["reason"], by=member, at=now(),
                seen=number_in(request.POST.get("seen", "")),
            )  # fmt: skip
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已移交，双方都会收到通知。"))
            return redirect("enterprises:detail", reference)
    context = {
        "enterprise": enterprise, "relation": relation, "form": form, "colleagues": colleagues,
        "seen": number_in(request.POST.get("seen", "")) or relation.manager_id,
    }  # fmt: skip
    return render(request, "enterprises/hand_over.html", context, status=form.status)


def _colleagues(relation: Relation) -> list[Member]:
    acting = Member.objects.acting().filter(organisation=relation.guarantor_id).exclude(pk=relation.manager_id)
    return [member for member in acting.select_related("user", "organisation").order_by("pk") if member.can(KEEPS)]


@needs("enterprises.view")
def rhythm(request: HttpRequest) -> HttpResponse:
    """Show after how many days each part is old for this house; whoever arranges customers sets it."""
    member = member_of(request)
    form = RhythmForm(request.POST or None, rhythm=rhythm_of(member.organisation))
    if request.method == "POST" and form.is_valid():
        try:
            changed = set_rhythm(member.organisation, form.cleaned_data, by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存，从今晚起按新的周期提醒。") if changed else _("没有改动。"))
            return redirect("enterprises:rhythm")
    return render(
        request, "enterprises/rhythm.html", {"form": form, "editable": member.can(ASSIGN)}, status=form.status
    )
