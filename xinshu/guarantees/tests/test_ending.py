"""Stories: released by the beneficiary or expired by the calendar, and what no history may ever break."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from xinshu.books.audit import imbalance
from xinshu.books.lines import line_of
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Changed, NotNow, Refusal
from xinshu.guarantees.actions.ending import NotYetOver, expire_guarantee, release_guarantee
from xinshu.guarantees.life_tasks import expire_overdue, restore_lines
from xinshu.guarantees.lifecycle import BEFORE_ISSUE, LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tasks import announce_opened
from xinshu.guarantees.tests.city import LARGE, LINE, City
from xinshu.guarantees.tests.test_lifecycle import ACTS, RIGHT, the_line_holds_what_lives
from xinshu.ledger.queries import history_of
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

ENDS = {code for code, state in LIFECYCLE.states.items() if state.final}


@pytest.mark.django_db
def test_release_lets_the_balance_lapse_and_frees_the_line_once(city: City) -> None:
    case = city.in_force()
    assert line_of(case.guarantor, case.applicant).available == LINE - case.amount

    case = release_guarantee(case, by=city.beneficiary, at=city.at, reason="竣工验收合格。")

    assert (case.state, case.available_amount, case.lapsed_amount) == ("released", 0, case.amount)
    released, restored = list(history_of(case).order_by("-pk")[:2])[::-1]
    assert (case.ended_at, released.data["lapsed"], restored.data["amount"]) == (city.at, case.amount, case.amount)
    assert case.restored_at == city.at
    assert line_of(case.guarantor, case.applicant).available == LINE
    with pytest.raises(NotNow):
        release_guarantee(case, by=city.beneficiary, at=city.at, reason="再来一次。")
    assert line_of(case.guarantor, case.applicant).available == LINE


@pytest.mark.django_db
@pytest.mark.parametrize("days", [-100, -1, 0])
def test_the_last_day_belongs_to_the_beneficiary(city: City, days: int) -> None:
    case = city.in_force()

    with pytest.raises(NotYetOver):
        expire_guarantee(case, on=case.expires_on + timedelta(days=days), at=city.at)

    assert Guarantee.objects.get().state == "in_force"


@pytest.mark.django_db
def test_the_day_after_it_is_over(city: City) -> None:
    case = city.in_force()
    on = case.expires_on + timedelta(days=1)

    case = expire_guarantee(case, on=on, at=moment(on, 0, 5))

    assert (case.state, case.available_amount, case.lapsed_amount) == ("expired", 0, case.amount)
    assert line_of(case.guarantor, case.applicant).available == LINE - case.amount  # the tail: claims may be on the way
    over = case.expires_on + timedelta(days=11)
    restore_lines(over - timedelta(days=1), moment(over - timedelta(days=1), 0, 5))
    assert line_of(case.guarantor, case.applicant).available == LINE - case.amount
    for minute in (5, 6):
        restore_lines(over, moment(over, 0, minute))
        assert line_of(case.guarantor, case.applicant).available == LINE
    assert Guarantee.objects.get().restored_at == moment(over, 0, 5)


@pytest.mark.django_db
def test_released_and_expired_at_the_same_moment_one_wins(city: City) -> None:
    case = city.in_force()
    seen, on = Guarantee.objects.get(pk=case.pk), case.expires_on + timedelta(days=1)
    release_guarantee(case, by=city.beneficiary, at=moment(on, 0, 4), reason="竣工验收合格。")

    with pytest.raises(Changed):
        expire_guarantee(seen, on=on, at=moment(on, 0, 5))

    assert Guarantee.objects.get().state == "released"
    assert line_of(case.guarantor, case.applicant).available == LINE


@pytest.mark.django_db
def test_the_nightly_round_ends_what_is_over_and_tells_both_parties(city: City) -> None:
    over, lasting, secret = city.in_force(), city.in_force(days=300), city.in_force("bid", days=150)
    on = over.expires_on + timedelta(days=1)
    drain()
    Notice.objects.all().delete()

    expire_overdue(on, moment(on, 0, 5))
    expire_overdue(on, moment(on, 0, 6))
    drain(at=moment(on, 0, 7))

    states = {case.pk: case.state for case in Guarantee.objects.all()}
    assert states == {over.pk: "expired", lasting.pk: "in_force", secret.pk: "expired"}
    told = Notice.objects.filter(subject_id=over.pk)
    assert {notice.member.organisation for notice in told} == {over.applicant, over.guarantor}
    assert {notice.text for notice in told} == {
        f"履约保函 {over.number} 已到期，担保责任自动解除。",
        f"履约保函 {over.number} 已到期，担保责任自动解除。索赔尾期过后恢复额度。",
    }  # fmt: skip


@pytest.mark.django_db
def test_one_line_that_cannot_be_restored_does_not_keep_the_others(city: City) -> None:
    sick, over = city.in_force(), city.in_force()
    from xinshu.books.models import Transfer

    Transfer.objects.filter(subject_type="guarantees.guarantee", subject_id=sick.pk).update(subject_id=0)
    on = over.expires_on + timedelta(days=20)

    expire_overdue(on, moment(on, 0, 5))
    with pytest.raises(NotNow):
        restore_lines(on, moment(on, 0, 6))

    restored = {case.pk: case.restored_at for case in Guarantee.objects.all()}
    assert restored == {sick.pk: None, over.pk: moment(on, 0, 6)}


@pytest.mark.django_db
def test_the_beneficiary_hears_of_a_bid_guarantee_the_night_after_the_opening_once(city: City) -> None:
    case = city.in_force("bid")
    drain()
    house = Notice.objects.filter(member=city.beneficiary)
    nights = [moment(local_day(city.at) + timedelta(days=days), 0, 5) for days in range(8)]

    told = []
    for night in nights:
        announce_opened(local_day(night), night)
        told.append(house.count())

    opening_night = next(number for number, night in enumerate(nights) if night > case.project.opens_at)
    assert told == [0] * opening_night + [1] * (len(nights) - opening_night)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"available_amount": 1},
        {"paid_amount": 1},
        {"available_amount": -1, "lapsed_amount": 1},
        {"number": None},
        {"issued_at": None},
        {"amount": 0, "available_amount": 0},
        {"expires_on": datetime(2020, 1, 1).date()},  # noqa: DTZ001
    ],
)
def test_the_database_keeps_amounts_whole(city: City, broken: dict) -> None:
    case = city.in_force()

    with pytest.raises(IntegrityError), transaction.atomic():
        Guarantee.objects.filter(pk=case.pk).update(**broken)


class Histories(RuleBasedStateMachine):
    """Up to three guarantees of one firm, and whatever people and nights may do to them in any order."""

    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.city = City(moment(datetime(2026, 11, 21).date(), 10, 40))  # noqa: DTZ001
        self.ended: dict[int, tuple] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @rule(target=cases, large=st.booleans(), bid=st.booleans(), far=st.booleans())
    def apply(self, large: bool, bid: bool, far: bool) -> int:
        if bid:
            return self.city.draft("bid").pk
        project = self.city.project(award=LARGE if large else LARGE // 4)
        return (self.city.to_issue(project=project) if far and not large else self.city.draft(project=project)).pk

    @rule(pk=cases, action=st.sampled_from(sorted(set(ACTS) - {"edit"})), stale=st.sampled_from([False] * 5 + [True]))
    def act(self, pk: int, action: str, stale: bool) -> None:
        case = Guarantee.objects.get(pk=pk)
        case.version -= stale
        by = getattr(self.city, RIGHT[action]) if action in RIGHT else None
        try:
            with transaction.atomic():
                ACTS[action](case, by, self.city)
        except Refusal:
            return

    @rule(pk=cases)
    def go_on(self, pk: int) -> None:
        """Do what is expected next: random acts alone seldom reach a letter."""
        expected = {
            "draft": "submit", "submitted": "pass", "in_review": "approve", "returned": "submit", "fee_due": "pay",
            "to_issue": "issue", "issuing": "deliver",
        }  # fmt: skip
        state = Guarantee.objects.get(pk=pk).state
        if state == "fee_due" and Guarantee.objects.get(pk=pk).payments.filter(state="requested").exists():
            self.act(pk, "confirm_fee", stale=False)
        elif state in expected:
            self.act(pk, expected[state], stale=False)

    @invariant()
    def the_parts_are_the_whole(self) -> None:
        for case in Guarantee.objects.exclude(state__in=BEFORE_ISSUE):
            assert sum(getattr(case, part) for part in Guarantee.PARTS) == case.amount
            assert case.available_amount == 0 or case.state not in ENDS
            assert case.amount == case.first_amount + case.increased_amount - case.reduced_amount

    @invariant()
    def the_line_holds_what_lives(self) -> None:
        if "guarantor" not in vars(self.city):
            return
        the_line_holds_what_lives(self.city)
        assert not imbalance()

    @invariant()
    def what_ended_stays_as_it_ended(self) -> None:
        told = ("pk", "state", "amount", "lapsed_amount", "paid_amount", "ended_at", "expires_on")
        now = {row[0]: row for row in Guarantee.objects.filter(state__in=ENDS).values_list(*told)}
        assert self.ended.items() <= now.items()
        self.ended = now

    @invariant()
    def every_change_is_on_record(self) -> None:
        for case in Guarantee.objects.all():
            assert history_of(case).count() == case.version


@pytest.mark.django_db
def test_no_history_breaks_the_amounts_the_line_or_an_end() -> None:
    run_state_machine_as_test(Histories, settings=settings(max_examples=8, stateful_step_count=12, deadline=None))
