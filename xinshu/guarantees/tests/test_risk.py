"""风险等级: every submitted case is graded by its house's rules and champion, with reasons."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.enterprises.actions import enter_fields, enterprise_of
from xinshu.guarantees.demo.cast import WAN
from xinshu.guarantees.judging.risk import Figures, flags_of
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.rules.actions import Draft, activate_version, write_rules
from xinshu.rules.models import Run
from xinshu.scoring.actions.scores import ask_replay
from xinshu.scoring.models import Score
from xinshu.scoring.tests.conftest import House


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (Figures(), []),
        (Figures(contract=11, estimate=10), ["中标价高于估算价"]),
        (Figures(contract=6, estimate=10), ["报价明显偏低"]),
        (Figures(contract=7, estimate=10), []),
        (Figures(assets=10, liabilities=11), ["资不抵债"]),
        (Figures(liabilities=11), []),  # what is not known contradicts nothing
        (Figures(contract=21, revenue=10), ["合同额远高于经营规模"]),
        (Figures(contract=1, revenue=0), ["合同额远高于经营规模"]),
        (Figures(contract=31, largest=10), ["远大于以往业绩"]),
        (Figures(largest=31, revenue=10), ["业绩与营收不符"]),
        (Figures(founded=date(2026, 3, 1), done=2, on=date(2026, 11, 1)), ["业绩早于成立"]),
        (Figures(founded=date(2020, 3, 1), done=2, on=date(2026, 11, 1)), []),
        (Figures(constructors=9, staff=8), ["人数不符"]),
        (Figures(contract=60, estimate=100, assets=1, liabilities=2), ["资不抵债", "报价明显偏低"]),  # serious first
    ],
)
def test_only_figures_that_are_there_can_contradict(said: Figures, names: list[str]) -> None:
    assert [flag.name for flag in flags_of(said)] == names


def graded(city: City) -> tuple[Guarantee, Score]:
    case = city.submitted()
    drain()
    case.refresh_from_db()
    return case, Score.objects.get(subject_id=case.pk)


def say(city: City, **values: int) -> None:
    enterprise = enterprise_of(city.applicant.organisation)
    told = {code: str(value) for code, value in values.items()}
    enter_fields(enterprise, told, by=city.applicant, at=city.at)


@pytest.mark.django_db
def test_without_a_champion_the_card_says_so_and_names_the_rules_that_speak(
    city: City, sign_in: Callable[[Member], Client]
) -> None:
    rule = {"name": "负债", "weight": "stop", "conditions": [{"fact": "debt_ratio", "op": "le", "values": ["70"]}]}
    content: dict[str, Any] = {"form": "conditions", "rules": [rule]}
    version = write_rules("负债不过高", "guarantee_risk", "conditions", Draft(content, local_day(city.at)),
                          by=city.reviewer, at=city.at)  # fmt: skip
    activate_version(version, by=city.signer, at=city.at)

    unknown, first = graded(city)
    say(city, total_assets=100 * WAN, total_liabilities=90 * WAN)
    _case, second = graded(city)
    page = sign_in(city.reviewer).get(reverse("guarantees:detail", args=[unknown.reference])).content.decode()

    assert (first.grade, second.grade, first.model_version) == ("", "E", None)
    assert [run.outcome for run in Run.objects.order_by("pk")] == ["ask", "fails"]
    for words in ("还没有启用的模型", "负债不过高 V1", "未评级", "缺少：资产负债率"):
        assert words in page


@pytest.mark.django_db
@pytest.mark.req("BH-31")
def test_each_guarantee_gets_a_grade_with_reasons_from_model_and_rules_that_replays(
    city: City, sign_in: Callable[[Member], Client]
) -> None:
    version = House(city.at, city.guarantor).champion()
    say(city, total_assets=100 * WAN, total_liabilities=120 * WAN, last_year_revenue=50 * WAN)

    case, score = graded(city)
    told = json.loads(score.result)
    ask_replay(score, by=city.reviewer, at=city.at)
    drain()
    score.refresh_from_db()
    page = reverse("guarantees:detail", args=[case.reference])
    shown = sign_in(city.reviewer).get(page).content.decode()
    others = [sign_in(one).get(page).content.decode() for one in (city.applicant, city.beneficiary)]

    assert (score.model_version, score.grade) == (version, "E")
    assert json.loads(score.values)["facts"]["debt_ratio"] == "120"
    assert told["reasons"][0]["label"] == "资产负债率"
    assert score.replay_same is True
    for words in ("风险等级", "资产负债率", "120 %", "资不抵债", "合同额远高于经营规模", "保函违约模型 V1"):
        assert words in shown
    for page_of_others in others:
        assert "风险等级" not in page_of_others
    assert Entry.objects.get(kind="scoring.scored").sealed_until == case.secret_until


@pytest.mark.django_db
def test_the_portrait_tells_the_house_that_graded_why_and_nobody_else(
    city: City, sign_in: Callable[[Member], Client]
) -> None:
    House(city.at, city.guarantor).champion()
    say(city, total_assets=100 * WAN, total_liabilities=120 * WAN, last_year_revenue=50 * WAN)
    _case, score = graded(city)
    path = reverse("portraits:show", args=[enterprise_of(city.applicant.organisation).reference])

    own, of_the_firm = (sign_in(one).get(path).content.decode() for one in (city.reviewer, city.applicant))

    for words in ("最近一笔申请的违约风险：E 级", "推高风险：资产负债率 120 %", "资不抵债", score.reference):
        assert words in own
    assert "违约风险" not in of_the_firm


@pytest.mark.django_db
def test_a_bid_is_graded_under_its_secret_and_a_reaction_run_twice_grades_once(city: City) -> None:
    from xinshu.guarantees.tasks import grade_submitted

    case = city.submitted("bid")
    drain()
    grade_submitted(Entry.objects.get(kind="guarantee.submitted", subject_id=case.pk))
    score = Score.objects.get()

    assert case.secret_until is not None
    assert score.secret_until == case.secret_until
    assert Entry.objects.get(kind="scoring.scored").sealed_until == case.secret_until
