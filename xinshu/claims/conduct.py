"""What claims know of an applicant: demands paid and refused, recourse still owed. Told to the engine below."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.claims.models import Demand, Recourse
from xinshu.core.composed import composed
from xinshu.core.money import yuan
from xinshu.guarantees.favour.conduct import tells_conduct
from xinshu.guarantees.favour.tiers import OVERDUE, PAID, REFUSED, Fact
from xinshu.guarantees.judging.sources import register_source
from xinshu.guarantees.law.findings import FAILS, MEETS, Finding
from xinshu.guarantees.models import Guarantee

GRACE = timedelta(days=30)  # after a payment, within which the applicant's debt is not called overdue
OWED = ("open", "written_off")  # off the accounts is not forgiven


@tells_conduct(PAID, REFUSED, OVERDUE)
def conduct_of_claims(house: int, customers: Collection[int], at: datetime) -> dict[int, dict[str, Fact]]:
    """Return demands paid and refused under each customer's guarantees of `house`, and its overdue recourse."""
    demands = Demand.objects.filter(guarantee__guarantor=house, guarantee__applicant__in=customers).order_by()
    ended = demands.values("guarantee__applicant").annotate(
        paid=Count("pk", filter=Q(state="paid")), refused=Count("pk", filter=Q(state="refused"))
    )
    counted = {row["guarantee__applicant"]: row for row in ended}
    owed = Recourse.objects.filter(creditor=house, debtor__in=customers, state__in=OWED, opened_at__lt=at - GRACE)
    overdue = dict(owed.order_by().values_list("debtor").annotate(number=Count("pk")))
    claims, recourse = _("索赔台账"), _("追偿台账")
    return {
        customer: {
            PAID: Fact(counted[customer]["paid"] if customer in counted else 0, claims),
            REFUSED: Fact(counted[customer]["refused"] if customer in counted else 0, claims),
            OVERDUE: Fact(overdue.get(customer, 0), recourse),
        }
        for customer in customers
    }


@register_source("recourse", gettext_lazy("追偿台账"))
def recourse_owed(guarantee: Guarantee, at: datetime) -> Iterator[Finding]:
    """Say whether the applicant owes the guarantor for a payment: then a person looks before anything new is given."""
    rows = _owed(guarantee.guarantor_id, guarantee.applicant_id)
    label = _("未结清的追偿")
    if not rows:
        yield Finding("recourse.none", label, MEETS, _("申请人没有欠付保证人的代偿款。"))
        return
    owed = sum(row.costs_amount + row.interest_amount + row.principal_amount for row in rows)
    told = {"number": len(rows), "amount": yuan(owed)}
    yield Finding("recourse.none", label, FAILS, _("申请人还有 %(number)d 笔追偿没有结清，共 %(amount)s 元。") % told)


@composed
def _owed(creditor: int, debtor: int) -> QuerySet[Recourse]:
    return Recourse.objects.filter(creditor=creditor, debtor=debtor, state__in=OWED)
