"""The proof file of a guarantee: what anybody can check without this platform (tools/verify_guarantee.py reads it).

{"format": "xinshu-proof/1", "statement": {...}, "signature": hex, "letter": {...}, "checkpoint": signed note,
 "entries": [{"position", "leaf", "proof": [hex, ...], "entry": {...} only where the reader may know it}]}

The statement says number, terms, state and the whole list of [position, leaf] up to its checkpoint; the platform's seal
signs it. An entry that the reader may not know is there as its leaf only: 16 random bytes in every entry (its salt)
keep the content from being guessed back. Moments are canonical texts, amounts 分.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.archive import keys
from xinshu.archive.sides import APPLICANT, GUARANTOR, INSIDE, OUTER
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow
from xinshu.guarantees.history import AMONG_SIGNERS, WORDS, remember
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.canonical import moment_text
from xinshu.ledger.models import Checkpoint, Entry
from xinshu.ledger.queries import history_of, latest_checkpoint, stated
from xinshu.ledger.tree import NotSealed, inclusion_proofs

FORMAT, STATEMENT, TOLD = "xinshu-proof/1", "xinshu-statement/1", "guarantee.state_told"
# What names no person: the public may read it whole.
IMPERSONAL = frozenset({"guarantee.delivered", "guarantee.expired", "guarantee.exhausted", TOLD})
# Recorded by the system without names, they say themselves to which state they led; other acts are told by TOLD.
TELLS = {
    "guarantee.delivered": "in_force",
    "guarantee.expired": "expired",
    "guarantee.exhausted": "exhausted",
}
# The guarantor's reasons and its people: the applicant is told the outcome.
OF_THE_HOUSE = AMONG_SIGNERS | {"guarantee.approved", "guarantee.referred", "guarantee.handed_over"}
WAIT = timedelta(seconds=2)


class NotYet(NotNow):
    """Something that the proof needs is written but not sealed in the ledger: seconds."""


def may_know(kind: str, side: str) -> bool:
    """Return whether a reader on `side` may read entries of this kind whole."""
    if kind in IMPERSONAL or side == GUARANTOR:
        return True
    known, public = kind in WORDS, WORDS.get(kind, ("", "", False))[2]
    return (side == APPLICANT and known and kind not in OF_THE_HOUSE) or (side == OUTER and public)


def tell_state(guarantee: Guarantee, at: datetime) -> Entry | None:
    """Record in which state `guarantee` is, naming nobody, unless that stands in the ledger already."""
    with transaction.atomic():
        guarantee = Guarantee.objects.select_for_update(of=("self",)).select_related("project").get(pk=guarantee.pk)
        if guarantee.state not in INSTRUMENT or _told(list(history_of(guarantee))) == guarantee.state:
            return None
        return remember(TOLD, guarantee, by=SYSTEM, at=at, number=guarantee.number, state=guarantee.state)


def _told(history: list[Entry]) -> str:
    """Return the state that follows from what everybody may read."""
    states = [entry.data["state"] if entry.kind == TOLD else TELLS.get(entry.kind, "") for entry in history]
    return next((state for state in reversed(states) if state), "")


def proof_of(guarantee: Guarantee, side: str, at: datetime) -> dict[str, Any]:
    """Return the proof file of `guarantee` for a reader on `side`, as of the latest checkpoint.

    Raises NotNow when there is no letter, NotYet while something still waits to be sealed. Whether the reader may know
    of the guarantee at all (开标前保密) is for the caller to have decided.
    """
    letter = guarantee.letter
    if letter is None or guarantee.state not in INSTRUMENT:
        raise NotNow(_("函件还没有送达，没有可以核验的内容。"), advice=_("保函送达以后再下载。"))
    history = list(history_of(guarantee))
    if _told(history) != guarantee.state:  # ended before the platform told of states, or just now
        tell_state(guarantee, at)
        raise _waiting()
    if side not in INSIDE:  # how the application went is nobody else's business, not even in how many steps
        issued = next(entry.pk for entry in history if entry.kind == "guarantee.issued")
        history = [entry for entry in history if entry.pk >= issued]
    checkpoint = latest_checkpoint()
    entries = _proven(history, checkpoint, side) if checkpoint is not None else []
    if checkpoint is None or not checkpoint.cosignature:
        raise _waiting()
    statement = {
        "format": STATEMENT,
        "as_of": moment_text(at),
        "subject": f"{guarantee._meta.label_lower}:{guarantee.pk}",
        "number": guarantee.number,
        "kind": str(guarantee.get_kind_display()),
        "guarantor": {"name": guarantee.guarantor.name, "uscc": guarantee.guarantor.uscc or ""},
        "letter": letter.pdf_sm3,
        "state": guarantee.state,
        "amount": guarantee.amount,
        "effective_on": str(guarantee.effective_on),
        "expires_on": str(guarantee.expires_on),
        "size": checkpoint.size,
        "root": bytes(checkpoint.root).hex(),
        "entries": [[one["position"], one["leaf"]] for one in entries],
    }
    return {
        "format": FORMAT,
        "statement": statement,
        "signature": keys.sign(STATEMENT, statement),
        "letter": {
            "sm3": letter.pdf_sm3,
            "signature": letter.sm2_signature,
            "public_key": letter.sm2_public,
            "sealed_at": moment_text(letter.sealed_at),
        },
        "checkpoint": checkpoint.note,
        "entries": entries,
    }


def _proven(history: list[Entry], checkpoint: Checkpoint, side: str) -> list[dict[str, Any]]:
    by_number = {entry.pk: entry for entry in history}
    try:
        proofs = inclusion_proofs(by_number, checkpoint)
    except NotSealed:
        raise _waiting() from None
    rows = []
    for number, position, leaf, path in proofs:
        row = {"position": position, "leaf": leaf.hex(), "proof": [step.hex() for step in path]}
        if may_know(by_number[number].kind, side) and not by_number[number].is_redacted:
            row["entry"] = stated(by_number[number])
        rows.append(row)
    return rows


def _waiting() -> NotYet:
    return NotYet(_("最近的记录刚刚写入，正在封存，证明文件还没有生成。"), advice=_("通常一两秒内完成，请稍后再下载。"))
