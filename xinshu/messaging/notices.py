"""`notify`: tell the members of an organisation something, each of them once, on the page and on other channels.

A notice names people and amounts. Whoever calls chooses the addressees; before bid opening (开标前保密) that is the
applicant and its guarantor only.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import models

from xinshu.accounts.models import Member, Organisation
from xinshu.messaging.kinds import kind_of
from xinshu.messaging.models import LONGEST, Notice
from xinshu.messaging.planning import plan_messages
from xinshu.messaging.waking import ring


def notify(
    organisation: Organisation,
    text: str,
    *,
    link: str = "",
    permission: str = "",
    tone: str = "info",
    subject: models.Model | None = None,
    key: str,
    at: datetime,
    kind: str = "",
    values: Mapping[str, str] | None = None,
    sealed_until: datetime | None = None,
) -> int:
    """Tell every active member of `organisation` who holds `permission` (all of them when empty) the line `text`.

    `link` is a path of this site. `key` names the news ("guarantee.issued:812"): a member hears of one key once,
    however often a reaction is run. Returns how many members were addressed, those included who had heard already.
    With a `kind` (kinds.py) and its `values` the news also leaves on the kind's channels, as each member wishes;
    `sealed_until`: till then nobody but the addressee learns that it did (开标前保密). Then call it in a transaction.
    """
    members = Member.objects.acting().filter(organisation=organisation)
    holders = [member for member in members if not permission or member.can(permission)]
    return notify_members(
        holders, text, link=link, tone=tone, subject=subject, key=key, at=at,
        kind=kind, values=values, sealed_until=sealed_until,
    )  # fmt: skip


def notify_members(
    members: Iterable[Member],
    text: str,
    *,
    link: str = "",
    tone: str = "info",
    subject: models.Model | None = None,
    key: str,
    at: datetime,
    kind: str = "",
    values: Mapping[str, str] | None = None,
    sealed_until: datetime | None = None,
) -> int:
    """Tell each of `members` the line `text`, as `notify` does. One insert for all of them.

    Raises ValueError for a link that leads off this site.
    """
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError(f"a notice links to a path of this site, not to {link!r}")
    subject_type = subject._meta.label_lower if subject is not None else ""
    subject_id = subject.pk if subject is not None else None
    rows = [
        Notice(
            member=member,
            text=text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…",
            link=link,
            tone=tone,
            subject_type=subject_type,
            subject_id=subject_id,
            key=key,
            kind=kind,
            at=at,
        )
        for member in members
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        ring()
    declared = kind_of(kind) if kind else None
    if declared is not None and rows:
        told = Notice.objects.filter(key=key, member__in=[row.member_id for row in rows]).select_related("member__user")
        plan_messages(list(told), declared, values or {}, sealed_until=sealed_until, at=at)
    return len(rows)


def unread_count(member: Member) -> int:
    """Return how many notices `member` has not read: the number on the bell."""
    return Notice.objects.visible_to(member).unread().count()
