"""Fees earned and unearned of a house on a day, in SQL for a crowd: the same sums as earning.py order by order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least, TruncDate

from xinshu.accounts.models import Organisation
from xinshu.billing.models import ReserveMethod
from xinshu.billing.reserves import SHIPPED, SHIPPED_SOURCE, Method
from xinshu.core.clock import CHINA, moment
from xinshu.guarantees import kinds
from xinshu.guarantees.models import FeeReturn, Guarantee, Payment


class Days(Func):
    """The days from the second day to the first, as an integer."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "CAST(julianday(%(expressions)s) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner="::date - ", **extra)


@dataclass(frozen=True)
class KindRow:
    """One kind of guarantee: in 分 what came in and was earned since `since`, and in all, and what is not earned."""

    kind: str
    received_then: int
    earned_then: int
    returned_then: int
    received: int
    earned: int
    returned: int

    @property
    def label(self) -> str:
        return str(kinds.KINDS[self.kind].label) if self.kind else ""

    @property
    def unearned(self) -> int:
        return self.received - self.earned - self.returned


@dataclass(frozen=True)
class OrderRow:
    """One order: what was paid, how much of it is earned, and how much went back after an early end."""

    order: str
    guarantee: Guarantee
    received: int
    earned: int
    returned: int

    @property
    def unearned(self) -> int:
        return self.received - self.earned - self.returned


def method_of(house: Organisation, on: date) -> Method:
    """Return the method of `house` on a day: the version set last that is valid then, else the shipped one."""
    found = ReserveMethod.objects.filter(house=house, valid_from__lte=on).order_by("-valid_from", "-pk").first()
    return found.terms() if found is not None else Method(**(vars(SHIPPED) | {"source": str(SHIPPED_SOURCE)}))


def fees_of(house: Organisation, on: date, *, at_once: bool) -> QuerySet[Payment]:
    """Return the orders paid to `house` by the end of `on`, each with `done`: how much of it is earned by then.

    `returned`: how much of it was paid back by then, because the guarantee ended early.
    """
    end = moment(on + timedelta(days=1))
    paid = Payment.objects.filter(guarantee__guarantor=house, state=Payment.State.CONFIRMED, settled_at__lt=end)
    first = F("guarantee__effective_on")
    starts = Case(
        When(amendment=None, then=first),
        default=Greatest(first, TruncDate("settled_at", tzinfo=CHINA), output_field=DateField()),
        output_field=DateField(),
    )
    least = Least(F("guarantee__tariff__minimum_amount"), F("amount"), output_field=BigIntegerField())
    at_once_amount = Case(
        When(amendment=None, guarantee__tariff__isnull=False, then=least), default=0, output_field=BigIntegerField()
    )
    minimum = at_once_amount if at_once else Value(0, output_field=BigIntegerField())
    day = Value(on, output_field=DateField())
    paid = paid.annotate(
        starts=starts, minimum=minimum, days=Days(day, F("starts")) + 1,
        total=Days(F("guarantee__expires_on"), F("starts")) + 1,
    )  # fmt: skip
    rest = (2 * (F("amount") - F("minimum")) * F("days") + F("total")) / (2 * F("total"))  # half up, as core.money
    paid = paid.annotate(owed=_returns(end), returned=_returns(end, paid=True))
    return paid.annotate(
        done=Case(
            When(Q(guarantee__issued_at=None) | Q(guarantee__issued_at__gte=end), then=0),
            When(Q(guarantee__expires_on__lte=on) | Q(guarantee__ended_at__lt=end), then=F("amount") - F("owed")),
            When(starts__gt=on, then=0),
            default=F("minimum") + rest,
            output_field=BigIntegerField(),
        )
    )


