"""What can be done with a product: written, edited, put on the shelf by a second person, taken down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Product, Tariff
from xinshu.guarantees.products.conditions import ASKED, Condition
from xinshu.guarantees.products.lifecycle import LIFECYCLE
from xinshu.ledger.recording import record

LONGEST_DAYS = 3650


@dataclass(frozen=True)
class Offer:
    """What a product says. Amounts in 分."""

    kind: str
    name: str
    note: str
    least_amount: int
    most_amount: int
    longest_days: int
    offered_from: date
    offered_until: date | None
    conditions: Sequence[Condition] = ()
    documents: Sequence[str] = ()

    def columns(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "conditions": [condition.as_json() for condition in self.conditions],
            "documents": list(self.documents),
        }


PLAIN = ("kind", "name", "note", "least_amount", "most_amount", "longest_days", "offered_from", "offered_until")


@transaction.atomic
def write_product(offer: Offer, *, by: Member, at: datetime) -> Product:
    """Begin a product of the member's own house. Raises Invalid per field."""
    house = by.organisation
    product = Product(state="draft", guarantor=house)
    LIFECYCLE.step("edit", product, by)
    if house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司可以上架保函产品。"))
    _check(offer)
    product = Product.objects.create(
        state="draft", guarantor=house, authors=[by.user_id], created_at=at, changed_at=at, **offer.columns()
    )
    record("product.written", product, by=by, at=at, name=offer.name, kind_code=offer.kind)
    return product


@transaction.atomic
def edit_product(product: Product, offer: Offer, *, by: Member, at: datetime) -> Product:
    """Rewrite a product that is not on the shelf."""
    product = Product.objects.locked(product)
    step = LIFECYCLE.step("edit", product, by)
    _check(offer)
    authors = sorted({*product.authors, by.user_id})
    product.change(step, authors=authors, changed_at=at, **offer.columns())
    record("product.edited", product, by=by, at=at, name=offer.name, kind_code=offer.kind)
    return product


@transaction.atomic
def offer_product(product: Product, *, by: Member, at: datetime) -> Product:
    """Put it on the shelf. From now on applications of this kind at this guarantor must fit one of its products."""
    product = Product.objects.locked(product)
    step = LIFECYCLE.step("offer", product, by)
    if by.user_id in product.authors:
        raise NotPermitted(_("您写过这个产品，须由另一人上架。"))
    on = local_day(at)
    if product.kind not in KINDS or KINDS[product.kind].retired:
        raise Invalid(_("这种保函已经停办，不能上架。"))
    if product.offered_until is not None and product.offered_until < on:
        raise Invalid(_("产品的有效期已过，请先修改。"))
    tariff = Tariff.objects.filter(guarantor=product.guarantor_id, kind=product.kind, valid_from__lte=on)
    if not tariff.exists():
        raise Invalid(_("本机构还没有这种保函的费率，不能上架。"), advice=_("请先发布费率。"))
    product.change(step, changed_at=at)
    told: dict[str, Any] = {name: str(getattr(product, name)) for name in PLAIN[1:]}
    record(
        "product.offered",
        product,
        by=by,
        at=at,
        kind_code=product.kind,
        **told,
        conditions=product.conditions,
        documents=product.documents,
    )
    return product


@transaction.atomic
def take_down_product(product: Product, *, by: Member, at: datetime, reason: str) -> Product:
    """Take it off the shelf; what was applied for goes on."""
    product = Product.objects.locked(product)
    step = LIFECYCLE.step("withdraw_offer", product, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明下架的原因。"), fields={"reason": _("至少 4 个字")})
    product.change(step, changed_at=at)
    record("product.taken_down", product, by=by, at=at, reason=reason.strip()[:500])
    return product


def _check(offer: Offer) -> None:
    problems = {}
    if offer.kind not in KINDS or KINDS[offer.kind].retired:
        problems["kind"] = _("请选择可以申请的类型。")
    if not 2 <= len(offer.name.strip()) <= 40:
        problems["name"] = _("名称填 2 到 40 个字。")
    if offer.least_amount <= 0:
        problems["least_amount"] = _("最低金额应大于零。")
    if offer.most_amount < offer.least_amount:
        problems["most_amount"] = _("最高金额不能低于最低金额。")
    if not 1 <= offer.longest_days <= LONGEST_DAYS:
        problems["longest_days"] = _("最长期限填 1 到 %(most)d 天。") % {"most": LONGEST_DAYS}
    if offer.offered_until is not None and offer.offered_until < offer.offered_from:
        problems["offered_until"] = _("截止日期不能早于开始日期。")
    if any(len(title) > 60 for title in offer.documents) or len(set(offer.documents)) < len(offer.documents):
        problems["documents"] = _("材料名称 1 到 60 个字，不能重复。")
    for condition in offer.conditions:
        if condition.fact not in ASKED or (condition.until is not None and condition.until < condition.since):
            problems[f"{condition.fact}_until"] = _("截止日期不能早于开始日期。")
    if problems:
        raise Invalid(_("产品没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
