"""Gates: whom a product admits, what is met, unmet and unknown, how near it is; every match is kept rule by rule."""

from datetime import timedelta
from typing import Any

import pytest

from xinshu.accounts.models import Organisation
from xinshu.admission.actions.gates import Plan, edit_gate, match, put_on, take_off, write_gate
from xinshu.admission.actions.sheets import begin_sheet, hand_in_sheet
from xinshu.admission.actions.tags import Wanted, give_tag, write_tag
from xinshu.admission.models import Gate, Match
from xinshu.admission.purposes import code_of, tag_code
from xinshu.admission.queries import reading_of
from xinshu.admission.questions import Question
from xinshu.admission.shelves import Ware
from xinshu.admission.tests.conftest import WAN, Place, at_least, rule
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.rules.models import RuleSet
from xinshu.rules.replaying import replayed

PRICE = Question("", "购置价格", "amount", required=True)


def _on(place: Place, ware: Ware, rules: RuleSet, subject: str = "firm", **more: Any) -> Gate:
    gate = write_gate(Plan(ware.reference, subject, rules, **more), by=place.writer, at=place.at)
    return put_on(gate, by=place.second, at=place.at)


def _lines(found: Match) -> list[tuple[bool | None, str, list[str], list[str]]]:
    return [
        (line.truth, line.own, [way.words for way in line.ways if not way.missing], [words for words, _s in line.helps])
        for line in reading_of(found.run).lines
    ]


def test_a_match_lists_met_unmet_and_unknown_with_the_own_value_and_the_nearest_way(place: Place, ware: Ware) -> None:
    place.tell(registered_capital=str(2_000 * WAN), established_on="2009-06-18")
    gate = _on(place, ware, place.rules(
        rule("成立", at_least("established_on", "730", op="older_days")),
        rule("资本", at_least("registered_capital", 3_000 * WAN), weight="ask"),
        rule("人数", at_least("staff_count", "50"), weight="ask"),
        rule("税务", at_least("src_tax_grade", "A", "B", op="in"), weight="ask"),
    ))  # fmt: skip

    found = match(gate, place.firm, by=place.clerk, at=place.at)

    assert (found.cause, found.run.outcome, found.run.rule_set) == ("firm", "ask", gate.rule_set)
    assert _lines(found) == [
        (True, "成立日期 2009-06-18", [], []),
        (False, "注册资本 20,000,000.00 元", ["还差 10,000,000.00 元"], []),
        (None, "", [], ["在企业资料补充“从业人数”（资料里没有填写）"]),
        (None, "", [], ["“纳税信用等级”由机构向数据源核查（本机构近 90 天没有向数据源核查）"]),
    ]
    assert replayed(found.run).proven


def test_what_a_match_said_stays_when_the_record_and_the_rules_are_others(place: Place, ware: Ware) -> None:
    place.tell(registered_capital=str(2_000 * WAN))
    gate = _on(place, ware, place.rules(rule("资本", at_least("registered_capital", 3_000 * WAN))))
    first = match(gate, place.firm, by=place.clerk, at=place.at)
    place.tell(place.at + timedelta(hours=1), registered_capital=str(5_000 * WAN))

    second = match(gate, place.firm, by=place.writer, at=place.at + timedelta(hours=2))

    assert [(one.cause, one.run.outcome) for one in (first, second)] == [("firm", "fails"), ("house", "meets")]
    assert [_lines(one)[0][0] for one in (first, second)] == [False, True]


def test_a_tag_is_a_fact_that_a_rule_may_ask_for(place: Place, ware: Ware) -> None:
    tag = write_tag(Wanted("重点客户", "", place.writer), by=place.writer, at=place.at)
    gate = _on(place, ware, place.rules(rule("重点", at_least(tag_code(tag), True, op="eq"))))
    before = match(gate, place.firm, by=place.clerk, at=place.at)
    give_tag(tag, place.firm, reason="会议确定", by=place.writer, at=place.at)

    after = match(gate, place.firm, by=place.clerk, at=place.at)

    assert [one.run.outcome for one in (before, after)] == ["fails", "meets"]


