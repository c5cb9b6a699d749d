"""What can be asked of the ledger: the history of a subject, the evidence of an entry."""

import hmac
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from xinshu.core.refusals import NotNow
from xinshu.core.sm import hmac_sm3
from xinshu.ledger.canonical import moment_text, without_id
from xinshu.ledger.keys import entry_key, platform_key, witness_key
from xinshu.ledger.models import Checkpoint, Entry, Leaf
from xinshu.ledger.tree import NotSealed, inclusion_proof

FORMAT = "xinshu-evidence/1"
CLEARED = "xinshu-tombstone/1"  # of an entry whose content was cleared: its leaf, and the entry that tells of it
ENDING = ".read"  # kinds that only say that somebody read end so (reads.py)


def history_of(subject: models.Model) -> models.QuerySet[Entry]:
    """Return what happened to `subject`, oldest first, sealed entries included: for those who stand inside the case.

    Who merely read it is for auditors and left out.
    """
    about = Entry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    return about.exclude(kind__endswith=ENDING).order_by("pk")


def latest_checkpoint() -> Checkpoint | None:
    """Return the latest checkpoint that the witness has co-signed, else the latest."""
    newest = Checkpoint.objects.order_by("-size")
    return newest.exclude(cosignature="").first() or newest.first()


def evidence_of(entry: Entry) -> dict[str, Any]:
    """Return all that proves `entry` offline, as JSON: the entry, its inclusion proof, a checkpoint, the public keys.

    Whoever is handed it learns the whole entry. Raises NotNow while the entry waits to be sealed.
    """
    checkpoint = latest_checkpoint()
    try:
        if checkpoint is None:
            raise NotSealed
        position, path = inclusion_proof(entry, checkpoint)
    except NotSealed:
        raise NotNow(_("这条记录刚刚写入，正在等待封存。"), advice=_("通常一两秒内完成，请稍后再下载。")) from None
    proven = {"entry": stated(entry), "position": position, "proof": [step.hex() for step in path], **told(checkpoint)}
    if not entry.is_redacted:
        return {"format": FORMAT, **proven}
    teller = entry.tombstone.told
    return {"format": CLEARED, "leaf": leaf_at(position), **proven, "tombstone": evidence_of(teller)}


def leaf_at(position: int) -> str:
    """Return the leaf at `position` in hex, as it was sealed."""
    return bytes(Leaf.objects.values_list("hash", flat=True).get(position=position)).hex()


def stated(entry: Entry) -> dict[str, Any]:
    """Return the whole entry as evidence states it."""
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "subject": entry.subject,
        "actor": entry.actor_key,
        "actor_label": entry.actor_label,
        "at": moment_text(entry.at),
        "recorded_at": moment_text(entry.recorded_at),
        "sealed_until": None if entry.sealed_until is None else moment_text(entry.sealed_until),
        "data": entry.data,
        "salt": bytes(entry.salt).hex(),
    }


def told(checkpoint: Checkpoint) -> dict[str, str]:
    """Return the checkpoint under which evidence is proven, and the keys that sign it."""
    return {
        "checkpoint": checkpoint.note,
        "platform_key": platform_key().public_hex,
        "witness_key": witness_key().public_hex,
    }


def is_whole(entry: Entry) -> bool:
    """Say whether `entry` reads as it was recorded: its MAC holds. The tree says the same to those without the key."""
    return hmac.compare_digest(bytes(entry.mac), hmac_sm3(entry_key(), without_id(entry.parts)))
