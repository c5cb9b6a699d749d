"""What can be asked: submissions with their filters, and what a guarantee's page shows of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import moment
from xinshu.core.refusals import Unknown
from xinshu.exchange.models import Submission, Submissions
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Panel

VIEWS = {
    "": (lazy("全部"), Q()),
    "open": (lazy("未报送"), Q(state__in=("waiting", "sent"))),
    "returned": (lazy("被退回"), Q(state="returned")),
    "done": (lazy("已报送"), Q(state__in=("submitted", "filed"))),
}
PANEL_ROWS = 8


@dataclass(frozen=True)
class Search:
    """What the list is narrowed to; everything optional."""

    q: str = ""
    view: str = ""
    state: str = ""
    event: str = ""
    since: date | None = None
    until: date | None = None

    def found(self, member: Member, at: datetime) -> Submissions:
        """Return the submissions that exist for `member`, newest first."""
        rows = Submission.objects.visible_to(member, at).filter(VIEWS.get(self.view, VIEWS[""])[1])
        if self.q:
            rows = rows.filter(
                Q(guarantee__number__icontains=self.q)
                | Q(guarantee__project__name__icontains=self.q)
                | Q(destination_name__icontains=self.q)
                | Q(receipt__icontains=self.q)
                | Q(order=self.q)
            )
        if self.state:
            rows = rows.filter(state=self.state)
        if self.event:
            rows = rows.filter(event=self.event)
        if self.since:
            rows = rows.filter(created_at__gte=moment(self.since))
        if self.until:
            rows = rows.filter(created_at__lt=moment(self.until + timedelta(days=1)))
        return rows.select_related("guarantee__project", "guarantee__applicant", "receiver").order_by("-pk")


def submission_for(member: Member, reference: str, at: datetime) -> Submission:
    """Return one submission. Raises Unknown when it does not exist for `member`."""
    found = (
        Submission.objects.visible_to(member, at)
        .filter(reference=reference)
        .select_related("guarantee__project", "guarantee__applicant", "guarantee__guarantor", "receiver")
        .first()
    )
    if found is None:
        raise Unknown(_("没有找到这份报送。"), advice=_("请从报送记录进入。"))
    return found


def panel_of(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Return the card of submissions on a guarantee's page; None where there are none for `member`."""
    rows = list(
        Submission.objects.visible_to(member, at).filter(guarantee=guarantee).order_by("destination", "-number")
    )[:PANEL_ROWS]  # fmt: skip
    return Panel("exchange/_panel.html", {"rows": rows}, beside=True) if rows else None
