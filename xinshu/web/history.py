"""Who changed a case lately: what a person with a stale page is told, and no more than this person may know."""

from django.db import models
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core import clock
from xinshu.ledger.kinds import name_of
from xinshu.ledger.queries import history_of
from xinshu.web import words

SHOWN = 3


def recent_changes(case: object, member: Member | None) -> list[dict[str, str]]:
    """Return the last entries about `case`, newest first: by, at, what.

    Colleagues are named; people of another organisation are not (who reviews a letter is that house's own affair).
    """
    if not isinstance(case, models.Model) or member is None:
        return []
    entries = list(history_of(case).order_by("-pk")[:SHOWN])
    acting = {f"member:{pk}" for pk in _colleagues(member, {entry.actor_key for entry in entries})}
    now = clock.now()
    return [
        {
            "by": entry.actor_label if entry.actor_key in acting or entry.actor_key == "system" else _("对方经办人"),
            "at": words.moment(entry.at, now),
            "what": name_of(entry.kind, _("办理了新的一步")),
        }
        for entry in entries
    ]


def _colleagues(member: Member, keys: set[str]) -> list[int]:
    ids = [int(key.removeprefix("member:")) for key in keys if key.startswith("member:")]
    return list(Member.objects.filter(pk__in=ids, organisation=member.organisation_id).values_list("pk", flat=True))
