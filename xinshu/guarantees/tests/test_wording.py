"""Table: what kind of promise issuer and words make together, and what is wrong with a text."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core.capitals import capitals
from xinshu.core.money import LARGEST
from xinshu.guarantees.kinds import KINDS, Nature
from xinshu.guarantees.letters.wording import Terms, amounts_in_words, clauses, demand_documents, faults, nature_of

TERMS = Terms(
    kind="performance",
    issuer_kind="guarantor",
    guarantor="云州融信融资担保有限公司",
    applicant="云州恒达路桥工程有限公司",
    beneficiary="云州临港新区建设管理中心",
    project="临港新区海棠大道二期市政工程",
    project_number="YZ2026-0117-01",
    amount=1_680_32,
    effective_on=date(2026, 11, 22),
    expires_on=date(2027, 6, 9),
)
DEMAND, JOINT = "在最高担保金额内见索即付，凭书面索赔通知", "承担连带责任保证"


def rules(paragraphs: list[str], terms: Terms = TERMS) -> list[str]:
    return [fault.rule for fault in faults(terms, paragraphs)]


def without(words: str, instead: str = "") -> list[str]:
    return [paragraph.replace(words, instead) for paragraph in clauses(TERMS)]


@pytest.mark.parametrize(
    ("issuer", "text", "nature"),
    [
        ("bank", DEMAND, Nature.INDEPENDENT),
        ("bank", DEMAND + JOINT, Nature.INDEPENDENT),
        ("bank", "见索即付，最高担保金额一百元", Nature.GENERAL),  # no documents named: 法释〔2016〕24号 Art. 3
        ("bank", "见索即付，凭书面索赔通知", Nature.GENERAL),  # no maximum amount
        ("bank", "见索即付，凭书面索赔通知，" + JOINT, Nature.JOINT),
        ("bank", JOINT, Nature.JOINT),
        ("bank", "承担保证责任", Nature.GENERAL),  # the way of suretyship missing: 民法典 686
        ("guarantor", DEMAND, Nature.GENERAL),  # no 金融机构: its on-demand words make nothing independent
        ("guarantor", DEMAND + JOINT, Nature.JOINT),
        ("guarantor", JOINT, Nature.JOINT),
        ("guarantor", "承担一般保证责任", Nature.GENERAL),
        ("guarantor", "", Nature.GENERAL),
        ("insurer", DEMAND, Nature.INSURANCE),
        ("insurer", JOINT, Nature.INSURANCE),
        ("insurer", "", Nature.INSURANCE),
    ],
)
def test_the_nature_follows_from_issuer_and_words(issuer: str, text: str, nature: str) -> None:
    assert nature_of(issuer, text) == nature


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("issuer", "nature"),
    [("bank", Nature.INDEPENDENT), ("guarantor", Nature.JOINT), ("insurer", Nature.INSURANCE)],
)
def test_our_own_texts_are_faultless_and_of_the_nature_that_fits_the_issuer(
    kind: str, issuer: str, nature: str
) -> None:
    terms = replace(TERMS, kind=kind, issuer_kind=issuer)
    paragraphs = clauses(terms)

    assert rules(paragraphs, terms) == []
    assert nature_of(issuer, "".join(paragraphs)) == nature


@pytest.mark.parametrize(
    ("paragraphs", "rule"),
    [
        (without("连带责任保证", "保证责任"), "wording.nature"),
        ([*clauses(TERMS), "我方见索即付。"], "wording.demand"),
        (without("1,680.32", "1,680.23"), "wording.figure"),
        (without("1,680.32", "21,680.32"), "wording.figure"),
        (without("1,680.32", "1,680.321"), "wording.figure"),
        (without(capitals(1_680_32), capitals(1_680_23)), "wording.capitals"),
        (without(capitals(1_680_32)), "wording.capitals"),
        (without(capitals(1_680_32), "人民币壹仟陆佰捌元拾"), "wording.capitals"),
        ([*clauses(TERMS), "另加人民币壹佰元整。"], "wording.capitals"),
        (without("2027-06-09"), "wording.expiry"),
        (without(TERMS.beneficiary, "贵方"), "wording.parties"),
        (without(TERMS.applicant, "申请人"), "wording.parties"),
    ],
)
def test_each_fault_is_found_and_only_it(paragraphs: list[str], rule: str) -> None:
    assert rules(paragraphs) == [rule]


@pytest.mark.parametrize("legal", ["人民币壹仟陆佰捌拾元零叁角贰分", "人民币壹仟陆佰捌拾元叁角贰分"])
def test_the_amount_may_be_written_in_any_legal_form(legal: str) -> None:
    assert rules(without(capitals(1_680_32), legal)) == []


@given(st.integers(1, LARGEST), st.sampled_from(["bank", "guarantor", "insurer"]))
def test_whatever_the_amount_words_and_figure_agree(amount: int, issuer: str) -> None:
    terms = replace(TERMS, amount=amount, issuer_kind=issuer)
    paragraphs = clauses(terms)

    assert amounts_in_words("".join(paragraphs)) == {amount}
    assert rules(paragraphs, terms) == []


@given(st.integers(1, LARGEST), st.integers(1, LARGEST))
def test_a_text_for_another_amount_is_always_caught(amount: int, other: int) -> None:
    if amount == other:
        return
    found = rules(clauses(replace(TERMS, amount=other)), replace(TERMS, amount=amount))

    assert {"wording.figure", "wording.capitals"} <= set(found)


def test_only_an_accessory_promise_asks_for_proof_of_the_breach() -> None:
    assert len(demand_documents(replace(TERMS, issuer_kind="bank"))) == 1
    assert len(demand_documents(TERMS)) == 2
    assert "投标" in demand_documents(replace(TERMS, kind="bid"))[1]


def test_a_project_without_a_number_says_so() -> None:
    assert "（编号：无）" in clauses(replace(TERMS, project_number=""))[0]
