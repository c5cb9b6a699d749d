"""Sums as a table: points that fade, caps, ends of dimensions, weights, bands; columns give what rows give."""

import random
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest

from xinshu.credit.columns import scores
from xinshu.credit.kinds import APPLICANT, GUARANTOR, kinds_of
from xinshu.credit.reckoning import Act, points_text, read_card, reckon, total
from xinshu.credit.standard import STANDARD
from xinshu.rules.engine.answers import Problems

ON = date(2026, 11, 21)
PLAIN: dict[str, Any] = {
    "dimensions": [{"name": "履约", "weight": 60, "base": 50}, {"name": "清偿", "weight": 40, "base": 80}],
    "items": [
        {"kind": "honoured", "dimension": 0, "points": 10, "window": 365, "half_life": 100, "cap": 25},
        {"kind": "defaulted", "dimension": 0, "points": -40, "window": 730, "half_life": 0, "cap": 0},
        {"kind": "recovered_late", "dimension": 1, "points": -30, "window": 365, "half_life": 0, "cap": 0},
    ],
    "bands": [{"least": 700, "label": "好", "tone": "ok"}, {"least": 0, "label": "差", "tone": "danger"}],
}


def acts(*told: tuple[str, int]) -> list[Act]:
    """Return acts of (kind, days ago)."""
    return [Act(number, kind, ON - timedelta(days=ago)) for number, (kind, ago) in enumerate(told)]


@pytest.mark.parametrize(
    ("told", "score", "dimensions"),
    [
        ([], 620, [50_000, 80_000]),  # 0.6 x 50 + 0.4 x 80, ten times
        ([("honoured", 0)], 680, [60_000, 80_000]),
        ([("honoured", 100)], 650, [55_000, 80_000]),  # one half-life
        ([("honoured", 365)], 625, [50_797, 80_000]),  # the last day of the window
        ([("honoured", 366)], 620, [50_000, 80_000]),
        ([("honoured", -1)], 620, [50_000, 80_000]),  # of tomorrow
        ([("honoured", 0)] * 5, 770, [75_000, 80_000]),  # no more than 25
        ([("defaulted", 500)] * 2, 320, [0, 80_000]),  # never below nothing
        ([("defaulted", 500), ("honoured", 0)], 440, [20_000, 80_000]),
        ([("recovered_late", 1)], 500, [50_000, 50_000]),
        ([("misconduct", 1)], 620, [50_000, 80_000]),  # the card does not name it
    ],
)
def test_a_score_is_what_the_card_says(told: Any, score: int, dimensions: list[int]) -> None:
    found = reckon(read_card(PLAIN, APPLICANT), acts(*told), ON)

    assert (found.score, [part.milli for part in found.parts]) == (score, dimensions)
    assert found.band.label == ("好" if score >= 700 else "差")


def test_the_lines_of_a_dimension_add_up_to_it() -> None:
    found = reckon(read_card(PLAIN, APPLICANT), acts(*[("honoured", 10)] * 4, ("defaulted", 3), ("defaulted", 9)), ON)

    for part in found.parts:
        lines = sum(line.milli for line in part.lines)
        assert part.dimension.base * 1000 + lines + part.capped + part.bounded == part.milli
    assert found.parts[0].capped < 0 < found.parts[0].bounded
    assert {line.until for line in found.parts[0].lines if line.act.kind == "honoured"} == {ON + timedelta(days=355)}


@pytest.mark.parametrize("side", [APPLICANT, GUARANTOR])
def test_columns_give_every_firm_what_rows_give_it(side: str) -> None:
    chance, card, kinds = random.Random(7), read_card(STANDARD[side], side), kinds_of(side)
    told = [
        (chance.randrange(60), chance.choice(kinds).code, ON - timedelta(days=chance.randrange(-3, 2400)))
        for _number in range(900)
    ]

    found = scores(card, range(60), told, ON)

    by_rows = [
        reckon(card, (Act(0, kind, day) for pk, kind, day in told if pk == subject), ON).score for subject in range(60)
    ]
    assert found == by_rows
    assert len(set(found)) > 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda card: card["dimensions"][0].update(weight=50), "100%"),
        (lambda card: card["dimensions"][0].update(base=101), "0 到 100"),
        (lambda card: card["dimensions"][0].update(name="清偿"), "不能重复"),
        (lambda card: card["items"][0].update(points=-1), "加分"),
        (lambda card: card["items"][0].update(window=0), "有效期"),
        (lambda card: card["items"][0].update(dimension=2), "维度"),
        (lambda card: card["items"][0].update(kind="misconduct"), "没有这种行为"),
        (lambda card: card["items"][1].update(kind="honoured"), "没有这种行为"),
        (lambda card: card["bands"][1].update(least=1), "0 分起"),
        (lambda card: card["bands"][0].update(least=0), "从高到低"),
        (lambda card: card["bands"].pop(), "2 到"),
        (lambda card: card.update(dimensions=[]), "1 到"),
    ],
)
def test_what_is_no_card_is_said_at_its_place(change: Any, words: str) -> None:
    card = deepcopy(PLAIN)
    change(card)

    with pytest.raises(Problems, match=words):
        read_card(card, APPLICANT)


def test_points_are_told_with_their_sign() -> None:
    assert [points_text(milli) for milli in (1_500, -25_000, 4, 0, -797)] == [
        "+1.50",
        "-25.00",
        "0.00",
        "0.00",
        "-0.80",
    ]
    assert (total([(100, 100_000)]), total([(50, 50), (50, 0)])) == (1000, 0)
