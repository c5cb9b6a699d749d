"""The card of the risk grade beside a case, for the people of its guarantor who may see models."""

from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Panel, register_panel
from xinshu.scoring.actions.scores import scores_of
from xinshu.scoring.lifecycle import VIEW
from xinshu.scoring.queries import shown_score


@register_panel
def risk_panel(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show the newest score; None to everybody but the guarantor's own people, and before there is one."""
    if member.organisation_id != guarantee.guarantor_id or not member.can(VIEW):
        return None
    score = scores_of(guarantee, guarantee.guarantor_id).first()
    return None if score is None else Panel("scoring/_card.html", {"score": shown_score(score)}, beside=True)
