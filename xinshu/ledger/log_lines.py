"""The system log as JSON Lines, each line with its own proof: streamed, and checked offline by verify_evidence.py."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import Actor
from xinshu.core.cases import new_reference
from xinshu.core.classification import REVEAL
from xinshu.core.refusals import NotPermitted
from xinshu.core.sm import sm3
from xinshu.ledger import merkle
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.exports import must_export
from xinshu.ledger.log import Search, searched
from xinshu.ledger.models import Checkpoint, Entry, Leaf
from xinshu.ledger.queries import CLEARED, FORMAT, latest_checkpoint, stated, told
from xinshu.ledger.recording import record
from xinshu.ledger.tombstones import tellers
from xinshu.ledger.tree import StoredTree
from xinshu.ledger.veils import Secrecy

CHUNK = 500
SUMMARY = "xinshu-log/1"


def export_lines(search: Search, *, by: Actor, member: models.Model, at: datetime) -> Iterator[str]:
    """Record that `member` takes away what `search` finds, then return its lines, newest first; see `lines`."""
    must_export(by)
    if not by.can(REVEAL):  # a covered line proves nothing, so there is none
        raise NotPermitted(_("没有查看敏感信息的权限，不能导出带证明的日志。"), advice=_("可以导出 Excel。"))
    with transaction.atomic():
        record(
            "ledger.exported", member, by=by, at=at, form="jsonl", export=new_reference(),
            rows=search.found(at).count(), fields=["entry", "position", "proof"], searched=searched(search),
        )  # fmt: skip
    return lines(search, at)


def lines(search: Search, at: datetime) -> Iterator[str]:
    """Yield one evidence file per line, all under one checkpoint, then a line that says what was left out and why.

    Of an entry whose content was cleared (已到期清除) it holds the leaf and the number of the entry that tells so.
    Left out are entries that nobody may see before bids are opened, and those of the last second, not sealed yet.
    """
    checkpoint = latest_checkpoint()
    counts = {"rows": 0, "cleared": 0, "secret": 0, "not_sealed_yet": 0}
    frame = {} if checkpoint is None else told(checkpoint)
    secrecy = Secrecy(at)
    upto: int | None = None
    while True:
        found = search.found(at)
        chunk = list((found if upto is None else found.filter(pk__lt=upto))[:CHUNK])
        if not chunk:
            break
        upto = chunk[-1].pk
        sealed = Leaf.objects.filter(entry__in=[e.pk for e in chunk]).values_list("entry_id", "position", "hash")
        places = {entry: (position, bytes(value)) for entry, position, value in sealed}
        cleared = tellers(chunk)
        tree = StoredTree()
        for entry in chunk:
            position, leaf = places.get(entry.pk, (None, b""))
            if secrecy.covers(entry):
                counts["secret"] += 1
            elif checkpoint is None or position is None or position >= checkpoint.size:
                counts["not_sealed_yet"] += 1
            else:
                counts["rows"] += 1
                line = {**_proven(entry, position, tree, checkpoint), **frame}
                if entry.is_redacted:
                    counts["cleared"] += 1
                    teller = cleared.get(entry.pk)
                    line |= {"format": CLEARED, "leaf": leaf.hex(), "cleared_by": teller.pk if teller else None}
                yield canonical_json(line) + "\n"
    yield (
        json.dumps({"format": SUMMARY, "checkpoint": frame.get("checkpoint", ""), **counts}, ensure_ascii=False) + "\n"
    )


def _proven(entry: Entry, position: int, tree: StoredTree, checkpoint: Checkpoint) -> dict[str, Any]:
    path = merkle.inclusion_path(sm3, tree.subtree, position, checkpoint.size)
    return {"format": FORMAT, "entry": stated(entry), "position": position, "proof": [step.hex() for step in path]}
