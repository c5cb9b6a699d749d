"""部门批量查验: a file of numbers in, a verdict on each line out."""

import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.exchange.actions.verifying import export_verification, verify_batch, words_of
from xinshu.exchange.forms import NumbersForm
from xinshu.exchange.lifecycle import SUPERVISE
from xinshu.exchange.models import Verification
from xinshu.exchange.reading import MOST

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@needs(SUPERVISE)
def show(request: MemberRequest) -> HttpResponse:
    """Hand in a file; earlier batches of one's department below."""
    form = NumbersForm(request.POST or None, request.FILES or None) if request.method == "POST" else NumbersForm()
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            made = verify_batch(read_upload(upload), upload.name or "", by=request.member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已查验 %(n)d 行。") % {"n": len(made.rows)})
            return redirect("exchange:verification", made.reference)
    found = Verification.objects.visible_to(request.member).order_by("-pk").defer("rows")
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    return render(
        request, "exchange/verifications.html", {"form": form, "page": page, "most": MOST}, status=form.status
    )  # fmt: skip


@require_GET
@needs(SUPERVISE)
def detail(request: MemberRequest, reference: str) -> HttpResponse:
    """The verdicts of one batch, as they were then."""
    batch = _batch(request, reference)
    counts: dict[tuple[str, str], int] = {}
    for row in batch.rows:
        told = words_of(row["outcome"])
        counts[told] = counts.get(told, 0) + 1
    page = Paginator(batch.rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "exchange/verification.html",
        {"batch": batch, "page": page, "counts": sorted(counts.items(), key=lambda one: -one[1]), "words_of": words_of},
    )


@require_GET
@needs(SUPERVISE)
def export(request: MemberRequest, reference: str) -> FileResponse:
    """Download the result workbook."""
    batch, at = _batch(request, reference), now()
    made = export_verification(batch, by=request.member, at=at)
    name = _("批量查验结果-%(moment)s.xlsx") % {"moment": batch.at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _batch(request: MemberRequest, reference: str) -> Verification:
    found = Verification.objects.visible_to(request.member).filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这次查验。"), advice=_("请从批量查验页面进入。"))
    return found
