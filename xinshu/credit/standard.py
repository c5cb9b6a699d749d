"""The cards that a draft begins with where there is none yet: the platform's proposal, for people to change."""

from typing import Any

from xinshu.credit.kinds import APPLICANT, GUARANTOR

Content = dict[str, Any]


def _items(*rows: tuple[str, int, int, int, int, int]) -> list[Content]:
    names = ("kind", "dimension", "points", "window", "half_life", "cap")
    return [dict(zip(names, row, strict=True)) for row in rows]


_BANDS = [
    {"least": 850, "label": "AAA", "tone": "ok"},
    {"least": 750, "label": "AA", "tone": "ok"},
    {"least": 650, "label": "A", "tone": "info"},
    {"least": 500, "label": "B", "tone": "warn"},
    {"least": 0, "label": "C", "tone": "danger"},
]
STANDARD: dict[str, Content] = {
    APPLICANT: {
        "dimensions": [
            {"name": "履约", "weight": 40, "base": 65},
            {"name": "清偿", "weight": 35, "base": 70},
            {"name": "诚信", "weight": 25, "base": 80},
        ],
        "items": _items(
            #  kind               dimension  points  window  half-life  cap
            ("honoured",          0,         5,      1095,   365,       35),
            ("released",          0,         4,      1095,   365,       30),
            ("defaulted",         0,         -25,    1825,   730,       60),
            ("fee_late",          1,         -4,     730,    180,       20),
            ("recovered",         1,         6,      1095,   365,       20),
            ("recovered_late",    1,         -12,    1095,   365,       40),
            ("written_off",       1,         -40,    1825,   0,         80),
            ("false_papers",      2,         -50,    1825,   0,         0),
            ("baseless_claim",    2,         -20,    1095,   365,       60),
            ("contract_honoured", 2,         10,     1095,   0,         20),
        ),
        "bands": _BANDS,
    },
    GUARANTOR: {
        "dimensions": [
            {"name": "索赔答复", "weight": 40, "base": 70},
            {"name": "代偿", "weight": 40, "base": 75},
            {"name": "合规", "weight": 20, "base": 90},
        ],
        "items": _items(
            ("answered",      0, 4,   1095, 365, 30),
            ("answered_late", 0, -15, 1095, 365, 60),
            ("overturned",    0, -20, 1825, 730, 60),
            ("paid",          1, 6,   1095, 365, 25),
            ("paid_late",     1, -25, 1825, 730, 75),
            ("misconduct",    2, -40, 1825, 0,   0),
        ),
        "bands": _BANDS,
    },
}  # fmt: skip
