"""What a segment may ask of a customer: all that a tag may, its tags, and the business it does with the house.

Business is counted from the house's own guarantees in one statement for all customers; nothing of other houses.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Organisation
from xinshu.admission.knowing import Known, customers_of, known_of
from xinshu.admission.purposes import for_tags, tags_of
from xinshu.core.clock import local_day
from xinshu.credit.kinds import APPLICANT
from xinshu.credit.models import Record
from xinshu.enterprises.models import Relation
from xinshu.guarantees.models import Guarantee
from xinshu.rules.engine.facts import AMOUNT, DAY, NUMBER, Fact, FactType, unknown

BUSINESS, SCORE, CUSTOMER = "business", "credit_score", "customer"
YEAR = timedelta(days=365)
ENDED = ("released", "expired", "exhausted")
OF_BUSINESS = (
    #        code               what people call it           type    who says it
    FactType("biz_year_count",  lazy("近 12 个月出函笔数"),   NUMBER, BUSINESS, " 笔"),
    FactType("biz_year_amount", lazy("近 12 个月出函金额"),   AMOUNT, BUSINESS),
    FactType("biz_count",       lazy("累计出函笔数"),         NUMBER, BUSINESS, " 笔"),
    FactType("biz_live",        lazy("在保笔数"),             NUMBER, BUSINESS, " 笔"),
    FactType("biz_last",        lazy("最近一次出函日期"),     DAY,    BUSINESS),
    FactType("biz_idle",        lazy("距最近一次出函"),       NUMBER, BUSINESS, " 天"),
    FactType("biz_kept",        lazy("按期履约率"),           NUMBER, BUSINESS, "%"),
    FactType("biz_paid",        lazy("发生代偿的保函"),       NUMBER, BUSINESS, " 笔"),
    FactType("credit_score",    lazy("申请人信用分"),         NUMBER, SCORE,    " 分"),
    FactType("customer_days",   lazy("成为客户的天数"),       NUMBER, CUSTOMER, " 天"),
)  # fmt: skip
OURS = frozenset(one.code for one in OF_BUSINESS)


def for_segments(house: Organisation) -> tuple[FactType, ...]:
    """Return what a segment of `house` may ask for: the business first, it is what segments are made of."""
    return (*OF_BUSINESS, *for_tags(house), *tags_of(house))


def facts_of(
    house: Organisation, types: Iterable[FactType], at: datetime, firms: Collection[int] | None = None
) -> Known:
    """Return the facts `types` of `firms` (None: of all customers of `house`), by the firm's id and the fact's code."""
    types = list(types)
    found = known_of(house, [one for one in types if one.code not in OURS], at, firms)
    wanted = {one.code for one in types if one.code in OURS}
    if any(one.source == BUSINESS for one in types):
        for firm, facts in business_of(house, found, at).items():
            found[firm] |= {code: fact for code, fact in facts.items() if code in wanted}
    if "credit_score" in wanted:
        _scores(found, house)
    if "customer_days" in wanted:
        _days(found, house, at)
    return found


def business_of(house: Organisation, firms: Collection[int], at: datetime) -> Known:
    """Return every fact of OF_BUSINESS whose source is the register. One statement, whatever the number of firms."""
    issued = Guarantee.objects.filter(guarantor=house, issued_at__isnull=False, issued_at__lte=at).order_by()
    if len(firms) <= 500:  # of more the statement would carry a name each: all are read then
        issued = issued.filter(applicant__in=list(firms))
    recent = Q(issued_at__gt=at - YEAR)
    sums = issued.values("applicant").annotate(
        number=Count("pk"), year=Count("pk", filter=recent), amount=Sum("first_amount", filter=recent, default=0),
        live=Count("pk", filter=Q(state="in_force")), last=Max("issued_at"),
        ended=Count("pk", filter=Q(state__in=ENDED)),
        kept=Count("pk", filter=Q(state__in=("released", "expired"), paid_amount=0)),
        paid=Count("pk", filter=Q(paid_amount__gt=0)),
    )  # fmt: skip
    rows = {row["applicant"]: row for row in sums.iterator(chunk_size=5_000)}
    today = local_day(at).isoformat()
    return {firm: _facts(dict(rows[firm]) if firm in rows else None, at, today) for firm in firms}


def _facts(row: dict[str, Any] | None, at: datetime, today: str) -> dict[str, Fact]:
    def counted(name: str) -> Fact:
        return Fact(Decimal(row[name] if row else 0), BUSINESS, today)

    last = local_day(row["last"]) if row else None
    idle = (local_day(at) - last).days if last else None
    share = Decimal(row["kept"] * 100) / row["ended"] if row and row["ended"] else None
    never, open_ = _("还没有出过函"), _("还没有结束的保函")
    return {
        "biz_year_count": counted("year"),
        "biz_year_amount": Fact(int(row["amount"]) if row else 0, BUSINESS, today),
        "biz_count": counted("number"),
        "biz_live": counted("live"),
        "biz_last": Fact(last, BUSINESS, today) if last else unknown(BUSINESS, never, today),
        "biz_idle": Fact(Decimal(idle), BUSINESS, today) if idle is not None else unknown(BUSINESS, never, today),
        "biz_kept": Fact(share.quantize(Decimal("0.1")), BUSINESS, today)
        if share is not None
        else unknown(BUSINESS, open_, today),
        "biz_paid": counted("paid"),
    }


def _scores(found: Known, house: Organisation) -> None:
    rows = Record.objects.filter(side=APPLICANT, organisation__in=customers_of(house)).exclude(score=None)
    scores = {firm: (score, on) for firm, score, on in rows.values_list("organisation_id", "score", "on")}
    for firm, facts in found.items():
        score, on = scores.get(firm, (None, None))
        facts["credit_score"] = (
            Fact(Decimal(score), SCORE, on.isoformat() if on else "")
            if score is not None
            else unknown(SCORE, _("信用库里没有评分"))
        )


def _days(found: Known, house: Organisation, at: datetime) -> None:
    today = local_day(at)
    rows = Relation.objects.filter(guarantor=house).values_list("enterprise__organisation_id", "since")
    since = {firm: local_day(begun) for firm, begun in rows}
    for firm, facts in found.items():
        begun = since.get(firm)
        facts["customer_days"] = (
            Fact(Decimal((today - begun).days), CUSTOMER, today.isoformat())
            if begun
            else unknown(CUSTOMER, _("不是本机构客户"))
        )
