"""What is read from a notice: facts, each with its place in the text and whether it is sure. Nothing is invented.

A fact that is not sure is kept and shown as such; nobody is told of anything because of it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

CODES = {
    "project": _("项目名称"),
    "number": _("项目编号"),
    "lot_name": _("标段名称"),
    "lot_number": _("标段编号"),
    "buyer": _("招标人"),
    "agency": _("招标代理"),
    "winner": _("中标人"),
    "member": _("联合体成员"),
    "candidate": _("中标候选人"),
    "bidder": _("投标人"),
    "bid": _("投标报价"),
    "budget": _("预算或最高限价"),
    "amount": _("中标价"),
    "rate": _("中标费率"),
    "lowest": _("中标价下限"),
    "highest": _("中标价上限"),
    "price": _("报价原文"),
    "contract_days": _("工期"),
    "validity_days": _("投标有效期"),
    "opens_on": _("开标日期"),
    "award_on": _("定标日期"),
    "published_on": _("公告日期"),
    "publicity": _("公示期"),
    "deadline_days": _("提交期限"),
    "site": _("建设地点"),
    "guarantee": _("要求的担保"),
    "region": _("行政区划"),
    "trade": _("行业"),
}


@dataclass(frozen=True)
class Fact:
    """One thing that the notice says. `lot` counts from 0; `number`: 分 for amounts, days, rank of a candidate.

    `value` is what was understood (a legal name, a day as ISO, a rate as "0.97", a kind of guarantee, a code of
    `core.divisions` or `reading.trades`). `start`, `end`
    are in the page's text. `note` says in words why it is not sure, or what else belongs to it.
    """

    code: str
    value: str
    start: int
    end: int
    sure: bool = True
    lot: int = 0
    number: int | None = None
    note: str = ""
    of: str = ""  # of a bid: whose it is; of an amount: "offer" where it was told as an offer, not as the award


@dataclass(frozen=True)
class Reading:
    """Everything read from one page."""

    kind: str
    text: str
    facts: tuple[Fact, ...]

    @property
    def lots(self) -> int:
        """How many lots the facts speak of, at least one."""
        return max((fact.lot for fact in self.facts), default=0) + 1

    def all(self, *codes: str, lot: int | None = None) -> list[Fact]:
        """Return the facts of these codes, of one lot where `lot` is given, in reading order."""
        return [fact for fact in self.facts if fact.code in codes and (lot is None or fact.lot == lot)]

    def first(self, code: str, lot: int | None = None) -> Fact | None:
        """Return the first fact of `code`: of the lot, else of the notice as a whole."""
        for among in (self.all(code, lot=lot), self.all(code)):
            if among:
                return among[0]
        return None


def as_rows(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """Return facts as plain data, to be kept."""
    return [asdict(fact) for fact in facts]


def of_rows(rows: Iterable[dict[str, Any]]) -> tuple[Fact, ...]:
    """Return facts from plain data."""
    return tuple(Fact(**row) for row in rows)
