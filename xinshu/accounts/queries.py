"""What can be asked: registrations to decide, users to administer, what an approval would lead to."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from xinshu.accounts.actions.registration import organisation_for
from xinshu.accounts.models import Member, Organisation, Registration, User
from xinshu.core import uscc


@dataclass(frozen=True)
class Prospect:
    """What approving a registration would do: make an organisation, or join one that is there."""

    organisation: Organisation | None
    members: int
    namesakes: int  # other organisations of the same name, with another code or none
    warning: str  # what is odd about the code though its check digit holds


def registrations(member: Member, *, q: str = "", state: str = "") -> QuerySet[Registration]:
    """Return the registrations that exist for `member`, narrowed, those that wait longest first."""
    found = Registration.objects.visible_to(member)
    if state:
        found = found.filter(state=state)
    if q:
        found = found.filter(
            Q(organisation_name__icontains=q)
            | Q(contact_name__icontains=q)
            | Q(uscc=uscc.normalise(q))
            | Q(reference=q.upper())
        )
    return found.order_by("submitted_at" if state == "submitted" else "-submitted_at", "pk")


def registrations_by_state(member: Member) -> dict[str, int]:
    """Return how many registrations exist for `member` in each state that has any."""
    counted = Registration.objects.visible_to(member).values_list("state").annotate(Count("pk"))
    return dict(counted.order_by())


def prospect(registration: Registration) -> Prospect:
    """Return what approving `registration` would lead to, for the operator to see beforehand."""
    organisation = organisation_for(registration)
    namesakes = Organisation.objects.none()
    if not registration.is_person:
        namesakes = Organisation.objects.filter(name=registration.organisation_name)
    if organisation is not None:
        namesakes = namesakes.exclude(pk=organisation.pk)
    return Prospect(
        organisation=organisation,
        members=organisation.members.filter(active=True).count() if organisation else 0,
        namesakes=namesakes.count(),
        warning=uscc.warning(registration.uscc) or "" if registration.uscc else "",
    )


def users(member: Member, *, q: str = "", state: str = "") -> QuerySet[User]:
    """Return the users that exist for `member`, narrowed, with their memberships loaded."""
    found = User.objects.visible_to(member)
    if state in {"active", "locked"}:
        found = found.filter(is_active=state == "active")
    if q:
        found = found.filter(Q(username=q.lower()) | Q(name__icontains=q) | Q(members__organisation__name__icontains=q))
    return found.distinct().prefetch_related("members__organisation").order_by("username")


def waiting_registrations(member: Member) -> int:
    """Return how many registrations wait for a decision of `member`: the number beside 注册审核."""
    return Registration.objects.visible_to(member).filter(state="submitted").count()
