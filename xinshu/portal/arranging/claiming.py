"""发起索赔: from the home page to the guarantee to claim under; strangers sign in first and come back."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import now
from xinshu.core.doors import signed_in
from xinshu.guarantees.models import Guarantee

PER_PAGE = 20
PRESENT = "claims.present"


@require_GET
@signed_in
def show(request: MemberRequest) -> HttpResponse:
    """List the guarantees in force of which the member's house is the beneficiary; tell others what to do instead."""
    member, may = request.member, request.member.can(PRESENT)
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = Guarantee.objects.none()
    if may:
        found = Guarantee.objects.visible_to(member, now()).filter(beneficiary=member.organisation_id, state="in_force")
        found = found.select_related("project", "applicant", "guarantor").order_by("expires_on", "pk")
    if q:
        found = found.filter(project__name__icontains=q) | found.filter(number__icontains=q)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/claim.html", {"page": page, "may": may, "q": q})
