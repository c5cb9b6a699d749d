"""Stories: a type is drafted, tried, activated by somebody else, changed by a new version, retired."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.application import start_application
from xinshu.guarantees.kinds import KINDS, SECRET, Document, Kind
from xinshu.guarantees.law.legal import Cap
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.types.actions import (
    TrialFailed,
    activate_type,
    discard_type,
    draft_type,
    edit_type,
    retire_type,
    try_type,
)
from xinshu.guarantees.types.definition import LASTING, as_json, check, read
from xinshu.guarantees.types.lifecycle import LIFECYCLE
from xinshu.guarantees.types.models import TypeVersion
from xinshu.guarantees.types.reading import bring_up_to_date
from xinshu.guarantees.types.sample import FORMS, letters, report_on
from xinshu.guarantees.types.shipped import keep_what_is_shipped
from xinshu.ledger.models import Entry

LOW_PRICE = Kind(
    code="low_price",
    label="低价风险保函",
    prefix="DJ",
    base="award",
    usual_share="0.05",
    deposit="other",
    documents=(Document("报价说明", required=True),),
    duty="以明显低于其他投标人的报价中标“{项目}”（编号：{编号}），负有按报价完成合同的义务",
    events="申请人以报价过低为由停工、减项或者不履行合同的，贵方可以索赔。",
    proof="申请人因报价过低不履行合同的证明材料",
    caps=(
        Cap(
            "limit.low_price.1",
            "low_price",
            "",
            "示例规定：不超过中标金额的5%",
            date(2026, 1, 1),
            share=Decimal("0.05"),
        ),
    ),
)


@pytest.fixture
def second(city: City) -> Member:
    return city.colleague(city.operator, "operator")


def active(city: City, second: Member, kind: Kind = LOW_PRICE) -> TypeVersion:
    version = try_type(draft_type(kind, by=city.operator, at=city.at), by=city.operator, at=city.at)
    version = activate_type(version, by=second, at=city.at)
    bring_up_to_date()
    return version


@pytest.mark.parametrize("kind", [*KINDS.values(), LOW_PRICE], ids=lambda kind: kind.code)
def test_a_definition_reads_back_as_it_was_written(kind: Kind) -> None:
    again = read(as_json(kind), kind.number)

    assert replace(again, label="") == replace(kind, label="")
    assert str(again.label) == str(kind.label)


@pytest.mark.parametrize("kind", [*KINDS.values(), LOW_PRICE], ids=lambda kind: kind.code)
def test_every_type_passes_its_own_trial(kind: Kind, at) -> None:
    check(kind, KINDS)

    assert [row for row in report_on(kind, at) if not row["passed"]] == []
    assert [letter.form for letter in letters(kind, date(2026, 11, 21))] == list(FORMS)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Low"}, "code"),
        ({"prefix": "LY"}, "prefix"),
        ({"prefix": "d1"}, "prefix"),
        ({"label": "履约保函"}, "label"),
        ({"label": "低"}, "label"),
        ({"base": "moon"}, "base"),
        ({"beneficiary": "contractor"}, "beneficiary"),
        ({"applicant": "labour"}, "applicant"),
        ({"stage": "tendering"}, "secret_until_opening"),
        ({"secret_until_opening": True}, "secret_until_opening"),
        ({"stage": "tendering", "secret_until_opening": True}, "base"),
        ({"usual_share": "0"}, "usual_share"),
        ({"usual_share": "abc"}, "usual_share"),
        ({"duty": ""}, "duty"),
        ({"events": "申请人违约的，贵方可以索赔 5 万元。"}, "events"),
        ({"proof": "{不存在的}证明材料"}, "proof"),
        ({"more": ("逾期不答复视为同意。",)}, "more"),
        ({"pays_within": "7 天"}, "pays_within"),
        ({"documents": (Document("甲"), Document("甲"))}, "documents"),
        ({"rules": ("no.such",)}, "rules"),
        ({"caps": (Cap("x", "low_price", "", "依据", date(2026, 1, 1)),)}, "caps"),
    ],
)
def test_what_cannot_be_a_type_is_refused_at_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(replace(LOW_PRICE, **changes), KINDS)  # type: ignore[arg-type]

    assert field in refusal.value.fields


@pytest.mark.parametrize("name", LASTING)
def test_a_new_version_cannot_turn_guarantees_into_something_else(name: str) -> None:
    other = {"prefix": "QQ", "secret_until_opening": True, "applicant": "buyer", "beneficiary": "labour"}[name]

    with pytest.raises(Invalid) as refusal:
        check(replace(KINDS["performance"], **{name: other}), KINDS)

    assert name in refusal.value.fields


def test_a_new_type_exists_once_a_second_person_has_activated_it(city: City, second: Member) -> None:
    drafted = draft_type(LOW_PRICE, by=city.operator, at=city.at)
    assert "low_price" not in KINDS

    tried = try_type(drafted, by=city.operator, at=city.at)
    with pytest.raises(NotPermitted):
        activate_type(tried, by=city.operator, at=city.at)
    activate_type(tried, by=second, at=city.at)
    bring_up_to_date()

    assert (KINDS["low_price"].label, KINDS["low_price"].number) == ("低价风险保函", 1)
    assert list(SECRET) == ["bid"]
    kinds = list(Entry.objects.filter(kind__startswith="type.").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["type.drafted", "type.tried", "type.activated"]


def test_whoever_edited_a_draft_does_not_activate_it_either(city: City, second: Member) -> None:
    version = edit_type(
        draft_type(LOW_PRICE, by=city.operator, at=city.at), replace(LOW_PRICE, label="低价保函"), by=second, at=city.at
    )
    version = try_type(version, by=second, at=city.at)

    with pytest.raises(NotPermitted):
        activate_type(version, by=second, at=city.at)


def test_an_edit_must_be_tried_again(city: City, second: Member) -> None:
    version = try_type(draft_type(LOW_PRICE, by=city.operator, at=city.at), by=city.operator, at=city.at)
    version = edit_type(version, replace(LOW_PRICE, label="低价保函"), by=city.operator, at=city.at)

    with pytest.raises(NotNow):
        activate_type(version, by=second, at=city.at)

    assert version.report == []


def test_a_type_whose_own_limit_forbids_its_usual_amount_fails_the_trial(city: City) -> None:
    floor = replace(LOW_PRICE.caps[0], bound="least", share=Decimal("0.06"))
    version = draft_type(replace(LOW_PRICE, caps=(floor,)), by=city.operator, at=city.at)

    with pytest.raises(TrialFailed):
        try_type(version, by=city.operator, at=city.at)

    version.refresh_from_db()
    assert version.state == "draft"


def test_of_one_type_only_one_draft_is_written_at_a_time(city: City) -> None:
    draft_type(LOW_PRICE, by=city.operator, at=city.at)

    with pytest.raises(Invalid):
        draft_type(LOW_PRICE, by=city.operator, at=city.at)


def test_only_the_platform_writes_types(city: City) -> None:
    with pytest.raises(NotPermitted):
        draft_type(LOW_PRICE, by=city.reviewer, at=city.at)

    assert not TypeVersion.objects.filter(code="low_price").exists()


def test_an_issued_guarantee_keeps_the_version_that_it_was_born_under(city: City, second: Member) -> None:
    case = city.in_force()
    changed = replace(KINDS["performance"], label="履约担保函", events="申请人违约的，贵方可以索赔。")
    active(city, second, changed)

    case.refresh_from_db()
    new = city.draft()

    assert (KINDS["performance"].number, case.kind_number, new.kind_number) == (2, 1, 2)
    assert (str(case.type.label), str(new.type.label)) == ("履约保函", "履约担保函")
    assert list(TypeVersion.objects.filter(code="performance").order_by("number").values_list("state", flat=True)) == [
        "superseded",
        "active",
    ]


def test_a_retired_type_takes_no_applications_and_keeps_its_name(city: City, second: Member) -> None:
    version = active(city, second)
    retire_type(version, by=second, at=city.at, reason="主管部门要求停办。")
    bring_up_to_date()

    assert KINDS["low_price"].retired
    with pytest.raises(Invalid):
        start_application(
            kind="low_price", project=city.project(), applicant=city.applicant.organisation, guarantor=city.guarantor,
            by=city.applicant, at=city.at,
        )  # fmt: skip


def test_a_discarded_draft_makes_room_for_another(city: City) -> None:
    discard_type(draft_type(LOW_PRICE, by=city.operator, at=city.at), by=city.operator, at=city.at)

    assert draft_type(LOW_PRICE, by=city.operator, at=city.at).number == 2


def test_reading_the_types_again_costs_nothing_while_nobody_changed_them(city: City, second: Member, settings) -> None:
    active(city, second)
    settings.TYPES_LOOKED_AT_EVERY = 3600
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _time in range(50):
            bring_up_to_date()
            assert KINDS["low_price"].label

    assert len(asked) == 0


ACTS = {
    "edit": lambda version, city, by: edit_type(version, LOW_PRICE, by=by, at=city.at),
    "try": lambda version, city, by: try_type(version, by=by, at=city.at),
    "activate": lambda version, city, by: activate_type(version, by=by, at=city.at),
    "discard": lambda version, city, by: discard_type(version, by=by, at=city.at),
    "retire": lambda version, city, by: retire_type(version, by=by, at=city.at, reason="不再办理。"),
}


@pytest.mark.parametrize("state", LIFECYCLE.states)
@pytest.mark.parametrize("action", ACTS)
def test_the_table_holds_for_every_act_in_every_state(city: City, second: Member, state: str, action: str) -> None:
    version = draft_type(LOW_PRICE, by=city.operator, at=city.at)
    TypeVersion.objects.filter(pk=version.pk).update(state=state)
    version.refresh_from_db()
    allowed = any(row.action == action and state in row.sources for row in LIFECYCLE.rows if row.side != "system")
    before = Entry.objects.filter(kind__startswith="type.").count()

    if allowed:
        ACTS[action](version, city, second)
        assert Entry.objects.filter(kind__startswith="type.").count() == before + 1
    else:
        with pytest.raises(NotNow):
            ACTS[action](version, city, second)
        version.refresh_from_db()
        assert (version.state, Entry.objects.filter(kind__startswith="type.").count()) == (state, before)


@given(st.text(max_size=60))
def test_no_text_of_a_clause_breaks_the_check(text: str) -> None:
    try:
        check(replace(LOW_PRICE, events=text), KINDS)
    except Invalid as refusal:
        told = set(refusal.fields)
    else:
        told = {"events"}

    assert told == {"events"}


@pytest.mark.django_db
def test_what_is_shipped_is_kept_once_and_nothing_that_was_changed_is_written_over(city: City, second: Member) -> None:
    TypeVersion.objects.filter(code__in=("wage", "bid")).delete()
    active(city, second, replace(KINDS["performance"], label="履约担保函"))

    keep_what_is_shipped(using="default")
    keep_what_is_shipped(using="default")

    kept = TypeVersion.objects.filter(state="active").values_list("code", "number", "definition__label")
    assert sorted(kept)[-2:] == [("quality", 1, "工程质量保函"), ("wage", 1, "农民工工资保函")]
    assert {code: number for code, number, _label in kept}["performance"] == 2
    assert len(kept) == 6
