"""The pipeline by itself: tables read, figures right, nothing fitted outside the fold, same rows same bytes."""

import ast
import math
from pathlib import Path

import pytest

from xinshu.core.refusals import Invalid
from xinshu.scoring.grading import Flag, RuleSaid, grade_of
from xinshu.scoring.learning import drift, reading
from xinshu.scoring.learning.kinds import FEATURE, NUMBER, TARGET, Column

ARFF = "% a comment\n@relation r\n@attribute 'net profit / assets' numeric\n@attribute kind {a,b}\n@attribute y {0,1}\n"


def test_arff_reads_as_a_table_with_its_missing_values() -> None:
    sheet = reading.arff_sheet(ARFF + "@data\n0.5,'a',0\n?,b,1\n")

    looks = reading.look_at(sheet)

    assert sheet.names == ["net profit / assets", "kind", "y"]
    assert sheet.rows == [["0.5", "a", "0"], ["?", "b", "1"]]
    assert [(one.kind, one.missing) for one in looks] == [("number", 1), ("category", 0), ("number", 0)]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([["a", "a"], ["1", "2"]], "不止一次"),
        ([["a", ""], ["1", "2"]], "没有列名"),
        ([["a", "b"]], "没有数据"),
        ([["a", "b"], ["1", "2", "3"]], "第 2 行"),
        ([["a", "b" * 201], ["1", "2"]], "第 2 列的列名太长"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(cells: list[list[str]], words: str) -> None:
    if words == "没有列名":
        cells[0].append("c")
    with pytest.raises(Invalid) as refused:
        reading.sheet_of(cells)

    assert words in refused.value.message


@pytest.mark.parametrize("text", ["", "?", "NA", "nan", "-", "1e", "0x1", "一", "--3"])
def test_what_is_no_number_is_missing_and_never_zero(text: str) -> None:
    assert reading.number_of(text) is None


def test_everything_that_speaks_against_a_table_is_said() -> None:
    sheet = reading.Sheet(["x", "name", "y"], [["字", f"甲{n}", "0"] for n in range(60)] + [["字", "乙", "3"]])
    columns = [Column("x", "某数"), Column("name", "名称", "category"), Column("y", "违约", NUMBER, TARGET)]

    found = " ".join(reading.problems_of(sheet, columns, "1"))

    for words in ("没有取值“1”", "数据太少：61 行", "像名称而不是类别", "多数不是数字"):
        assert words in found
    assert "一列为“是否违约”" in reading.problems_of(sheet, [Column("x", "x", NUMBER, FEATURE)], "1")[0]


def test_psi_is_what_the_formula_says_and_missing_is_a_bin_of_its_own() -> None:
    then = drift.baseline_of([1.0] * 50 + [2.0] * 50)
    moved = drift.psi(then, [1.0] * 80 + [2.0] * 20)
    absent = drift.psi(then, [None] * 50 + [1.0] * 25 + [2.0] * 25)

    assert moved == pytest.approx(0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5), abs=1e-9)
    assert drift.psi(then, [1.0] * 50 + [2.0] * 50) == 0
    assert drift.level_of(absent) == "danger"
    assert drift.psi(drift.baseline_of(["甲"] * 90 + ["乙"] * 10), ["丙"] * 100) > 1


@pytest.mark.parametrize(
    ("probability", "rules", "serious", "grade"),
    [
        (0.005, [], False, "A"), (0.02, [], False, "B"), (0.02, ["ask"], False, "C"), (0.02, ["ask"], True, "D"),
        (0.005, ["fails"], False, "E"), (0.5, ["ask"], True, "E"), (None, [], True, ""), (None, ["ask"], False, ""),
        (None, ["fails"], False, "E"), (0.02, ["meets"], False, "B"),
    ],
)  # fmt: skip
def test_a_grade_is_the_probability_lowered_by_rules_and_contradictions(
    probability: float | None, rules: list[str], serious: bool, grade: str
) -> None:
    said = [RuleSaid("规则", 1, outcome, "", "R") for outcome in rules]

    assert grade_of(probability, said, [Flag("矛盾", "说明", serious)])[0] == grade


