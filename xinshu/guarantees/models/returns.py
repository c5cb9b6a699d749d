"""What goes back of a fee when a guarantee ends early (提前解保退费): one return for one paid order, once."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from xinshu.guarantees.models.changes import Change
from xinshu.guarantees.models.instrument import Payment


class FeeReturn(Change):
    """退费: counted by the tariff version bound at issue, decided by the guarantor's finance, paid back by the channel.

    Applicant and guarantor only: a fee is nobody else's. Amounts in 分; `lines` explain `computed_amount`.
    """

    OUTWARD: ClassVar[dict[str, Any]] = {"pk__isnull": True}  # never

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="part_return")
    ended_on = models.DateField()  # the day on which the cover ended
    computed_amount = models.BigIntegerField()
    lines = models.JSONField(default=list)
    amount = models.BigIntegerField()  # what goes back: as computed, or as finance stated and a second person confirmed
    stated_reason = models.CharField(max_length=500, blank=True)
    stated_by_key = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=60, blank=True)
    failure = models.CharField(max_length=200, blank=True)  # the channel's words when it did not pay back

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, computed_amount__gt=0), name="fee_return_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(amount=F("computed_amount")) | ~Q(stated_reason=""), name="fee_return_other_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(decided_at__isnull=False, ended_at__isnull=False, amount__gt=0),
                name="fee_return_done_was_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "guarantee"], name="fee_return_by_state")]

    def __str__(self) -> str:
        return f"{self.guarantee} 退费 {self.reference}"
