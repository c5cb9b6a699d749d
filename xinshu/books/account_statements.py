"""The statement of a line (对账单): what it stood at, every movement between two moments, what it stood at then.

A statement is final: as it is given, the line is closed to the movements before its end (`closed_to`), so that whatever
is booked later, in whatever transaction that began earlier, is booked after it. Asked again, it says the same.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.books.lines import LINE, Line
from xinshu.books.models import Account, Transfer
from xinshu.core.refusals import Invalid

GRANTED, HELD, POSTED, VOIDED, RESTORED = "granted", "held", "posted", "voided", "restored"
WORDS = {
    GRANTED: gettext_lazy("核定额度"),
    HELD: gettext_lazy("预占"),
    POSTED: gettext_lazy("占用"),
    VOIDED: gettext_lazy("撤销预占"),
    RESTORED: gettext_lazy("恢复额度"),
}
_EFFECT = {
    # what        limit reserved occupied   (available follows)
    GRANTED:     (1, 0, 0),
    HELD:        (0, 1, 0),
    POSTED:      (0, -1, 1),
    VOIDED:      (0, -1, 0),
    RESTORED:    (0, 0, -1),
}  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """One movement, and how the line stood after it. Amounts in 分."""

    at: datetime
    what: str
    amount: int
    subject_type: str
    subject_id: int | None
    after: Line

    @property
    def label(self) -> str:
        return str(WORDS[self.what])

    @property
    def available_change(self) -> int:
        """What the movement adds to what may still be used."""
        limit, reserved, occupied = _EFFECT[self.what]
        return self.amount * (limit - reserved - occupied)


@dataclass(frozen=True)
class Statement:
    """A line from `since` (inclusive) until `until` (exclusive)."""

    account: Account
    since: datetime
    until: datetime
    opening: Line
    movements: list[Movement]
    closing: Line


def statement_of(line: Account, since: datetime, until: datetime, *, at: datetime) -> Statement:
    """Return the statement of a line's account and close the line up to `until`.

    Raises Invalid where the period lies in the future or ends before it begins.
    """
    if line.purpose != LINE:
        raise ValueError("a statement is given of a line")
    if until > at:
        raise Invalid(_("对账单只能出到当前时刻。"), fields={"until": _("晚于现在")})
    if since >= until:
        raise Invalid(_("起始时间要早于截止时间。"), fields={"since": _("晚于截止时间")})
    close_line(line, until)
    opening, movements, stood = Line(0, 0, 0, 0), [], Line(0, 0, 0, 0)
    for moment, what, moved in _events(line, until):
        stood = _after(stood, what, moved.amount)
        if moment < since:
            opening = stood
        else:
            movements.append(Movement(moment, what, moved.amount, moved.subject_type, moved.subject_id, stood))
    return Statement(line, since, until, opening, movements, stood)


@transaction.atomic
def close_line(line: Account, until: datetime) -> None:
    """Let nothing be booked on the line before `until` any more. Waits for what is being booked just now."""
    open_still = Account.objects.filter(Q(closed_to=None) | Q(closed_to__lt=until), pk=line.pk)
    open_still.update(closed_to=until)


def _events(line: Account, until: datetime) -> list[tuple[datetime, str, Transfer]]:
    """Every movement of the line before `until`, in the order of the books."""
    found = Transfer.objects.filter(Q(debit=line) | Q(credit=line), at__lt=until).select_related("debit")
    events = []
    for moved in found.order_by("at", "id"):
        if moved.debit_id == line.pk:
            events.append((moved.at, 0, moved.pk, HELD, moved))
            if moved.settled_at is not None and moved.settled_at < until:
                posted = moved.state == Transfer.State.POSTED
                events.append((moved.settled_at, 1, moved.pk, POSTED if posted else VOIDED, moved))
        else:
            what = GRANTED if moved.debit.party_id is None else RESTORED
            events.append((moved.at, 2, moved.pk, what, moved))
    return [(moment, what, moved) for moment, _order, _pk, what, moved in sorted(events, key=lambda e: e[:3])]


def _after(stood: Line, what: str, amount: int) -> Line:
    limit, reserved, occupied = (
        now + sign * amount
        for now, sign in zip((stood.limit, stood.reserved, stood.occupied), _EFFECT[what], strict=True)
    )
    return Line(limit, reserved, occupied, limit - reserved - occupied)
