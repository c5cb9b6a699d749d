"""`notify`: tell the members of an organisation something, each of them once, on the page and on other channels.

A notice names people and amounts. Whoever calls chooses the addressees; before bid opening (开标前保密) that is the
applicant and its guarantor only.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.messaging.kinds import kind_of
from xinshu.messaging.models import LONGEST, Notice
from xinshu.messaging.planning import plan_messages
from xinshu.messaging.topics import topic_of
from xinshu.messaging.waking import ring

MOST_KEYS = 20  # of what was told again under other keys


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
    score: int | None = None,
    merge: str = "",
) -> int:
    """Tell every active member of `organisation` who holds `permission` (all of them when empty) the line `text`.

    `link` is a path of this site. `key` names the news ("guarantee.issued:812"): a member hears of one key once,
    however often a reaction is run. Returns how many members were addressed, those included who had heard already.
    With a `kind` (kinds.py) and its `values` the news also leaves on the kind's channels, as each member wishes;
    `sealed_until`: till then nobody but the addressee learns that it did (开标前保密). Then call it in a transaction.

    `score` (0 to 100) says how much it concerns them: channels may be kept for the best (wishes.py). `merge` names what
    happened, whoever tells it ("award:…"): who heard of it under another key is told nothing new, but the better score
    counts, and a channel that was kept back for the lower one is used now.
    """
    members = Member.objects.acting().filter(organisation=organisation)
    holders = [member for member in members if not permission or member.can(permission)]
    return notify_members(
        holders, text, link=link, tone=tone, subject=subject, key=key, at=at,
        kind=kind, values=values, sealed_until=sealed_until, score=score, merge=merge,
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
    score: int | None = None,
    merge: str = "",
) -> int:
    """Tell each of `members` the line `text`, as `notify` does. One insert for all of them.

    Raises ValueError for a link that leads off this site.
    """
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError(f"a notice links to a path of this site, not to {link!r}")
    subject_type = subject._meta.label_lower if subject is not None else ""
    subject_id = subject.pk if subject is not None else None
    topic = topic_of(kind, key)
    score = None if score is None else max(0, min(100, score))
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
            topic=topic,
            score=score,
            merge=merge[:120],
            sealed_until=sealed_until,
            at=at,
        )
        for member in members
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        ring()
    declared = kind_of(kind) if kind else None
    if rows and (merge or declared is not None):
        told = _told([row.member_id for row in rows], key, merge[:120], score)
        if declared is not None:
            plan_messages(told, declared, values or {}, sealed_until=sealed_until, at=at)
    return len(rows)


def _told(members: list[int], key: str, merge: str, score: int | None) -> list[Notice]:
    """Return the notices by which `members` know of this and that they kept; the new key and the best score stay."""
    same = Q(key=key) | Q(merge=merge) if merge else Q(key=key)
    with transaction.atomic():
        rows = Notice.objects.select_for_update(of=("self",)).filter(same, member__in=members)
        found: dict[int, Notice] = {}
        for notice in rows.select_related("member__user").order_by("pk"):
            if notice.key == key or notice.member_id not in found:
                found[notice.member_id] = notice
        for notice in found.values():
            new, better = key not in (notice.key, *notice.also), score is not None and score > (notice.score or 0)
            if new:
                notice.also = [*notice.also, key][-MOST_KEYS:]
            if better:
                notice.score = score
            if new or better:
                notice.save(update_fields=["also", "score"])
    return [notice for notice in found.values() if notice.removed_at is None]


def unread_count(member: Member) -> int:
    """Return how many notices `member` has not read: the number on the bell."""
    return Notice.objects.visible_to(member).unread().count()
