"""统一社会信用代码 and resident numbers: the standards' vectors, and every pair of the public sample."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core import resident_id, uscc
from xinshu.core.refusals import Invalid

PAIRS = Path(__file__).resolve().parents[4] / "shared/data/companies/uscc_pairs.csv"


@pytest.mark.parametrize("code", ["91350100M000100Y43", "11150000011512968L"])
def test_valid_codes_have_no_problems(code):
    assert uscc.problems(code) == []
    assert uscc.hint(code) == uscc.warning(code) == ""


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("", "请填写统一社会信用代码。"),
        ("91350100M000100Y4", "统一社会信用代码应为 18 位，现在是 17 位。"),
        ("91350100M000100Y4Z", "第 18 位“Z”不会出现在统一社会信用代码里。"),
        ("91350100M000100Y44", "统一社会信用代码的校验位不对，可能有一位填错，请对照营业执照核对。"),
        ("91A50100M000100Y43", "第 3 至 8 位是登记机关的行政区划，应当全是数字。"),
        ("110108000000016", "这是旧的 15 位工商注册号，请填写营业执照上 18 位的统一社会信用代码。"),
        ("110108000000017", "统一社会信用代码应为 18 位，现在是 15 位。"),
    ],
)
def test_what_is_wrong_is_said_in_words(code, complaint):
    assert uscc.problems(code) == [complaint]


def test_codes_are_normalised_as_people_paste_them():
    assert uscc.normalise(" ９１３５０１００ｍ０００１００ｙ４３ ") == "91350100M000100Y43"
    assert uscc.normalise("91350100-m000\u3000100\u200by43") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9135O1OOMOOO1OOY43", "91350100M000100Y43"),
        ("9I350I00M000I00Y43", "91350100M000100Y43"),
        ("913S0100M000100Y43", "91350100M000100Y43"),
        ("11150000011SIZ968L", "11150000011512968L"),
        ("9135D100M000100Y43", "91350100M000100Y43"),
    ],
)
def test_a_confused_character_is_named_when_one_correction_passes(typed, meant):
    assert uscc.hint(typed) == f"您要填的是不是 {meant}？"


@pytest.mark.parametrize("typed", ["", "91350100M000100Y44", "123", "OOOOOOOOOOOOOOOOOZ"])
def test_no_correction_is_guessed_otherwise(typed):
    assert uscc.hint(typed) == ""


def test_an_organisation_code_that_does_not_check_is_only_a_remark():
    body = "91350100M000100Y5"
    code = body + uscc.check_digit(body)

    assert uscc.problems(code) == []
    assert "第 9 至 17 位" in uscc.warning(code)


@pytest.mark.parametrize(("body", "check"), [("M000100Y", "4"), ("01151296", "8")])
def test_organisation_codes_check_with_all_letters(body, check):
    assert uscc.organisation_check_digit(body) == check


def test_reading_a_code_normalises_or_refuses_with_the_correction():
    assert uscc.read_uscc("91350100m000100y43") == "91350100M000100Y43"

    with pytest.raises(Invalid, match="第 5 位") as refused:
        uscc.read_uscc("9135O100M000100Y43")

    assert refused.value.advice == "您要填的是不是 91350100M000100Y43？"


@given(st.text(max_size=25))
def test_no_text_breaks_the_check(text):
    code = uscc.normalise(text)

    assert isinstance(uscc.problems(code), list)
    assert isinstance(uscc.hint(code) + uscc.warning(code), str)
    assert isinstance(resident_id.problems(code), list)


@given(st.text(alphabet=uscc.ALPHABET, min_size=9, max_size=9), st.integers(0, 16), st.sampled_from(uscc.ALPHABET))
def test_one_wrong_character_is_always_noticed(organisation, place, other):
    body = "91350100" + organisation
    code = body + uscc.check_digit(body)
    altered = code[:place] + other + code[place + 1 :]

    assert uscc.problems(code) == []
    assert bool(uscc.problems(altered)) == (altered != code)


def test_the_check_agrees_with_the_public_sample():
    if not PAIRS.is_file():
        pytest.skip(f"the sample is not on this machine: {PAIRS.name}")

    with PAIRS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    disagreeing = [row for row in rows if (not uscc.problems(row["credit_code"])) != (row["checksum_valid"] == "1")]

    assert rows
    assert disagreeing == []


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_standards_resident_numbers_pass(number):
    assert resident_id.problems(number) == []  # the examples of GB 11643-1999


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        ("", "请填写身份证号码。"),
        ("110105491231002", "身份证号码应为 18 位，现在是 15 位。"),
        ("110105194912310021", "身份证号码的校验位不对，可能有一位填错，请对照身份证核对。"),
        ("11010519491331002X", "身份证号码第 7 至 14 位不是有效的出生日期。"),
        ("1101051949123100XX", "身份证号码前 17 位应当是数字，最后一位是数字或 X。"),
    ],
)
def test_what_is_wrong_with_a_resident_number_is_said_in_words(number, complaint):
    assert resident_id.problems(resident_id.normalise(number)) == [complaint]
