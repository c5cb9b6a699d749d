"""由中标动态发起: one click on an announcement begins the application."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.guarantees.origins.actions import apply_from_award
from xinshu.tenders.models import Opportunity


@require_POST
@needs("guarantees.apply")
def begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin the application, or lead back to the one that was begun; the next page is the first thing to check."""
    member, at = member_of(request), now()
    opportunity = Opportunity.objects.visible_to(member).filter(reference=reference).first()
    if opportunity is None:
        raise Unknown(_("没有找到这条中标动态。"), advice=_("请从中标动态列表进入。"))
    house = request.POST.get("guarantor", "")
    known = house.isascii() and house.isdecimal() and len(house) < 19
    guarantor = (
        Organisation.objects.filter(pk=int(house), active=True, kind__in=Organisation.ISSUERS).first()
        if known
        else None
    )
    case = apply_from_award(
        opportunity, kind=request.POST.get("kind", "performance"), guarantor=guarantor, by=member, at=at
    )
    if case.state not in ("draft", "returned"):
        return redirect("guarantees:detail", case.reference)
    messages.success(request, _("已按公告填好，请逐项核对后提交。"))
    return redirect("guarantees:step", case.reference, "company")
