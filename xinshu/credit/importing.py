"""A workbook of list entries: every row is checked before any is proposed; a second person confirms, as for one."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, Refusal
from xinshu.credit.actions.lists import EFFECTS, Wanted, propose_entry
from xinshu.credit.kinds import APPLICANT
from xinshu.credit.models import ListEntry
from xinshu.documents.sheets import cells_of

MOST, LARGEST = 500, 4 * 1024 * 1024
HEADS = ("企业", "名单", "理由", "依据", "自", "至")  # those of the export
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COLOURS = {str(label): str(code) for code, label in ListEntry.Colour.choices}
_COLOURS |= {label.removesuffix(tail): code for label, code in _COLOURS.items() for tail in ("名单", "企业名单")}


@dataclass(frozen=True)
class Row:
    """One row: where it stands, what was typed, what it asks for, what is wrong with it in words ("": nothing)."""

    number: int
    typed: tuple[str, ...]
    wanted: Wanted | None
    fault: str = ""


def rows_of(content: bytes, name: str, on: date) -> list[Row]:
    """Return the rows of a sheet. Raises Invalid for what is no such sheet. Two queries for all firms."""
    cells = cells_of(content, name, rows=MOST + 2, largest=LARGEST)
    place = next((at for at, row in enumerate(cells[:3]) if {"企业", "名单"} <= {cell.strip() for cell in row}), None)
    if place is None:
        raise _refused(_("没有找到“企业”和“名单”这两列。"), _("列名用：%(names)s。") % {"names": "、".join(HEADS)})
    heads = [cell.strip() for cell in cells[place]]
    at = {head: heads.index(head) for head in HEADS if head in heads}
    lines = [
        (number, tuple(row[at[head]].strip() if head in at and at[head] < len(row) else "" for head in HEADS))
        for number, row in enumerate(cells[place + 1 :], place + 2)
    ]
    lines = [(number, typed) for number, typed in lines if any(typed)]
    if not lines or len(lines) > MOST:
        raise _refused(_("表里要有 1 到 %(most)s 行。") % {"most": MOST}, _("行数更多的请分几次导入。"))
    names = {typed[0] for _number, typed in lines}
    firms = {one.name: one for one in Organisation.objects.filter(name__in=names).order_by("-pk")}
    codes = {name.upper() for name in names}
    firms |= {one.uscc: one for one in Organisation.objects.filter(uscc__in=codes) if one.uscc}
    return [_row(number, typed, firms, on) for number, typed in lines]


def _row(number: int, typed: tuple[str, ...], firms: dict[str, Organisation], on: date) -> Row:
    firm = firms.get(typed[0]) or firms.get(typed[0].upper())
    colour = _COLOURS.get(typed[1], "")
    since, until = _day(typed[4]) if typed[4] else on, _day(typed[5])
    if firm is None:
        return Row(number, typed, None, _("没有找到这家企业：填登记的全称或统一社会信用代码"))
    if not colour:
        return Row(number, typed, None, _("没有这种名单"))
    if since is None or until is None:
        return Row(number, typed, None, _("日期写成 2026-12-31 这样"))
    return Row(number, typed, Wanted(firm, APPLICANT, colour, EFFECTS[colour][0], typed[2], typed[3], since, until))


def _day(typed: str) -> date | None:
    found = _DAY.fullmatch(typed)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


class Faulty(Exception):
    """Some rows are wrong; nothing was proposed."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(len(rows))
        self.rows = rows


@transaction.atomic
def propose_rows(rows: list[Row], *, by: Member, at: datetime) -> int:
    """Propose every row, or none: raises Faulty with what is wrong, row by row. Returns how many."""
    faulty = [row for row in rows if row.fault]
    for row in rows:
        if row.wanted is None:
            continue
        try:
            propose_entry(row.wanted, by=by, at=at)
        except Refusal as refusal:
            faulty.append(Row(row.number, row.typed, None, _words(refusal)))
    if faulty:
        raise Faulty(sorted(faulty, key=lambda row: row.number))
    return len(rows)


def _words(refusal: Refusal) -> str:
    fields = getattr(refusal, "fields", None) or {}
    return "；".join(str(words) for words in fields.values()) or str(refusal.message)


def rows_in(content: bytes, name: str, at: datetime) -> list[Row]:
    """Return the rows as they are to be proposed at `at`."""
    return rows_of(content, name, local_day(at))


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
