"""Table: what the linter says of a letter's text, rule by rule (domain.md 3.1 to 3.3), and what holds of any text."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core.money import LARGEST
from xinshu.guarantees.extras import Extra
from xinshu.guarantees.kinds import KINDS, Nature
from xinshu.guarantees.letters.linting import ERROR, FORBIDDEN, RULES, WANTED, WARNING, errors, lint
from xinshu.guarantees.letters.texts import REQUIRED, Text, standard
from xinshu.guarantees.letters.wording import nature_of
from xinshu.guarantees.types.sample import FORMS, sample_terms

ON = date(2026, 11, 21)
ISSUER = {form: issuer for form, (issuer, _nature, _label) in FORMS.items()}


def found(form: str, text: Text, kind: str = "performance") -> set[tuple[str, str]]:
    return {(one.rule, one.level) for one in lint(text, sample_terms(KINDS[kind], form, ON))}


def usual(form: str, kind: str = "performance") -> Text:
    return standard(KINDS[kind], ISSUER[form])


def with_(form: str, *more: str) -> Text:
    text = usual(form)
    return replace(text, paragraphs=(*text.paragraphs, *more))


def without(form: str, words: str, instead: str = "") -> Text:
    text = usual(form)
    return replace(text, paragraphs=tuple(part.replace(words, instead) for part in text.paragraphs))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_the_library_s_own_texts_are_faultless(kind: str, form: str) -> None:
    assert found(form, usual(form, kind), kind) == set()


@pytest.mark.parametrize(
    ("form", "sentence", "rule", "level"),
    [
        # the nature: words of another promise (民法典 682, 686, 687; 法释〔2016〕24号 1, 3, 4)
        ("independent", "我方承担连带责任。", "nature.contradiction", ERROR),
        ("independent", "我方享有先诉抗辩权。", "nature.contradiction", ERROR),
        ("independent", "经核实后支付。", "nature.facts", WARNING),
        ("independent", "贵方须附生效判决。", "nature.facts", WARNING),
        ("independent", "我方可撤销本保函。", "nature.revocable", ERROR),
        ("accessory", "我方承担一般保证责任。", "nature.general", ERROR),
        ("accessory", "我方见索即付。", "nature.on_demand", WARNING),
        ("accessory", "本保函不受主合同效力的影响。", "nature.independence", ERROR),
        ("accessory", "主合同无效的，本保函仍然有效。", "nature.independence", ERROR),
        ("accessory", "我方无条件支付。", "nature.unconditional", ERROR),
        ("accessory", "本保函不可撤销。", "nature.irrevocable", WARNING),
        ("insurance", "我方承担连带责任。", "nature.contradiction", ERROR),
        ("insurance", "我方见索即付。", "nature.on_demand_insured", WARNING),
        # the amount has a cap
        ("accessory", "我方承担无限责任。", "amount.unlimited", ERROR),
        ("independent", "担保金额不设上限。", "amount.unlimited", ERROR),
        ("accessory", "我方另行承担逾期利息。", "amount.besides", ERROR),
        ("independent", "最高担保金额以外的利息由我方支付。", "amount.besides", ERROR),
        ("accessory", "我方赔偿贵方的一切损失。", "amount.everything", WARNING),
        # the end is a day
        ("independent", "本保函长期有效。", "expiry.open", ERROR),
        ("accessory", "到期后自动展期。", "expiry.open", ERROR),
        ("accessory", "本保函直至合同义务全部履行完毕为止。", "expiry.open", ERROR),
        ("independent", "贵方退还原件后方可解除。", "expiry.paper", WARNING),
        ("accessory", "保证期间可以中断。", "expiry.stretched", ERROR),
        # what has no effect
        ("independent", "贵方十日内不答复的，视为同意。", "law.silence", ERROR),
        ("accessory", "我方放弃一切抗辩。", "law.waived", ERROR),
        ("accessory", "我方放弃诉讼时效利益。", "law.waived", ERROR),
        ("independent", "本保函排除中华人民共和国法律的适用。", "law.waived", ERROR),
        ("independent", "申请人不得向法院申请止付。", "law.courts", ERROR),
        ("accessory", "贵方承担保费。", "law.fee", ERROR),
        ("accessory", "我方收到反担保人的款项后支付。", "law.counter", WARNING),
        # data are never typed
        ("accessory", "担保金额为 100 万元。", "data.typed", ERROR),
        ("accessory", "至 2027-06-09 止。", "data.typed", ERROR),
        ("accessory", "计人民币壹佰元整。", "data.typed", ERROR),
        ("accessory", "按{工程}执行。", "places.unknown", ERROR),
        ("accessory", "按{项目执行。", "places.braces", ERROR),
        ("accessory", "另：{约定减额}", "places.reductions", ERROR),
    ],
)
def test_a_sentence_that_may_not_stand_is_found_where_it_stands(
    form: str, sentence: str, rule: str, level: str
) -> None:
    text = with_(form, sentence)
    remarks = [one for one in lint(text, sample_terms(KINDS["performance"], form, ON)) if one.rule == rule]

    assert (rule, level) in {(one.rule, one.level) for one in remarks}
    assert all(one.why and one.mend and one.message for one in remarks)
    assert f"正文第 {len(text.paragraphs)} 段" in {one.place for one in remarks}
    assert found(form, usual(form)) == set()


@pytest.mark.parametrize(
    ("form", "words", "instead", "rule"),
    [
        ("independent", "见索即付", "付款", "nature.demand"),
        ("independent", "最高担保金额", "金额", "amount.maximum"),
        ("independent", "索赔通知", "请求", "demand.notice"),
        ("accessory", "连带责任保证", "保证责任", "nature.manner"),
        ("accessory", "最高担保金额", "金额", "amount.maximum"),
        ("insurance", "保险条款", "规定", "nature.policy"),
        ("accessory", "送达我方或经信枢平台提交", "发出", "expiry.where"),
    ],
)
def test_what_must_stand_is_missed(form: str, words: str, instead: str, rule: str) -> None:
    assert rule in {code for code, _level in found(form, without(form, words, instead))}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*REQUIRED, "约定减额"])
def test_every_required_place_is_missed(form: str, name: str) -> None:
    assert ("places.missing", ERROR) in found(form, without(form, f"{{{name}}}"))


def test_a_guarantee_before_the_opening_has_no_schedule_and_needs_no_place_for_it() -> None:
    text = usual("accessory", "bid")
    text = replace(text, paragraphs=tuple(part for part in text.paragraphs if "约定减额" not in part))

    assert found("accessory", text, "bid") == set()


@pytest.mark.parametrize(
    ("form", "documents", "rule"),
    [
        ("independent", (), "documents.none"),
        ("accessory", ("营业执照", "合同"), "documents.demand"),
        ("accessory", ("书面索赔通知",), "documents.proof"),
        ("independent", ("书面索赔通知", "申请人违约的仲裁裁决"), "nature.facts"),
    ],
)
def test_the_papers_of_a_demand_are_judged_too(form: str, documents: tuple[str, ...], rule: str) -> None:
    text = replace(usual(form), documents=documents)

    assert {code for code, _level in found(form, text)} == {rule}


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ("independent", "本保函不构成连带责任保证。"),
        ("independent", "本保函不可撤销。"),
        ("accessory", "本保函并非见索即付。"),
        ("accessory", "贵方无须承担保费。"),
        ("accessory", "贵方的沉默不视为同意。"),
        ("insurance", "本凭证不承担连带责任。"),
    ],
)
def test_what_a_text_denies_is_not_held_against_it(form: str, sentence: str) -> None:
    assert found(form, with_(form, sentence)) == set()


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("本保函适用 URDG 758，最高担保金额一百元，凭索赔通知付款", Nature.INDEPENDENT),
        ("我方义务独立于基础交易，凭相符交单付款，最高担保金额一百元，单据如下", Nature.INDEPENDENT),
        ("我方义务独立于基础交易，最高担保金额一百元，单据如下", Nature.GENERAL),
        ("并非见索即付，最高担保金额一百元，凭索赔通知，承担连带责任保证", Nature.JOINT),
        ("不构成连带责任保证", Nature.GENERAL),
    ],
)
def test_a_bank_s_nature_follows_the_three_ways_of_the_judicial_interpretation(text: str, nature: str) -> None:
    assert nature_of("bank", text) == nature


def test_a_required_field_of_the_type_that_the_letter_leaves_out_wants_a_reason() -> None:
    kind = replace(KINDS["performance"], fields=(Extra("监理单位", required=True), Extra("备注")))
    text = standard(kind, "guarantor")
    terms = sample_terms(kind, "accessory", ON)

    assert [(one.rule, one.level) for one in lint(text, terms)] == [("places.unprinted", WARNING)]
    printed = replace(text, paragraphs=(*text.paragraphs, "本项目由{监理单位}监理。"))
    assert lint(printed, terms) == []


def test_every_rule_has_its_reason_its_remedy_and_a_name_of_its_own() -> None:
    assert all(rule.why and rule.mend for rule in (*WANTED, *FORBIDDEN))
    assert len(RULES) >= 25


@given(st.sampled_from(list(FORMS)), st.sampled_from(list(KINDS)), st.integers(1, LARGEST))
def test_whatever_the_amount_the_standard_text_is_faultless(form: str, kind: str, amount: int) -> None:
    terms = replace(sample_terms(KINDS[kind], form, ON), amount=amount)

    assert lint(standard(KINDS[kind], ISSUER[form]), terms) == []


@given(
    st.sampled_from(list(FORMS)), st.lists(st.text(max_size=40), max_size=5), st.lists(st.text(max_size=20), max_size=3)
)
def test_any_text_at_all_gets_an_answer(form: str, paragraphs: list[str], documents: list[str]) -> None:
    text = Text(tuple(paragraphs), tuple(documents))

    assert errors(lint(text, sample_terms(KINDS["performance"], form, ON)))


@given(st.sampled_from(list(FORMS)), st.integers(0, 6), st.text("甲乙丙，。 ", max_size=12))
def test_a_forbidden_sentence_is_found_in_whatever_paragraph_it_hides(form: str, where: int, around: str) -> None:
    text = usual(form)
    parts = list(text.paragraphs)
    place = where % len(parts)
    if "约定减额" in parts[place]:
        return
    parts[place] += f"{around}视为同意"

    remarks = lint(replace(text, paragraphs=tuple(parts)), sample_terms(KINDS["performance"], form, ON))

    assert ("law.silence", f"正文第 {place + 1} 段") in {(one.rule, one.place) for one in remarks}
