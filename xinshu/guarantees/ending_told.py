"""Who is told that a guarantee's end draws near (BH-25): applicant and beneficiary of each, its guarantor of all.

A night finds what ends in 30, 15, 7 and 1 days and records it in portions, guarantor by guarantor; telling is a
reaction to each portion, so that the round stays short over a register of a million and goes on where a worker died.
"""

# ruff: noqa: E501  (a table is read across)

from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.guarantees.announcements import SIDES, link_to
from xinshu.guarantees.changes.told import SAMPLES, words_of
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL

DAYS_AHEAD = (30, 15, 7, 1)  # before the stated day of expiry
PORTION = 50
FEW = 3  # a guarantor hears of each; of more than these it hears once, with the way to the list

VIEW = "guarantees.view"
ENDING = (
    Announcement("guarantee.ending", "applicant", VIEW, "warn", "SMWP", HIGH, _("%(kind)s %(number)s 还有 %(days)s 天到期（%(day)s）。需要继续担保的，请办理续保或修改到期日。")),
    Announcement("guarantee.ending", "guarantor", VIEW, "info", "WP", NORMAL, _("%(applicant)s的%(kind)s %(number)s 还有 %(days)s 天到期（%(day)s）。")),
    Announcement("guarantee.ending", "beneficiary", VIEW, "warn", "SMWP", HIGH, _("%(applicant)s的%(kind)s %(number)s 还有 %(days)s 天到期（%(day)s）。需要索赔的，请在到期前提交。")),
)  # fmt: skip
MANY = Announcement("guarantee.ending_many", "guarantor", VIEW, "info", "WP", NORMAL, _("%(count)s 笔保函还有 %(days)s 天到期（%(day)s）。"))  # fmt: skip
declare((*ENDING, MANY), SAMPLES | {"days": "30", "day": "2026-12-21", "count": "27"}, SIDES, _("保函将到期"))


def find_ending(on: date, at: datetime) -> None:
    """Record, in portions, what ends in DAYS_AHEAD days from `on`; what is secret still, each by itself and sealed."""
    for ahead in DAYS_AHEAD:
        day = on + timedelta(days=ahead)
        ending = Guarantee.objects.filter(state="in_force", expires_on=day).order_by("guarantor", "pk")
        secret = Q(kind__in=SECRET) & (Q(project__opens_at=None) | Q(project__opens_at__gt=at))
        for row in ending.filter(secret).select_related(*PARTIES):
            _record(row.guarantor, [row.pk], ahead, day, 1, at, row.secret_until)
        rows = ending.exclude(secret).values_list("guarantor", "pk")
        for guarantor, found in groupby(rows.iterator(chunk_size=5_000), key=lambda row: row[0]):
            house, due = Organisation(pk=guarantor), [pk for _guarantor, pk in found]
            for first in range(0, len(due), PORTION):
                _record(house, due[first : first + PORTION], ahead, day, len(due), at, None)


def _record(
    house: Organisation, due: list[int], ahead: int, day: date, whole: int, at: datetime, sealed: datetime | None
) -> None:
    with transaction.atomic():
        record(
            "guarantees.ending", house, by=SYSTEM, at=at, sealed_until=sealed, guarantees=due, days=ahead,
            day=day.isoformat(), whole=whole,
        )  # fmt: skip


def tell_of_portion(entry: Entry) -> None:
    """Tell the parties of the guarantees that an entry names. What ended or moved meanwhile is passed over."""
    day, days, whole = str(entry.data["day"]), int(entry.data["days"]), int(entry.data["whole"])
    due = Guarantee.objects.filter(pk__in=entry.data["guarantees"], state="in_force", expires_on=day)
    for guarantee in due.select_related(*PARTIES):
        with transaction.atomic():
            _tell_of(guarantee, days, day, whole, entry.at)
    if whole > FEW:
        with transaction.atomic():
            _tell_of_many(Organisation.objects.get(pk=entry.subject_id), days, day, whole, entry.at)


def _tell_of(guarantee: Guarantee, days: int, day: str, whole: int, at: datetime) -> None:
    """Tell each side once for each day of expiry and number of days."""
    words = {**words_of(guarantee), "days": str(days), "day": day}
    for row in ENDING:
        if (row.side == "beneficiary" and guarantee.is_secret(at)) or (row.side == "guarantor" and whole > FEW):
            continue
        row.send(
            getattr(guarantee, row.side), words, link=link_to(guarantee), subject=guarantee,
            key=f"{row.code}:{guarantee.pk}:{day}:{days}", at=at, sealed_until=guarantee.secret_until,
        )  # fmt: skip


def _tell_of_many(house: Organisation, days: int, day: str, count: int, at: datetime) -> None:
    MANY.send(
        house, {"count": f"{count:,}", "days": str(days), "day": day}, subject=house, at=at, sealed_until=None,
        link=f"{reverse('guarantees:list')}?state=in_force&expires_from={day}&expires_to={day}",
        key=f"{MANY.code}:{house.pk}:{day}:{days}",
    )  # fmt: skip
