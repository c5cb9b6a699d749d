"""Refusals: each answers with its own status, and carries what the person needs to go on."""

import pytest

from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted, Refusal, Unknown


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Refusal, 422), (Invalid, 422), (Unknown, 404), (NotPermitted, 403), (NotNow, 409), (Changed, 409)],
)
def test_each_refusal_answers_with_its_status_and_a_title(kind, status):
    refusal = kind("没有办成。", advice="请稍后再试。")

    assert (refusal.status, refusal.message, refusal.advice) == (status, "没有办成。", "请稍后再试。")
    assert refusal.title
    assert str(refusal) == "没有办成。"
    assert refusal.fields == {}


def test_invalid_says_which_fields():
    assert Invalid("有两处要改。", fields={"amount": "请填写金额。"}).fields == {"amount": "请填写金额。"}


def test_changed_carries_the_case_as_it_is_now():
    case = object()

    assert Changed("刚刚被改过。", case=case).case is case
