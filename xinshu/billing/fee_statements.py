"""Fee statements (对账单): per payer and guarantor what stood, every fee and refund of a period, what stands then.

Days are China's. A period that is over is final: the account is closed to it as books closes a line, so that asked
again the statement says the same; one that is not over yet says that it is provisional.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.books.account_statements import close_line
from xinshu.books.fees import CASH, FEES
from xinshu.books.models import Account, Transfer
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.models import Guarantee

FEE, REFUND = "fee", "refund"
WORDS = {FEE: gettext_lazy("收取保费"), REFUND: gettext_lazy("退还保费")}
REFUND_KEY = "refund:"


@dataclass(frozen=True)
class Period:
    """From the day `since` to the day `until`, both within it."""

    since: date
    until: date

    @property
    def begins_at(self) -> datetime:
        return moment(self.since)

    @property
    def ends_at(self) -> datetime:
        return moment(self.until + timedelta(days=1))

    def is_over(self, at: datetime) -> bool:
        return self.ends_at <= at


@dataclass(frozen=True)
class Sums:
    """Of one account and period, in 分: what stood before it, fees and refunds in it, what stands at its end."""

    opening: int
    fees: int
    refunds: int

    @property
    def closing(self) -> int:
        return self.opening + self.fees - self.refunds


@dataclass(frozen=True)
class Movement:
    """One fee or refund; `amount` is signed (a refund is negative), `after` is what stands then."""

    at: datetime
    what: str
    amount: int
    order: str
    guarantee: Guarantee | None
    after: int

    @property
    def label(self) -> str:
        return str(WORDS[self.what])


@dataclass(frozen=True)
class Statement:
    """One account in one period. `movements` are those asked for; `sums` always those of the whole period."""

    account: Account
    period: Period
    sums: Sums
    movements: list[Movement]
    final: bool


def accounts_of(member: Member) -> QuerySet[Account]:
    """Return the fee accounts that exist for `member`: those its house keeps, and those kept of its house."""
    if not member.can("billing.view"):
        return Account.objects.none()
    mine = member.organisation_id
    found = Account.objects.filter(Q(holder=mine) | Q(party=mine), purpose=FEES, unit=Account.Unit.CNY)
    return found.exclude(party=None).select_related("holder", "party")


def account_for(member: Member, reference: str) -> Account:
    """Return the account with this reference. Raises Unknown when there is none, or none for this member."""
    account = accounts_of(member).filter(reference=reference).first()
    if account is None:
        raise Unknown(_("没有找到这份对账单。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return account


def period_of(since: date | None, until: date | None, at: datetime) -> Period:
    """Return the period asked for; by default the month so far. Raises Invalid for one that is none or to come."""
    today = local_day(at)
    period = Period(since or (until or today).replace(day=1), until or today)
    if period.until > today:
        raise Invalid(_("对账单只能出到今天。"), fields={"until": _("晚于今天")})
    if period.since > period.until:
        raise Invalid(_("起始日要早于截止日。"), fields={"since": _("晚于截止日")})
    return period


def sums_of(accounts: Iterable[Account], period: Period) -> dict[int, Sums]:
    """Return the sums of each account, by its key: two statements, however many accounts."""
    accounts = list(accounts)
    kept = [account.pk for account in accounts]
    payers = [account.party_id for account in accounts]
    cash = Account.objects.filter(purpose=CASH, unit=Account.Unit.CNY, party=None, holder__in=payers).values("pk")
    before, within = Q(at__lt=period.begins_at), Q(at__gte=period.begins_at)
    moved = Transfer.objects.filter(at__lt=period.ends_at).order_by()
    totals = {"before": Sum("amount", filter=before, default=0), "within": Sum("amount", filter=within, default=0)}
    fees: dict[int, Any] = {
        row["credit"]: row for row in moved.filter(debit__in=cash, credit__in=kept).values("credit").annotate(**totals)
    }
    refunds: dict[int, Any] = {
        row["debit"]: row for row in moved.filter(debit__in=kept).values("debit").annotate(**totals)
    }
    nothing: dict[str, Any] = {"before": 0, "within": 0}
    found = {}
    for pk in kept:
        fee, refund = fees.get(pk, nothing), refunds.get(pk, nothing)
        found[pk] = Sums(fee["before"] - refund["before"], fee["within"], refund["within"])
    return found


def statement_of(account: Account, period: Period, *, at: datetime, what: str = "", q: str = "") -> Statement:
    """Return the statement of one account. A period that is over closes the account to it.

    `what` (FEE, REFUND) and `q` (in order or guarantee number) narrow the movements shown, never the sums.
    """
    final = period.is_over(at)
    if final:
        close_line(account, period.ends_at)
    sums = sums_of([account], period)[account.pk]
    cash = Account.objects.filter(purpose=CASH, unit=Account.Unit.CNY, party=None, holder=account.party_id)
    moved = Transfer.objects.filter(
        Q(debit__in=cash.values("pk"), credit=account) | Q(debit=account),
        at__gte=period.begins_at, at__lt=period.ends_at,
    ).order_by("at", "pk")  # fmt: skip
    rows = list(moved)
    cases = Guarantee.objects.in_bulk({row.subject_id for row in rows if row.subject_id is not None})
    stands, shown, text = sums.opening, [], q.strip().upper()
    for row in rows:
        kind = REFUND if row.debit_id == account.pk else FEE
        amount = -row.amount if kind == REFUND else row.amount
        stands += amount
        case = cases.get(row.subject_id or 0)
        one = Movement(row.at, kind, amount, row.key.removeprefix(REFUND_KEY), case, stands)
        named = f"{one.order} {case.number or case.reference}" if case is not None else one.order
        if (not what or kind == what) and text in named.upper():
            shown.append(one)
    return Statement(account, period, sums, shown, final)
