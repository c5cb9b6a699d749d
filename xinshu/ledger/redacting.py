"""Carrying out an approved clearing: content, name and salt of each entry go; number, kind, moment, digests stay.

Without its random salt nobody can find the content again by trying what it may have been.
"""

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal
from xinshu.ledger.lifecycle import REDACTION
from xinshu.ledger.models import Entry, Leaf, Redaction, Tombstone
from xinshu.ledger.queries import is_whole
from xinshu.ledger.recording import record
from xinshu.ledger.retaining import due
from xinshu.ledger.tombstones import TOLD
from xinshu.ledger.tree import leaf_of

BATCH = 200  # entries told of in one entry


class NotAsSealed(Refusal):
    """An entry is no longer what was sealed: evidence of that must not be cleared away."""

    title = "记录与封存时不同"


def carry_out(number: int, at: datetime) -> int:
    """Clear what redaction `number` covers, in transactions of 200; return how many. Goes on where it was interrupted.

    Raises NotAsSealed, having cleared nothing of that batch, when an entry was altered.
    """
    done = 0
    while cleared := _one_batch(number, at):
        done += cleared
    return done


@transaction.atomic
def _one_batch(number: int, at: datetime) -> int:
    redaction = Redaction.objects.select_for_update().select_related("rule").get(pk=number)
    if redaction.state != "approved":
        return 0
    rule = redaction.rule
    batch = list(due(rule, redaction.until, at)[:BATCH])
    if not batch:
        redaction.change(REDACTION.step("finish", redaction, SYSTEM))
        record("redaction.finished", redaction, by=SYSTEM, at=at, cleared=redaction.cleared)
        return 0
    leaves = dict(Leaf.objects.filter(entry__in=batch).values_list("entry_id", "hash"))
    listed = [_listed(entry, bytes(leaves[entry.pk])) for entry in batch]
    told = record(
        TOLD, redaction, by=SYSTEM, at=at,
        rule=rule.reference, of=rule.kind, months=rule.months, basis=rule.basis,
        proposed_by=redaction.proposer, approved_by=redaction.decider, entries=listed,
    )  # fmt: skip
    Tombstone.objects.bulk_create([Tombstone(entry_id=entry.pk, told=told) for entry in batch])
    # The one place that changes entries: past the door that refuses it, and nowhere without the entry above.
    cleared: models.QuerySet[Entry] = models.QuerySet(Entry).filter(pk__in=[entry.pk for entry in batch])
    cleared.update(data={}, actor_label="", salt=b"")
    redaction.change(cleared=redaction.cleared + len(batch))
    return len(batch)


def _listed(entry: Entry, leaf: bytes) -> list[int | str]:
    if not is_whole(entry) or leaf_of(entry) != leaf:
        raise NotAsSealed(_("记录 #%s 与封存时不同，没有清除。") % entry.pk, advice=_("请核验总账，查明之前不要清除。"))
    entry.data, entry.actor_label, entry.salt = {}, "", b""
    return [entry.pk, leaf.hex(), leaf_of(entry).hex()]
