"""What each check says, as a table: of papers in order, and of each way in which they are not."""

from dataclasses import replace
from datetime import date

import pytest

from xinshu.certification.checks import AGREES, DIFFERS, UNKNOWN, Handed, Known, findings
from xinshu.certification.registry import Word

TODAY = date(2026, 11, 20)
IN_ORDER = Handed(
    "云州新禾建设有限公司", "91990100MADEM00K08", "云州新禾建设有限公司", "91990100MADEM00K08", "李新禾",
    "11010519491231002X", None, None, date(2026, 1, 1), date(2027, 1, 1),
)  # fmt: skip
READ = {
    "licence": {
        "legal_name": "云州新禾建设有限公司", "uscc": "91990100MADEM00K08", "legal_representative": "李新禾",
    },
    "representative": {"name": "李新禾", "number": "11010519491231002X"},
    "authorisation": {"legal_name": "云州新禾建设有限公司"},
}  # fmt: skip
ALL = dict.fromkeys(("name", "uscc", "representative", "number"), True)
SURE = Known(Word(ALL, active=True), read=READ)


def _said(handed: Handed = IN_ORDER, known: Known = SURE) -> dict[str, str]:
    return {code: result for code, _item, result, _words, _source in findings(handed, known, TODAY)}


def test_papers_in_order_agree_in_every_check() -> None:
    assert set(_said().values()) == {AGREES}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"legal_name": "云州新和建设有限公司"}, "name"),
        ({"uscc": "91990100MADEM00K09"}, "code"),
        ({"organisation_uscc": "91990100MADEM001XX"}, "code"),
        ({"licence_until": date(2026, 11, 19)}, "licence_term"),
        ({"number": "110105194912310021"}, "number"),
        ({"number": "110105201012310016"}, "number"),
        ({"id_until": date(2020, 1, 1)}, "card_term"),
        ({"authorised_until": date(2026, 11, 19)}, "authorised"),
        ({"authorised_from": date(2026, 11, 21)}, "authorised"),
        ({"representative": "李新和"}, "licence_read"),
    ],
)
def test_each_fault_is_found_by_its_own_check(change: dict[str, object], check: str) -> None:
    assert _said(replace(IN_ORDER, **change))[check] == DIFFERS  # type: ignore[arg-type]


def test_the_last_day_of_a_paper_still_counts_and_brackets_are_compared_in_one_width() -> None:
    handed = replace(IN_ORDER, licence_until=TODAY, legal_name="云州（新禾）公司", organisation_name="云州(新禾)公司")

    assert {_said(handed)[code] for code in ("licence_term", "name")} == {AGREES}


@pytest.mark.parametrize(
    ("word", "differs"),
    [
        (Word({**ALL, "representative": False}, active=True), {"registered"}),
        (Word({**ALL, "number": False}, active=True), {"person"}),
        (Word(ALL, active=False), {"in_business"}),
    ],
)
def test_what_the_register_denies_differs(word: Word, differs: set[str]) -> None:
    assert {code for code, result in _said(known=replace(SURE, word=word)).items() if result == DIFFERS} == differs


def test_a_silent_register_and_an_unread_picture_decide_nothing() -> None:
    said = _said(known=Known(None, "没有答复"))

    assert {code for code, result in said.items() if result == UNKNOWN} == {
        "registered", "in_business", "person", "licence_read", "card_read", "authority_read",
    }  # fmt: skip
    assert DIFFERS not in said.values()


def test_a_register_that_does_not_speak_of_an_element_leaves_it_open() -> None:
    assert _said(known=replace(SURE, word=Word({"name": True}, None)))["person"] == UNKNOWN
