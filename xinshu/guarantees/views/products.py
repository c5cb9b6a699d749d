"""Products: the shelf for applicants, a product's page with its link and QR code, and the guarantor's own pages."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.admission.lifecycle import FILLS
from xinshu.admission.queries import standing_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.guarantees import kinds, pricing
from xinshu.guarantees.models import Product, Tariff
from xinshu.guarantees.products.actions import edit_product, offer_product, take_down_product, write_product
from xinshu.guarantees.products.fitting import facts_of_applicant
from xinshu.guarantees.products.forms import ProductForm, initial_of
from xinshu.guarantees.products.lifecycle import LIFECYCLE
from xinshu.guarantees.tariffs.words import price_in_words
from xinshu.ledger.exports import Column, export_sheet
from xinshu.rules.engine.answers import OUTCOMES, TONES
from xinshu.web.posted import as_seen

PASSED_ON = ("project", "amount", "effective_on", "expires_on")  # what a product's link may bring into an application


@needs("guarantees.view")
def shelf(request: HttpRequest) -> HttpResponse:
    """Show what is on the shelf, narrowed by type; a guarantor's people also see their drafts and what is off it."""
    member, on = member_of(request), local_day(now())
    found = Product.objects.visible_to(member, on).select_related("guarantor").order_by("kind", "guarantor__name", "pk")
    kind = request.GET.get("kind", "")
    if kind in kinds.KINDS:
        found = found.filter(kind=kind)
    products = list(found[:200])
    prices = _prices(products)
    return render(
        request,
        "guarantees/shelf.html",
        {
            "rows": [
                (product, price_in_words(prices.get(product.pk)), LIFECYCLE.states[product.state])
                for product in products
            ],
            "types": [("", _("全部类型")), *kinds.choices()],
            "chosen": kind if kind in kinds.KINDS else "",
            "writes": _is_issuer(member) and member.can("guarantees.review"),
            "issuer": _is_issuer(member),
        },
    )


def _prices(products: list[Product]) -> dict[int, pricing.Tariff]:
    """Return each product's tariff of today: two queries, however many products there are."""
    on = local_day(now())
    tariffs = Tariff.objects.filter(
        guarantor__in={product.guarantor_id for product in products}, valid_from__lte=on
    ).order_by("number")
    latest = {(tariff.guarantor_id, tariff.kind): tariff for tariff in tariffs}
    found = {product.pk: latest.get((product.guarantor_id, product.kind)) for product in products}
    return {pk: tariff.terms() for pk, tariff in found.items() if tariff is not None}


def _is_issuer(member: Member) -> bool:
    return member.organisation.kind in Organisation.ISSUERS


@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the shelf as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    found = Product.objects.visible_to(member, local_day(at)).select_related("guarantor").order_by("kind", "pk")
    sheet = export_sheet(
        _("保函产品"), COLUMNS, found, kind="products.exported", subject=member.organisation, by=member, at=at
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("保函产品.xlsx"))


