"""名称识别: a name is cut into its parts; what is written alike is sure, all else is a guess with its reasons."""

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.enterprises.actions import enter_fields, enterprise_of
from xinshu.enterprises.models import KnownName
from xinshu.enterprises.naming.comparing import compare
from xinshu.enterprises.naming.keeping import keep_names
from xinshu.enterprises.naming.parts import fold, parts_of, plain
from xinshu.enterprises.naming.resolving import Resolved, resolve
from xinshu.enterprises.tasks import keep_names_that_are_missing
from xinshu.ledger.worker import drain

FIRM = "宜昌恒达路桥工程有限公司"


@pytest.mark.parametrize(
    ("name", "region", "trade", "industry", "form"),
    [
        ("宜昌恒达路桥工程有限公司", "宜昌", "恒达", "路桥工程", "有限"),
        ("湖北省宜昌市恒达路桥工程有限责任公司", "宜昌", "恒达", "路桥工程", "有限"),
        ("恒达路桥（宜昌）有限公司", "宜昌", "恒达", "路桥", "有限"),
        ("云州市恒达(集团)路桥有限公司", "云州", "恒达", "路桥", "有限"),
        ("北京华泰鑫源科技集团股份有限公司", "北京", "华泰鑫源", "科技", "股份"),
        ("上海建工集团股份有限公司", "上海", "上海建工", "", "股份"),
        ("中国建筑第三工程局有限公司", "", "中建三局", "", "有限"),
        ("中建三局", "", "中建三局", "", ""),
        ("宜昌市政建设有限公司", "宜昌", "宜昌市政建设", "", "有限"),
        ("明德会计师事务所（特殊普通合伙）", "", "明德会计师", "", "所"),
        ("", "", "", "", ""),
    ],
)
def test_a_name_is_cut_into_region_trade_name_industry_and_form(
    name: str, region: str, trade: str, industry: str, form: str
) -> None:
    parts = parts_of(name)

    assert (parts.region, parts.trade, parts.industry, parts.form) == (region, trade, industry, form)


@pytest.mark.parametrize(
    ("name", "firm", "branch"),
    [
        (f"{FIRM}江北分公司", FIRM, "江北分公司"),
        (f"{FIRM}宜昌大道项目部", FIRM, "宜昌大道项目部"),
        (f"{FIRM}分公司", FIRM, "分公司"),
        ("明江银行股份有限公司江滨支行", "明江银行股份有限公司", "江滨支行"),
        ("明江水利设计院江北分院", "明江水利设计院", "江北分院"),
        (FIRM, "", ""),
    ],
)
def test_a_branch_is_told_from_its_firm(name: str, firm: str, branch: str) -> None:
    parts = parts_of(name)

    assert (parts.firm, parts.branch) == (firm, branch)


@pytest.mark.parametrize(
    ("asked", "known", "how"),
    [
        (FIRM, FIRM, "written"),
        ("宜昌恒达（集团）路桥有限公司", "宜昌恒达(集团)路桥有限公司", "written"),
        (" 宜昌 恒达路桥 工程有限公司", FIRM, "written"),
        ("宜昌恒达路桥工程有限责任公司", FIRM, "form"),
        ("宜昌桓达路桥工程有限公司", FIRM, "slip"),
        ("宜昌己达建设有限公司", "宜昌已达建设有限公司", "slip"),
        (f"{FIRM}江北分公司", FIRM, "branch"),
        ("恒达路桥工程有限公司", FIRM, "similar"),
        ("宜昌恒达路桥", FIRM, "short"),
        ("湖北恒达路桥工程有限公司", FIRM, "similar"),  # 宜昌 lies in 湖北
        ("中建三局", "中国建筑第三工程局有限公司", "short"),
        ("中建三局集团有限公司", "中国建筑第三工程局有限公司", "similar"),
        ("宜昌恒达路桥集团有限公司", FIRM, "similar"),
        ("荆州恒达路桥工程有限公司", FIRM, None),  # another place
        ("宜昌恒达园林有限公司", FIRM, None),  # another industry
        ("宜昌恒通路桥工程有限公司", FIRM, None),  # another trade name
        ("中建三局第一建设工程有限公司", "中建三局集团有限公司", None),
        ("恒达", FIRM, None),  # two signs are everybody's
        (f"{FIRM}江北分公司", f"{FIRM}江南分公司", None),
        ("", FIRM, None),
    ],
)
def test_two_names_are_compared_by_their_parts(asked: str, known: str, how: str | None) -> None:
    verdict = compare(parts_of(asked), parts_of(known))

    assert (verdict and verdict.how) == how
    assert verdict is None or verdict.sure == (how in {"written", "form", "former"})
    assert verdict is None or verdict.sure or verdict.score < 90


