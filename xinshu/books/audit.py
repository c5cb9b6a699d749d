"""Does everything still add up? Set-based, so that it can run over millions of transfers every night."""

from collections.abc import Iterator

from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Coalesce

from xinshu.books.models import Account, Transfer

_PENDING, _POSTED = Q(state=Transfer.State.PENDING), Q(state=Transfer.State.POSTED)


def imbalance() -> dict[str, int]:
    """Return what debits exceed credits by, per unit and phase ("LINE posted": 100). Empty: conserved."""
    rows = Account.objects.values("unit").annotate(
        posted=Sum(F("debits_posted") - F("credits_posted")), pending=Sum(F("debits_pending") - F("credits_pending"))
    )
    return {f"{row['unit']} {phase}": row[phase] for row in rows for phase in ("pending", "posted") if row[phase]}


def sums_that_drifted() -> Iterator[tuple[Account, str, int, int]]:
    """Give every running sum that is not the sum of its transfers: account, which, what stands, what should stand."""
    moved: dict[int, list[int]] = {}
    for side, (pending, posted) in {"debit": (0, 1), "credit": (2, 3)}.items():
        sums = Transfer.objects.values(side).annotate(
            pending=Coalesce(Sum(Case(When(_PENDING, then="amount"))), 0),
            posted=Coalesce(Sum(Case(When(_POSTED, then="amount"))), 0),
        )
        for row in sums.iterator():
            sums_of = moved.setdefault(row[side], [0, 0, 0, 0])
            sums_of[pending], sums_of[posted] = row["pending"], row["posted"]
    for account in Account.objects.order_by("pk").iterator():
        for name, should in zip(Account.SUMS, moved.get(account.pk, [0, 0, 0, 0]), strict=True):
            if getattr(account, name) != should:
                yield account, name, getattr(account, name), should


def drifted() -> list[int]:
    """Return the accounts whose running sums are not the sums of their transfers. Empty, unless a row was altered."""
    return sorted({account.pk for account, *_difference in sums_that_drifted()})
