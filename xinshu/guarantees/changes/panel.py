"""What a guarantee's page shows of its changes: those under way and past, and the ways to begin another."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.guarantees.actions.renewal import RENEWABLE
from xinshu.guarantees.changes.desk import WITH_RETURNS, page_of
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.models.changes import Change
from xinshu.guarantees.panels import Panel, register_panel
from xinshu.guarantees.terms_now import last_day

BEGIN = ("amend", "reduce", "surrender", "report_change")  # acts of the instrument that have a page of their own


@register_panel
def changes_panel(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show what has happened, and what this member may begin now; None where both are nothing."""
    rows = changes_of(guarantee, member, at)
    begin = [] if guarantee.is_secret(at) else [
        row for row in LIFECYCLE.possible(guarantee, member) if row.action in BEGIN
    ]  # fmt: skip
    renewable = may_renew(guarantee, member)
    heirs = list(Guarantee.objects.visible_to(member, at).filter(predecessor=guarantee).order_by("-pk")[:3])
    forebear = Guarantee.objects.visible_to(member, at).filter(successors=guarantee).first()
    ended = guarantee.state in INSTRUMENT and guarantee.state != "in_force"
    if not (rows or begin or renewable or heirs or forebear or ended):
        return None
    inside = bool(guarantee.sides_of(member) & {"applicant", "guarantor"})
    return Panel(
        "guarantees/_changes.html",
        {
            "case": guarantee,
            "rows": rows,
            "begin": [
                (label, reverse(f"guarantees:{action}", args=[guarantee.reference]))
                for action, label in {row.action: row.label for row in begin}.items()
            ],
            "renewable": renewable,
            "heirs": heirs,
            "forebear": forebear,
            "tail": inside and ended,
            "rolled": last_day(guarantee) if guarantee.state == "in_force" else None,
        },
    )


def may_renew(guarantee: Guarantee, member: Member) -> bool:
    return (
        guarantee.state in RENEWABLE
        and guarantee.kind not in SECRET
        and "applicant" in guarantee.sides_of(member)
        and member.can("guarantees.apply")
    )


def changes_of(guarantee: Guarantee, member: Member, at: datetime) -> list[dict[str, Any]]:
    """Return the changes of a guarantee that exist for `member`, newest first."""
    found: list[tuple[Change, Any]] = []
    for model, table, _page in WITH_RETURNS:
        mine = model.objects.visible_to(member, at).filter(guarantee=guarantee).select_related("guarantee")
        found += [(change, table.states[change.state]) for change in mine]
    found.sort(key=lambda row: (row[0].changed_at, row[0].pk), reverse=True)
    return [{"change": change, "state": state, "url": page_of(change), "what": str(change)} for change, state in found]
