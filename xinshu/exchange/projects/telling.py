"""What receivers are told of projects: one registration speaks for its lot, and only once it betrays nobody."""

import secrets
from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.exchange.actions.submissions import remember, send_next
from xinshu.exchange.destinations import Destination
from xinshu.exchange.models import ProjectMessage, ProjectRecord
from xinshu.exchange.projects.facts import facts_of
from xinshu.ledger.models import Entry
from xinshu.projects.models import Project

Event = ProjectMessage.Event


def is_secret(project: Project, at: datetime) -> bool:
    """Return whether the existence of `project` may betray a bidder at `at`."""
    return project.secret_until is not None and project.secret_until > at


def speaker_of(project: Project, at: datetime) -> Project | None:
    """Return which registration of the lot receivers are told of: the buyer's own, else an awarded one, else the first.

    The others are never told, so that nobody learns how many registered the lot. None while all of them are secret.
    """
    same = Project.objects.filter(pk=project.pk)
    if project.number:
        same = Project.objects.filter(number=project.number)
    told = [one for one in same.select_related("buyer") if not is_secret(one, at)]
    return min(
        told, key=lambda one: (one.registered_by_id != one.buyer_id, one.state != Project.AWARDED, one.pk), default=None
    )


def lot_of(project: Project) -> str:
    """Return the line that messages about a registration belong to."""
    return project.number or f"#{project.reference}"


@transaction.atomic
def queue_project(
    project: Project, entry: Entry, to: Destination, receiver: Organisation, *, at: datetime
) -> ProjectMessage | None:
    """Put what is known of a lot into its line to one system; None where that is nothing new to the receiver."""
    assert not is_secret(project, at)
    project = Project.objects.select_for_update(of=("self",), no_key=True).select_related("buyer").get(pk=project.pk)
    line = ProjectMessage.objects.filter(lot=lot_of(project), destination=to.code)
    known = line.filter(entry=entry).first()
    if known is not None:
        return known
    content = facts_of(project)
    first, last = line.order_by("number").first(), line.exclude(state="dropped").order_by("-number").first()
    if (last is not None and last.content == content) or _came_from(receiver, project, content):
        return None
    newest = line.order_by("-number").values_list("number", flat=True).first()
    message = ProjectMessage.objects.create(
        state="waiting",
        project=project,
        lot=lot_of(project),
        receiver=receiver,
        destination=to.code,
        destination_name=to.name,
        event=Event.CHANGED if last else Event.NEW,
        number=(newest or 0) + 1,
        entry=entry,
        order=first.order if first else random_code(16),
        message=secrets.token_hex(16),
        content=content,
        created_at=at,
    )
    remember("queued", message, by=SYSTEM, at=at, event=message.event, to=to.code)
    send_next(message, at=at)
    return message


def _came_from(receiver: Organisation, project: Project, content: dict[str, object]) -> bool:
    """Return whether the receiver has told us the very same: nobody is sent an echo."""
    said = ProjectRecord.objects.filter(source=receiver, number=project.number, withdrawn=False).exclude(number="")
    return any({**one.facts, "number": one.number} == content for one in said)
