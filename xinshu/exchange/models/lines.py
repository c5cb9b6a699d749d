"""What a message to a receiving system is, whatever it is about: abstract, two tables are made of it."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case
from xinshu.core.lifecycle import Lifecycle, State
from xinshu.exchange.lifecycle import COUNTS, SETTLED
from xinshu.ledger.models import Entry


class InLine(Case):
    """A message to one receiving system, in its line: one after the other, each counted by its receipt."""

    FAMILY: ClassVar[str]  # the first word of its entries
    TABLE: ClassVar[Lifecycle]
    WITH: ClassVar[tuple[str, ...]]  # what an act on it reads besides

    receiver = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    destination = models.CharField(max_length=40)  # its code
    destination_name = models.CharField(max_length=120)  # as it was called then
    number = models.PositiveIntegerField()  # from 1, within its line
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")  # what happened
    order = models.CharField(max_length=16)  # 报送单号: the same in all messages of a line; random, tells nothing
    message = models.CharField(max_length=32, unique=True)  # by which the receiver knows a repetition
    content = models.JSONField()  # what is told, frozen
    receipt = models.CharField(max_length=80, blank=True)  # the receiver's own number
    answer = models.CharField(max_length=500, blank=True)  # opinion, or why it was returned
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    receipted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    event: Any
    nonce: Any = ""  # only sealed submissions have them
    commitment: Any = ""
    tries: Any
    guarantee: Any

    class Meta(Case.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.destination} {self.order} {self.number}"

    @property
    def line(self) -> Any:
        """Return the messages of the same line, a queryset of their own model."""
        raise NotImplementedError

    @property
    def secret_until(self) -> datetime | None:
        """Return until when nobody else may learn of it."""
        raise NotImplementedError

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands."""
        raise NotImplementedError

    @property
    def standing(self) -> State:
        return self.TABLE.states[self.state]

    @property
    def counts(self) -> bool:
        """Return whether it may be called submitted: the receiver has acknowledged it."""
        return self.state in COUNTS

    @property
    def settled(self) -> bool:
        """Return whether the next message of the line may go."""
        return self.state in SETTLED
