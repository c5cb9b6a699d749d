"""What follows: announcements whose time is over are noted as taken down. Until then nobody sees them anyway."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal
from xinshu.ledger.reactions import every_night
from xinshu.portal.bulletins.actions import take_down_bulletin
from xinshu.portal.models import Bulletin


@every_night
def take_down_ended(on: date, at: datetime) -> None:
    """Record the end of every announcement whose display is over, at the moment when it was."""
    over = Bulletin.objects.filter(state="published", shown_until__lte=at)
    for bulletin in over.order_by("pk").iterator():
        try:
            take_down_bulletin(bulletin, by=SYSTEM, at=bulletin.shown_until or at, reason=_("展示时间已到"))
        except Refusal:  # somebody has just changed it: the next night looks again
            continue