def test_a_guess_says_which_parts_agree_and_which_are_missing() -> None:
    verdict = compare(parts_of("恒达路桥有限公司"), parts_of(FIRM))

    assert verdict is not None
    assert [(one.part, one.says, one.here, one.there) for one in verdict.points] == [
        ("region", "missing", "", "宜昌"),
        ("trade", "agrees", "恒达", "恒达"),
        ("industry", "agrees", "路桥", "路桥工程"),
        ("form", "agrees", "有限", "有限"),
        ("group", "missing", "", ""),
    ]


@given(st.text(max_size=200))
def test_whatever_stands_there_is_cut_and_compared_without_failing(text: str) -> None:
    parts = parts_of(text)

    assert parts.written == plain(text)
    assert len(parts.folded) <= 120
    assert fold(fold(text)) == fold(text)
    verdict = compare(parts, parts_of(text[::-1]))
    assert verdict is None or 0 <= verdict.score <= 100


def firm(name: str, **more: object) -> Organisation:
    made = Organisation.objects.create(name=name, kind=Organisation.Kind.ENTERPRISE, **more)
    keep_names([made])
    return made


def hows(name: str) -> dict[str, str]:
    found: list[Resolved] = resolve([name])[name]
    return {one.organisation.name: one.verdict.how for one in found}


@pytest.mark.django_db
def test_who_is_called_so_comes_before_every_guess() -> None:
    firm(FIRM)
    firm("恒达路桥工程有限公司")

    assert hows(FIRM) == {FIRM: "exact"}
    assert hows("宜昌恒达路桥工程有限责任公司") == {FIRM: "form"}
    assert hows("湖北恒达路桥工程有限公司") == {FIRM: "similar", "恒达路桥工程有限公司": "similar"}
    assert hows("江滨大地测绘有限公司") == {}


@pytest.mark.django_db
def test_a_former_name_is_sure_unless_it_is_somebodys_present_one() -> None:
    changed = firm("宜昌新程路桥工程有限公司")
    enter_fields(enterprise_of(changed), {"former_name": FIRM}, by=SYSTEM, at=now())
    drain(at=now())

    assert hows(FIRM) == {changed.name: "former"}
    assert hows("宜昌恒达路桥工程有限责任公司") == {changed.name: "former"}
    assert KnownName.objects.filter(organisation=changed, former=True).get().name == FIRM
    firm(FIRM)
    assert hows(FIRM) == {FIRM: "exact"}


@pytest.mark.django_db
def test_the_other_writing_of_the_form_is_not_sure_where_somebody_is_called_exactly_so() -> None:
    mine = firm("宜昌恒达路桥工程有限责任公司")
    firm(FIRM)

    found = resolve([FIRM], among=Q(pk=mine.pk))[FIRM]

    assert hows(FIRM) == {FIRM: "exact"}
    assert [(one.organisation, one.verdict.how) for one in found] == [(mine, "namesake")]


@pytest.mark.django_db
def test_of_several_alike_only_one_that_is_checked_stays_sure() -> None:
    first, second = firm(FIRM, verified=True), firm(FIRM)

    found = {one.organisation: one.verdict.how for one in resolve([FIRM])[FIRM]}

    assert found == {first: "exact", second: "namesake"}
    Organisation.objects.filter(pk=second.pk).update(verified=True)
    assert {one.verdict.how for one in resolve([FIRM])[FIRM]} == {"namesake"}


@pytest.mark.django_db
def test_many_names_are_asked_in_as_few_questions_as_one(django_assert_max_num_queries) -> None:
    for number in range(30):
        firm(f"宜昌第{number}恒达路桥工程有限公司")

    with django_assert_max_num_queries(8):
        found = resolve([f"第{number}恒达路桥工程有限公司" for number in range(30)])

    assert all(found.values())


@pytest.mark.django_db
def test_names_that_came_past_the_ledger_are_kept_at_night() -> None:
    made = Organisation.objects.create(name=FIRM, kind=Organisation.Kind.ENTERPRISE)

    keep_names_that_are_missing(now().date(), now())
    keep_names_that_are_missing(now().date(), now())

    assert KnownName.objects.get().organisation == made
