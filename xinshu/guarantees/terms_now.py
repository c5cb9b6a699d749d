"""The terms of an instrument as they stand now: its letter, and what accepted amendments and reductions made of it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from xinshu.core.calendar import WorkingCalendar
from xinshu.core.capitals import capitals
from xinshu.core.money import yuan
from xinshu.guarantees.models import Guarantee
from xinshu.work.deadlines import calendar_of, calendars_of

NAMES = ("applicant", "beneficiary", "project", "project_number")  # what an amendment may word differently
LABELS = {
    "amount": "保函金额",
    "expires_on": "到期日",
    "applicant": "申请人名称",
    "beneficiary": "受益人名称",
    "project": "项目名称",
    "project_number": "项目编号",
}


def values_now(guarantee: Guarantee) -> dict[str, str]:
    """Return what the letter would say today, as letter values: names as amended, amount and days as they stand."""
    assert guarantee.amount is not None
    return {
        **{name: str(guarantee.letter_values.get(name, "")) for name in NAMES},
        **guarantee.worded,
        "amount": yuan(guarantee.amount),
        "amount_in_words": capitals(guarantee.amount),
        "effective_on": str(guarantee.effective_on),
        "expires_on": str(guarantee.expires_on),
    }


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (label, old, new) of every term in which two sets of letter values differ, in the letter's order."""
    return [
        (label, str(old.get(name, "")), str(new.get(name, "")))
        for name, label in LABELS.items()
        if old.get(name) != new.get(name)
    ]


def last_day(guarantee: Guarantee) -> date:
    """Return the last day on which a demand can be handed in.

    Where the stated day is no business day at the place of presentation, the guarantor's, it is the next one (URDG 758
    Art. 25d; 民法典 203).
    """
    return rolled(guarantee, calendar_of(guarantee.guarantor_id))


def rolled(guarantee: Guarantee, calendar: WorkingCalendar) -> date:
    """Return the last day by a calendar that is at hand already."""
    assert guarantee.expires_on is not None
    return calendar.roll_forward(guarantee.expires_on)


def last_days(guarantees: Iterable[Guarantee]) -> dict[int, date]:
    """Return the last day of each of several guarantees by its pk, in one query."""
    rows = list(guarantees)
    calendars = calendars_of({row.guarantor_id for row in rows})
    return {row.pk: rolled(row, calendars[row.guarantor_id]) for row in rows}
