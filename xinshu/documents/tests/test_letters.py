"""Stories: a letter says what it was told to say, whatever that is, and nothing else."""

import io
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from xinshu.documents.letters import FontsMissing, TemplateFault, render, rendering
from xinshu.documents.templates import DEFAULTS, default_source
from xinshu.documents.verification import differences, fields_of


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("kind", DEFAULTS)
def test_every_letter_of_the_platform_tells_all_its_facts(kind, values):
    values |= {"expiry_place": "云州市海棠路 18 号", "law": "《中华人民共和国民法典》", "title": DEFAULTS[kind][:4]}

    fields = fields_of(text_of(render(SimpleNamespace(source=default_source(kind)), values)))

    told = {name: values[name] for name in fields}
    assert fields == told
    assert len(fields) == 13


def test_equal_values_make_equal_bytes(version, values):
    assert render(version, values) == render(version, dict(values))


def test_number_and_day_stand_in_the_metadata(letter):
    metadata = PdfReader(io.BytesIO(letter)).metadata

    assert metadata["/Keywords"] == "YZLY2026-7K4M2Q9R"
    assert metadata["/CreationDate"].startswith("D:20260318")


@pytest.mark.parametrize(
    "nasty",
    [
        '#panic("x")',
        '"] + sys.inputs.values + ["',
        '#read("/etc/passwd") $x^2$ *粗* _斜_ `代码` <label> @ref',
        "反斜杠 \\ \\n \\u{1f600} \\",
        "*/ // /* #{ } [ ] ( )",
        "= 标题\t- 列表",
        "{{ jinja }} {% raw %} %s %(x)s",
        "</svg><script>alert(1)</script>",
    ],
)
def test_a_value_is_never_read_as_markup(version, values, nasty):
    pdf = render(version, values | {"project": nasty, "clauses": [nasty], "beneficiary": nasty, "number": "X-1"})

    plain = "".join(nasty.split())
    assert "".join(text_of(pdf).split()).count(plain) >= 3


def test_characters_that_turn_text_around_do_not_reach_the_page(version, values):
    pdf = render(version, values | {"project": "甲\u202e乙\x00丙\n受益人 丁"})

    assert fields_of(text_of(pdf))["project"] == "甲 乙 丙 受益人 丁"
    assert fields_of(text_of(pdf))["beneficiary"] == values["beneficiary"]


def test_long_letters_run_over_pages_and_keep_the_signature_together(version, values):
    pdf = render(version, values | {"clauses": values["clauses"] * 60})

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) > 1
    assert f"第 1 页，共 {len(pages)} 页" in pages[0]
    assert "（盖章）" in pages[-1]
    assert "签发日期" in pages[-1]


def test_a_draft_carries_a_watermark_and_no_seal(version, values):
    draft, real = text_of(render(version, values | {"draft": True})), text_of(render(version, values))

    assert ("样稿未签发" in "".join(draft.split()), "保函专用章" in draft) == (True, False)
    assert ("样稿未签发" in "".join(real.split()), "保函专用章" in real) == (False, True)


def test_the_first_clause_does_not_address_the_beneficiary_twice(version, values):
    addressed = f"{values['beneficiary']}：鉴于申请人参加投标。"

    text = text_of(render(version, values | {"clauses": [addressed]}))

    assert "一、鉴于申请人参加投标。" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": None}, "number"),
        ({"amount": 486_200_000}, "amount"),
        ({"colour": "red"}, "colour"),
        ({"issued_on": "2026-02-30"}, "day"),
    ],
)
def test_values_of_the_wrong_shape_are_a_callers_mistake(version, values, change, said):
    with pytest.raises(ValueError, match=said):
        render(version, values | change)


def test_a_missing_value_is_named(version, values):
    del values["number"]

    with pytest.raises(ValueError, match=r"missing.*number"):
        render(version, values)


@pytest.mark.parametrize("source", ["#let x = ", '#read("/etc/hosts")', '#import "@preview/cetz:0.1.0"', "#panic()"])
def test_a_template_that_does_not_compile_or_reaches_out_is_a_fault(values, source):
    with pytest.raises(TemplateFault):
        render(SimpleNamespace(source=source), values)


def test_missing_fonts_are_named_with_the_remedy(settings, tmp_path):
    settings.FONTS_ROOT = tmp_path
    rendering._fonts.cache_clear()

    try:
        with pytest.raises(FontsMissing, match="make setup"):
            rendering._fonts()
    finally:
        rendering._fonts.cache_clear()


def test_differences_name_what_another_letter_says_otherwise(version, values):
    forged = render(version, values | {"amount": "9,862,000.00", "expires_on": "2028-03-17"})
    examination = SimpleNamespace(fields=fields_of(text_of(forged)))

    found = [(d.name, d.issued, d.found) for d in differences(examination, values)]

    assert found == [
        ("amount", "4,862,000.00", "9,862,000.00"),
        ("expires_on", "2027-03-17", "2028-03-17"),
    ]
