"""The language of keywords: what a line says, and where it cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.subscriptions.engine.language import DEEPEST, Unreadable, holds, in_words, parse, wanted_of, words_of
from xinshu.subscriptions.engine.words import normalise

TEXT = normalise("临港新区海棠大道道路施工项目，EPC 总承包，非开挖顶管")
TRUE = (
    "道路", "道路 施工", "道路 and 施工", "道路 与 施工", "道路 且 施工", "道路 AND 施工", "桥梁 or 道路", "ＥＰＣ",
    "桥梁 或 道路", "(道路 or 桥梁) 施工 not 监理", "（道路 或 桥梁）与 施工 非 监理", "not 监理", "epc",
    "not not 道路", "非开挖", '"道路施工"', "“道路施工”", "桥梁 or 道路 施工", "! 监理", "(((道路)))", "EPC总承包",
    "桥梁 非 监理 or 道路",
)  # fmt: skip
FALSE = (
    "桥梁", "道路 桥梁", "道路 not 施工", "not (桥梁 or 道路)", "(道路 or 桥梁) 监理", "桥梁 or 道路 监理",
    '"道路 监理"',
)  # fmt: skip
WRONG = (
    # line                  place  why
    ("道路 and",             7, "缺少关键词"),
    ("or 道路",              1, "“or”的位置应是关键词"),
    ("道路 or or 桥梁",       7, "“or”的位置应是关键词"),
    ("(道路 or 桥梁",         1, "括号没有配对"),
    ("道路)",                3, "多了一个右括号"),
    ("道路 ()",              5, "右括号前面缺少关键词"),
    ('道路 "桥梁',            4, "引号没有配对"),
    ("道路 路",               4, "至少 2 个字"),
    ("道路 ……！",             4, "里没有字"),
    ("not",                 4, "缺少关键词"),
    ("长" * 31,              1, "不超过 30 个字"),
    ("道路 " * 101,         301, "分成几条"),
    ("(" * (DEEPEST + 1),   13, "层以上"),
    (" ".join(f"词{n:02}" for n in range(21)), 81, "超过 20 个关键词"),
)  # fmt: skip


@pytest.mark.parametrize("line", TRUE)
def test_what_a_line_finds(line: str) -> None:
    assert holds(parse(line), lambda word: word in TEXT)


@pytest.mark.parametrize("line", FALSE)
def test_what_a_line_does_not_find(line: str) -> None:
    assert not holds(parse(line), lambda word: word in TEXT)


@pytest.mark.parametrize(("line", "place", "why"), WRONG)
def test_a_line_that_cannot_be_read_is_refused_with_the_place(line: str, place: int, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as refused:
        parse(line)

    assert refused.value.position == place
    assert str(refused.value).startswith(f"第 {place} 个字")


def test_nothing_typed_asks_for_nothing() -> None:
    assert parse("  ") is None
    assert in_words(None) == "不限关键词"


def test_a_line_is_read_back_in_words() -> None:
    told = in_words(parse("(道路 or 桥梁) 施工 not 监理"))

    assert told == "（含“道路”，或含“桥梁”），且含“施工”，且不含“监理”"


def test_words_to_be_found_and_words_to_be_absent_are_told_apart() -> None:
    node = parse("(道路 or 桥梁) 施工 not (监理 or not 设计)")

    assert words_of(node) == ("道路", "桥梁", "施工", "监理", "设计")
    assert wanted_of(node) == {"道路", "桥梁", "施工", "设计"}


@given(st.text(st.sampled_from('道路ab ()（）"“”非与或! andornot\x00'), max_size=60) | st.text(max_size=80))
def test_any_line_is_read_or_refused(line: str) -> None:
    place, node = 1, None
    try:
        node = parse(line)
    except Unreadable as wrong:
        place = wrong.position

    assert 1 <= place <= len(line) + 1
    assert node is None or words_of(node)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("中 标 结果", "中标结果"), ("ＡＢＣ　１２３", "abc 123"), ("EPC 总承包 A B", "epc总承包a b"),
        ("甲\r\n \n\t乙", "甲\n乙"), ("道\u200b路\ufeff", "道路"), ("a\x00b\ud800", "ab"), ("", ""), ("（一）", "(一)"),
    ],
)  # fmt: skip
def test_texts_compare_without_what_does_not_count(written: str, compared: str) -> None:
    assert normalise(written) == compared
