"""Ties as Excel: each line with its source; names of persons covered for who may not read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.classification import REVEAL
from xinshu.core.masking import person
from xinshu.enterprises.models import Enterprise
from xinshu.ledger.exports import Column, Export, export_sheet
from xinshu.ties.analysis import words_of
from xinshu.ties.models import Node, Tie
from xinshu.web.words import day

_PLAIN = "ties.Tie.label"


@dataclass(frozen=True)
class Row:
    """One tie with the names of its ends as the reader may see them."""

    tie: Tie
    source: str
    target: str


COLUMNS = (
    Column(lazy("从"), 32, _PLAIN, lambda row: row.source),
    Column(lazy("关系"), 14, _PLAIN, lambda row: str(row.tie.get_kind_display())),
    Column(lazy("到"), 32, _PLAIN, lambda row: row.target),
    Column(lazy("内容"), 22, _PLAIN, lambda row: words_of(row.tie)),
    Column(
        lazy("金额（元）"), 18, "ties.Tie.amount", lambda row: row.tie.amount / 100 if row.tie.amount else None,
        money=True,
    ),
    Column(lazy("自"), 12, _PLAIN, lambda row: day(row.tie.valid_from)),
    Column(lazy("至"), 12, _PLAIN, lambda row: day(row.tie.valid_until) if row.tie.valid_until else ""),
    Column(lazy("来源"), 36, _PLAIN, lambda row: f"{row.tie.get_origin_display()} {row.tie.label}"),
)  # fmt: skip


def export_ties(enterprise: Enterprise, ties: Iterable[Tie], *, by: Member, at: datetime) -> Export:
    """Return these ties as a workbook. Raises NotPermitted while exports are stopped."""
    reveals = by.can(REVEAL)

    def name(node: Node) -> str:
        return node.name if reveals or node.kind == Node.Kind.FIRM else person(node.name)

    rows = (Row(tie, name(tie.source), name(tie.target)) for tie in ties)
    return export_sheet(_("关联关系"), COLUMNS, rows, kind="tie.exported", subject=enterprise, by=by, at=at)
