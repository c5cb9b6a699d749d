"""重放: a kept run made again, held against its own bytes and against the digest that the ledger remembers."""

import json

from xinshu.ledger.queries import history_of
from xinshu.rules.models import Run
from xinshu.rules.running import Replay, replay


def replayed(run: Run) -> Replay:
    """Run it again from the facts as they were. Nothing is kept."""
    entry = history_of(run).filter(kind="rules.decided").first()
    told = entry.data.get("sm3", "") if entry is not None else ""
    return replay(run, json.loads(run.facts), told)
