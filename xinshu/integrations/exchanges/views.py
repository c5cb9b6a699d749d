"""数据交换 for whoever audits: the list, one exchange opened, the list taken away. That they looked is recorded."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.integrations.exchanges.details import detail_of
from xinshu.integrations.exchanges.exporting import LABELS, export_exchanges
from xinshu.integrations.exchanges.forms import ExchangesForm
from xinshu.integrations.exchanges.sources import Exchange
from xinshu.ledger.exports import XLSX
from xinshu.ledger.reads import looked_at

AUDIT = "ledger.audit"
PER_PAGE = 50


@require_GET
@needs(AUDIT)
def exchanges(request: MemberRequest) -> HttpResponse:
    """Search the exchanges of all houses."""
    at, form = clock.now(), ExchangesForm(request.GET)
    rows: list[Exchange] = []
    following = ""
    if form.is_valid():
        rows, following = form.search().page(PER_PAGE, form.place, by=request.member, at=at)
        looked_at("exchanges.read", request.member, by=request.member, at=at)
    context = {"form": form, "rows": rows, "following": following, "labels": LABELS}
    return render(request, "integrations/exchanges.html", context)


@require_GET
@needs(AUDIT)
def exchange(request: MemberRequest, source: str, number: int) -> HttpResponse:
    """Open one exchange."""
    at = clock.now()
    detail = detail_of(source, number, by=request.member, at=at)
    if detail is None:
        raise Unknown(_("没有找到这次数据交换。"), advice=_("开标前保密的，开标以后可以查看。"))
    looked_at("exchange.read", detail.exchange.row, by=request.member, at=at)
    context = {"detail": detail, "exchange": detail.exchange, "labels": LABELS}
    return render(request, "integrations/exchange.html", context)


@require_POST
@needs(AUDIT)
def exchanges_export(request: MemberRequest) -> HttpResponse:
    """Take what the filters find away as an Excel file."""
    form = ExchangesForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('integrations:exchanges')}?{request.GET.urlencode()}")
    at = clock.now()
    content = export_exchanges(form.search(), by=request.member, at=at)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="exchanges-{at.astimezone(clock.CHINA):%Y%m%d-%H%M}.xlsx"'
    return response
