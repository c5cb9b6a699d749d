"""Sealing a dossier: asked for in an act, made in the background, told in the ledger."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.archive import keys, retention
from xinshu.archive.materials import materials_of
from xinshu.archive.models import Dossier, Item
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import NotNow
from xinshu.core.sm import sm3
from xinshu.documents.blobs import keep_blob, read_blob
from xinshu.documents.models import Blob
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE
from xinshu.guarantees.materials import Material
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.ledger import merkle
from xinshu.ledger.canonical import canonical_json, moment_text
from xinshu.ledger.recording import record

FORMAT = "xinshu-dossier/1"


@transaction.atomic
def ask_for_dossier(guarantee: Guarantee, *, cause: str, by: Actor, at: datetime) -> Dossier:
    """Have the papers of `guarantee` sealed as they are. While one is in the making, that one is returned.

    Raises NotNow before the letter is delivered: a dossier is of a guarantee, not of an application.
    """
    guarantee = Guarantee.objects.select_for_update(of=("self",)).select_related("project").get(pk=guarantee.pk)
    if guarantee.state not in INSTRUMENT:
        raise NotNow(_("函件还没有送达，没有可以归档的保函。"), advice=_("保函送达以后再归档。"))
    making = Dossier.objects.filter(guarantee=guarantee, sealed_at=None).first()
    if making is not None:
        return making
    last = Dossier.objects.filter(guarantee=guarantee).order_by("-number").first()
    dossier = Dossier.objects.create(
        guarantee=guarantee, number=last.number + 1 if last else 1, cause=cause, asked_at=at
    )
    record(
        "archive.asked", dossier, by=by, at=at, sealed_until=guarantee.secret_until,
        number=guarantee.number, version=dossier.number, cause=cause,
    )  # fmt: skip
    return dossier


def seal_dossier(dossier: Dossier, at: datetime) -> Dossier:
    """Gather, list, sign and keep. Safe to run twice. Raises proofs.NotYet while entries wait to be sealed."""
    guarantee = Guarantee.objects.select_related(*PARTIES, "letter__file").get(pk=dossier.guarantee_id)
    items = [_item(position, material) for position, material in enumerate(materials_of(guarantee, at))]
    leaves = [merkle.leaf_hash(sm3, canonical_json(item.stated).encode()) for item in items]
    last_day = retention.retain_until(guarantee.ended_at) if LIFECYCLE.states[guarantee.state].final else None
    with transaction.atomic():
        dossier = Dossier.objects.select_for_update().get(pk=dossier.pk)
        if dossier.sealed_at is not None:
            return dossier
        before = Dossier.objects.filter(guarantee=guarantee, latest=True).first()
        header = {
            "format": FORMAT,
            "reference": dossier.reference,
            "subject": f"{guarantee._meta.label_lower}:{guarantee.pk}",
            "number": guarantee.number,
            "number_in_series": dossier.number,
            "previous": before.manifest_sm3 if before else "",
            "kind": str(guarantee.get_kind_display()),
            "state": guarantee.state,
            "guarantor": guarantee.guarantor.name,
            "cause": dossier.cause,
            "sealed_at": moment_text(at),
            "retain_until": str(last_day or ""),
            "retention": retention.basis(),
            "count": len(items),
            "root": root_of(leaves).hex(),
        }
        digest = sm3(canonical_json(header).encode()).hex()
        entry = record(
            "archive.sealed", dossier, by=SYSTEM, at=at, sealed_until=guarantee.secret_until,
            number=guarantee.number, version=dossier.number, files=len(items), manifest=digest,
        )  # fmt: skip
        Dossier.objects.filter(guarantee=guarantee, latest=True).update(latest=False)
        for item in items:
            item.dossier = dossier
        Item.objects.bulk_create(items)
        dossier.sealed_at, dossier.latest, dossier.state_then = at, True, guarantee.state
        dossier.header, dossier.signature, dossier.manifest_sm3 = header, keys.sign(FORMAT, header), digest
        dossier.entry_number, dossier.count, dossier.retain_until = entry.pk, len(items), last_day
        dossier.size = sum(item.size for item in items)
        dossier.save()
    return dossier


def _item(position: int, material: Material) -> Item:
    if isinstance(material.content, Blob):
        blob, content = material.content, read_blob(material.content)
    else:
        blob, content = keep_blob(material.content, "application/json"), material.content
    return Item(
        position=position,
        path=material.path,
        title=material.title,
        since=material.since,
        size=len(content),
        sm3=blob.sm3,
        sha256=hashlib.sha256(content).hexdigest(),
        salt=secrets.token_hex(16),
        sides=list(material.sides),
        blob=blob,
    )


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root above leaf hashes (RFC 6962 with SM3)."""
    return merkle.range_root(
        sm3,
        lambda level, index: merkle.complete_root(sm3, leaves[index << level : (index + 1) << level]),
        0,
        len(leaves),
    )