def test_figures_are_what_they_are_called_and_the_curve_mends_what_is_too_sure() -> None:
    import numpy as np

    from xinshu.scoring.learning.calibrating import fit_curve, probability_at
    from xinshu.scoring.learning.figures import auc, brier, figures_of, ks

    chance = np.random.default_rng(7)
    odds = chance.normal(-2, 1.5, 4000)
    y = (chance.random(4000) < 1 / (1 + np.exp(-odds))).astype(float)
    rough = np.round(odds, 1)  # with ties
    curve = fit_curve(odds * 4 + 1, y)  # a model that is four times too sure

    above = np.sign(rough[y == 1][:, None] - rough[y == 0][None, :])  # every pair of a default and a good case

    assert auc(y, rough) == pytest.approx(float((above + 1).mean() / 2), abs=1e-12)
    assert brier(np.array([1.0, 0.0]), np.array([0.5, 0.1])) == pytest.approx(0.13)
    assert ks(np.array([0.0, 0, 1, 1]), np.array([1.0, 2, 3, 4])) == 1
    assert curve[0] == pytest.approx(0.25, abs=0.03)
    assert figures_of(y, probability_at(odds * 4 + 1, curve))["gap"] < 0.02


def test_the_same_rows_give_the_same_bytes_and_reasons_add_up_to_the_score() -> None:
    import numpy as np

    from xinshu.scoring.learning import preparing
    from xinshu.scoring.learning.boosting import fit_boosted, folds_of
    from xinshu.scoring.learning.model import Model, finished, score_one

    chance = np.random.default_rng(3)
    a, b = chance.normal(50, 10, 900), chance.normal(50, 10, 900)
    y = ((a - b + chance.normal(0, 4, 900)) > 11).astype(float)
    b[chance.random(900) < 0.1] = np.nan
    words = np.array([None if n % 9 == 0 else "甲乙"[n % 2] for n in range(900)], dtype=object)
    columns = (Column("a", "负债"), Column("b", "资产"), Column("w", "地区", "category"))
    frame = preparing.Frame(columns, (a, b, words))
    few = {"trees": 30, "look_trees": 10, "inner_folds": 2}
    one, two = (finished(frame, fit_boosted(frame, y, parameters=few), a / 100) for _n in range(2))
    again = Model.from_bytes(one.to_bytes())
    scored = score_one(again, {"a": 70.0, "b": None, "w": "没有见过"})
    whole = sum(reason.adds for reason in scored.reasons) + scored.start

    assert y.sum() >= 100
    assert one.to_bytes() == two.to_bytes()
    assert ("-" in {how for _a, _b, how in one.trained.pairs}) is True
    assert scored.missing == ("资产",)
    assert {reason.label for reason in scored.reasons if reason.value is None} == {"资产"}
    assert math.log(scored.probability / (1 - scored.probability)) == pytest.approx(whole, abs=0.35)
    learned, left = folds_of(y, 5, 0)[0]
    assert not set(learned.tolist()) & set(left.tolist())


def test_pairs_are_coarse_so_that_rounding_says_nothing() -> None:
    import numpy as np

    from xinshu.scoring.learning.preparing import pair_matrix

    plain = np.array([[100.0, 100.1], [100.0, 120.0], [np.nan, 1.0], [5.0, 0.0]])

    found = pair_matrix(plain, [(0, 1, "-"), (0, 1, "/")])

    assert found[0].tolist() == [0.0, 1.0]
    assert found[1, 0] == -20.0
    assert np.isnan(found[2]).all()
    assert np.isnan(found[3, 1])


def test_the_scorecard_is_added_up_by_hand() -> None:
    from xinshu.scoring.learning.model import Model, score_one
    from xinshu.scoring.tests.conftest import card_by_hand

    model = Model.from_bytes(card_by_hand()[0])

    low = score_one(model, {"debt_ratio": 40.0, "kind": "投标保函"})
    none = score_one(model, {"debt_ratio": None, "kind": None})

    assert (low.points, none.points) == (608, 560)
    assert low.probability == pytest.approx(1 / (1 + 50 * 2 ** (8 / 20)))
    assert set(none.missing) == {"资产负债率", "保函类型"}


def test_no_page_loads_the_libraries() -> None:
    root = Path(__file__).resolve().parents[1]
    heavy = {"numpy", "lightgbm", "sklearn", "optbinning", "pandas", "scipy"}
    plain = {"kinds.py", "reading.py", "drift.py", "__init__.py"}
    for path in root.rglob("*.py"):
        if "tests" in path.parts or (path.parent.name == "learning" and path.name not in plain):
            continue
        for node in ast.parse(path.read_text()).body:
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                inner = name.removeprefix("xinshu.scoring.learning.")
                assert name.partition(".")[0] not in heavy, path
                assert inner == name or f"{inner}.py" in plain, path