@pytest.mark.parametrize("subject", ["person", "property", "vehicle"])
def test_what_a_firm_has_is_matched_by_its_answers(place: Place, ware: Ware, subject: str) -> None:
    one = place.asked(PRICE, subject=subject)
    rules = place.rules(rule("价格", at_least(code_of(one, "k1"), 50 * WAN)), subject=subject)
    gate = _on(place, ware, rules, subject, questionnaire=one)
    with pytest.raises(Invalid):
        match(gate, place.firm, "甲", by=place.clerk, at=place.at)
    for about, price in (("甲号", "60万元"), ("乙号", "45万元")):
        sheet = begin_sheet(gate, about, by=place.clerk, at=place.at)
        hand_in_sheet(sheet, {"k1": price}, {}, by=place.clerk, at=place.at)

    found = [match(gate, place.firm, about, by=place.clerk, at=place.at) for about in ("甲号", "乙号")]

    assert [one.run.outcome for one in found] == ["meets", "fails"]
    assert _lines(found[1])[0][2] == ["还差 50,000.00 元"]
    assert found[0].run.subject_name == "云州恒达路桥工程有限公司 · 甲号"


def test_a_gate_is_put_on_by_somebody_else_and_changed_only_while_it_is_off(place: Place, ware: Ware) -> None:
    rules = place.rules(rule("人数", at_least("staff_count", "50")))
    gate = write_gate(Plan(ware.reference, "firm", rules), by=place.writer, at=place.at)
    with pytest.raises(NotNow):
        match(gate, place.firm, by=place.clerk, at=place.at)
    for by, why in ((place.writer, "没有"), (place.member("author", "signer"), "写过")):
        gate.change(authors=[by.user_id])
        with pytest.raises(NotPermitted, match=why):
            put_on(gate, by=by, at=place.at)
    gate = put_on(gate, by=place.second, at=place.at)
    hidden = Plan(ware.reference, "firm", rules, shows_unmet=False)
    with pytest.raises(NotNow):
        edit_gate(gate, hidden, by=place.writer, at=place.at)

    gate = take_off(gate, reason="要改条件", by=place.second, at=place.at)
    gate = edit_gate(gate, hidden, by=place.writer, at=place.at)

    assert (gate.state, gate.shows_unmet) == ("draft", False)


@pytest.mark.parametrize("wrong", ["product", "subject", "rule_set", "questionnaire"])
def test_what_is_wrong_with_a_gate_is_said_beside_it(place: Place, ware: Ware, wrong: str) -> None:
    rules = place.rules(rule("人数", at_least("staff_count", "50")))
    plans = {
        "product": Plan("NONSENSE2345", "firm", rules), "subject": Plan(ware.reference, "ship", rules),
        "rule_set": Plan(ware.reference, "firm", None), "questionnaire": Plan(ware.reference, "vehicle", rules),
    }  # fmt: skip

    with pytest.raises(Invalid) as refused:
        write_gate(plans[wrong], by=place.writer, at=place.at)

    assert wrong in refused.value.fields


def test_a_firm_matches_itself_only_and_a_product_has_one_gate_of_a_kind(place: Place, ware: Ware) -> None:
    rules = place.rules(rule("人数", at_least("staff_count", "50")))
    gate = _on(place, ware, rules)
    rival = Organisation.objects.create(name="江北宏远有限公司", kind="enterprise")
    for by, firm in ((place.clerk, rival), (place.writer, rival), (place.member("bank", "bank", _bank()), place.firm)):
        with pytest.raises(NotPermitted):
            match(gate, firm, by=by, at=place.at)
    with pytest.raises(Invalid):
        write_gate(Plan(ware.reference, "firm", rules), by=place.writer, at=place.at)
    assert not Match.objects.exists()


def _bank() -> Organisation:
    return Organisation.objects.create(name="云州银行股份有限公司", kind="bank")
