"""信用库 asked at every review: lists that hold for the applicant; score and band as facts of the house's rules.

The applicant reads the decision record, too: of the city's lists it has been told; that the house has one of its own it
does not learn, so what that says bears another rule and another name.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.credit.kinds import APPLICANT
from xinshu.credit.models import ListEntry, Record
from xinshu.credit.queries import lists_of, standing_of
from xinshu.credit.reckoning import points_text
from xinshu.credit.scores import explain
from xinshu.guarantees.judging.sources import register_source
from xinshu.guarantees.law.findings import APPROVAL, FAILS, MEETS, Finding
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Panel, register_panel

WORST = 3  # reasons shown on the card: what takes most


@register_source("credit", lazy("信用库"))
def ask_credit(guarantee: Guarantee, at: datetime) -> Iterator[Finding]:
    """Say which lists that hold stop an approval or want a person; a favour is for the house's rules to use."""
    entries = lists_of(guarantee.applicant_id, APPLICANT, guarantee.guarantor_id, local_day(at))
    label, found = _("名单"), False
    for entry in entries:
        if entry.effect in (ListEntry.Effect.FAVOUR, ListEntry.Effect.MARK):
            continue
        found, blocks = True, entry.effect == ListEntry.Effect.BLOCK
        if entry.owner_id is None:
            words = _("在全市%(list)s上，到 %(day)s 止：%(reason)s。") if blocks else _(
                "在全市%(list)s上，到 %(day)s 止：%(reason)s。由人审批。"
            )  # fmt: skip
            told = words % {
                "list": entry.get_colour_display(), "day": entry.valid_until.isoformat(), "reason": entry.reason,
            }  # fmt: skip
            rule, name = "credit.lists", label
        else:
            told = _("按保证人的内部核查不能批准。") if blocks else _("按保证人的内部核查由人审批。")
            rule, name = "credit.house", _("内部核查")
        yield Finding(rule, name, FAILS, told, stops=APPROVAL if blocks else "")
    if not found:
        yield Finding("credit.lists", label, MEETS, _("不在影响受理的名单上。"))


@register_panel
def credit_of_applicant(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Return the applicant's score, band and lists, with what took most, for the guarantor's people."""
    if "guarantor" not in guarantee.sides_of(member) or not member.can("credit.view"):
        return None
    record, entries = standing_of(guarantee.applicant, guarantee.guarantor_id, at)
    if record is None:
        return None
    found = explain(record, at)
    lines = [line for part in found[1].parts for line in part.lines] if found else []
    worst = sorted((line for line in lines if line.milli < 0), key=lambda line: line.milli)[:WORST]
    rows = {row.pk: row for row in record.behaviours.filter(pk__in=[line.act.key for line in worst])}
    context = {
        "record": record,
        "found": found[1] if found else None,
        "worst": [(rows[line.act.key], points_text(line.milli)) for line in worst],
        "good": sum(1 for line in lines if line.milli > 0),
        "lists": entries,
        "open": Record.objects.in_full_for(member).filter(pk=record.pk).exists(),
    }
    return Panel("credit/_panel.html", context, beside=True)
