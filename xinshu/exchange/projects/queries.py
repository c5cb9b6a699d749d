"""What can be asked: what came, what went, what differs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.refusals import Unknown
from xinshu.exchange.models import Arrival, Difference, ProjectMessage, ProjectRecord

VIEWS = {"": lazy("收到的"), "differ": lazy("有差异"), "sent": lazy("送出的")}


@dataclass(frozen=True)
class Search:
    """What a list is narrowed to; everything optional. `source`: a source's id."""

    q: str = ""
    view: str = ""
    source: int | None = None
    state: str = ""

    def found(self, member: Member, at: datetime) -> QuerySet[Any]:
        """Return the rows of the view that exist for `member`, what waits for somebody first."""
        return {"sent": self.sent, "differ": self.differing}.get(self.view, self.came)(member, at)

    def came(self, member: Member, at: datetime) -> QuerySet[ProjectRecord]:
        """Return what sources have told, with how many differences wait for the member's house."""
        rows = ProjectRecord.objects.visible_to(member)
        if self.q:
            rows = rows.filter(Q(name__icontains=self.q) | Q(number__icontains=self.q) | Q(external_id=self.q))
        if self.source:
            rows = rows.filter(source=self.source)
        mine = Q(differences__project__registered_by=member.organisation_id, differences__state="open")
        torn = Arrival.objects.filter(record=OuterRef("pk"), outcome="conflict", record__source=member.organisation_id)
        rows = rows.annotate(waiting=Count("differences", filter=mine), torn=Exists(torn))
        return rows.select_related("source").order_by("-changed_at", "-pk")

    def differing(self, member: Member, at: datetime) -> QuerySet[Difference]:
        """Return where a source and the member's house do not say the same."""
        rows = Difference.objects.visible_to(member)
        rows = rows.filter(state=self.state or "open")
        if self.q:
            rows = rows.filter(Q(project__name__icontains=self.q) | Q(project__number__icontains=self.q))
        if self.source:
            rows = rows.filter(record__source=self.source)
        return rows.select_related("record__source", "project").order_by("project_id", "record_id", "pk")

    def sent(self, member: Member, at: datetime) -> QuerySet[ProjectMessage]:
        """Return what receivers were told, the newest first."""
        rows = ProjectMessage.objects.visible_to(member, at)
        if self.q:
            rows = rows.filter(
                Q(project__name__icontains=self.q) | Q(project__number__icontains=self.q) | Q(receipt__icontains=self.q)
            )
        if self.state:
            rows = rows.filter(state=self.state)
        return rows.select_related("project", "receiver").order_by("-pk")


def record_for(member: Member, reference: str) -> ProjectRecord:
    """Return what one source says of one project. Raises Unknown when it does not exist for `member`."""
    found = ProjectRecord.objects.visible_to(member).filter(reference=reference).select_related("source").first()
    if found is None:
        raise Unknown(_("没有找到这个同步项目，或者对方已撤回。"), advice=_("请从项目同步进入。"))
    return found


def difference_for(member: Member, reference: str) -> Difference:
    """Return one difference. Raises Unknown when it does not exist for `member`."""
    found = Difference.objects.visible_to(member).filter(reference=reference)
    row = found.select_related("record__source", "project").first()
    if row is None:
        raise Unknown(_("没有找到这处差异。"), advice=_("请从项目同步进入。"))
    return row


def message_for(member: Member, reference: str, at: datetime) -> ProjectMessage:
    """Return one message. Raises Unknown when it does not exist for `member`."""
    found = ProjectMessage.objects.visible_to(member, at).filter(reference=reference)
    row = found.select_related("project", "receiver").first()
    if row is None:
        raise Unknown(_("没有找到这份项目推送。"), advice=_("请从项目同步进入。"))
    return row
