"""Classes of fields: entries say who did what; proofs are public, since they say nothing."""

from xinshu.core.classification import ACTOR, DATA, FREE_TEXT, INTERNAL, OPEN, SECRET, TECHNICAL, classify

BY_TWO = {
    "proposed_by": TECHNICAL,
    "proposer": ACTOR,
    "decided_by": TECHNICAL,
    "decider": ACTOR,
    "refusal": FREE_TEXT,
}

classify(
    "ledger",
    {
        "Entry": {
            "kind": TECHNICAL,
            "actor_key": TECHNICAL,
            "actor_label": ACTOR,
            "data": DATA,
            "salt": SECRET,
            "mac": SECRET,
            "trace": TECHNICAL,
        },
        "Delivery": {
            "reaction": TECHNICAL,
            "lane": TECHNICAL,
            "state": TECHNICAL,
            "attempts": TECHNICAL,
            "leased_by": TECHNICAL,
            "last_error": FREE_TEXT,
            "milliseconds": TECHNICAL,
        },
        "NightlyRun": {"function": TECHNICAL, "attempts": TECHNICAL, "leased_by": TECHNICAL, "last_error": FREE_TEXT},
        "Worker": {"name": TECHNICAL},
        "RetentionRule": {**BY_TWO, "kind": TECHNICAL, "months": TECHNICAL, "basis": INTERNAL},
        "Redaction": {**BY_TWO, "expected": TECHNICAL, "cleared": TECHNICAL},
        "Leaf": {"hash": OPEN},
        "Node": {"level": OPEN, "index": OPEN, "hash": OPEN},
        "Checkpoint": {"size": OPEN, "root": OPEN, "text": OPEN, "signature": OPEN, "cosignature": OPEN},
        "Refused": {"entry_id": TECHNICAL},
        "Verification": {"sealed": TECHNICAL, "waiting": TECHNICAL, "finding": FREE_TEXT, "entry_number": TECHNICAL},
    },
)
