"""Readers, on lines as they were recorded and on lines written down: fields, check digits, amounts, sums, contradictions."""

# ruff: noqa: E501  (a table is read across)

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from xinshu.documents.reading.auditing import Cell, Identity, audit
from xinshu.documents.reading.crossing import Paper, Said, contradictions
from xinshu.documents.reading.kinds import classify
from xinshu.documents.reading.lines import Line, Sheet, of_rows
from xinshu.documents.reading.readers import conceals, covered, read_document
from xinshu.documents.reading.values import capitals_in, figures_in, read_fen

RECORDED = Path(__file__).parent / "recorded_lines.json.gz"


@pytest.fixture(scope="session")
def recorded() -> dict:
    """What the recogniser read on drawn papers (bench/_papers.py), and on the published invoice, with what stands there."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as file:
        return json.load(file)


def sheet_of(lines: list) -> Sheet:
    return Sheet(1, tuple(of_rows(lines, 1)))


def written(*rows: str, sure: float = 0.99) -> Sheet:
    """Return a page with these rows; cells are parted by |."""
    lines = [
        Line(
            cell.strip(),
            (40 + 180 * at, 40 + 40 * number, 40 + 180 * at + 12 * len(cell.strip()), 70 + 40 * number),
            sure,
        )
        for number, row in enumerate(rows)
        for at, cell in enumerate(row.split("|"))
        if cell.strip()
    ]
    return Sheet(1, tuple(lines))


@pytest.mark.parametrize(
    "name",
    ["licence-clean-1", "licence-dark-2", "award-clean-1", "award-turned-2", "invoice-clean-1", "invoice-stamped-2",
     "contract-clean-1", "contract-stamped-11", "certificate-squeezed-2", "receipt-noisy-2", "identity-dark-2",
     "balance-skewed-2", "balance-stamped-3", "income-noisy-3", "income-skewed-13", "cash-squeezed-2", "cash-stamped-11"],
)  # fmt: skip
def test_every_field_of_a_recorded_paper_is_read(name, recorded):
    paper = recorded[name]
    found = read_document([sheet_of(paper["lines"])])
    assert found.kind == name.split("-")[0]
    values = {value.code: value for value in found.values}
    assert {code: values[code].value for code in paper["labels"] if code in values} == paper["labels"]
    assert all(value.box for value in found.values)


def test_the_published_invoice_is_read_as_its_labels_say(recorded):
    values = {value.code: value for value in read_document([sheet_of(recorded["vat_einvoice"]["lines"])]).values}
    told = recorded["vat_einvoice"]["labels"]
    assert values["total"].value == "5270"
    assert all(values[code].sure for code in ("net", "tax", "total"))
    assert {code: values[code].value for code in told} == told


@pytest.mark.parametrize(
    ("text", "fen"),
    [("48,620,000.00", 4862000000), ("¥46.62", 4662), ("4862万元", 4862000000), ("(1,234.50)", -123450),
     ("-12.5", -1250), ("1,234,567,89", 123456789), ("12.345", None), ("约 3 元", None), ("", None), ("1,23.00", None),
     ("(5.00", None), ("1.2万元", 1200000), ("486.2345万元", 486234500), ("486.2万", 486200000), ("486.20亿元", 4862000000000),
     ("$500.00", None)],
)  # fmt: skip
def test_an_amount_is_read_whole_or_not_at_all(text, fen):
    assert read_fen(text) == fen


def test_capitals_and_figures_are_found_in_a_sentence():
    assert capitals_in("（大写）人民币壹仟肆佰零玖元伍角整，其中") == 140950
    assert capitals_in("伍拾贰圆柒角") == 5270
    assert capitals_in("贰拾元整或叁拾元整") is None
    assert figures_in("中标价：1,409.50 元，工期 60 天") == [140950]


@pytest.mark.parametrize(
    ("text", "found"),
    [("¥486.2345万元", [486234500]), ("¥486.2万", [486200000]), ("486.20亿元", [4862000000000]), ("500,000.00美元", []),
     ("US$500.00", []), ("税率13.00%", []), ("建筑面积1.20万平方米", []), ("人民币4,862.00元整", [486200])],
)  # fmt: skip
def test_a_figure_in_a_sentence_is_taken_with_its_unit_or_not_at_all(text, found):
    assert figures_in(text) == found


@pytest.mark.parametrize(
    ("line", "fen", "sure"),
    [("中标价(万元)：486.20", "486200000", True), ("中标价：1 标段 4,862,000.00元", "486200000", True),
     ("中标价：4,862,000.00元，其中暂列金200,000.00元", "486200000", False)],
)  # fmt: skip
def test_a_printed_amount_has_the_unit_of_its_label_and_stands_alone(line, fen, sure):
    page = replace(written("中标通知书", line, "工期：60日历天"), printed=True)
    amount = {value.code: value for value in read_document([page], "award").values}["amount"]
    assert (amount.value, amount.sure) == (fen, sure)


def test_another_amount_further_down_is_not_taken_for_the_price():
    page = written(
        "合同书",
        "签约合同价：4,862,000.00元",
        *"一二三四五",
        "合同价款支付：预付款",
        "人民币（大写）壹佰万元整（¥1,000,000.00）",
    )
    amount = {value.code: value for value in read_document([replace(page, printed=True)], "contract").values}["amount"]
    assert (amount.value, amount.sure) == ("486200000", True)


@pytest.mark.parametrize(
    ("kind", "words", "day", "sure"),
    [("certificate", "有效期：2021年01月01日至2026年01月01日", "2026-01-01", True), ("identity", "有效期限：2006.05.06-长期", "长期", True),
     ("identity", "有效期限：2006.05.06-2026.05.06", "2026-05-06", True), ("identity", "有效期限：2006.05.06-", "", False)],
)  # fmt: skip
def test_validity_ends_with_the_last_day_of_its_term(kind, words, day, sure):
    found = {value.code: value for value in read_document([written("证书", words)], kind).values}["valid_until"]
    assert (found.value, found.sure) == (day, sure)


@pytest.mark.parametrize(
    ("unit", "fen", "sure"),
    [("单位：元", "100000", True), ("金额单位为人民币千元", "100000000", True), ("单位：百万元", "100000000000", True), ("", "100000", False)],
)  # fmt: skip
def test_a_statement_says_in_what_it_reckons_or_a_person_looks(unit, fen, sure):
    found = read_document([written("利润表", f"编制单位：甲公司|2025年度|{unit}", "项目|本期金额|上期金额", "营业收入|1,000.00|900.00",
                                   "营业成本|600.00|500.00", "营业利润|400.00|400.00")], "income")  # fmt: skip
    values = {value.code: value for value in found.values}
    assert (values["营业收入|this"].value, values["unit"].sure) == (fen, sure)


def test_the_number_of_a_note_is_no_figure_of_the_statement():
    lines = list(written("利润表", "单位：元", "项目|附注|本期金额|上期金额", "营业收入|6.01|1,000.00|900.00").lines)
    found = read_document([Sheet(1, tuple(lines), True)], "income")
    assert {value.code: value.value for value in found.values}["营业收入|this"] == "100000"


def award(figure: str, spelled: str = "人民币壹仟肆佰零玖元伍角整") -> dict:
    page = written(
        "中标通知书",
        "招标人：云州市城投公司",
        f"中标价：{figure}元",
        f"（大写）{spelled}",
        "工期：60日历天",
        "请签订合同",
    )
    return {value.code: value for value in read_document([page]).values}


def test_an_amount_counts_as_sure_only_where_capitals_and_figures_agree():
    assert award("1,409.50")["amount"].sure
    wrong = award("1,499.50")["amount"]
    assert not wrong.sure
    assert "大写与小写不一致" in wrong.note
    alone = award("1,409.50", "见附件")["amount"]
    assert (alone.value, alone.sure) == ("140950", False)


@pytest.mark.parametrize(
    ("net", "tax", "small", "large", "sure"),
    [("100.00", "13.00", "113.00", "壹佰壹拾叁圆整", True), ("100.00", "18.00", "113.00", "壹佰壹拾叁圆整", False),
     ("100.00", "13.00", "118.00", "壹佰壹拾叁圆整", False), ("160.00", "13.00", "113.00", "壹佰壹拾叁圆整", False)],
)  # fmt: skip
def test_the_sums_of_an_invoice_confirm_it_or_nobody_does(net, tax, small, large, sure):
    page = written("电子发票(普通发票)", "开票日期：2026年10月12日|发票号码：12345678", "名称：甲公司|名称：乙公司", "税率", f"合计|¥{net}|¥{tax}",
                   f"价税合计(大写)|{large}|(小写)¥{small}")  # fmt: skip
    values = {value.code: value for value in read_document([page], "invoice").values}
    assert all(values[code].sure for code in ("net", "tax")) is sure


def test_a_check_digit_confirms_a_code_or_denies_it_and_names_the_likely_one():
    rows = (
        "营业执照",
        "统一社会信用代码：{}",
        "名称：云州恒达路桥工程有限公司",
        "法定代表人：刘恒",
        "注册资本：捌仟万元整",
    )
    for code, sure in (("91120222079642398Y", True), ("91120222079642388Y", False), ("9I120222079642398Y", True)):
        page = written(*(row.format(code) for row in rows))
        value = {one.code: one for one in read_document([page]).values}["uscc"]
        assert (value.sure, value.confidence > 0.9) == (sure, sure)


def test_an_identity_card_is_covered_before_anything_is_kept(recorded):
    page = sheet_of(recorded["identity-dark-2"]["lines"])
    assert conceals(page)
    kept, hidden = covered(page)
    values = {value.code: value for value in read_document([page], "identity").values}
    assert values["number"].sure
    assert "********" in values["number"].value
    assert hidden
    left = "".join(line.text for line in kept.lines)
    assert not any(sign.isdigit() for sign in left)
    assert "区" not in left
    assert not any("1" in value.raw for value in values.values())


@pytest.mark.parametrize("lost", ["住址", "出生", "公民身份号码", "住址 出生", "公民身份号码 住址 出生"])
def test_a_card_is_covered_whatever_label_was_not_read(lost, recorded):
    page = sheet_of(recorded["identity-dark-2"]["lines"])
    words = {line.text for line in page.lines}
    lines = []
    for line in page.lines:
        for label in lost.split():
            line = replace(line, text=line.text.replace(label, "口" * len(label)))
        lines.append(line)
    assert {line.text for line in lines} != words
    page = replace(page, lines=tuple(lines))
    kept, _hidden = covered(page)
    assert not any(sign.isdigit() for line in kept.lines for sign in line.text)
    assert "区" not in "".join(line.text for line in kept.lines)


def test_a_card_whose_number_was_not_read_is_covered_whole(recorded):
    page = sheet_of(recorded["identity-dark-2"]["lines"])
    page = replace(page, lines=tuple(line for line in page.lines if sum(sign.isdigit() for sign in line.text) < 15))
    assert conceals(page)
    _kept, hidden = covered(page)
    assert (0, 0, 1000, 1000) in [line.box for line in hidden]


def test_what_a_second_look_read_of_a_card_is_covered_too(recorded):
    page = sheet_of(recorded["identity-dark-2"]["lines"])
    number = next(line for line in page.lines if len(line.text) == 18 and line.text.isalnum())
    lines = [replace(line, text="凹凸", also=(number.text,)) if line is number else line for line in page.lines]
    kept, _hidden = covered(replace(page, lines=tuple(lines)))
    assert number.text not in str(kept.lines)


@pytest.mark.parametrize("name", ["balance-clean-1", "income-clean-1", "cash-clean-1"])
def test_a_wrong_digit_in_a_total_is_located_and_mended(name, recorded):
    paper = recorded[name]
    total = {"balance": "流动资产合计|end", "income": "利润总额|this", "cash": "经营活动现金流入小计|this"}[
        name.split("-")[0]
    ]
    lines = list(of_rows(paper["lines"], 1))
    text = f"{int(paper['labels'][total]) / 100:,.2f}"
    at = next(number for number, line in enumerate(lines) if line.text == text)
    place = next(n for n, sign in enumerate(text) if sign in "3856")
    like = {"3": "8", "8": "3", "5": "6", "6": "5"}[text[place]]
    lines[at] = replace(lines[at], text=text[:place] + like + text[place + 1 :])
    found = read_document([Sheet(1, tuple(lines))])
    values = {value.code: value for value in found.values}
    assert values[total].proposed == paper["labels"][total]
    assert not values[total].sure
    look = [value.code for value in found.values if not (value.sure or value.depends)]
    assert look == [total]
    assert found.remarks


@pytest.mark.parametrize("name", ["balance-clean-1", "income-clean-1", "cash-clean-1"])
def test_no_wrong_figure_is_ever_told_sure(name, recorded):
    paper, chance = recorded[name], random.Random(7)
    lines = list(of_rows(paper["lines"], 1))
    figures = [n for n, line in enumerate(lines) if line.text.count(".") == 1 and line.text[-1].isdigit()]
    for _turn in range(5):
        spoiled = list(lines)
        for at in chance.sample(figures, 2):
            text = spoiled[at].text
            place = chance.choice([n for n, sign in enumerate(text) if sign.isdigit()])
            spoiled[at] = replace(spoiled[at], text=text[:place] + str((int(text[place]) + 3) % 10) + text[place + 1 :])
        values = {value.code: value for value in read_document([Sheet(1, tuple(spoiled))]).values}
        cells = {code: fen for code, fen in paper["labels"].items() if "|" in code}
        assert not [
            code for code, fen in cells.items() if code in values and values[code].value != fen and values[code].sure
        ]


def test_where_two_cells_explain_a_fault_equally_well_both_are_shown():
    cells = {name: Cell(fen) for name, fen in (("合计", 9000), ("甲", 3600), ("乙", 3600), ("丙", 2000))}
    found = audit(cells, [Identity("合计", (("甲", 1), ("乙", 1), ("丙", 1)))])
    assert not found.repaired
    assert {"甲", "乙"} <= found.suspected
    assert not found.confirmed


def test_nothing_written_is_no_kind():
    assert classify([written("今天天气很好", "没有什么可读的")])[0] == "other"


def paper(number: int, kind: str, **said: str) -> Paper:
    return Paper(kind, {code: Said(number * 100 + at, value) for at, (code, value) in enumerate(said.items())})


LICENCE = paper(1, "licence", legal_name="甲公司", uscc="91A", legal_representative="刘恒")


@pytest.mark.parametrize(
    ("other", "about"),
    [
        (paper(2, "certificate", legal_name="甲 公司", uscc="91A", legal_representative="刘恒"), []),
        (paper(2, "certificate", legal_name="乙公司"), ["企业名称"]),
        (paper(2, "certificate", uscc="91B", legal_representative="王强"), ["统一社会信用代码", "法定代表人"]),
        (paper(2, "balance", legal_name="丙公司"), ["企业名称"]),
        (paper(2, "contract", party_a="乙公司", party_b="丙公司"), ["当事人里没有本企业"]),
        (paper(2, "contract", party_a="乙公司", party_b="甲公司"), []),
        (paper(2, "invoice", buyer_name="乙公司", seller_name="甲公司", seller_code="91C"), ["统一社会信用代码"]),
        (paper(2, "contract", starts_on="2026-01-01", ends_on="2026-12-31", contract_days="365"), []),
        (paper(2, "contract", starts_on="2026-01-01", ends_on="2026-12-31", contract_days="265"), ["工期与起止日期"]),
    ],
)
def test_papers_of_one_enterprise_are_held_against_each_other(other, about):
    assert [one.about for one in contradictions([LICENCE, other])] == about


def test_awards_contracts_and_years_contradict_by_amount_and_day():
    award_ = paper(1, "award", project="海棠大道", amount="100", awarded_on="2026-03-01")
    contract = paper(2, "contract", project="海棠大道", amount="101", signed_on="2026-02-01")
    assert len(contradictions([award_, contract])) == 2
    this = paper(3, "balance", period_end="2025-12-31", **{"资产总计|begin": "5", "资产总计|end": "9"})
    last = paper(4, "balance", period_end="2024-12-31", **{"资产总计|end": "6"})
    assert len(contradictions([this, last])) == 1
