"""影响测算: a draft on all scores of today before anybody activates it: who rises, who falls, who changes bands."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.credit.columns import scores
from xinshu.credit.lifecycle import CARD
from xinshu.credit.models import Card, Effect, EffectLine, Record
from xinshu.credit.scores import acts_of, card_at
from xinshu.ledger.recording import record
from xinshu.rules.actions import content_sm3

AT_ONCE = 1000


@transaction.atomic
def measure(card: Card, *, by: Member, at: datetime) -> Effect:
    """Reckon every record of the card's side by the present card and by the draft; keep what would change."""
    card = Card.objects.locked(card)
    CARD.step("measure", card, by)
    on, draft, present = local_day(at), card.read, card_at(card.side, at)
    records = list(Record.objects.filter(side=card.side).order_by("pk").values_list("pk", flat=True))
    acts = list(acts_of(card.side, at))
    after = scores(draft, records, acts, on)
    holding = present.read if present else None
    before: list[int | None] = [*scores(holding, records, acts, on)] if holding else [None] * len(records)
    counts: Counter[tuple[str, str]] = Counter()
    lines, risen, fallen, moved = [], 0, 0, 0
    for pk, was, will in zip(records, before, after, strict=True):
        band = holding.band_of(was).label if holding and was is not None else ""
        new = draft.band_of(will).label
        counts[band, new] += 1
        risen += was is not None and will > was
        fallen += was is not None and will < was
        moved += band != new
        if (was, band) != (will, new):
            lines.append(EffectLine(record_id=pk, before=was, after=will, before_band=band, after_band=new))
    effect = Effect.objects.create(
        card=card, content_sm3=content_sm3(card.content), on=on, subjects=len(records), risen=risen, fallen=fallen,
        moved=moved, counts=[[one, other, many] for (one, other), many in sorted(counts.items())],
        measured_by=by.actor_label[:60], at=at,
    )  # fmt: skip
    for line in lines:
        line.effect = effect
    EffectLine.objects.bulk_create(lines, batch_size=AT_ONCE)
    record(
        "credit_card.measured", card, by=by, at=at, side=card.side, subjects=effect.subjects, risen=risen,
        fallen=fallen, moved=moved, sm3=effect.content_sm3,
    )  # fmt: skip
    return effect


def last_effect(card: Card) -> Effect | None:
    """Return the newest measurement of the card's present content."""
    return card.effects.filter(content_sm3=content_sm3(card.content)).order_by("-pk").first()
