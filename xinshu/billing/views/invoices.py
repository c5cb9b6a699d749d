"""发票: the list, one invoice with its acts, the request."""

from datetime import datetime

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.actions.invoices import correct_invoice, request_invoice, reverse_invoice
from xinshu.billing.forms import FiltersForm, TitleForm, title_of
from xinshu.billing.history import story_of
from xinshu.billing.lifecycle import INVOICE
from xinshu.billing.models import TITLE, Invoice
from xinshu.billing.queries import Filters, invoices_of, order_for, orders_to_invoice
from xinshu.billing.views.doors import applied_of, attachment, page_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen, reason_in

PAGE, EXPORT_UP_TO, OFFERED = 20, 50_000, 5
RELATED = ("buyer", "seller", "payment", "guarantee__project", "guarantee__manager")


@require_GET
@needs("billing.view")
def show_list(request: HttpRequest) -> HttpResponse:
    """List the invoices that exist for the member, narrowed by the URL."""
    form, filters = _filters(request)
    page = page_of(request)
    rows = list(
        invoices_of(member_of(request), now(), filters).select_related(*RELATED)[(page - 1) * PAGE : page * PAGE + 1]
    )
    shown = [{"invoice": row, "state": INVOICE.states[row.state]} for row in rows[:PAGE]]
    context = {"form": form, "filters": filters, "rows": shown, "page": page, "has_next": len(rows) > PAGE}
    plain = not filters.q and not filters.state and page == 1
    context["orders"] = orders_to_invoice(member_of(request), now())[:OFFERED] if plain else []
    return render(request, "billing/invoices.html", {**context, "applied": applied_of(form)})


@require_GET
@needs("billing.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one invoice, its story, and what may be done."""
    member, at = member_of(request), now()
    invoice = invoice_for(member, reference, at)
    looked_at("invoice.read", invoice, by=member, at=at, sealed_until=invoice.guarantee.secret_until)
    possible = INVOICE.possible(invoice, member)
    context = {
        "invoice": invoice,
        "case": invoice.guarantee,
        "state": INVOICE.states[invoice.state],
        "acts": [row for row in possible if row.action != "correct"],
        "may_correct": any(row.action == "correct" for row in possible),
        "timeline": story_of(invoice),
    }
    return render(request, "billing/invoice.html", context)


@require_http_methods(["GET", "POST"])
@needs("billing.invoice")
def new(request: HttpRequest, order_number: str) -> HttpResponse:
    """Ask for the invoice of an order."""
    member, at = member_of(request), now()
    order = order_for(member, order_number, at)
    form = (
        TitleForm(request.POST) if request.method == "POST" else TitleForm(initial=title_of(order.guarantee.applicant))
    )
    if request.method == "POST" and form.is_valid():
        try:
            invoice = request_invoice(order, form.wanted, by=member, at=at)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已申请开票，通常一分钟内开出，开出后通知您。"))
            return redirect("billing:invoice", invoice.reference)
    context = {"form": form, "order": order, "case": order.guarantee}
    return render(request, "billing/request.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@needs("billing.invoice")
def correct(request: HttpRequest, reference: str) -> HttpResponse:
    """Put the title right and ask again."""
    member, at = member_of(request), now()
    invoice = invoice_for(member, reference, at)
    if request.method == "POST":
        form = TitleForm(request.POST)
        if form.is_valid():
            try:
                correct_invoice(as_seen(invoice, request), form.wanted, by=member, at=at)
            except Invalid as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("已按更正后的抬头重新申请。"))
                return redirect("billing:invoice", reference)
    else:
        INVOICE.step("correct", invoice, member)
        form = TitleForm(initial={name: getattr(invoice, name) for name in TITLE})
    context = {"form": form, "order": invoice.payment, "case": invoice.guarantee, "invoice": invoice}
    return render(request, "billing/request.html", context, status=form.status)


@require_POST
@needs("billing.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of an invoice: the guarantor's finance has it cancelled."""
    member, at = member_of(request), now()
    invoice = invoice_for(member, reference, at)
    if action != "reverse":
        raise Unknown(_("没有这项操作。"))
    INVOICE.step("reverse", invoice, member)
    reverse_invoice(as_seen(invoice, request), by=member, at=at, reason=reason_in(request))
    messages.success(request, _("已申请红冲，红字发票开出后通知双方。"))
    return redirect("billing:invoice", reference)


@require_GET
@needs("billing.export")
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave, as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    _form, filters = _filters(request)
    found = invoices_of(member, at, filters)
    told = Guarantee.objects.filter(pk__in=found.order_by().values("guarantee"))
    made = export_sheet(
        _("发票清单"), COLUMNS, found.select_related(*RELATED)[:EXPORT_UP_TO].iterator(chunk_size=2000),
        kind="invoice.exported", subject=member.organisation, by=member, at=at, query=request.GET.urlencode()[:500],
        sealed_until=secret_until(told, at),
    )  # fmt: skip
    return attachment(made.content, _("发票清单"), at)


def invoice_for(member: Member, reference: str, at: datetime) -> Invoice:
    """Return the invoice with this reference. Raises Unknown when there is none, or none for this member."""
    found = Invoice.objects.visible_to(member, at).filter(reference=reference)
    invoice = found.select_related(*RELATED, "file", "red_file").first()
    if invoice is None:
        raise Unknown(_("没有找到这张发票。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return invoice


def _filters(request: HttpRequest) -> tuple[FiltersForm, Filters]:
    form = FiltersForm(request.GET)
    form.is_valid()
    return form, Filters(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


COLUMNS = (
    Column(lazy("发票号码"), 24, "billing.Invoice.number", lambda row: row.number or ""),
    Column(lazy("种类"), 16, "billing.Invoice.kind", lambda row: str(row.get_kind_display())),
    Column(lazy("状态"), 12, "billing.Invoice.state", lambda row: INVOICE.states[row.state].label),
    Column(lazy("购买方"), 32, "billing.Invoice.title", lambda row: row.title),
    Column(lazy("购买方税号"), 22, "billing.Invoice.tax_number", lambda row: row.tax_number),
    Column(lazy("销售方"), 32, "accounts.Organisation.name", lambda row: row.seller.name),
    Column(lazy("不含税金额（元）"), 18, "billing.Invoice.net_amount", lambda row: row.net_amount / 100, money=True),
    Column(lazy("税额（元）"), 14, "billing.Invoice.tax_amount", lambda row: row.tax_amount / 100, money=True),
    Column(lazy("价税合计（元）"), 18, "billing.Invoice.amount", lambda row: row.amount / 100, money=True),
    Column(lazy("订单号"), 22, "guarantees.Payment.order_number", lambda row: row.payment.order_number),
    Column(lazy("保函编号"), 24, "guarantees.Guarantee.number", lambda row: row.guarantee.number or ""),
    Column(lazy("申请时间"), 18, "billing.Invoice.state", lambda row: _minute(row.requested_at)),
    Column(lazy("开票时间"), 18, "billing.Invoice.state", lambda row: _minute(row.issued_at)),
    Column(lazy("红字发票号码"), 24, "billing.Invoice.red_number", lambda row: row.red_number or ""),
    Column(
        lazy("红冲金额（元）"), 16, "billing.Invoice.red_amount",
        lambda row: row.cancelled_amount / 100 if row.red_number else None, money=True,
    ),
    Column(lazy("红冲原因"), 24, "billing.Invoice.red_reason", lambda row: row.red_reason),
)  # fmt: skip
