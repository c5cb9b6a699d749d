"""The scores of records: of one as of any past moment with every line, of all as of today in columns."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from xinshu.core.clock import local_day
from xinshu.credit.columns import scores
from xinshu.credit.models import SETTLED, Behaviour, Card, Record
from xinshu.credit.reckoning import Act, Reckoned, reckon

AT_ONCE = 500


def card_at(side: str, at: datetime) -> Card | None:
    """Return the card that held at the moment `at`: the last one activated by then."""
    held = Card.objects.filter(side=side, state__in=SETTLED, activated_at__lte=at)
    return held.order_by("-number").first()


def explain(record: Record, at: datetime, *, known: datetime | None = None) -> tuple[Card, Reckoned] | None:
    """Return the score of `record` as it was at the moment `at`, line by line; None where no card held yet.

    By the card of then, from what was known then: what was recorded or corrected later does not change it; or from
    what was `known` at another moment (decision 42).
    """
    card = card_at(record.side, at)
    if card is None:
        return None
    rows = record.behaviours.counting(known or at).values_list("pk", "kind", "happened_on")
    return card, reckon(card.read, (Act(*row) for row in rows), local_day(at))


def acts_of(side: str, at: datetime) -> "QuerySet[Behaviour, tuple[int, str, date]]":
    """Return (record, kind, day) of all that counts on one side."""
    return Behaviour.objects.counting(at).filter(record__side=side).values_list("record", "kind", "happened_on")


@transaction.atomic
def refresh(record: Record, at: datetime) -> None:
    """Put the score of the moment into the record. Must run in the transaction of the act that changed it."""
    Record.objects.held(record.pk)
    found = explain(record, at)
    if found is None:
        return
    card, reckoned = found
    record.score, record.band, record.tone = reckoned.score, reckoned.band.label, reckoned.band.tone
    record.card, record.on = card, local_day(at)
    record.save(update_fields=["score", "band", "tone", "card", "on"])


@transaction.atomic
def refresh_all(side: str, at: datetime) -> int:
    """Put the scores of the moment into every record of one side; return how many changed. A few statements for all.

    The records are locked before card and behaviours are read, as `refresh` does, all in one order.
    """
    records = list(Record.objects.filter(side=side).select_for_update(no_key=True).order_by("pk"))
    card = card_at(side, at)
    if card is None:
        return 0
    read, on = card.read, local_day(at)
    changed = []
    for record, score in zip(records, scores(read, [one.pk for one in records], acts_of(side, at), on), strict=True):
        band = read.band_of(score)
        told = (score, band.label, band.tone, card.pk)
        if told != (record.score, record.band, record.tone, record.card_id):
            record.score, record.band, record.tone, record.card_id = told
            changed.append(record)
    Record.objects.bulk_create(
        changed, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["organisation", "side"],
        update_fields=["score", "band", "tone", "card"],
    )  # fmt: skip
    Record.objects.filter(side=side).update(on=on)
    return len(changed)


def open_records(side: str, organisations: Collection[int]) -> None:
    """Make sure that these organisations have a record on one side."""
    rows = [Record(organisation_id=pk, side=side) for pk in organisations]
    Record.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