COLUMNS = (
    Column(lazy("产品"), 28, "guarantees.Product.name", lambda row: row.name),
    Column(lazy("类型"), 16, "guarantees.Product.kind", lambda row: str(row.get_kind_display())),
    Column(lazy("保证人"), 30, "accounts.Organisation.name", lambda row: row.guarantor.name),
    Column(
        lazy("最低金额（元）"), 18, "guarantees.Product.least_amount", lambda row: row.least_amount / 100, money=True
    ),
    Column(
        lazy("最高金额（元）"), 18, "guarantees.Product.most_amount", lambda row: row.most_amount / 100, money=True
    ),
    Column(lazy("最长期限（天）"), 14, "guarantees.Product.longest_days", lambda row: row.longest_days),
    Column(
        lazy("条件"), 40, "guarantees.Product.conditions", lambda row: "；".join(one.words for one in row.asks)
    ),
    Column(lazy("状态"), 10, "guarantees.Product.state", lambda row: LIFECYCLE.states[row.state].label),
)  # fmt: skip


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one product: terms, price, whether the member's own firm meets it, and its link with a QR code."""
    member, product, on = member_of(request), _product(request, reference), local_day(now())
    applies = member.can("guarantees.apply") and not _is_issuer(member)
    facts = facts_of_applicant(member.organisation, product.guarantor, on) if applies else None
    asked = {name: request.GET[name] for name in PASSED_ON if request.GET.get(name)}
    there = f"{settings.PUBLIC_URL}{reverse('guarantees:product', args=[product.reference])}"
    link = f"{there}?{urlencode(asked)}" if asked else there
    chosen = {"product": product.reference, "kind": product.kind, "guarantor": product.guarantor_id, **asked}
    return render(
        request,
        "guarantees/product.html",
        {
            "product": product,
            "state": LIFECYCLE.states[product.state],
            "price": price_in_words(_prices([product]).get(product.pk)),
            "conditions": [(one.met(facts) if facts is not None else None, one) for one in product.asks],
            "judged": facts is not None,
            "gates": standing_of(product.reference, member.organisation) if applies and member.can(FILLS) else [],
            "outcomes": OUTCOMES,
            "tones": TONES,
            "papers": [document.title for document in kinds.KINDS[product.kind].documents if document.required]
            + product.documents,
            "link": link,
            "qr": str(segno.make(link, error="m").svg_data_uri(scale=4, border=2)),
            "apply": f"{reverse('guarantees:new')}?{urlencode(chosen)}",
            "may_apply": member.can("guarantees.apply")
            and product.state == "on_shelf"
            and (not _is_issuer(member) or product.guarantor_id == member.organisation_id),
            "acts": [row for row in LIFECYCLE.possible(product, member) if row.action != "edit"],
            "editable": any(row.action == "edit" for row in LIFECYCLE.possible(product, member)),
            "author": member.user_id in product.authors,
        },
    )


@needs("guarantees.review")
def new(request: HttpRequest) -> HttpResponse:
    """Write a product."""
    member = member_of(request)
    if not _is_issuer(member):
        raise NotPermitted(_("只有担保公司、银行和保险公司可以上架保函产品。"))
    form = ProductForm(request.POST or None, initial={"offered_from": local_day(now())})
    if request.method == "POST" and form.is_valid():
        try:
            product = write_product(form.offer(), by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("产品草稿已保存，请由另一人上架。"))
            return redirect("guarantees:product", product.reference)
    return render(request, "guarantees/product_edit.html", {"form": form}, status=form.status)


@needs("guarantees.review")
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a product that is not on the shelf."""
    member, product = member_of(request), _product(request, reference)
    LIFECYCLE.step("edit", product, member)
    form = ProductForm(request.POST or None, initial=initial_of(product))
    if request.method == "POST" and form.is_valid():
        try:
            edit_product(as_seen(product, request), form.offer(), by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("产品已保存，请由另一人上架。"))
            return redirect("guarantees:product", reference)
    context = {"form": form, "product": product, "seen": request.POST.get("version", product.version)}
    return render(request, "guarantees/product_edit.html", context, status=form.status)


Act = Callable[[Product, Member, HttpRequest], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "offer": (lambda case, by, request: offer_product(case, by=by, at=now()), lazy("已上架，申请人可以看到。")),
    "withdraw_offer": (
        lambda case, by, request: take_down_product(case, by=by, at=now(), reason=request.POST.get("reason", "")),
        lazy("已下架，已提交的申请照常办理。"),
    ),
}


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    product = _product(request, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(product, request), member_of(request), request)
    messages.success(request, str(done))
    return redirect("guarantees:product", reference)


def _product(request: HttpRequest, reference: str) -> Product:
    found = Product.objects.visible_to(member_of(request), local_day(now()))
    product = found.filter(reference=reference).select_related("guarantor").first()
    if product is None:
        raise Unknown(_("没有找到这个产品。"), advice=_("它可能已经下架，请从产品货架进入。"))
    return product
