"""What can be asked: registrations to decide, users to administer, what an approval would lead to."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from xinshu.accounts.actions.registration import organisation_for
from xinshu.accounts.models import Member, Organisation, Registration, RoleChange, RoleTable, SignInSession, User
from xinshu.core import uscc
from xinshu.ledger.models import Entry


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
    if state == "left":
        found = found.exclude(left_at=None)
    elif state in {"active", "locked"}:
        found = found.filter(is_active=state == "active", left_at=None)
    if q:
        found = found.filter(Q(username=q.lower()) | Q(name__icontains=q) | Q(members__organisation__name__icontains=q))
    return found.distinct().prefetch_related("members__organisation").order_by("username")


def open_sessions(user: User) -> QuerySet[SignInSession]:
    """Return the browsers in which `user` is signed in, the one used last first."""
    return SignInSession.objects.open().filter(user=user).order_by("-last_seen_at", "-pk")


def sessions(user: User) -> QuerySet[SignInSession]:
    """Return every sign-in of `user`, newest first."""
    return SignInSession.objects.filter(user=user).order_by("-started_at", "-pk")


def failed_sign_ins(user: User, count: int = 20) -> QuerySet[Entry]:
    """Return the last tries to sign in as `user` that failed, newest first."""
    about = Entry.objects.filter(subject_type="accounts.user", subject_id=user.pk)
    return about.filter(kind="account.sign_in_failed").order_by("-pk")[:count]


def trace(user: User, count: int = 30) -> QuerySet[Entry]:
    """Return what administrators did to this account and its memberships, newest first."""
    memberships = list(user.members.values_list("pk", flat=True))
    about = Q(subject_type="accounts.user", subject_id=user.pk)
    about |= Q(subject_type="accounts.member", subject_id__in=memberships)
    kinds = Q(kind__startswith="roles.") | Q(kind__startswith="member.")
    kinds |= Q(kind__in=[f"account.{act}" for act in ("opened", "changed", "locked", "unlocked", "reviewed", "left",
                                                      "second_factor_reset", "sessions_ended")])  # fmt: skip
    return Entry.objects.filter(about & kinds).order_by("-pk")[:count]


def named_organisation(text: str) -> Organisation | None:
    """Return the one organisation of exactly this name or 统一社会信用代码, None when there is none or are several."""
    text = text.strip()
    found = list(Organisation.objects.filter(Q(name=text) | Q(uscc=uscc.normalise(text)))[:2]) if text else []
    return found[0] if len(found) == 1 else None


def role_changes(member: Member, *, state: str = "") -> QuerySet[RoleChange]:
    """Return the role changes that exist for `member`, newest first."""
    found = RoleChange.objects.visible_to(member)
    if state:
        found = found.filter(state=state)
    return found.select_related(
        "member__user", "member__organisation", "proposed_by__user", "decided_by__user"
    ).order_by("-pk")


def waiting_for_security(member: Member) -> int:
    """Return how many changes of roles and role tables wait for `member` to decide: the number beside 角色变更."""
    if not member.can("accounts.secure"):
        return 0
    tables = RoleTable.objects.filter(state="proposed").exclude(proposed_by__user=member.user_id).values("pk")
    changes = RoleChange.objects.filter(state="proposed").exclude(proposed_by__user=member.user_id).values("pk")
    return changes.union(tables, all=True).count()


def waiting_registrations(member: Member) -> int:
    """Return how many registrations wait for a decision of `member`: the number beside 注册审核."""
    return Registration.objects.visible_to(member).filter(state="submitted").count()
