"""Who hears of a proposal: the house's account managers when it is made, whoever may propose when it is decided."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from xinshu.insights.lifecycle import ADOPT, EDIT
from xinshu.insights.models import Proposal
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import NORMAL

MANAGERS, PROPOSERS = "managers", "proposers"
ANNOUNCEMENTS = (
    #            after what           whom       who    tone    channels priority what they read
    Announcement("discount.proposed", MANAGERS,  ADOPT, "warn", "WP", NORMAL,
                 lazy("建议给%(firm)s“%(tier)s”优惠，请负责的客户经理%(manager)s核定。")),
    Announcement("discount.adopted",  PROPOSERS, EDIT,  "ok",   "",   NORMAL,
                 lazy("%(manager)s已核定%(firm)s的“%(tier)s”优惠。")),
    Announcement("discount.declined", PROPOSERS, EDIT,  "info", "",   NORMAL,
                 lazy("%(manager)s没有采纳%(firm)s的“%(tier)s”优惠建议。")),
)  # fmt: skip
SAMPLES = {"firm": "云州恒达路桥工程有限公司", "tier": "A 级", "manager": "林晓芸"}
declare(ANNOUNCEMENTS, SAMPLES, {MANAGERS: lazy("客户经理"), PROPOSERS: lazy("维护客群的人")}, lazy("优惠建议"))


def announce(entry: Entry) -> None:
    """Tell whomever the table names for this entry."""
    proposal = Proposal.objects.select_related("house", "firm", "decided_by__user").get(pk=entry.subject_id)
    kept = proposal.firm.enterprise.relations.filter(guarantor=proposal.house).select_related("manager__user").first()
    decided = proposal.decided_by
    manager = decided.user.name if decided is not None else kept.manager.user.name if kept is not None else ""
    words = {"firm": proposal.firm.name, "tier": proposal.tier_name, "manager": manager}
    for row in ANNOUNCEMENTS:
        if row.kind == entry.kind:
            row.send(
                proposal.house, words, link=reverse("insights:proposal", args=[proposal.reference]), subject=proposal,
                key=f"{row.code}:{proposal.pk}", at=entry.at, sealed_until=None,
            )  # fmt: skip
