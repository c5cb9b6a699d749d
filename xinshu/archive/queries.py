"""What can be asked of the archive: the list with its filters."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.archive.models import Dossier, DossierQuerySet
from xinshu.core.clock import CHINA
from xinshu.projects.models import Project


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; everything optional, everything in the URL."""

    q: str = ""
    kind: str = ""
    state: str = ""
    since: date | None = None  # day of sealing
    until: date | None = None


def dossiers_of(member: Member, at: datetime, filters: Filters) -> DossierQuerySet:
    """Return the dossiers that exist for `member`, of each guarantee the latest version, last sealed first."""
    found = Dossier.objects.standing().visible_to(member, at)
    if filters.kind:
        found = found.filter(guarantee__kind=filters.kind)
    if filters.state:
        found = found.filter(state_then=filters.state)
    if filters.since:
        found = found.filter(sealed_at__gte=datetime.combine(filters.since, time.min, CHINA))
    if filters.until:
        found = found.filter(sealed_at__lt=datetime.combine(filters.until, time.min, CHINA) + timedelta(days=1))
    if filters.q:
        text = filters.q.strip()
        organisations = Organisation.objects.filter(Q(name__icontains=text) | Q(uscc=text.upper())).values("pk")
        projects = Project.objects.filter(Q(name__icontains=text) | Q(number__iexact=text)).values("pk")
        found = found.filter(
            Q(guarantee__number__istartswith=text)
            | Q(reference__iexact=text)
            | Q(guarantee__applicant__in=organisations)
            | Q(guarantee__beneficiary__in=organisations)
            | Q(guarantee__guarantor__in=organisations)
            | Q(guarantee__project__in=projects)
        )
    return found.order_by("-sealed_at", "-id")
