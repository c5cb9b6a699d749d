"""What a guarantee's page shows of links: who was given one and what came of it, and the receipt of the letter."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Link, Panel, register_panel
from xinshu.links.actions.acknowledging import may_acknowledge
from xinshu.links.actions.sending import sends
from xinshu.links.queries import links_of, receipt_of


def may_send(guarantee: Guarantee, member: Member, at: datetime) -> bool:
    """Tell whether `member` may send one now: guarantor's signer or manager, applicant; in force, no secret."""
    if guarantee.state != "in_force" or guarantee.is_secret(at):
        return False
    return sends(guarantee, member)


@register_panel
def links_panel(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show the parties the links and the receipt; None before the issue, before the opening, and to strangers."""
    if guarantee.letter_id is None or guarantee.is_secret(at) or not guarantee.sides_of(member):
        return None
    rows, receipt = links_of(guarantee, member, at), receipt_of(guarantee)
    acknowledges = receipt is None and may_acknowledge(guarantee, member, at)
    sends = may_send(guarantee, member, at)
    link = Link(_("发办理链接"), reverse("links:send", args=[guarantee.reference]), "link")
    if not rows and not acknowledges and receipt is None:
        return Panel(links=(link,)) if sends else None
    context = {"case": guarantee, "rows": rows, "receipt": receipt, "acknowledges": acknowledges, "at": at}
    return Panel("links/_panel.html", context, (link,) if sends else ())
