"""Every layout is read as a person would read it; what is doubtful is not sure, and every span points at its words."""

import pytest

from xinshu.core.money import yuan
from xinshu.tenders.reading.pages import read_page
from xinshu.tenders.tests.layouts import NOTICES

EXCLUSIVE = {"winner", "member", "candidate", "bidder", "bid", "amount", "rate", "lowest", "highest"}


def said(fact):
    match fact.code:
        case "amount" | "lowest" | "highest" | "budget":
            return yuan(fact.number).replace(",", "")
        case "candidate" | "bidder":
            return f"{fact.number or 0} {fact.value}"
        case "bid":
            return f"{fact.of} {yuan(fact.number).replace(',', '') if fact.number is not None else fact.value}"
        case "rate":
            return f"{fact.value.rstrip('0')}"
        case "contract_days" | "validity_days":
            return str(fact.number)
        case _:
            return fact.value


@pytest.mark.req("BH-12")
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.name)
def test_layout(notice):
    reading = read_page(notice.body, notice.title)
    wanted = {line if line[0].isdigit() else f"0 {line}" for line in notice.told.splitlines()}
    sure = {f"{fact.lot} {fact.code} {said(fact)}": fact.code for fact in reading.facts if fact.sure}

    assert reading.kind == notice.kind
    assert wanted <= set(sure)
    assert {line for line, code in sure.items() if code in EXCLUSIVE} <= wanted
    assert all(0 <= fact.start < fact.end <= len(reading.text) for fact in reading.facts)
