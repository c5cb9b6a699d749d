"""Whether an application fits a product: which product it is made under, and what the product's terms say of it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid
from xinshu.enterprises.models import Relation
from xinshu.enterprises.queries import FieldView, record_of, records_of
from xinshu.guarantees.law.findings import FAILS, MEETS, SUBMISSION, UNKNOWN, Finding
from xinshu.guarantees.models import Guarantee, Product


def product_for(kind: str, guarantor: Organisation, on: date, chosen: Product | None) -> Product | None:
    """Return the product that an application is made under.

    A guarantor that has products of this kind on its shelf takes applications under one of them: the one chosen, or the
    only one. Raises Invalid when it must be chosen. None: the guarantor has put none up, its tariff alone holds.
    """
    offered = _offered(kind, guarantor.pk, on)
    if chosen is not None:
        if chosen not in offered:
            raise Invalid(_("这个产品不在货架上，或不属于所选的保证人和类型。"), fields={"product": _("请重新选择")})
        return chosen
    if len(offered) > 1:
        names = "、".join(product.name for product in offered)
        raise Invalid(
            _("%(guarantor)s有多个这类产品：%(names)s，请选择其中一个。")
            % {"guarantor": guarantor.name, "names": names},
            advice=_("可以在产品货架上打开产品，点“申请”。"), fields={"product": _("请选择产品")},
        )  # fmt: skip
    return offered[0] if offered else None


@composed
def _offered(kind: str, guarantor: int, on: date) -> QuerySet[Product]:
    return Product.objects.offered(on).filter(kind=kind, guarantor=guarantor).order_by("pk")


def product_findings(
    guarantee: Guarantee, at: datetime, known: dict[str, bool | int | None] | None = None
) -> list[Finding]:
    """Return what the product of an application says about its amount, period and applicant.

    `known`: what `facts_of_applicant` returned, where it was asked for many applications at once.
    """
    product, on = guarantee.product, local_day(at)
    if product is None or guarantee.amount is None:
        return []
    told = {"least": yuan(product.least_amount), "most": yuan(product.most_amount), "amount": yuan(guarantee.amount)}
    fits = product.least_amount <= guarantee.amount <= product.most_amount
    message = _("产品承保 %(least)s 至 %(most)s 元，申请 %(amount)s 元。") % told
    source = _("产品：%(name)s") % {"name": product.name}
    found = [
        Finding("product.amount", _("产品金额"), MEETS if fits else FAILS, message, source, stops=SUBMISSION),
        *_period(product, guarantee, source),
    ]
    asked = [condition for condition in product.asks if condition.holds(on)]
    if asked:
        facts = facts_of_applicant(guarantee.applicant, product.guarantor, on) if known is None else known
        for condition in asked:
            met = condition.met(facts)
            verdict = {True: MEETS, False: FAILS, None: UNKNOWN}[met]
            found.append(
                Finding(
                    f"product.{condition.fact}", _("产品条件"), verdict, f"{condition.words}。", source,
                    stops=SUBMISSION,
                )
            )  # fmt: skip
    return found


def _period(product: Product, guarantee: Guarantee, source: str) -> list[Finding]:
    if guarantee.effective_on is None or guarantee.expires_on is None:
        return []
    days = (guarantee.expires_on - guarantee.effective_on).days
    message = _("产品最长 %(most)d 天，申请 %(days)d 天。") % {"most": product.longest_days, "days": days}
    verdict = MEETS if days <= product.longest_days else FAILS
    return [Finding("product.period", _("产品期限"), verdict, message, source, stops=SUBMISSION)]


def facts_of_applicant(applicant: Organisation, guarantor: Organisation, on: date) -> dict[str, bool | int | None]:
    """Return what is known of an applicant, for a product's conditions. None: not known."""
    return facts_at_each(applicant, [guarantor.pk], on)[guarantor.pk]


def facts_at_each(
    applicant: Organisation, guarantors: Collection[int], on: date
) -> dict[int, dict[str, bool | int | None]]:
    """Return what is known of an applicant at each of the guarantors (by id): as many queries for one as for all."""
    facts = _of_record(applicant, record_of(applicant, on=on))
    known = Relation.objects.filter(guarantor__in=guarantors, enterprise__organisation=applicant)
    customers = set(known.values_list("guarantor_id", flat=True))
    return {guarantor: {**facts, "customer": guarantor in customers} for guarantor in guarantors}


def facts_of_customers(firms: Sequence[Organisation], on: date) -> dict[int, dict[str, bool | int | None]]:
    """Return what is known of customers of one guarantor, by their id: one query for all."""
    records = records_of(firms, on)
    return {firm.pk: {**_of_record(firm, records[firm.pk]), "customer": True} for firm in firms}


def _of_record(applicant: Organisation, fields: Sequence[FieldView]) -> dict[str, bool | int | None]:
    record = {field.code: field for field in fields}
    capital = record["registered_capital"]
    return {
        "verified": applicant.verified,
        "complete": not any(field.required and field.state in ("missing", "stale") for field in record.values()),
        "capital": int(capital.value) if capital.value.isdecimal() and capital.state != "stale" else None,
    }
