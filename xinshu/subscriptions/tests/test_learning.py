"""What a person answered moves the score of later matches, says why, and can be taken back."""

import pytest

from xinshu.core.clock import moved_to
from xinshu.messaging.models import Notice
from xinshu.subscriptions.actions.matches import judge
from xinshu.subscriptions.learning import learned_of
from xinshu.subscriptions.models import Hit, Subscription
from xinshu.subscriptions.tests.conftest import TITLE, House

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-15", "BH-16")]


def answered(house: House, row: Subscription, verdict: str, times: int = 3) -> list[Hit]:
    """Let so many notices come in and answer each."""
    for number in range(times):
        made = house.arrives(f"{TITLE}（{number}标段）")
        judge(Hit.objects.get(subscription=row, announcement=made), verdict, by=house.manager, at=house.at)
    return list(Hit.objects.filter(subscription=row).order_by("pk"))


def next_one(house: House, row: Subscription, title: str = f"{TITLE}（新）") -> Hit:
    return Hit.objects.get(subscription=row, announcement=house.arrives(title))


@pytest.mark.parametrize(("verdict", "sign", "words"), [
    ("irrelevant", -1, "因您 3 次标为不相关、0 次跟进，“招标公告”类降"),
    ("followed", 1, "因您 3 次跟进、0 次标为不相关，“招标公告”类加"),
])  # fmt: skip
def test_three_answers_move_the_next_score_and_say_why(house: House, verdict: str, sign: int, words: str) -> None:
    row = house.subscribe()
    before = answered(house, row, verdict)[0].score

    after = next_one(house, row)

    assert (after.score - before) * sign > 0
    assert any(words in one for one in after.reasons["learned"])
    points = sum(
        one.points
        for one in learned_of([row], house.at)[row.pk].about(after.announcement.kind, after.announcement.trade)
    )
    assert after.score == before + points


def test_an_answer_that_is_taken_back_counts_no_more(house: House) -> None:
    row = house.subscribe()
    hits = answered(house, row, "irrelevant")
    for hit in hits:
        judge(hit, "", by=house.manager, at=house.at)

    after = next_one(house, row)

    assert (after.score, after.reasons.get("learned", [])) == (hits[0].score, [])


def test_answers_are_each_persons_and_each_subscriptions_own(house: House) -> None:
    row, other = house.subscribe(), house.subscribe("道路")
    theirs = house.subscribe(by=house.colleague)
    plain = answered(house, row, "irrelevant")[0].score

    made = house.arrives(f"{TITLE}（新）")

    assert Hit.objects.get(subscription=theirs, announcement=made).score == plain
    assert Hit.objects.get(subscription=other, announcement=made).reasons.get("learned", []) == []


def test_what_falls_below_the_score_asked_for_is_listed_and_told_to_nobody(house: House) -> None:
    row = house.subscribe()
    score = answered(house, row, "irrelevant")[0].score
    Subscription.objects.filter(pk=row.pk).update(least_score=score)
    before = Notice.objects.filter(member=house.manager).count()

    after = next_one(house, row)

    assert after.score < score
    assert Notice.objects.filter(member=house.manager).count() == before


def test_the_page_says_what_the_answers_do_and_how_to_take_them_back(house: House, browser_of) -> None:
    row = house.subscribe()
    hits = answered(house, row, "irrelevant", 2)
    last = next_one(house, row)
    browser = browser_of(house.manager)
    path = f"/subscriptions/{row.reference}/"

    said = browser.post(f"{path}matches/{last.pk}/", {"verdict": "irrelevant"}, follow=True).content.decode()
    back = browser.post(f"{path}matches/{last.pk}/", {"verdict": ""}, follow=True).content.decode()

    assert "您的评价怎样影响分数" in said
    assert "因您 3 次标为不相关、0 次跟进" in said
    assert "已撤回评价" in back
    assert "因您 2 次标为不相关" in back
    assert len(hits) == 3 - 1


def test_one_statement_for_any_number_of_subscriptions(house: House, django_assert_num_queries) -> None:
    rows = [house.subscribe(name=f"第 {number} 条") for number in range(10)]
    answered(house, rows[0], "irrelevant", 1)

    with moved_to(house.at), django_assert_num_queries(1):
        learned_of(rows, house.at)
