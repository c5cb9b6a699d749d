"""守信优惠 (BH-36): what conduct earns, what it gives, who publishes the rules, and that unknown favours nobody."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.enterprises.models import Relation
from xinshu.guarantees import pricing
from xinshu.guarantees.actions.amendments import difference
from xinshu.guarantees.actions.approval import approve_application, review_automatically
from xinshu.guarantees.demo.favour import live_favour
from xinshu.guarantees.favour import conduct
from xinshu.guarantees.favour.actions import discard_plan, edit_plan, publish_plan, set_tier, write_plan
from xinshu.guarantees.favour.conduct import favour_for, tells_conduct, years_between
from xinshu.guarantees.favour.tiers import HONOURED, OVERDUE, PAID, YEARS, Fact, Standing, Tier, standing_of
from xinshu.guarantees.judging.sources import SourceDown
from xinshu.guarantees.models import CustomerTier, FavourPlan
from xinshu.guarantees.tests.city import LARGE, MINUTE, WAN, City

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db
A = Tier("A", "A 级", Decimal("0.20"), 1_000 * WAN, honoured=5, years=2)
B = Tier("B", "B 级", Decimal("0.10"), 0, honoured=1, paid=1)
LADDER = (A, B)


def known(**values: int | None) -> dict[str, Fact]:
    usual: dict[str, int | None] = {HONOURED: 9, YEARS: 3, PAID: 0, OVERDUE: 0}
    return {name: Fact(value, "台账") for name, value in (usual | values).items()}


def published(city: City, *ladder: Tier) -> FavourPlan:
    assert city.guarantor
    plan = write_plan(ladder or LADDER, local_day(city.at), by=city.reviewer, at=city.at)
    return publish_plan(plan, by=city.signer, at=city.at)


def customer_since(city: City, days: int) -> None:
    Relation.objects.filter(enterprise__organisation=city.applicant.organisation).update(
        since=city.at - timedelta(days=days)
    )


@pytest.mark.parametrize(
    ("facts", "set_code", "tier", "discount", "at_once"),
    [
        (known(), "", "A", "0.20", 1_000 * WAN),
        (known(honoured=5, years=2), "", "A", "0.20", 1_000 * WAN),
        (known(years=1), "", "B", "0.10", 0),
        (known(paid=1), "", "B", "0.10", 0),
        (known(paid=2), "", None, "0", 0),
        (known(honoured=None), "", None, "0", 0),  # unknown is never met
        (known(years=None), "", None, "0", 0),  # even where none are asked for: the source has to answer
        (known(overdue=1), "", None, "0", 0),
        (known(overdue=None), "A", None, "0", 0),
        (known(overdue=1), "A", None, "0", 0),  # nobody's word outweighs a debt
        (known(honoured=0), "A", "A", "0.20", 0),  # set by hand: the fee only
        (known(), "B", "A", "0.20", 1_000 * WAN),  # a word does not take away what was earned
        (known(), "X", "A", "0.20", 1_000 * WAN),
    ],
)
def test_a_tier_follows_from_facts(
    facts: dict[str, Fact], set_code: str, tier: str | None, discount: str, at_once: int
) -> None:
    standing = standing_of(facts, LADDER, set_code=set_code, set_reason="合作多年" if set_code else "")

    assert (standing.tier.code if standing.tier else None) == tier
    assert (standing.discount, standing.auto_amount) == (Decimal(discount), at_once)
    assert standing.answers  # always with its reasons


@pytest.mark.parametrize(
    ("first", "on", "years"),
    [
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 11, 21), date(2026, 11, 21), 2),
        (date(2027, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_years_are_whole_years(first: date, on: date, years: int) -> None:
    assert years_between(first, on) == years


TARIFF = pricing.Tariff(Decimal("0.0365"), minimum=100_00, tax_rate=Decimal("0.06"), refunds=pricing.UNEARNED)


@pytest.mark.parametrize(
    ("amount", "rate", "labels", "total"),
    [
        (1_000_000_00, "0", ["担保费", "税费"], 10_600_00),
        (1_000_000_00, "0.1", ["担保费", "守信优惠", "税费"], 9_540_00),
        (10_500_00, "0.1", ["担保费", "守信优惠", "税费"], 106_00),  # 105 less a tenth would be below the least fee
        (5_000_00, "0.5", ["担保费", "补足最低收费", "税费"], 106_00),
    ],
)
def test_a_discount_is_a_line_of_its_own_before_tax(amount: int, rate: str, labels: list[str], total: int) -> None:
    first = date(2026, 1, 1)

    fee = pricing.quote(amount, first, first + timedelta(days=100), TARIFF, pricing.Discount(Decimal(rate), "B 级"))

    assert [line.label for line in fee.lines] == labels
    assert fee.total == sum(line.amount or 0 for line in fee.lines) == total


@pytest.mark.parametrize("rule", [pricing.UNEARNED, pricing.FULL_PERIODS])
def test_what_goes_back_follows_what_was_paid(rule: str) -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    tariff = pricing.Tariff(Decimal("0.012"), pricing.MONTH, refunds=rule)
    full = pricing.quote(1_000_000_00, first, last, tariff).total
    less = pricing.quote(1_000_000_00, first, last, tariff, pricing.Discount(Decimal("0.2"))).total

    half = date(2026, 6, 30)
    back = pricing.refund(pricing.Paid(full, 1_000_000_00, first, last), half, tariff).total
    back_less = pricing.refund(pricing.Paid(less, 1_000_000_00, first, last), half, tariff, Decimal("0.2")).total
    at_the_end = pricing.refund(pricing.Paid(less, 1_000_000_00, first, last), last, tariff, Decimal("0.2")).total

    assert (full, less) == (12_000_00, 9_600_00)
    assert abs(back_less - back * 8 / 10) <= 1  # each rounded once
    assert at_the_end == 0


@pytest.mark.req("BH-36")
def test_good_credit_is_approved_at_once_and_pays_less_by_published_rules(city: City, browser_of: BrowserOf) -> None:
    honoured = [city.released() for _n in range(5)]
    customer_since(city, 800)
    without = city.fee_due()
    referred = city.in_review()  # six million: too much for the table alone
    plan = published(city)

    case = city.submitted(project=city.project(award=LARGE))
    passed = review_automatically(case, at=city.at + 3 * MINUTE)
    small = city.fee_due()
    page = browser_of(city.applicant).get(f"/guarantees/{passed.reference}/").content.decode()
    amended = difference(passed, (passed.amount or 0) + 1_000_000_00, None, passed.effective_on)

    assert len(honoured) == 5
    assert referred.state == "in_review"
    assert passed.state == "fee_due"  # by rule, within what tier A was given
    assert (passed.favour_plan, passed.tier, passed.discount_rate) == (plan, "A 级", Decimal("0.2000"))
    assert small.fee_amount == (without.fee_amount or 0) * 8 // 10
    assert [line["label"] for line in passed.fee_lines] == ["担保费", "守信优惠"]
    assert passed.fee_lines[1]["amount"] < 0
    assert "守信优惠" in page
    assert "按期履约、未发生代偿的保函" in page  # the reasons of the tier
    assert any(line.amount < 0 for line in amended.lines)  # what is added later is charged as the rest was
    record = passed.reviews.get()
    assert record.favour["tier"] == "A 级"
    assert [row["message"] for row in record.favour["answers"]][1] == "要求不少于 5 笔，现为 5 笔。"
    edited = write_plan([Tier("A", "A 级", Decimal(0), 0)], local_day(city.at), by=city.reviewer, at=city.at)
    publish_plan(edited, by=city.signer, at=city.at)
    passed.refresh_from_db()
    assert (passed.discount_rate, passed.favour_plan) == (Decimal("0.2000"), plan)  # kept with its version


def test_a_tier_set_by_hand_lowers_the_fee_and_opens_no_fast_lane(city: City) -> None:
    plan = published(city)
    set_tier(city.applicant.organisation, "A", reason="合作十年", by=city.manager, at=city.at)

    large = review_automatically(city.submitted(project=city.project(award=LARGE)), at=city.at + 3 * MINUTE)
    approved = approve_application(large, by=city.reviewer, at=city.at + 4 * MINUTE, opinion="同意。")

    assert approved.state == "fee_due"  # by a person
    assert (approved.tier, approved.discount_rate, approved.favour_plan) == ("A 级", Decimal("0.20"), plan)
    assert approved.reviews.order_by("pk").last().favour["set_by_hand"] == "合作十年"


@pytest.mark.parametrize(
    ("who", "code", "reason", "until", "words"),
    [
        ("reviewer", "A", "合作十年", None, "负责这家企业的客户经理"),
        ("manager", "Z", "合作十年", None, "现行方案没有这个等级"),
        ("manager", "A", "好", None, "请写明原因"),
        ("manager", "A", "合作十年", date(2020, 1, 1), "不能早于今天"),
    ],
)
def test_who_sets_a_tier_and_how(
    city: City, who: str, code: str, reason: str, until: date | None, words: str
) -> None:  # fmt: skip
    published(city)

    with pytest.raises((Invalid, NotPermitted), match=words):
        set_tier(city.applicant.organisation, code, reason=reason, until=until, by=getattr(city, who), at=city.at)

    assert not CustomerTier.objects.exists()


def test_a_tier_set_by_hand_ends_on_its_day_or_when_taken_back(city: City) -> None:
    published(city)
    firm, today = city.applicant.organisation, local_day(city.at)
    set_tier(firm, "A", reason="合作十年", until=today, by=city.manager, at=city.at)

    held = favour_for(city.guarantor, firm, city.at)[1]
    over = favour_for(city.guarantor, firm, city.at + timedelta(days=1))[1]
    set_tier(firm, "", reason="不再适用", by=city.manager, at=city.at)
    back = favour_for(city.guarantor, firm, city.at)[1]

    assert [one.tier and one.tier.code for one in (held, over, back)] == ["A", None, None]


@pytest.fixture
def a_source_that_is_down() -> Iterator[None]:
    """Let one more teller be registered, whose facts cannot be had."""

    def down(house: int, customers: Any, at: Any) -> Any:
        raise SourceDown("追偿台账正在维护")

    tells_conduct(OVERDUE)(down)
    yield
    conduct.TELLERS.pop()


@pytest.mark.usefixtures("a_source_that_is_down")
def test_where_a_source_is_down_nobody_is_favoured(city: City) -> None:
    city.released()
    published(city, B)

    case = city.fee_due()

    assert (case.tier, case.discount_rate, case.favour_plan) == ("", Decimal(0), None)


def test_whoever_wrote_a_plan_does_not_publish_it(city: City) -> None:
    assert city.guarantor
    draft = write_plan(LADDER, local_day(city.at), by=city.reviewer, at=city.at)
    FavourPlan.objects.filter(pk=draft.pk).update(authors=[city.reviewer.user_id, city.signer.user_id])
    draft.refresh_from_db()

    with pytest.raises(NotPermitted, match="另一人"):
        publish_plan(draft, by=city.signer, at=city.at)
    gone = discard_plan(draft, by=city.reviewer, at=city.at, reason="写错了比例")

    assert gone.state == "discarded"
    assert favour_for(city.guarantor, city.applicant.organisation, city.at) == (None, Standing(None))


@pytest.mark.parametrize(
    ("ladder", "days", "field"),
    [
        ((), 0, "name_1"),
        ((Tier("A", "A", Decimal("0.95"), 0),), 0, "discount_1"),
        ((B, A), 0, "discount_2"),
        ((Tier("A", "A", Decimal(0), 1), Tier("B", "B", Decimal(0), 2)), 0, "auto_2"),
        ((A, Tier("B", "A 级", Decimal(0), 0)), 0, "name_1"),
        ((A,), -1, "valid_from"),
    ],
)
def test_a_plan_that_cannot_hold_is_refused(city: City, ladder: tuple[Tier, ...], days: int, field: str) -> None:
    assert city.guarantor

    with pytest.raises(Invalid) as refused:
        write_plan(ladder, local_day(city.at) + timedelta(days=days), by=city.reviewer, at=city.at)

    assert field in refused.value.fields


FORM = {
    "name_1": "金牌", "discount_1": "20", "auto_1": "1000万元", "honoured_1": "5", "years_1": "2", "paid_1": "0",
    "name_2": "", "discount_2": "", "auto_2": "", "honoured_2": "", "years_2": "", "paid_2": "",
}  # fmt: skip


def test_pages_from_a_draft_to_a_customers_tier(city: City, browser_of: BrowserOf) -> None:
    house, firm = city.guarantor, city.applicant.organisation
    reviewer, signer, manager = browser_of(city.reviewer), browser_of(city.signer), browser_of(city.manager)
    day = local_day(city.at).isoformat()

    wrong = reviewer.post(reverse("guarantees:new_favour"), FORM | {"valid_from": "2020-01-01"})
    made = reviewer.post(reverse("guarantees:new_favour"), FORM | {"valid_from": day})
    plan = FavourPlan.objects.get(guarantor=house)
    changed = reviewer.post(
        reverse("guarantees:edit_favour", args=[plan.reference]),
        FORM | {"valid_from": day, "discount_1": "25", "version": plan.version},
    )
    plan.refresh_from_db()
    own = reviewer.get(reverse("guarantees:favour_plan", args=[plan.reference])).content.decode()
    act = reverse("guarantees:favour_act", args=[plan.reference, "publish_favour"])
    done = signer.post(act, {"version": plan.version})
    listed = signer.get(reverse("guarantees:favour")).content.decode()
    customer = reverse("guarantees:favour_customer", args=[firm.enterprise.reference])
    short = manager.post(customer, {"code": "A", "reason": "好", "until": ""})
    told = manager.post(
        customer, {"code": "A", "reason": "合作十年，从无拖欠", "until": ""}, follow=True
    ).content.decode()
    everyone = signer.get(reverse("guarantees:favour_customers") + "?q=恒达").content.decode()
    sheet = reviewer.get(reverse("guarantees:export_favour"))

    assert wrong.status_code == 422
    assert "金牌" in wrong.content.decode()  # nothing typed is lost
    assert (made.status_code, changed.status_code, done.status_code) == (302, 302, 302)
    assert "25%" in own
    assert "写过它的人不能发布" in own
    assert "现行" in listed
    assert short.status_code == 422
    assert "合作十年，从无拖欠" in told
    assert firm.name in everyone
    assert "金牌" in everyone
    assert city.rival.organisation.name not in everyone
    assert sheet.status_code == 200


def test_a_houses_plan_is_its_own(city: City, browser_of: BrowserOf) -> None:
    plan = published(city)
    firm = city.applicant.organisation.enterprise.reference

    assert browser_of(city.applicant).get(reverse("guarantees:favour")).status_code == 403
    other = browser_of(city.bank)
    assert plan.reference not in other.get(reverse("guarantees:favour")).content.decode()
    assert other.get(reverse("guarantees:favour_plan", args=[plan.reference])).status_code == 404
    assert other.get(reverse("guarantees:favour_customer", args=[firm])).status_code == 404


def test_a_stale_draft_is_not_overwritten(city: City) -> None:
    assert city.guarantor
    draft = write_plan(LADDER, local_day(city.at), by=city.reviewer, at=city.at)
    edit_plan(draft, (A,), local_day(city.at), by=city.reviewer, at=city.at)

    with pytest.raises(Changed):
        edit_plan(draft, (B,), local_day(city.at), by=city.reviewer, at=city.at)

    assert FavourPlan.objects.get().ladder == [A]


@pytest.mark.parametrize("hour", [0, 23])
def test_the_demo_city_is_favoured_whatever_the_hour_it_is_built_at(city: City, hour: int) -> None:
    city.make_customer(city.applicant.organisation)
    built = moment(local_day(city.at), hour, 30)
    people = {"reviewer": city.reviewer, "signer": city.signer, "manager": city.manager, "applicant": city.applicant}

    live_favour(SimpleNamespace(at=built, say=lambda _line: None, **people))

    assert FavourPlan.objects.get().state == "published"
