"""What pages show of it: offers on an announcement, and on a guarantee the announcement that it came of."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.guarantees.applying.reuse import usual_house
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee, Tariff
from xinshu.guarantees.origins.models import Origin
from xinshu.guarantees.origins.reading import can_begin, lot_of, needs_of
from xinshu.guarantees.panels import Panel, register_panel
from xinshu.tenders.models import Opportunity
from xinshu.tenders.offers import Offer, register_offers


@register_offers
def guarantees_needed(opportunity: Opportunity, member: Member, at: datetime) -> list[Offer]:
    """Return the guarantees that the award will need, with the way to apply for each."""
    if opportunity.match.revision != opportunity.announcement.latest:
        return []  # the source took the name back, or it was not found again
    own, may = opportunity.house_id == opportunity.firm_id, member.can("guarantees.apply")
    houses = _houses(member, at) if own and may else ()
    begun = (
        Guarantee.objects.visible_to(member, at).filter(origin__opportunity__match=opportunity.match_id).order_by("pk")
    )
    found = {need.kind: need for need in needs_of(lot_of(opportunity), local_day(at))}
    offers = []
    for kind, need in found.items():
        why_not = can_begin(kind)
        offers.append(
            Offer(
                code=kind,
                label=str(KINDS[kind].label),
                why=need.why,
                amount=need.amount,
                amount_why=need.amount_why,
                by_notice=need.by_notice,
                by_law=need.by_law,
                validity=_("%(from)s 至 %(to)s（%(why)s）")
                % {"from": need.starts, "to": need.ends, "why": need.validity}
                if need.ends
                else need.validity,
                deadline=need.deadline,
                action="" if why_not or not may else reverse("guarantees:from_award", args=[opportunity.reference]),
                why_not=why_not,
                choices=houses if not why_not else (),
                begun=tuple(
                    (LIFECYCLE.states[case.state].label, reverse("guarantees:detail", args=[case.reference]))
                    for case in begun
                    if case.kind == kind
                ),
            )
        )
    return offers


def _houses(member: Member, at: datetime) -> tuple[tuple[int, str, bool], ...]:
    usual = usual_house(member, at)
    houses = Organisation.objects.filter(active=True, pk__in=Tariff.objects.values("guarantor")).order_by("name")
    return tuple((one.pk, one.name, usual is not None and usual.guarantor_id == one.pk) for one in houses)


@register_panel
def where_from(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show applicant and guarantor which announcement an application came of, and where its fields came from."""
    if not guarantee.sides_of(member) & {"applicant", "guarantor"}:
        return None
    origin = origin_of(guarantee)
    return None if origin is None else Panel("guarantees/_origin.html", {"origin": origin}, beside=True)


def origin_of(guarantee: Guarantee) -> Origin | None:
    """Return where an application came from, None for one that was begun otherwise."""
    return Origin.objects.filter(guarantee=guarantee).select_related("announcement").first()
