"""Who hears of an award, in which words and by which channels. Once per announcement and person, whatever dies."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.core.money import yuan
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL
from xinshu.messaging.notices import notify_members
from xinshu.tenders.lifecycle import FOLLOW
from xinshu.tenders.models import Opportunity
from xinshu.tenders.told import amount_in, award_name

CUSTOMER = Announcement(
    "opportunity.pushed", "institution", FOLLOW, "info", "SMWP", HIGH,
    gettext_lazy("%(firm)s中标：%(title)s，%(amount)s。可以发起保函。"),
)  # fmt: skip
OWN = Announcement(
    "opportunity.pushed", "winner", FOLLOW, "info", "MWP", NORMAL,
    gettext_lazy("本单位中标：%(title)s，%(amount)s。可以申请保函。"),
)  # fmt: skip
SAMPLES = {
    "firm": "云州恒达路桥工程有限公司",
    "title": "临港新区海棠大道市政工程中标结果公告",
    "amount": "中标价 48,620,000.00 元",
}
declare(
    (CUSTOMER, OWN), SAMPLES, {"institution": gettext_lazy("客户经理"), "winner": gettext_lazy("中标人")},
    gettext_lazy("中标动态"),
)  # fmt: skip


def push(entry: Entry, opportunity: Opportunity) -> int:
    """Tell the customer's manager (where there is none any more, all who do business there), or the winner's people.

    Returns how many were addressed. One key per announcement: who hears of two firms in it hears once.
    """
    own = opportunity.house_id == opportunity.firm_id
    row = OWN if own else CUSTOMER
    people = [one for one in Member.objects.acting().filter(organisation=opportunity.house) if one.can(row.permission)]
    if opportunity.manager_id in {one.pk for one in people}:
        people = [one for one in people if one.pk == opportunity.manager_id]
    announcement = opportunity.announcement
    fen = amount_in(opportunity.match)
    words = {
        "firm": opportunity.firm.name,
        "title": announcement.title[:120],
        "amount": _amount(fen),
    }
    return notify_members(
        people, str(row.text) % words, link=reverse("tenders:detail", args=[announcement.reference]), tone=row.tone,
        subject=announcement, key=f"announcement:{announcement.pk}", at=entry.at, kind=row.code, values=words,
        score=opportunity.score, merge=award_name(announcement),
    )  # fmt: skip


def _amount(fen: int | None) -> str:
    return _("金额见公告") if fen is None else _("中标价 %(yuan)s 元") % {"yuan": yuan(fen)}
