"""Stories: a house's own text is written, linted, activated by a second person; letters keep their version."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted, Refusal
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.facts import terms_of
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.letters.texts import Text, standard
from xinshu.guarantees.letters.wording import clauses
from xinshu.guarantees.models import Guarantee, Wording
from xinshu.guarantees.sealed.issued import values_of
from xinshu.guarantees.tests.city import MINUTE, City
from xinshu.guarantees.wordings.actions import (
    TextFaulty,
    activate_wording,
    check_wording,
    discard_wording,
    draft_wording,
    edit_wording,
    retire_wording,
)
from xinshu.guarantees.wordings.lifecycle import LIFECYCLE
from xinshu.guarantees.wordings.reading import wording_for
from xinshu.ledger.models import Entry

OURS = "本保函由我方风险管理部负责解释。"
pytestmark = pytest.mark.django_db


def own_text(*more: str, kind: str = "performance", issuer: str = "guarantor") -> Text:
    text = standard(KINDS[kind], issuer)
    return replace(text, paragraphs=(*text.paragraphs, *more))


def in_use(city: City, text: Text, by: Member | None = None, second: Member | None = None) -> Wording:
    """Return `text` activated: of the guarantor, or of whose `by` and `second` are."""
    by, second = by or city.reviewer, second or city.signer
    wording = draft_wording("performance", "accessory", text, by=by, at=city.at)
    wording = check_wording(wording, by=by, at=city.at)
    return activate_wording(wording, by=second, at=city.at)


def test_a_second_person_activates_what_one_wrote_and_the_letters_say_it(city: City) -> None:
    wording = draft_wording("performance", "accessory", own_text(OURS), by=city.reviewer, at=city.at)
    wording = check_wording(wording, by=city.reviewer, at=city.at)
    both = city.member(city.guarantor.name, city.guarantor.kind, "reviewer", "signer")
    with pytest.raises(NotPermitted):
        activate_wording(wording, by=city.reviewer, at=city.at)
    Wording.objects.filter(pk=wording.pk).update(authors=[both.user_id])
    wording.refresh_from_db()
    with pytest.raises(NotPermitted):
        activate_wording(wording, by=both, at=city.at)

    wording = activate_wording(wording, by=city.signer, at=city.at)
    case = city.issuing()

    assert (case.wording, case.clauses[-1], case.nature) == (wording, OURS, "accessory_joint")
    kinds = Entry.objects.filter(kind__startswith="wording.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["wording.drafted", "wording.checked", "wording.activated"]


def test_an_issued_guarantee_keeps_the_version_that_it_was_issued_under(city: City) -> None:
    first = in_use(city, own_text(OURS))
    case = city.issuing()
    second = in_use(city, replace(own_text("另一段。"), documents=("书面索赔通知", "仲裁机构出具的证明材料")))

    case, later = Guarantee.objects.get(pk=case.pk), city.issuing()
    first.refresh_from_db()

    assert (first.state, second.state, second.number) == ("superseded", "active", 2)
    assert (case.wording_id, later.wording_id) == (first.pk, second.pk)
    assert clauses(terms_of(case)) == case.clauses
    assert len(values_of(case)["documents"]) == 2
    assert values_of(later)["documents"][1] == "仲裁机构出具的证明材料"


def test_the_house_s_text_goes_before_the_platform_s_and_that_before_the_standard(city: City) -> None:
    assert wording_for("performance", city.guarantor) is None
    operators = city.operator, city.colleague(city.operator, "operator")
    shared = in_use(city, own_text("平台的一段。"), *operators)
    assert wording_for("performance", city.guarantor) == shared

    own = in_use(city, own_text(OURS))
    assert wording_for("performance", city.guarantor) == own
    assert wording_for("performance", city.bank.organisation) is None  # another form

    retire_wording(own, by=city.signer, at=city.at, reason="改用平台文本。")
    assert wording_for("performance", city.guarantor) == shared


def test_errors_refuse_the_check_and_the_draft_stays(city: City) -> None:
    text = own_text("我方无条件支付，担保金额不设上限。")
    wording = draft_wording("performance", "accessory", text, by=city.reviewer, at=city.at)

    with pytest.raises(TextFaulty) as refusal:
        check_wording(wording, by=city.reviewer, at=city.at)

    wording.refresh_from_db()
    assert wording.state == "draft"
    assert "无条件" in refusal.value.message
    assert "正文第 8 段" in refusal.value.message


def test_every_warning_wants_its_own_yes_and_a_reason_and_the_issue_honours_them(city: City) -> None:
    text = standard(KINDS["performance"], "guarantor")
    text = replace(text, paragraphs=tuple(part.replace("承担连带", "见索即付地承担连带") for part in text.paragraphs))
    wording = draft_wording("performance", "accessory", text, by=city.reviewer, at=city.at)

    with pytest.raises(Invalid):
        check_wording(wording, by=city.reviewer, at=city.at)
    with pytest.raises(Invalid):
        check_wording(wording, accepted=["nature.on_demand"], answer="", by=city.reviewer, at=city.at)
    wording = check_wording(
        wording, accepted=["nature.on_demand"], answer="法律意见 2026-17 号", by=city.reviewer, at=city.at
    )
    activate_wording(wording, by=city.signer, at=city.at)

    case = city.issuing()
    assert (wording.accepted, case.nature) == (["nature.on_demand"], "accessory_joint")
    assert any("见索即付" in part for part in case.clauses)


def test_a_letter_never_goes_out_with_a_place_that_the_case_cannot_fill(city: City) -> None:
    case = city.to_issue()
    wording = in_use(city, own_text(OURS))
    Wording.objects.filter(pk=wording.pk).update(paragraphs=[*wording.paragraphs, "{没有的字段}"])

    with pytest.raises(Refusal) as refusal:
        issue_guarantee(case, by=city.signer, at=city.at + 7 * MINUTE)

    assert "{没有的字段}" in refusal.value.message
    case.refresh_from_db()
    assert case.state == "to_issue"


def test_of_one_text_only_one_draft_is_written_at_a_time_per_house(city: City) -> None:
    draft_wording("performance", "", own_text(), by=city.reviewer, at=city.at)
    draft_wording("performance", "accessory", own_text(), by=city.operator, at=city.at)

    with pytest.raises(Invalid):
        draft_wording("performance", "", own_text(), by=city.reviewer, at=city.at)
    with pytest.raises(Invalid):
        draft_wording("performance", "accessory", own_text(), by=city.operator, at=city.at)


@pytest.mark.parametrize("who", ["applicant", "signer", "manager", "department", "auditor"])
def test_who_has_not_the_right_writes_nothing(city: City, who: str) -> None:
    assert city.guarantor

    with pytest.raises(NotPermitted):
        draft_wording("performance", "accessory", own_text(), by=getattr(city, who), at=city.at)

    assert not Wording.objects.exists()


def test_a_house_sees_its_own_and_what_the_platform_offers_the_operator_only_the_platform_s(city: City) -> None:
    other = city.member("江北担保有限公司", Organisation.Kind.GUARANTOR, "reviewer")
    own = draft_wording("performance", "", own_text(), by=city.reviewer, at=city.at)
    theirs = draft_wording("performance", "", own_text(), by=other, at=city.at)
    writing = draft_wording("bid", "accessory", own_text(kind="bid"), by=city.operator, at=city.at)
    shared = in_use(city, own_text(), city.operator, city.colleague(city.operator, "operator"))

    assert set(Wording.objects.visible_to(city.reviewer)) == {own, shared}
    assert set(Wording.objects.visible_to(other)) == {theirs, shared}
    assert set(Wording.objects.visible_to(city.operator)) == {writing, shared}
    assert not Wording.objects.visible_to(city.applicant).exists()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (Text((), ("书面索赔通知",)), "paragraphs"),
        (Text(("段",) * 41, ()), "paragraphs"),
        (Text(("长" * 1001,), ()), "paragraphs"),
        (Text(("段\x00",), ()), "paragraphs"),
        (Text(("段",), ("项",) * 41), "documents"),
    ],
)
def test_what_cannot_be_a_text_is_refused_at_its_field(city: City, text: Text, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        draft_wording("performance", "", text, by=city.reviewer, at=city.at)

    assert field in refusal.value.fields


def test_somebody_else_s_older_page_changes_nothing(city: City) -> None:
    wording = draft_wording("performance", "", own_text(), by=city.reviewer, at=city.at)
    edit_wording(wording, own_text(OURS), by=city.reviewer, at=city.at)

    with pytest.raises(Changed):
        edit_wording(wording, own_text(), by=city.reviewer, at=city.at)


ACTS: dict[str, Callable[[Wording, City], object]] = {
    "edit": lambda wording, city: edit_wording(wording, own_text(OURS), by=city.reviewer, at=city.at),
    "check_wording": lambda wording, city: check_wording(wording, by=city.reviewer, at=city.at),
    "activate_wording": lambda wording, city: activate_wording(wording, by=city.signer, at=city.at),
    "discard_wording": lambda wording, city: discard_wording(wording, by=city.reviewer, at=city.at),
    "retire_wording": lambda wording, city: retire_wording(wording, by=city.signer, at=city.at, reason="不再使用。"),
}


@pytest.mark.parametrize("state", LIFECYCLE.states)
@pytest.mark.parametrize("action", ACTS)
def test_the_table_holds_for_every_act_in_every_state(city: City, state: str, action: str) -> None:
    wording = draft_wording("performance", "", own_text(), by=city.reviewer, at=city.at)
    Wording.objects.filter(pk=wording.pk).update(state=state)
    wording.refresh_from_db()
    allowed = any(row.action == action and state in row.sources for row in LIFECYCLE.rows)
    before = Entry.objects.filter(kind__startswith="wording.").count()

    if allowed:
        ACTS[action](wording, city)
        assert Entry.objects.filter(kind__startswith="wording.").count() == before + 1
    else:
        with pytest.raises(NotNow):
            ACTS[action](wording, city)
        assert Entry.objects.filter(kind__startswith="wording.").count() == before
