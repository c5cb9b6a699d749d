"""Three-valued logic (Kleene, 1938): what holds however the unknown turns out. Pure.

There is no operator that asks whether something is unknown, so that learning a fact never turns a decided answer over.
"""

from collections.abc import Iterable

from xinshu.rules.engine.facts import Truth


def negated(one: Truth) -> Truth:
    """Return the opposite; of the unknown, unknown."""
    return None if one is None else not one


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return False where one is false, else None where one is unknown, else True."""
    found: Truth = True
    for one in truths:
        if one is False:
            return False
        if one is None:
            found = None
    return found


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return True where one is true, else None where one is unknown, else False."""
    found: Truth = False
    for one in truths:
        if one is True:
            return True
        if one is None:
            found = None
    return found
