"""What an award is worth: points with reasons that add up, and answers that count the more the more there are."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinshu.tenders.worth import Answers, Award, Likeness, band_of, drawn, worth_of

PLAIN = Award(100, "名称一致", "winner", 2_000_000_000, asks=True, age=1)
counts = st.builds(Answers, st.integers(0, 200), st.integers(0, 200))
likes = st.tuples(counts, counts).map(lambda both: dict.fromkeys(("firm", "trade", "band"), Likeness(*both)))
awards = st.builds(
    Award, st.integers(0, 100), st.just("名称一致"), st.sampled_from(("winner", "member")),
    st.none() | st.integers(0, 10**14), asks=st.booleans(), age=st.none() | st.integers(-3, 4000),
)  # fmt: skip


def test_an_award_without_answers_is_judged_by_what_it_says():
    worth = worth_of(PLAIN, {})

    assert worth.score == 90
    assert ("公告要求提供担保", 15) in worth.reasons


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(awards, likes)
def test_the_reasons_add_up_to_the_score(award, answered):
    worth = worth_of(award, answered)

    assert 0 <= worth.score <= 100
    assert worth.score == max(0, min(100, sum(points for _words, points in worth.reasons)))


@settings(deadline=None)
@given(counts, st.floats(0, 1))
def test_a_rate_stays_a_rate_and_another_yes_never_lowers_it(answers, towards):
    rate = drawn(answers, towards)

    assert 0 <= rate <= 1
    assert drawn(Answers(answers.good + 1, answers.bad), towards) >= rate
    assert drawn(Answers(answers.good, answers.bad + 1), towards) <= rate


def test_few_answers_say_little_and_many_say_much():
    one, many = (Likeness(Answers(0, number), Answers()) for number in (1, 40))

    assert worth_of(PLAIN, {"firm": one}).score == 88  # -2
    assert worth_of(PLAIN, {"firm": many}).score == 77  # -13 of at most 15


def test_a_person_who_thinks_otherwise_than_the_house_is_believed():
    alike = Likeness(house=Answers(2, 30), person=Answers(20, 0))

    worth = worth_of(PLAIN, {"firm": alike})

    assert worth.score > 90
    assert worth.reasons[-1][0] == "这个客户的中标，您反馈 20 次，跟进 20 次"


@pytest.mark.parametrize(("amount", "band"), [(None, 0), (1, 1), (100_000_000, 2), (10**9, 3), (10**13, 4)])
def test_sizes_fall_into_bands(amount, band):
    assert band_of(amount) == band
