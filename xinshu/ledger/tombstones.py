"""What stands for a cleared entry: an entry of the ledger that lists, for each one cleared, its leaf and what remains.

So the tree needs no exception: the leaf stays, and whoever doubts a gap finds who cleared it, when and by which rule in
an entry that has a leaf of its own.
"""

from typing import Any

from xinshu.ledger.models import Entry, Tombstone
from xinshu.ledger.queries import is_whole

TOLD = "ledger.redacted"
_AHEAD = 2_000


class Tombstones:
    """Answers, for one entry after the other, whether its clearing was told. Reads ahead."""

    def __init__(self) -> None:
        self._told: dict[int, int] = {}
        self._listed: dict[int, dict[int, tuple[bytes, bytes]]] = {}

    def holds(self, number: int, leaf: bytes, rest: bytes) -> bool:
        """Return whether a genuine entry tells that `number`, of this leaf, was cleared to what hashes to `rest`."""
        if number not in self._told:
            ahead = Tombstone.objects.filter(entry_id__gte=number).order_by("entry_id")[:_AHEAD]
            self._told = dict(ahead.values_list("entry_id", "told_id"))
        told = self._told.get(number)
        if told is None:
            return False
        if told not in self._listed:
            entry = Entry.objects.filter(pk=told).first()
            self._listed = {told: listed_in(entry) if entry is not None and is_whole(entry) else {}}
        return self._listed[told].get(number) == (leaf, rest)


def listed_in(entry: Entry) -> dict[int, tuple[bytes, bytes]]:
    """Return {number: (leaf, hash of what remains)} as an entry of a clearing lists them."""
    if entry.kind != TOLD:
        return {}
    return {number: (bytes.fromhex(leaf), bytes.fromhex(rest)) for number, leaf, rest in entry.data["entries"]}


def tellers(entries: list[Entry]) -> dict[int, Entry]:
    """Return, for each of `entries` that was cleared, the entry that tells of it."""
    cleared = [entry.pk for entry in entries if entry.is_redacted]
    if not cleared:
        return {}
    found = Tombstone.objects.filter(entry_id__in=cleared).select_related("told")
    return {tombstone.entry_id: tombstone.told for tombstone in found}


def said(told: Entry) -> dict[str, Any]:
    """Return who cleared, when, by which rule, as the telling entry has it."""
    return {name: told.data[name] for name in ("rule", "months", "basis", "proposed_by", "approved_by")}
