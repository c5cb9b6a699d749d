"""What somebody holds: the methods that stand with a person or a firm, how strong they make it, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from xinshu.accounts.assurance.methods import FIRM, METHODS, PERSON, Method, methods_of
from xinshu.accounts.assurance.settings import Settings
from xinshu.accounts.models import IdentityCheck, Organisation, User

KINDS_OF_FIRMS = (
    Organisation.Kind.ENTERPRISE,
    Organisation.Kind.GUARANTOR,
    Organisation.Kind.BANK,
    Organisation.Kind.INSURER,
    Organisation.Kind.INSTITUTION,
)  # fmt: skip  (a natural person is its person; departments and the operator are appointed, not certified)


@dataclass(frozen=True)
class Held:
    """One method that stands with somebody: last proven at, good until (None: as long as it stands)."""

    method: Method
    at: datetime
    until: datetime | None


def held_by(subject: User | Organisation, settings: Settings, at: datetime) -> list[Held]:
    """Return what counts for `subject` at this moment, the strongest first."""
    side, link = (PERSON, "user") if isinstance(subject, User) else (FIRM, "organisation")
    passed = IdentityCheck.objects.standing().filter(**{link: subject.pk}, at__lte=at)
    last: dict[str, datetime] = dict(passed.values_list("method").annotate(Max("at")).order_by())
    found = []
    for method in methods_of(side):
        if not settings.is_on(method):
            continue
        proven = last.get(method.code)
        if method.stands is not None:
            stands = method.stands(subject)
            if stands is None:
                continue
            proven = max(stands, proven) if proven else stands
        days = settings.days(method)
        until = proven + timedelta(days=days) if proven and days else None
        if proven is not None and (until is None or until > at):
            found.append(Held(method, proven, until))
    return sorted(found, key=lambda one: -one.method.strength)


def level_of(held: list[Held], at: datetime, *, days: int = 0) -> int:
    """Return the level that `held` makes; with `days` only of what was proven since."""
    recent = (one for one in held if not days or one.at > at - timedelta(days=days))
    return max((one.method.strength for one in recent), default=0)


def users_by_level(settings: Settings, at: datetime) -> dict[int, int]:
    """Return how many users who can act reach each level from 2 on: counted by the database."""
    acting = User.objects.filter(
        Exists(User.objects.filter(pk=OuterRef("pk"), members__active=True, members__organisation__active=True)),
        is_active=True,
    )
    return {level: acting.filter(_reaches(PERSON, "user", level, settings, at)).count() for level in (2, 3, 4)}


def firms_by_level(settings: Settings, at: datetime) -> dict[int, int]:
    """Return how many firms reach each level from 1 on: counted by the database."""
    firms = firms_that_prove()
    return {level: firms.filter(_reaches(FIRM, "organisation", level, settings, at)).count() for level in (1, 2, 3, 4)}


def firms_that_prove() -> QuerySet[Organisation]:
    """Return the organisations of which a level is asked."""
    return Organisation.objects.filter(kind__in=KINDS_OF_FIRMS, active=True)


def _reaches(side: str, link: str, level: int, settings: Settings, at: datetime) -> Q:
    """Return the condition that somebody holds a method of this strength or more."""
    any_of = Q(pk__in=[])
    for method in METHODS.values():
        if method.side != side or method.strength < level or not settings.is_on(method):
            continue
        if method.crowd is not None:
            any_of |= method.crowd()
            continue
        checks = IdentityCheck.objects.standing().filter(method=method.code, **{link: OuterRef("pk")})
        if days := settings.days(method):
            checks = checks.filter(at__gt=at - timedelta(days=days))
        any_of |= Q(Exists(checks))
    return any_of
