"""Extending on demand (URDG 758 Art. 23): an amendment whose consent the beneficiary gave in its demand.

It is numbered, lettered and reported as every amendment is. No difference is charged: the guarantor extends instead of
paying, and what it agrees with its customer about that is between the two. The line stays occupied as it is.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import NotNow
from xinshu.documents.models import SealedDocument
from xinshu.guarantees.actions.drawing import locked_instrument, must_be_in_force
from xinshu.guarantees.history import digest_of, note, remember
from xinshu.guarantees.models import Amendment, Guarantee
from xinshu.guarantees.terms_now import values_now


@transaction.atomic
def extend_on_demand(
    guarantee: Guarantee, expires_on: date, *, demand: str, reason: str, by: Actor, at: datetime
) -> Guarantee:
    """Prolong the guarantee because its beneficiary asked for "extend or pay" in `demand` and both sides agreed.

    Raises NotNow when it has ended meanwhile (it can never live again), or for a day that is no later.
    """
    guarantee = locked_instrument(guarantee)
    must_be_in_force(guarantee)
    before = guarantee.expires_on
    assert before is not None
    if expires_on <= before:
        raise NotNow(_("展期后的到期日必须晚于现在的到期日 %(day)s。") % {"day": before.isoformat()})
    last = guarantee.amendments.aggregate(last=Max("number"))["last"] or 0
    amendment = Amendment.objects.create(
        guarantee=guarantee, state="accepted", number=last + 1, on_demand=demand,
        reason=(reason.strip() or _("受益人在索赔中要求展期"))[:500],
        old_amount=guarantee.amount or 0, new_expires_on=expires_on, before=values_now(guarantee),
        reviewed_by_key=by.actor_key, proposed_at=at, decided_at=at, issued_at=at, ended_at=at, changed_at=at,
    )  # fmt: skip
    guarantee.change(at=at, expires_on=expires_on)
    note(
        "amendment.extended", amendment, by=by, at=at, number=amendment.number, demand=demand, reason=amendment.reason,
        changes={"expires_on": expires_on.isoformat()},
    )  # fmt: skip
    remember(
        "guarantee.extended", guarantee, by=by, at=at, number=guarantee.number, expires_on=expires_on.isoformat(),
        before=before.isoformat(), amendment=amendment.reference,
    )  # fmt: skip
    return guarantee


@transaction.atomic
def keep_letter(amendment: Amendment, letter: SealedDocument, *, values: dict[str, Any], at: datetime) -> Amendment:
    """Keep the sealed letter of an extension that is in force already. Raises NotNow when it has one."""
    amendment = Amendment.objects.locked(amendment)
    if amendment.letter_id is not None or not amendment.on_demand:
        raise NotNow(_("这份修改已有修改函。"))
    amendment.change(at=at, letter=letter, letter_values=values, offered_at=at)
    note(
        "amendment.lettered", amendment, by=SYSTEM, at=at, number=amendment.number, letter=letter.pdf_sm3,
        sm2_signature=letter.sm2_signature, values=digest_of(values),
    )  # fmt: skip
    return amendment
