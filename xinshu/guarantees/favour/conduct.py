"""What a house knows of its customers' conduct today, and what that comes to under its plan in force.

Rooms above tell what they know by `tells_conduct` (claims: 索赔 and 追偿); scores come from credit below by the same
door. A teller that raises SourceDown leaves its facts unknown, which favours nobody.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.credit.kinds import APPLICANT
from xinshu.credit.models import Record
from xinshu.enterprises.models import Relation
from xinshu.guarantees.favour.tiers import HONOURED, SCORE, YEARS, Conduct, Fact, Standing, standing_of
from xinshu.guarantees.judging.sources import SourceDown
from xinshu.guarantees.models import CustomerTier, FavourPlan, Guarantee

Teller = Callable[[int, Collection[int], datetime], Mapping[int, Mapping[str, Fact]]]
TELLERS: list[tuple[tuple[str, ...], Teller]] = []


def tells_conduct(*names: str) -> Callable[[Teller], Teller]:
    """Have a function asked for the facts `names`, for a house and many of its customers at once."""

    def keep(teller: Teller) -> Teller:
        TELLERS.append((names, teller))
        return teller

    return keep


@tells_conduct(HONOURED, YEARS)
def own_conduct(house: int, customers: Collection[int], at: datetime) -> dict[int, dict[str, Fact]]:
    """Return how many guarantees of `house` each customer honoured, and since how many whole years it is one."""
    over = Guarantee.objects.filter(guarantor=house, applicant__in=customers, state__in=("released", "expired"))
    over = over.filter(paid_amount=0).order_by()
    honoured = dict(over.values_list("applicant").annotate(number=Count("pk")))
    since = Relation.objects.filter(guarantor=house, enterprise__organisation__in=customers)
    begun = dict(since.values_list("enterprise__organisation", "since"))
    on = local_day(at)
    return {
        customer: {
            HONOURED: Fact(honoured.get(customer, 0), _("保函台账")),
            YEARS: Fact(years_between(local_day(begun[customer]), on) if customer in begun else 0, _("客户关系")),
        }
        for customer in customers
    }


@tells_conduct(SCORE)
def score_of_credit(house: int, customers: Collection[int], at: datetime) -> dict[int, dict[str, Fact]]:
    """Return each customer's credit score as it stands; not known where there is none."""
    scores = dict(
        Record.objects.filter(side=APPLICANT, organisation__in=customers).values_list("organisation", "score")
    )
    return {customer: {SCORE: Fact(scores.get(customer), _("信用库"))} for customer in customers}


def years_between(first: date, on: date) -> int:
    """Return the whole years from `first` to `on`."""
    return max(0, on.year - first.year - ((on.month, on.day) < (first.month, first.day)))


def conduct_of(house: int, customers: Collection[int], at: datetime) -> dict[int, Conduct]:
    """Return what every teller knows of the customers of `house`: as many queries for one as for all."""
    found: dict[int, dict[str, Fact]] = {customer: {} for customer in customers}
    for names, teller in TELLERS:
        try:
            told = teller(house, customers, at)
        except SourceDown as why:
            told = {customer: {name: Fact(None, str(why)) for name in names} for customer in customers}
        for customer in customers:
            found[customer] |= told.get(customer, {})
    return dict(found)


def plan_in_force(house: int, on: date) -> FavourPlan | None:
    """Return the newest published plan of `house` whose first day has come."""
    return _newest_plan.first(house, on)


@composed
def _newest_plan(house: int, on: date) -> QuerySet[FavourPlan]:
    plans = FavourPlan.objects.filter(guarantor=house, state="published", valid_from__lte=on)
    return plans.order_by("-number")[:1]


def tiers_set(house: int, customers: Collection[int], on: date) -> dict[int, CustomerTier]:
    """Return the tier that holds by a manager's word, by customer."""
    rows = CustomerTier.objects.filter(guarantor=house, applicant__in=customers).select_related("set_by__user")
    latest = {row.applicant_id: row for row in rows.order_by("pk")}
    return {pk: row for pk, row in latest.items() if row.code and (row.until is None or row.until >= on)}


def standings_of(house: int, customers: Collection[int], at: datetime) -> tuple[FavourPlan | None, dict[int, Standing]]:
    """Return the plan in force and each customer's standing under it; without a plan nobody is favoured."""
    plan = plan_in_force(house, local_day(at))
    if plan is None:
        return None, {customer: Standing(None) for customer in customers}
    ladder, by_hand = plan.ladder, tiers_set(house, customers, local_day(at))
    conduct = conduct_of(house, customers, at)
    standings = {}
    for customer in customers:
        row = by_hand.get(customer)
        standings[customer] = standing_of(
            conduct[customer], ladder, set_code=row.code if row else "", set_reason=row.reason if row else ""
        )
    return plan, standings


def favour_for(guarantor: Organisation, applicant: Organisation, at: datetime) -> tuple[FavourPlan | None, Standing]:
    """Return the plan in force at `guarantor` and the applicant's standing under it."""
    plan, standings = standings_of(guarantor.pk, [applicant.pk], at)
    return plan, standings[applicant.pk]


def favours_at(houses: Collection[int], applicant: Organisation, at: datetime) -> dict[int, Standing]:
    """Return the applicant's standing at each of the houses that has a plan in force; the others favour nobody."""
    plans = FavourPlan.objects.filter(guarantor__in=houses, state="published", valid_from__lte=local_day(at))
    with_plan = set(plans.order_by().values_list("guarantor", flat=True).distinct())
    return {house: standings_of(house, [applicant.pk], at)[1][applicant.pk] for house in with_plan}
