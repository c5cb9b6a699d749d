"""What a house's own past teaches (BH-31): each guarantee as it was known on the day of its issue, and how it went.

Nothing later enters a feature: of the record the versions recorded by the moment of issue, of conduct what was recorded
before it, the face and the last day as the letter said them. Contract sums are left out: a project keeps today's only.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.claims.models import Payout
from xinshu.core.clock import local_day, moment
from xinshu.enterprises.models import RecordField
from xinshu.guarantees.judging import conduct_then, risk
from xinshu.guarantees.judging.conduct_then import Deed, counts, deeds_of
from xinshu.guarantees.judging.risk import as_values, figures_from, known_from
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Guarantee
from xinshu.scoring.history import MOST_CASES, WATCHED, History, tells_history
from xinshu.scoring.learning.kinds import CATEGORY, IGNORE, NUMBER, TARGET, TIME, Column

NOT_KEPT = ("contract_share",)  # a project's sums are not kept by day
FEATURES = tuple(fact for fact in (*risk.FACTS, *conduct_then.FACTS) if fact.code not in NOT_KEPT)
RECORD = ("established_on", "registered_capital", "staff_count", "constructor_count", "last_year_revenue",
          "total_assets", "total_liabilities", "projects_done", "largest_contract")  # fmt: skip
Version = tuple[date, int, datetime, str]  # valid from, pk, recorded at, value


@tells_history
def past_cases(house: Organisation, until: date) -> History:
    """Return the guarantees that `house` issued before the day `until`, newest first. Five queries."""
    mine = Guarantee.objects.filter(guarantor=house, issued_at__lt=moment(until), first_amount__isnull=False)
    cases: list[dict[str, Any]] = list[Any](
        mine.order_by("-issued_at", "-pk").values(
            "pk", "number", "kind", "applicant", "issued_at", "first_amount", "letter_values"
        )[:MOST_CASES]
    )
    customers, paid = mine.order_by().values("applicant"), _paid(house)
    records, deeds, issues = _records(customers), _deeds(house.pk, customers), defaultdict[int, list[datetime]](list)
    for applicant, issued in mine.values_list("applicant", "issued_at"):
        if issued is not None:
            issues[applicant].append(issued)
    rows, bad = [], 0
    for case in cases:
        whose, issued = case["applicant"], case["issued_at"]
        defaulted = case["pk"] in paid and paid[case["pk"]] <= issued + WATCHED
        bad += defaulted
        told = features_of(case, records[whose], issues[whose], deeds[whose])
        cells = ["" if told[fact.code] is None else str(told[fact.code]) for fact in FEATURES]
        rows.append([case["number"], local_day(issued).isoformat(), *cells, str(int(defaulted))])
    days = [local_day(case["issued_at"]) for case in cases]
    return History(columns(), rows, bad, min(days, default=None), max(days, default=None))


def columns() -> tuple[Column, ...]:
    """Return the dictionary of the table: number and day of issue, the features, whether a claim was paid."""
    features = [Column(fact.code, str(fact.label), CATEGORY if fact.code == "kind" else NUMBER) for fact in FEATURES]
    return (
        Column("number", _("保函编号"), CATEGORY, IGNORE), Column("issued_on", _("出函日期"), CATEGORY, TIME),
        *features,
        Column("default", _("十二个月内发生代偿"), CATEGORY, TARGET),
    )  # fmt: skip


def features_of(
    case: dict[str, Any], versions: dict[str, list[Version]], issues: list[datetime], deeds: list[Deed]
) -> dict[str, Any]:
    """Return what was known of a case when it was issued, by fact; amounts in 万元, None where nobody had said."""
    issued, on = case["issued_at"], local_day(case["issued_at"])
    record = {code: value for code in RECORD if (value := standing(versions.get(code, []), on, issued))}
    days, ends = None, str(case["letter_values"].get("expires_on", ""))
    begins = str(case["letter_values"].get("effective_on", ""))
    if len(begins) == len(ends) == 10:
        days = (date.fromisoformat(ends) - date.fromisoformat(begins)).days
    kind = str(KINDS[case["kind"]].label) if case["kind"] in KINDS else case["kind"]
    known = known_from(figures_from(record, case["first_amount"], on), kind, days)
    return as_values(known) | counts(issues, deeds, issued)


def standing(versions: list[Version], on: date, known: datetime) -> str:
    """Return what a field said on a day, of what was recorded by the moment `known`; the rule of `record_of`."""
    there = [version for version in versions if version[0] <= on and version[2] <= known]
    return max(there)[3] if there else ""


def _paid(house: Organisation) -> dict[int, datetime]:
    """Return when a claim was first paid under each guarantee of the house."""
    found: dict[int, datetime] = {}
    payouts = Payout.objects.filter(state=Payout.State.CONFIRMED, settled_at__isnull=False)
    rows = payouts.filter(demand__guarantee__guarantor=house).values_list("demand__guarantee", "settled_at")
    for guarantee, at in rows:
        if at is not None:
            found[guarantee] = min(at, found.get(guarantee, at))
    return found


def _records(customers: Any) -> dict[int, dict[str, list[Version]]]:
    found: dict[int, dict[str, list[Version]]] = defaultdict(lambda: defaultdict(list))
    rows = RecordField.objects.standing().filter(enterprise__organisation__in=customers, code__in=RECORD)
    named = rows.values_list("enterprise__organisation", "code", "valid_from", "pk", "recorded_at", "value", named=True)
    for row in named:
        version = (row.valid_from, row.pk, row.recorded_at, row.value)
        found[row.enterprise__organisation][row.code].append(version)
    return found


def _deeds(house: int, customers: Any) -> dict[int, list[Deed]]:
    found: dict[int, list[Deed]] = defaultdict(list)
    rows = deeds_of(house).filter(record__organisation__in=customers)
    for row in rows.values_list("record__organisation", "pk", "kind", "recorded_at", "corrects", named=True):
        found[row.record__organisation].append(Deed(row.pk, row.kind, row.recorded_at, row.corrects))
    return found
