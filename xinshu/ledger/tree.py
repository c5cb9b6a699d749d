"""The tree as stored: leaves, and nodes at every eighth level, so that any proof reads a few hundred rows at most."""

from collections.abc import Iterable

from xinshu.core.sm import sm3
from xinshu.ledger import merkle
from xinshu.ledger.merkle import TILE, Frontier
from xinshu.ledger.models import Checkpoint, Entry, Leaf, Node

_MASK = (1 << TILE) - 1


class NotSealed(Exception):
    """The entry has no place in the tree of this checkpoint yet."""


class StoredTree:
    """Reads subtrees by tile (256 hashes in one query) and keeps them for the proof at hand."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree."""
        base = level // TILE * TILE
        width = 1 << level - base
        first = index * width
        start = first & _MASK
        hashes = self._tile(base, first >> TILE)[start : start + width]
        if len(hashes) != width:
            raise merkle.NotProven(f"The stored tree lacks hashes at level {base} from {first} on.")
        return merkle.complete_root(sm3, hashes)

    def _tile(self, base: int, number: int) -> list[bytes]:
        if (base, number) not in self._tiles:
            span = (number << TILE, (number + 1 << TILE) - 1)
            stored = (
                Leaf.objects.filter(position__range=span).order_by("position")
                if base == 0
                else Node.objects.filter(level=base, index__range=span).order_by("index")
            )
            self._tiles[base, number] = [bytes(value) for value in stored.values_list("hash", flat=True)]
        return self._tiles[base, number]


def stored_size() -> int:
    """Return how many leaves the tree has."""
    last = Leaf.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def stored_frontier(size: int) -> Frontier:
    """Return the right edge of the stored tree of `size` leaves."""
    tree, tails, level = StoredTree(), [], 0
    while True:
        count = size >> level
        tails.append(tree._tile(level, count >> TILE)[: count & _MASK])
        level += TILE
        if not size >> level:
            return Frontier(sm3, size, tails)


def leaf_of(entry: Entry) -> bytes:
    """Return the leaf hash that `entry` should have."""
    parts = entry.parts
    return merkle.leaf_hash(sm3, f'{parts[0]}"id":{entry.pk},{parts[1]}'.encode())


def inclusion_proof(entry: Entry, checkpoint: Checkpoint) -> tuple[int, list[bytes]]:
    """Return the entry's position and the path that proves it under `checkpoint`. Raises NotSealed."""
    position = Leaf.objects.filter(entry_id=entry.pk).values_list("position", flat=True).first()
    if position is None or position >= checkpoint.size:
        raise NotSealed
    return position, merkle.inclusion_path(sm3, StoredTree().subtree, position, checkpoint.size)


def consistency_proof(old: int, new: int) -> list[bytes]:
    """Return the path that proves the tree of `old` leaves to be a beginning of that of `new`."""
    return merkle.consistency_path(sm3, StoredTree().subtree, old, new)


def inclusion_proofs(entries: Iterable[int], checkpoint: Checkpoint) -> list[tuple[int, int, bytes, list[bytes]]]:
    """Return (entry, position, leaf, path) of many entries, by position; subtrees are read once for all of them.

    Raises NotSealed when one of them has no place under `checkpoint` yet.
    """
    wanted, tree = set(entries), StoredTree()
    leaves = Leaf.objects.filter(entry_id__in=wanted, position__lt=checkpoint.size).order_by("position")
    found = list(leaves.values_list("entry_id", "position", "hash"))
    if len(found) != len(wanted):
        raise NotSealed
    return [
        (entry, position, bytes(leaf), merkle.inclusion_path(sm3, tree.subtree, position, checkpoint.size))
        for entry, position, leaf in found
    ]
