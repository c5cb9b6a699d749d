"""风险传导: who is hit when a firm fails, through which ties, how far.

The rule is stated and plain, because nobody knows probabilities here: a table of what a failure does along a tie, and
whether who is hit that way may be expected to fail, too. Nothing is multiplied; a step is a step.
"""

from collections import deque
from dataclasses import dataclass

from xinshu.ties.graph.groups import LARGE
from xinshu.ties.graph.shapes import CONTROLS, GUARANTEES, OWNS, SUPPLIES, WHOLE, Graph, Tie

FURTHEST = 4  # steps
MUST_PAY, LOSES_BACKING, LOSES_STAKE, UNPAID = "must_pay", "loses_backing", "loses_stake", "unpaid"
GOES_ON = {
    MUST_PAY: True,       # the guarantor pays in its place
    LOSES_BACKING: True,  # a firm whose majority owner or controller has failed
    LOSES_STAKE: False,   # the owner of 25 % or more loses its money and goes on
    UNPAID: False,        # the supplier waits for its money
}  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """Who is hit in which step, from whom, over which tie, how; `goes_on`: it may pull others with it."""

    node: int
    step: int
    by: int
    tie: Tie
    how: str
    goes_on: bool


def blow(tie: Tie, failed: int) -> str:
    """Return how the other end of `tie` is hit when `failed` fails; "" when it is not."""
    if tie.kind == GUARANTEES and tie.target == failed:
        return MUST_PAY
    if tie.source == failed and (tie.kind == CONTROLS or (tie.kind == OWNS and (tie.share or 0) * 2 > WHOLE)):
        return LOSES_BACKING
    if tie.kind == OWNS and tie.target == failed and (tie.share or 0) >= LARGE:
        return LOSES_STAKE
    return UNPAID if tie.kind == SUPPLIES and tie.target == failed else ""


def contagion(graph: Graph, failed: int, furthest: int = FURTHEST) -> list[Hit]:
    """Return who is hit, the nearest first, each once by what hits it hardest in the first step that reaches it.

    Closed nodes (houses that stand surety by trade) are hit and pull nobody with them.
    """
    hits: dict[int, Hit] = {}
    queue = deque([(failed, 0)])
    spread = {failed}
    while queue:
        here, step = queue.popleft()
        if step == furthest:
            continue
        for there, tie in sorted(graph.around(here), key=lambda found: (found[0], found[1].key)):
            how = blow(tie, here)
            if not how or there == failed:
                continue
            goes_on = GOES_ON[how] and there not in graph.closed
            before = hits.get(there)
            if before is None or (goes_on and not before.goes_on and before.step >= step + 1):
                hits[there] = Hit(there, step + 1, here, tie, how, goes_on)
            if goes_on and there not in spread:
                spread.add(there)
                queue.append((there, step + 1))
    return sorted(hits.values(), key=lambda hit: (hit.step, not hit.goes_on, hit.node))