def _returns(end: datetime, *, paid: bool = False) -> Coalesce:
    """Return what goes back of an order as it was known before `end`, or what was `paid` back by then; 0: nothing."""
    if paid:
        rows = FeeReturn.objects.filter(payment=OuterRef("pk"), state="done", ended_at__lt=end).values("amount")
    else:
        known = Case(When(decided_at__lt=end, then=F("amount")), default=F("computed_amount"))
        found = FeeReturn.objects.filter(payment=OuterRef("pk"), proposed_at__lt=end)
        rows = found.annotate(known=known).values("known")
    return Coalesce(Subquery(rows[:1], output_field=BigIntegerField()), Value(0, output_field=BigIntegerField()))


def by_kind(house: Organisation, since: date, on: date, *, at_once: bool) -> list[KindRow]:
    """Return a row per kind of guarantee for the days from `since` to `on`: two statements, however many orders."""
    then = _sums(house, since - timedelta(days=1), at_once=at_once)
    now = _sums(house, on, at_once=at_once)
    rows = []
    for kind, sums in sorted(now.items()):
        received, earned, returned = then.get(kind, (0, 0, 0))
        rows.append(KindRow(kind, sums[0] - received, sums[1] - earned, sums[2] - returned, *sums))
    return rows


def total_of(rows: list[KindRow]) -> KindRow:
    """Return the sum of `rows`."""
    return KindRow(
        "", sum(row.received_then for row in rows), sum(row.earned_then for row in rows),
        sum(row.returned_then for row in rows), sum(row.received for row in rows), sum(row.earned for row in rows),
        sum(row.returned for row in rows),
    )  # fmt: skip


def orders_of(house: Organisation, on: date, *, at_once: bool) -> Iterator[OrderRow]:
    """Yield every order that is not wholly earned, or was paid or earned to its end this year, first paid first."""
    begun = moment(on.replace(month=1, day=1))
    found = fees_of(house, on, at_once=at_once).filter(
        Q(done__lt=F("amount") - F("returned")) | Q(settled_at__gte=begun) | Q(guarantee__expires_on__gte=begun.date())
    )
    related = ("guarantee__applicant", "guarantee__project")
    for one in found.select_related(*related).order_by("settled_at", "pk").iterator(chunk_size=2000):
        yield OrderRow(one.order_number, one.guarantee, one.amount, int(one.done), int(one.returned))  # type: ignore[attr-defined]


def income_of_year(house: Organisation, on: date) -> int:
    """Return the fees that came in since the first of January, less what was paid back of fees since, in 分."""
    paid = Payment.objects.filter(
        guarantee__guarantor=house, state=Payment.State.CONFIRMED,
        settled_at__gte=moment(on.replace(month=1, day=1)), settled_at__lt=moment(on + timedelta(days=1)),
    )  # fmt: skip
    back = FeeReturn.objects.filter(
        guarantee__guarantor=house, state="done",
        ended_at__gte=moment(on.replace(month=1, day=1)), ended_at__lt=moment(on + timedelta(days=1)),
    )  # fmt: skip
    return int(
        paid.aggregate(sum=Sum("amount", default=0))["sum"] - back.aggregate(sum=Sum("amount", default=0))["sum"]
    )


def balance_of(house: Organisation) -> int:
    """Return what `house` stands for now: what may still be claimed under its guarantees, in 分."""
    live = Guarantee.objects.filter(guarantor=house, state__in=("issuing", "in_force"))
    parts = live.aggregate(available=Sum("available_amount", default=0), reserved=Sum("reserved_amount", default=0))
    return int(parts["available"] + parts["reserved"])


def _sums(house: Organisation, on: date, *, at_once: bool) -> dict[str, tuple[int, int, int]]:
    """Return received, earned and returned by the end of `on`, by kind."""
    rows = fees_of(house, on, at_once=at_once).order_by().values("guarantee__kind")
    found = rows.annotate(received=Sum("amount"), earned=Sum("done"), back=Sum("returned")).values_list(
        "guarantee__kind", "received", "earned", "back"
    )
    return {kind: (int(received), int(earned), int(back)) for kind, received, earned, back in found}
