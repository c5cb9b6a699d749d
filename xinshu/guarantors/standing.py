"""Whether a guarantor may take a new guarantee on: its licence holds, and the business is within its filed scope.

Living instruments are nobody's business here: what was issued stays, whatever becomes of the licence.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.composed import composed
from xinshu.core.money import yuan
from xinshu.guarantors.models import SETTLED, Qualification, Scope, in_force
from xinshu.guarantors.naming import kind_name

Filed = TypeVar("Filed", Qualification, Scope)
REQUIRED = {  # without which a house of this kind may not stand surety, and who says so
    Organisation.Kind.GUARANTOR: (Qualification.Kind.GUARANTY, "《融资担保公司监督管理条例》第六条"),
    Organisation.Kind.BANK: (Qualification.Kind.BANKING, "《商业银行法》第十六条"),
    Organisation.Kind.INSURER: (Qualification.Kind.INSURANCE, "《保险法》第七十七条"),
}


@dataclass(frozen=True)
class Business:
    """What somebody wants a guarantor to do; what is not known yet is left open. Amount in 分."""

    kind: str
    region_code: str = ""
    amount: int | None = None


def disqualified(houses: Collection[Organisation], on: date) -> dict[int, str]:
    """Return, by id, why houses may take on nothing new: their required licence was filed and does not hold.

    A house whose licence was never filed is not stopped: the operator's page says that it is missing. One query.
    """
    filed: dict[tuple[int, str], list[Qualification]] = {}
    for row in _of(houses, _licences, _licences_of_one):
        filed.setdefault((row.guarantor_id, row.kind), []).append(row)
    found = {}
    for house in houses:
        rows = filed.get((house.pk, REQUIRED[Organisation.Kind(house.kind)][0])) if house.kind in REQUIRED else None
        if rows and not in_force(rows, on):
            found[house.pk] = _why(rows, on)
    return found


def _licences(whose: Q) -> QuerySet[Qualification]:
    kinds = {kind for kind, _source in REQUIRED.values()}
    return Qualification.objects.filter(whose, state__in=SETTLED, kind__in=kinds)


def _scopes(whose: Q) -> QuerySet[Scope]:
    return Scope.objects.filter(whose, state__in=SETTLED)


@composed
def _licences_of_one(house: int) -> QuerySet[Qualification]:
    return _licences(Q(guarantor=house))


@composed
def _scopes_of_one(house: int) -> QuerySet[Scope]:
    return _scopes(Q(guarantor=house))


def _of(
    houses: Collection[Organisation], many: Callable[[Q], Iterable[Filed]], one: Callable[[int], Iterable[Filed]]
) -> Iterable[Filed]:
    """Read what was filed in one query; of one house, which every application asks for, in the composed one."""
    keys = [house.pk for house in houses]
    return one(keys[0]) if len(keys) == 1 else many(Q(guarantor__in=keys))


def _why(rows: list[Qualification], on: date) -> str:
    newest = max(rows, key=lambda row: (row.valid_from, row.pk))
    told = {"what": newest.get_kind_display()}
    if newest.state == "ended":
        return _("%(what)s已停用") % told
    if newest.valid_from > on:
        return _("%(what)s自 %(day)s 起才有效") % {**told, "day": newest.valid_from.isoformat()}
    assert newest.valid_until is not None
    return _("%(what)s已于 %(day)s 到期") % {**told, "day": newest.valid_until.isoformat()}


def out_of_scope(houses: Collection[Organisation], business: Business, on: date) -> dict[int, str]:
    """Return, by id, why `business` lies outside what houses filed. A house without any scope is free. One query."""
    filed: dict[int, list[Scope]] = {}
    for row in _of(houses, _scopes, _scopes_of_one):
        filed.setdefault(row.guarantor_id, []).append(row)
    found = {}
    for house, rows in filed.items():
        if why := _outside(in_force(rows, on), business):
            found[house] = why
    return found


def _outside(rows: list[Scope], business: Business) -> str:
    rows = [row for row in rows if row.kind in ("", business.kind)]
    if not rows:
        return _("业务范围不含%(kind)s") % {"kind": kind_name(business.kind)}
    if business.region_code:
        rows = [row for row in rows if business.region_code.startswith(row.region_code)]
        if not rows:
            return _("业务范围不含项目所在地区")
    if business.amount is None or any(row.most_amount is None or business.amount <= row.most_amount for row in rows):
        return ""
    most = max(row.most_amount for row in rows if row.most_amount is not None)
    return _("单笔最高 %(most)s 元") % {"most": yuan(most)}


def obstacles(house: Organisation, business: Business, on: date) -> list[str]:
    """Return why `house` may not take on `business` now; nothing when it may. Two queries."""
    found = [disqualified([house], on).get(house.pk, ""), out_of_scope([house], business, on).get(house.pk, "")]
    return [why for why in found if why]
