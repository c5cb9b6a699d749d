"""What can be asked of checks: the log, narrowed; how often each method was used and how often it passed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from xinshu.accounts.assurance.methods import METHODS
from xinshu.accounts.models import IdentityCheck, Member

SPAN = timedelta(days=90)


@dataclass(frozen=True)
class Use:
    """How often a method was used and how often it passed; `rate` in percent, None where it was not used."""

    uses: int = 0
    passed: int = 0

    @property
    def rate(self) -> int | None:
        return round(100 * self.passed / self.uses) if self.uses else None


def uses(at: datetime) -> dict[str, Use]:
    """Return the uses of every method in the last 90 days; those that wait for an end are not counted."""
    recent = IdentityCheck.objects.filter(at__gt=at - SPAN, at__lte=at).exclude(outcome=IdentityCheck.Outcome.OPEN)
    counted = recent.values_list("method").annotate(
        uses=Count("pk"), passed=Count("pk", filter=Q(outcome=IdentityCheck.Outcome.PASSED))
    )
    found = {code: Use(all_, passed) for code, all_, passed in counted.order_by()}
    return {code: found.get(code, Use()) for code in METHODS}


def checks(
    member: Member, *, q: str = "", method: str = "", outcome: str = "", mine: bool = False
) -> QuerySet[IdentityCheck]:
    """Return the checks that exist for `member`, the latest first, narrowed by name, method and outcome."""
    found = IdentityCheck.objects.visible_to(member).select_related("user", "organisation", "by__user")
    if mine:
        found = found.filter(user=member.user_id)
    if method:
        found = found.filter(method=method)
    if outcome:
        found = found.filter(outcome=outcome)
    if q:
        found = found.filter(
            Q(user__name__contains=q) | Q(user__username__startswith=q.lower()) | Q(organisation__name__contains=q)
        )
    return found.order_by("-at", "-pk")
