"""Finding what is odd, in SQL: about one application as it comes in, and over everything at night.

Every statement here answers from an index (watch_trace_of_tender, watch_trace_of_value, guarantee_by_submission,
guarantee_by_holding): at a million guarantees what comes in is judged in milliseconds, a night in seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.guarantees.kinds import BUYER, SECRET, caps
from xinshu.guarantees.law.legal import MOST
from xinshu.guarantees.lifecycle import HOLDING
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.ledger.queries import history_of
from xinshu.projects.models import Party
from xinshu.watch.finding import Found, Proof
from xinshu.watch.models import Trace, unopened
from xinshu.watch.patterns import TRACES
from xinshu.watch.rulebook import Book
from xinshu.watch.traces import AGENT

SHOWN = 50  # lines of evidence of one finding


def in_application(case: Guarantee, at: datetime) -> Iterator[Found]:
    """Yield what is odd about an application that has just come in, and about its firm and agent now."""
    book = Book([case.guarantor_id])
    for judge in (_odd_amount, _edited_often, _odd_party):
        yield from judge(case, book, at)
    yield from often_firms(at, book=book, house=case.guarantor_id, firm=case.applicant_id)
    yield from over_sums(at, book=book, house=case.guarantor_id, firm=case.applicant_id)
    yield from _often_agent(case, book, at)


def _of_case(case: Guarantee, pattern: str, text: str) -> Found:
    proof = Proof(f"guarantee:{case.pk}:{text}"[:80], text[:300], case.applicant_id, case.pk)
    return Found(case.guarantor_id, case.applicant_id, pattern, f"guarantee:{case.pk}", (proof,))


def _odd_amount(case: Guarantee, book: Book, at: datetime) -> Iterator[Found]:
    rule = book.of(case.guarantor_id, "odd_amount")
    rows = caps(case.kind, local_day(at), case.project.regime, case.kind_number)
    limits = [limit for cap in rows if cap.bound == MOST and cap.checked and (limit := cap.limit(case.base_amount))]
    if rule.on and limits and case.amount and case.amount * 100 < min(limits) * rule.limits["percent"]:
        told = {"amount": yuan(case.amount), "cap": yuan(min(limits)), "percent": rule.limits["percent"]}
        yield _of_case(case, "odd_amount", _("金额 %(amount)s 元，法定限额 %(cap)s 元，不到 %(percent)s%%") % told)


def _edited_often(case: Guarantee, book: Book, at: datetime) -> Iterator[Found]:
    rule = book.of(case.guarantor_id, "edited_often")
    if rule.on:
        number = history_of(case).filter(kind="guarantee.edited").count()
        if number >= rule.limits["number"]:
            yield _of_case(case, "edited_often", _("提交前修改了 %(n)s 次") % {"n": number})


def _odd_party(case: Guarantee, book: Book, at: datetime) -> Iterator[Found]:
    if case.type.applicant == BUYER or case.kind in SECRET or not book.of(case.guarantor_id, "odd_party").on:
        return
    winners = set(case.project.parties.filter(role=Party.Role.WINNER).values_list("organisation", flat=True))
    members = set(case.project.parties.values_list("organisation", flat=True))
    if winners and case.applicant_id not in members:
        yield _of_case(case, "odd_party", _("项目登记的中标人不是申请人"))


def odd_payer(payment: Payment) -> Iterator[Found]:
    """Yield a fee that somebody else transferred."""
    case, slip = payment.guarantee, getattr(payment, "slip", None)
    if slip is None or not Book([case.guarantor_id]).of(case.guarantor_id, "odd_payer").on:
        return
    if _plain(slip.payer) != _plain(case.applicant.name):
        yield _of_case(case, "odd_payer", _("转账凭证的付款人是“%(payer)s”") % {"payer": slip.payer})


def _plain(name: str) -> str:
    return "".join(name.split()).translate(str.maketrans("()", "（）"))


def often_firms(
    at: datetime, *, book: Book | None = None, house: int | None = None, firm: int | None = None
) -> Iterator[Found]:
    """Yield the firms that handed in too many applications: one statement over all houses, or of one firm."""
    houses = [house] if house is not None else _houses()
    book = book or Book(houses)
    days = book.longest(houses, "often_firm", "days")
    rows = Guarantee.objects.filter(submitted_at__gt=at - timedelta(days=days), submitted_at__lte=at).order_by()
    if house is not None:
        rows = rows.filter(guarantor=house, applicant=firm)
    least = book.loosest(houses, "often_firm", "number")
    found = rows.values("guarantor", "applicant").annotate(number=Count("pk")).filter(number__gte=least)
    for row in list(found):
        rule = book.of(row["guarantor"], "often_firm")
        since = at - timedelta(days=rule.limits["days"])
        mine = Guarantee.objects.filter(
            guarantor=row["guarantor"], applicant=row["applicant"], submitted_at__gt=since, submitted_at__lte=at
        ).order_by("-submitted_at")
        cases = list(mine.values_list("pk", "submitted_at", "amount")[: max(SHOWN, rule.limits["number"])])
        if not rule.on or len(cases) < rule.limits["number"]:
            continue
        proofs = tuple(
            Proof(
                f"guarantee:{pk}",
                _("%(day)s 提交，%(amount)s 元") % {"day": local_day(then or at), "amount": yuan(amount or 0)},
                row["applicant"], pk,
            )
            for pk, then, amount in cases[:SHOWN]
        )  # fmt: skip
        key = f"firm:{row['applicant']}"
        yield Found(
            row["guarantor"], row["applicant"], "often_firm", key, proofs, least=min(rule.limits["number"], SHOWN)
        )


def over_sums(
    at: datetime, *, book: Book | None = None, house: int | None = None, firm: int | None = None
) -> Iterator[Found]:
    """Yield the firms for which a house answers with more than it wants to."""
    houses = [house] if house is not None else _houses()
    book = book or Book(houses)
    rows = Guarantee.objects.filter(state__in=HOLDING).order_by()
    if house is not None:
        rows = rows.filter(guarantor=house, applicant=firm)
    least = book.loosest(houses, "over_sum", "amount")
    sums = rows.values("guarantor", "applicant").annotate(sum=Sum("amount")).filter(sum__gt=least)
    for row in list(sums):
        rule = book.of(row["guarantor"], "over_sum")
        if rule.on and row["sum"] > rule.limits["amount"]:
            told = {"sum": yuan(row["sum"]), "limit": yuan(rule.limits["amount"])}
            yield _of_firm(row, at, "over_sum", _("未了结担保合计 %(sum)s 元，限额 %(limit)s 元") % told)


def over_shares(at: datetime) -> Iterator[Found]:
    """Yield the firms that make too much of what a house answers for."""
    held = Guarantee.objects.filter(state__in=HOLDING).order_by()
    totals = dict(held.values_list("guarantor").annotate(sum=Sum("amount")))
    book = Book(totals)
    for house, total in totals.items():
        rule = book.of(house, "over_share")
        if not rule.on or not total:
            continue
        least = max(total * rule.limits["percent"] // 100, rule.limits["amount"])
        firms = held.filter(guarantor=house).values("guarantor", "applicant").annotate(sum=Sum("amount"))
        for row in list(firms.filter(sum__gt=least)):
            told = {"sum": yuan(row["sum"]), "percent": row["sum"] * 100 // total, "limit": rule.limits["percent"]}
            yield _of_firm(row, at, "over_share", _("合计 %(sum)s 元，占 %(percent)s%%，上限 %(limit)s%%") % told)


def _of_firm(row: Mapping[str, Any], at: datetime, pattern: str, text: str) -> Found:
    """Say it of a firm: the newest of its guarantees stand as evidence beside the sum.

    A sum that was looked at and stays too high is put before people once more in another month.
    """
    firm, house = row["applicant"], row["guarantor"]
    newest = Guarantee.objects.filter(guarantor=house, applicant=firm, state__in=HOLDING).order_by("-changed_at")
    sums = (Proof(f"sum:{local_day(at):%Y-%m}", text, firm),)
    cases = tuple(
        Proof(f"guarantee:{pk}", _("%(amount)s 元") % {"amount": yuan(amount or 0)}, firm, pk)
        for pk, amount in newest.values_list("pk", "amount")[:5]
    )
    return Found(house, firm, pattern, f"firm:{firm}", sums, beside=cases)


def _often_agent(case: Guarantee, book: Book, at: datetime) -> Iterator[Found]:
    """Yield the person who handed in for many firms. Bids that are still secret do not count before they are open."""
    rule = book.of(case.guarantor_id, "often_agent")
    mine = Trace.objects.filter(guarantee=case, what=AGENT).first()
    if mine is None or not rule.on:
        return
    since = at - timedelta(days=rule.limits["days"])
    rows = Trace.objects.filter(
        Q(tender="") | ~unopened(at), what=AGENT, digest=mine.digest, at__gt=since, at__lte=at, house=case.guarantor_id
    )
    told = list(rows.select_related("firm").order_by("-at")[:SHOWN])
    if len({row.firm_id for row in told}) < rule.limits["firms"]:
        return
    proofs = tuple(Proof(f"guarantee:{row.guarantee_id}", row.firm.name, row.firm_id, row.guarantee_id) for row in told)
    yield Found(case.guarantor_id, told[0].firm_id, "often_agent", f"agent:{mine.digest}", proofs)


def of_tender(traces: Iterable[Trace]) -> Iterator[Found]:
    """Yield what several bidders of the tenders of these traces have in common. Nobody is told before the opening."""
    for row in traces:
        if row.tender and row.what in TRACES:
            yield from _shared(row.tender, row.what, row.digest)


def shared_anywhere() -> Iterator[Found]:
    """Yield whatever several bidders of one tender share: one statement along the index of traces."""
    groups = Trace.objects.exclude(tender="").values("tender", "what", "digest").order_by()
    many = groups.annotate(firms=Count("firm", distinct=True)).filter(firms__gt=1)
    for row in list(many.values_list("tender", "what", "digest")):
        yield from _shared(*row)


def _shared(tender: str, what: str, value: str) -> Iterator[Found]:
    """Yield one finding per house: its own bidders with their cases, of the others only how many there are."""
    rows = list(
        Trace.objects.filter(tender=tender, what=what, digest=value).select_related("firm").order_by("at", "pk")
    )
    firms = {row.firm_id for row in rows}
    by_house: dict[int, list[Trace]] = defaultdict(list)
    for row in rows:
        by_house[row.house_id].append(row)
    code = f"same_{what}"
    book = Book(by_house)
    for house, mine in by_house.items():
        rule = book.of(house, code)
        if not rule.on or len(firms) < rule.limits["firms"]:
            continue
        proofs = [Proof(f"guarantee:{row.guarantee_id}", row.firm.name, row.firm_id, row.guarantee_id) for row in mine]
        others = len(firms) - len({row.firm_id for row in mine})
        if others:
            text = _("同一标段另有 %(n)s 家投标人，由其他保证人办理") % {"n": others}
            proofs.append(Proof(f"others:{others}", text))
        yield Found(
            house, mine[0].firm_id, code, f"{tender}:{value}", tuple(proofs[:SHOWN]), tender=tender, trace=what,
            digest=value,
        )  # fmt: skip


def _houses() -> list[int]:
    """Return the houses that hold anything, or were asked for it."""
    return list(Guarantee.objects.order_by().values_list("guarantor", flat=True).distinct())
