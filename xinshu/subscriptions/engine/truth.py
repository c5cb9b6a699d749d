"""Expressions as truth tables: of up to six keywords one number of 64 bits, one bit for each way in which they occur.

A table answers for a million rows at once (`table >> which words occur`), and says by which of its words a
subscription can be found: those without which it never holds.
"""

import numpy as np
from numpy.typing import NDArray

from xinshu.subscriptions.engine.language import AND, Join, Node, Not, Word

SLOTS = 6
FULL = (1 << 64) - 1
# Bit n of PRESENT[i] says whether word i occurs in the n-th way.
PRESENT = tuple(sum(1 << n for n in range(64) if n >> i & 1) for i in range(SLOTS))


def table_of(node: Node | None, slots: dict[str, int]) -> int:
    """Return the table of an expression whose words have the `slots`."""
    if node is None:
        return FULL
    if isinstance(node, Word):
        return PRESENT[slots[node.text]]
    if isinstance(node, Not):
        return FULL & ~table_of(node.node, slots)
    table = FULL if node.how == AND else 0
    for one in node.nodes:
        table = table & table_of(one, slots) if node.how == AND else table | table_of(one, slots)
    return table


def keys_of(tables: NDArray[np.uint64], costs: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return for every row the cheapest set of words (as bits) one of which occurs whenever it holds; 0: there is none.

    `costs`: rows by SLOTS, how often each word is met in texts; infinite for no word. Exact: all sets are tried.
    """
    best = np.full(len(tables), np.inf, np.float32)
    chosen = np.zeros(len(tables), np.uint8)
    for some in range(1, 1 << SLOTS):
        inside = [i for i in range(SLOTS) if some >> i & 1]
        none_occurs = FULL
        for i in inside:
            none_occurs &= ~PRESENT[i]
        cost = costs[:, inside].sum(axis=1)
        better = (tables & np.uint64(none_occurs) == 0) & (cost < best)
        best[better] = cost[better]
        chosen[better] = some
    return chosen


def cover_of(node: Node | None, positive: bool = True) -> frozenset[str] | None:
    """Return words one of which occurs whenever the expression holds, few; None where it may hold without any."""
    if isinstance(node, Word):
        return frozenset({node.text}) if positive else None
    if isinstance(node, Not):
        return cover_of(node.node, not positive)
    if node is None:
        return None
    assert isinstance(node, Join)
    covers = [cover_of(one, positive) for one in node.nodes]
    if (node.how == AND) == positive:  # all of them hold: the smallest will do
        return min((one for one in covers if one is not None), key=len, default=None)
    return None if None in covers else frozenset().union(*(one for one in covers if one is not None))
