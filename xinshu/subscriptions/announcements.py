"""Who hears of what a subscription found, in which words. One notice per person and announcement, whatever dies.

The key is that of `tenders.announcements.push`: who hears of an award as business of a customer hears of it once.
What a second source tells is merged into the first notice.
"""

from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL
from xinshu.messaging.notices import notify_members
from xinshu.subscriptions.lifecycle import VIEW
from xinshu.subscriptions.models import Hit
from xinshu.tenders.retelling import telling_name

WELL = 80  # points from which a match is important
STRONG = Announcement(
    "announcement.compared", "strong", VIEW, "info", "WP", HIGH,
    lazy("订阅“%(name)s”高度匹配（%(score)s 分）：%(title)s"),
)  # fmt: skip
USUAL = Announcement(
    "announcement.compared", "usual", VIEW, "info", "WP", NORMAL,
    lazy("订阅“%(name)s”有新公告（%(score)s 分）：%(title)s"),
)  # fmt: skip
declare(
    (STRONG, USUAL),
    {"name": "临港市政道路", "score": "85", "title": "临港新区海棠大道市政工程施工招标公告"},
    {"strong": lazy("订阅人（高度匹配）"), "usual": lazy("订阅人")},
    lazy("订阅"),
)


def tell(entry: Entry, person: Member, matches: Sequence[Hit]) -> None:
    """Tell one person of one announcement: their subscriptions that found it (best first) are named together."""
    best = matches[0]
    announcement = best.announcement
    name = best.subscription.name
    if len(matches) > 1:
        name = _("%(name)s等 %(n)d 条") % {"name": name, "n": len(matches)}
    row = STRONG if best.score >= WELL else USUAL
    words = {"name": name, "score": str(best.score), "title": announcement.title[:120]}
    with transaction.atomic():
        notify_members(
            [person], str(row.text) % words, link=reverse("tenders:detail", args=[announcement.reference]),
            tone=row.tone, subject=announcement, key=f"announcement:{announcement.pk}", at=entry.at, kind=row.code,
            values=words, score=best.score, merge=telling_name(announcement),
        )  # fmt: skip
