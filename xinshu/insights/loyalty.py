"""Which customers' own history speaks for a discount: volume, punctuality, claims, score, and the tier one step up.

`what_is_asked` says it to people. A fact that nobody knows speaks for nothing, as in the plan itself (decision 35).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.money import yuan
from xinshu.credit.kinds import APPLICANT
from xinshu.credit.models import Record
from xinshu.enterprises.models import Relation
from xinshu.guarantees.favour.conduct import standings_of
from xinshu.guarantees.favour.models import FavourPlan
from xinshu.guarantees.favour.tiers import MEETS, Standing, Tier
from xinshu.guarantees.models import Guarantee
from xinshu.insights.facts import YEAR, business_of
from xinshu.rules.engine.facts import Fact

LOOKED_AT = 300  # customers of the largest volume of the last twelve months
LEAST_COUNT, LEAST_SCORE = 3, 600


@dataclass(frozen=True)
class Candidate:
    """A customer worth a proposal: the tier it has (None: none), the one to propose, and why, in sentences.

    `lacking`: what the plan asks of that tier and the customer has not, which is why the tier does not come by itself.
    """

    firm: Organisation
    manager_id: int
    manager: str
    amount: int  # issued in the last twelve months, 分
    now: Tier | None
    tier: Tier
    reasons: tuple[str, ...]
    lacking: tuple[str, ...]


def candidates(house: Organisation, at: datetime) -> tuple[FavourPlan | None, list[Candidate]]:
    """Return the plan in force and the customers worth a proposal, those of the largest volume first.

    A dozen statements, whatever their number.
    """
    recent = Guarantee.objects.filter(guarantor=house, issued_at__gt=at - YEAR, issued_at__lte=at)
    sums = recent.values("applicant").annotate(amount=Sum("first_amount")).order_by("-amount", "applicant")
    firms = list(sums.values_list("applicant", flat=True)[:LOOKED_AT])
    return _among(house, firms, business_of(house, firms, at), at)


def candidate_for(house: Organisation, firm: Organisation, at: datetime) -> Candidate | None:
    """Return what speaks for a discount of one customer; None where nothing does."""
    found = _among(house, [firm.pk], business_of(house, [firm.pk], at), at)[1]
    return found[0] if found else None


def _among(
    house: Organisation, firms: Collection[int], business: dict[int, dict[str, Fact]], at: datetime
) -> tuple[FavourPlan | None, list[Candidate]]:
    plan, standings = standings_of(house.pk, firms, at)
    if plan is None or not plan.ladder:
        return plan, []
    scores = dict(Record.objects.filter(side=APPLICANT, organisation__in=firms).values_list("organisation_id", "score"))
    relations = Relation.objects.filter(guarantor=house, enterprise__organisation__in=firms)
    kept = {
        one.enterprise.organisation_id: one
        for one in relations.select_related("enterprise__organisation", "manager__user")
    }
    found = []
    for firm in firms:
        standing, relation = standings[firm], kept.get(firm)
        tier = next_tier(plan.ladder, standing.tier)
        reasons = reasons_for(business[firm], scores.get(firm), standing)
        if relation is not None and tier is not None and reasons:
            lacking = tuple(f"{one.label}：{one.message}" for one in standing.answers if one.verdict != MEETS)
            manager = relation.manager
            organisation = relation.enterprise.organisation
            found.append(
                Candidate(
                    organisation, manager.pk, manager.user.name, _amount(business[firm]), standing.tier, tier, reasons,
                    lacking,
                )
            )  # fmt: skip
    return plan, found


def next_tier(ladder: list[Tier], present: Tier | None) -> Tier | None:
    """Return the tier one step above `present` that gives a larger discount; None at the top. Ladder: best first."""
    place = next((n for n, tier in enumerate(ladder) if present is not None and tier.code == present.code), len(ladder))
    better = [tier for tier in ladder[:place] if present is None or tier.discount > present.discount]
    return better[-1] if better and better[-1].discount > 0 else None


def what_is_asked() -> tuple[str, ...]:
    """Return what a customer must meet, all of it, in sentences."""
    return (
        _("近 12 个月出函不少于 %(n)d 笔") % {"n": LEAST_COUNT},
        _("已结束的保函全部按期履约"),
        _("没有发生过代偿，没有逾期未还的追偿"),
        _("申请人信用分不低于 %(n)d 分") % {"n": LEAST_SCORE},
    )


def reasons_for(business: dict[str, Fact], score: int | None, standing: Standing) -> tuple[str, ...]:
    """Return what speaks for a discount, one sentence for each thing asked; nothing unless all of it is met. Pure."""
    count, kept, paid = (business[code].value for code in ("biz_year_count", "biz_kept", "biz_paid"))
    overdue = standing.answers[0] if standing.answers else None  # standing_of puts it first
    if not isinstance(count, Decimal) or count < LEAST_COUNT or kept != 100 or paid != 0:
        return ()
    if overdue is None or overdue.verdict != MEETS or score is None or score < LEAST_SCORE:
        return ()
    return (
        _("近 12 个月出函 %(count)d 笔、%(amount)s 元") % {"count": count, "amount": yuan(_amount(business))},
        _("已结束的保函全部按期履约"),
        _("没有发生过代偿，没有逾期未还的追偿"),
        _("申请人信用分 %(score)d 分") % {"score": score},
    )


def _amount(business: dict[str, Fact]) -> int:
    value = business["biz_year_amount"].value
    return value if isinstance(value, int) else 0
