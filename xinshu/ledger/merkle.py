"""The tree's arithmetic (RFC 6962, RFC 9162 section 2.1), for any hash function; no database, nothing stored.

A leaf is hash(0x00 || data), a node hash(0x01 || left || right). `subtree(level, index)` stands everywhere for "give me
the root of the complete subtree over leaves [index << level, (index + 1) << level)".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

Hash = Callable[[bytes], bytes]
Subtree = Callable[[int, int], bytes]

TILE = 8  # nodes are kept at levels 8, 16, 24 ...: what lies between is rebuilt from at most 256 hashes
_WIDTH = 1 << TILE


class NotProven(Exception):
    """A proof does not lead to the root that it should lead to."""


def leaf_hash(hashed: Hash, data: bytes) -> bytes:
    """Return the hash of a leaf that holds `data`."""
    return hashed(b"\0" + data)


def node_hash(hashed: Hash, left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above `left` and `right`."""
    return hashed(b"\1" + left + right)


def complete_root(hashed: Hash, hashes: Sequence[bytes]) -> bytes:
    """Return the root above a power of two of hashes of equal height."""
    row = hashes
    while len(row) > 1:
        row = [hashed(b"\1" + row[n] + row[n + 1]) for n in range(0, len(row), 2)]
    return row[0]


def _joined(hashed: Hash, peaks: Sequence[bytes]) -> bytes:
    """Return the root above complete subtrees of falling size: they are joined from the right."""
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(hashed, peak, root)
    return root


def range_root(hashed: Hash, subtree: Subtree, start: int, end: int) -> bytes:
    """Return the root above leaves [start, end), a range that the tree splits off as one (so `start` is aligned)."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    return _joined(hashed, peaks)


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_path(hashed: Hash, subtree: Subtree, index: int, size: int) -> list[bytes]:
    """Return the hashes that prove leaf `index` to be in the tree of `size` leaves (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(hashed, subtree, middle, end))
            end = middle
        else:
            path.append(range_root(hashed, subtree, start, middle))
            start = middle
    return path[::-1]


def consistency_path(hashed: Hash, subtree: Subtree, old: int, new: int) -> list[bytes]:
    """Return the hashes that prove the tree of `old` leaves to be a beginning of that of `new` (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"A tree of {old} is no beginning of a tree of {new}.")
    path, start, end = [], 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(hashed, subtree, middle, end))
            end = middle
        else:
            path.append(range_root(hashed, subtree, start, middle))
            start = middle
    if start > 0:
        path.append(range_root(hashed, subtree, start, end))
    return path[::-1]


def root_of_inclusion(hashed: Hash, index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """Return the root to which an inclusion proof leads (RFC 9162, 2.1.3.2). Raises NotProven on a wrong length."""
    if not 0 <= index < size:
        raise NotProven(f"There is no leaf {index} in a tree of {size}.")
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise NotProven("The proof is too long.")
        if place & 1 or place == last:
            root = node_hash(hashed, sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(hashed, root, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise NotProven("The proof is too short.")
    return root


def check_inclusion(hashed: Hash, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Raise NotProven unless `path` proves that `leaf` is leaf `index` of the tree with this size and root."""
    if root_of_inclusion(hashed, index, size, leaf, path) != root:
        raise NotProven("The leaf is not in this tree at this place.")


def check_consistency(
    hashed: Hash, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise NotProven unless `path` proves that the old tree is a beginning of the new one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        raise NotProven(f"A tree of {old} is no beginning of a tree of {new}.")
    if old == new:
        if path or old_root != new_root:
            raise NotProven("Two trees of one size differ.")
        return
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        raise NotProven("The proof is empty.")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise NotProven("The proof is too long.")
        if place & 1 or place == last:
            before, after = node_hash(hashed, step, before), node_hash(hashed, step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(hashed, after, step)
        place, last = place >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise NotProven("The old tree is not a beginning of the new one.")


@dataclass
class Frontier:
    """The right edge of a growing tree: enough to append leaves and to know the root.

    `tails[n]` holds the hashes at level 8n that no complete subtree of level 8(n+1) covers yet.
    """

    hashed: Hash
    size: int = 0
    tails: list[list[bytes]] = field(default_factory=lambda: [[]])

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Append leaf hashes; return the complete subtrees (level, index, hash) that this closed at tile levels."""
        pending, closed = list(leaves), []
        self.size += len(pending)
        number = 0
        while pending:
            tail, above = self.tails[number], []
            tail.extend(pending)
            whole = len(tail) // _WIDTH
            first = (self.size >> TILE * (number + 1)) - whole
            for tile in range(whole):
                above.append(complete_root(self.hashed, tail[tile << TILE : (tile + 1) << TILE]))
                closed.append((TILE * (number + 1), first + tile, above[-1]))
            del tail[: whole << TILE]
            if above and number + 1 == len(self.tails):
                self.tails.append([])
            pending, number = above, number + 1
        return closed

    def root(self) -> bytes:
        """Return the root; of the empty tree the hash of nothing."""
        if not self.size:
            return self.hashed(b"")
        peaks: list[bytes] = []
        for tail in reversed(self.tails):
            start, remaining = 0, len(tail)
            while remaining:
                width = 1 << remaining.bit_length() - 1
                peaks.append(complete_root(self.hashed, tail[start : start + width]))
                start, remaining = start + width, remaining - width
        return _joined(self.hashed, peaks)
