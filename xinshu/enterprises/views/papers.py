"""代客户上传: an account manager brings the papers of one of their own customers, and sees how far each is."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.papers.uploading import piecewise, take_in, told
from xinshu.documents.papers.views import listed
from xinshu.enterprises.bringing import bring_for, looks_after
from xinshu.enterprises.views.doors import enterprise_for


@signed_in
def show(request: HttpRequest, reference: str) -> HttpResponseBase:
    """List what was brought for this customer; take in what is uploaded, file by file."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    if enterprise.organisation_id == member.organisation_id:
        return redirect("documents:readings")
    if not looks_after(enterprise, member):
        raise NotPermitted(_("您不是这家客户的客户经理。"), advice=_("材料由负责的客户经理或客户自己上传。"))
    refused: list[Invalid] = []
    asks = request.POST.get("asks_owner", "1") != "0"
    if request.method == "POST":
        refused = take_in(
            request,
            lambda content, name, batch: bring_for(
                enterprise, content, name, batch, asks_owner=asks, by=member, at=now()
            ),
        )
        if piecewise(request):
            return told(refused)
        if not refused:
            return redirect("enterprises:papers", reference)
    context = {
        **listed(request, member, enterprise.organisation), "enterprise": enterprise, "refused": refused,
        "choice": asks,
    }  # fmt: skip
    return render(request, "enterprises/papers.html", context, status=422 if refused else 200)
