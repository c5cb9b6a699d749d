"""How old the parts of records are, and of which a manager is to be reminded: sets of rows in a few statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.enterprises.fields import PARTS, Part
from xinshu.enterprises.managers import ASSIGN
from xinshu.enterprises.models import Enterprise, PartAge, Relation, Reminder, Rhythm
from xinshu.ledger.recording import record

SHORTEST, LONGEST = 7, 3650  # days between two looks at a part


@dataclass(frozen=True)
class Age:
    """A part of a record: when it was last looked at (None: never), and on which day it is due again."""

    part: Part
    updated_at: datetime | None
    days: int
    due_on: date | None

    def is_old(self, on: date) -> bool:
        """Whether it should be looked at; what was never entered is old at once."""
        return self.due_on is None or self.due_on <= on


def rhythm_of(guarantor: Organisation | None) -> dict[str, int]:
    """Return after how many days each part is old for this institution (None: as fields.PARTS has it)."""
    own = dict(Rhythm.objects.filter(guarantor=guarantor).values_list("part", "days")) if guarantor else {}
    return {part.code: own.get(part.code, part.days) for part in PARTS.values()}


@transaction.atomic
def set_rhythm(guarantor: Organisation, days: Mapping[str, int], *, by: Member, at: datetime) -> dict[str, int]:
    """Set after how many days the parts named in `days` are old for the customers of `guarantor`; return what changed.

    Raises NotPermitted, Invalid for days out of bounds.
    """
    if by.organisation_id != guarantor.pk or not by.can(ASSIGN):
        raise NotPermitted(_("您没有设定更新周期的权限。"), advice=_("由本机构的分管负责人或复审人员设定。"))
    if wrong := {part: _("天数须在 %d 至 %d 之间。") % (SHORTEST, LONGEST) for part, n in days.items()
                 if part not in PARTS or not SHORTEST <= n <= LONGEST}:  # fmt: skip
        raise Invalid(_("更新周期没有保存。"), fields=wrong)
    Organisation.objects.select_for_update().get(pk=guarantor.pk)
    before = rhythm_of(guarantor)
    changed = {part: n for part, n in days.items() if before[part] != n}
    Rhythm.objects.bulk_create(
        (Rhythm(guarantor=guarantor, part=part, days=n) for part, n in changed.items()),
        update_conflicts=True, unique_fields=["guarantor", "part"], update_fields=["days"],
    )  # fmt: skip
    if changed:
        record("enterprise.rhythm_set", guarantor, by=by, at=at, days=changed)
    return changed


def ages_of(enterprises: Iterable[Enterprise], rhythm: dict[str, int]) -> dict[int, list[Age]]:
    """Return the ages of every part by enterprise, in the parts' order. One query for all of them."""
    wanted = [enterprise.pk for enterprise in enterprises]
    found = {(age.enterprise_id, age.part): age.updated_at for age in PartAge.objects.filter(enterprise__in=wanted)}
    return {pk: [_age(part, found.get((pk, part.code)), rhythm) for part in PARTS.values()] for pk in wanted}


def _age(part: Part, updated_at: datetime | None, rhythm: dict[str, int]) -> Age:
    days = rhythm[part.code]
    return Age(part, updated_at, days, local_day(updated_at) + timedelta(days=days) if updated_at else None)


def grown_old(part: str, guarantor: Organisation, days: int, on: date) -> QuerySet[Relation]:
    """Return the customers of `guarantor` whose `part` was last looked at `days` or more before `on`, with `last`.

    What was never entered counts from the day on which the enterprise became a customer.
    """
    updated = PartAge.objects.filter(enterprise=OuterRef("enterprise"), part=part).values("updated_at")[:1]
    return (
        Relation.objects.filter(guarantor=guarantor)
        .annotate(last=Coalesce(Subquery(updated), F("since"), output_field=DateTimeField()))
        .filter(last__lt=moment(on - timedelta(days=days - 1)))
    )


def to_remind(part: str, guarantor: Organisation, days: int, on: date) -> list[Reminder]:
    """Return the reminders that are due on `on` and were not given: once per period of `days`, never twice.

    A period begins where the part is `days` old, and again every `days` after that while nobody looks at it.
    """
    given = Reminder.objects.filter(relation=OuterRef("pk"), part=part, next_on__gt=on, at__gte=OuterRef("last"))
    found = []
    for relation in grown_old(part, guarantor, days, on).exclude(Exists(given)):
        last: date = local_day(relation.last)  # type: ignore[attr-defined]
        periods = (on - last).days // days
        due_on = last + timedelta(days=periods * days)
        found.append(Reminder(relation=relation, part=part, due_on=due_on, next_on=due_on + timedelta(days=days)))
    return found
