"""Demands by link: presenting, following, completing, withdrawing, and the refusal notice to take away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinshu.claims.actions.presentation import last_day_of
from xinshu.claims.forms import DemandForm
from xinshu.claims.models import Demand, RefusalNotice
from xinshu.claims.views.demands import ACTS, context_of, present, proposed, taken_in
from xinshu.claims.views.doors import demand_for
from xinshu.core.clock import CHINA
from xinshu.core.money import yuan
from xinshu.core.refusals import Changed, Invalid, Refusal, Unknown
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.links.models import Guest
from xinshu.links.views.arrival import of
from xinshu.links.views.room import case_of, through_a_visit
from xinshu.web.posted import as_seen


def _demand(guest: Guest, reference: str) -> Demand:
    """Return a demand under the guest's one guarantee. Raises Unknown for every other."""
    demand = demand_for(guest, reference)
    if demand.guarantee_id != guest.only_guarantee:
        raise Unknown(_("没有找到这笔索赔。"))
    return demand


@through_a_visit
def new(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Demand payment: one form, one act."""
    case = case_of(guest)
    form = DemandForm(request.POST or None, initial=proposed(case, guest, request))
    if request.method == "POST" and form.is_valid():
        try:
            demand = present(case, form.cleaned_data, request, by=guest)
        except Changed:
            raise
        except Invalid as refusal:
            show_in(form, refusal)
        except Refusal as refusal:  # nothing typed is lost: it is said above the form
            form.add_error(None, f"{refusal.message}{refusal.advice}")
        else:
            messages.success(request, taken_in(demand))
            return redirect("links:demand", guest.link.reference, demand.reference)
    context = {"link": guest.link, "base": of(guest.link), "case": case, "form": form, "last_day": last_day_of(case)}
    return render(request, "links/claim.html", context, status=422 if form.is_bound else 200)


@through_a_visit
@require_safe
def show(request: HttpRequest, guest: Guest, demand: str) -> HttpResponse:
    """Show how far a demand has come: its clock, its papers, the notice, the payment."""
    found = _demand(guest, demand)
    context = {**context_of(found, guest), "link": guest.link, "base": of(guest.link)}
    return render(request, "links/demand.html", context)


@through_a_visit
@require_POST
def act(request: HttpRequest, guest: Guest, demand: str, action: str) -> HttpResponse:
    """Complete, withdraw, add a paper. Whose act it is, the lifecycle's row says."""
    found = _demand(guest, demand)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(found, request), guest, request)
    messages.success(request, done)
    return redirect("links:demand", guest.link.reference, demand)


@through_a_visit
@require_safe
def notice(request: HttpRequest, guest: Guest, demand: str) -> HttpResponse:
    """Hand over the refusal notice as a text that can be kept, with the digest by which the ledger knows it."""
    found = _demand(guest, demand)
    given: RefusalNotice | None = getattr(found, "notice", None)
    if given is None:
        raise Unknown(_("这笔索赔没有拒付通知。"))
    answer = HttpResponse(notice_text(given), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refusal-notice-{given.number}.txt"'
    return answer


def notice_text(given: RefusalNotice) -> str:
    """Return a refusal notice in words: every discrepancy, the amount, when it was given, and its digest."""
    demand = given.demand
    case = demand.guarantee
    lines = [
        _("拒付通知 %(n)s") % {"n": given.number},
        "",
        _("保函：%(kind)s %(number)s") % {"kind": case.get_kind_display(), "number": case.number},
        _("保证人：%(name)s") % {"name": case.guarantor.name},
        _("受益人：%(name)s") % {"name": case.beneficiary.name},
        _("索赔：%(day)s 收到，%(amount)s 元") % {"day": demand.received_on, "amount": yuan(demand.amount)},
        _("不付金额：%(amount)s 元") % {"amount": yuan(given.refused_amount)},
        _("发出时间：%(at)s") % {"at": f"{given.given_at.astimezone(CHINA):%Y-%m-%d %H:%M}"},
        "",
        _("不符点："),
        *(f"{n}. {row['label']}：{row['note']}（{row['source']}）" for n, row in enumerate(given.discrepancies, 1)),
        "",
        _("这是本次索赔唯一的一份通知，不能修改，也不能再补充。保函在保期间可以再次索赔。"),
        _("内容摘要（SM3，记入平台存证）：%(digest)s") % {"digest": given.digest},
    ]
    return "\n".join(lines) + "\n"
