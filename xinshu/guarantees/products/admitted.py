"""Products on the shelf of admission (标签与准入): what a house may put a gate before, and where a firm sees it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.shelves import Shelf, Ware, register_shelf
from xinshu.core.clock import local_day
from xinshu.guarantees.models import Product

SHELF = "guarantees"


def _ware(product: Product) -> Ware:
    url = reverse("guarantees:product", args=[product.reference])
    return Ware(product.reference, product.guarantor, product.name, url, product.state == "on_shelf")


def _of_house(house: Organisation, at: datetime) -> list[Ware]:
    found = Product.objects.filter(guarantor=house).select_related("guarantor").order_by("name", "pk")
    return [_ware(one) for one in found]


def _find(reference: str, member: Member, at: datetime) -> Ware | None:
    found = Product.objects.visible_to(member, local_day(at)).filter(reference=reference).select_related("guarantor")
    one = found.first()
    return _ware(one) if one is not None else None


register_shelf(Shelf(SHELF, lazy("保函产品"), _of_house, _find))
