"""What the page of a guarantee shows of its demands: a card, and the way to a new one."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand, Injunction, sides_in
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Link, Panel, register_panel


@register_panel
def demands_of(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Return the demands and orders to stop payment under an instrument; None for whoever has no part in claims."""
    if guarantee.state not in INSTRUMENT or not member.can("claims.view"):
        return None
    sides = sides_in(guarantee, member)
    links = []
    if guarantee.state == "in_force" and "beneficiary" in sides and member.can("claims.present"):
        links.append(Link(_("索赔"), reverse("claims:new", args=[guarantee.reference]), "law"))
    demands = list(Demand.objects.visible_to(member, at).filter(guarantee=guarantee).order_by("-pk"))
    injunctions = list(Injunction.objects.visible_to(member, at).filter(guarantee=guarantee).order_by("-pk"))
    stops = "guarantor" in sides and member.can("claims.examine") and guarantee.state != "released"
    if not demands and not injunctions and not stops:
        return Panel(links=tuple(links))
    rows = [{"demand": demand, "state": DEMAND.states[demand.state]} for demand in demands]
    context = {
        "case": guarantee, "rows": rows, "injunctions": injunctions, "stops": stops,
    }  # fmt: skip
    return Panel("claims/_panel.html", context, tuple(links))
