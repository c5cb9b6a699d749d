"""Classes of fields: what stands in a register is open; persons are personal; what a house knows is its business."""

from xinshu.core.classification import ACTOR, COMMERCIAL, FREE_TEXT, INTERNAL, MASKED, NAME, TECHNICAL, classify

classify(
    "ties",
    {
        "Node": {"reference": INTERNAL, "kind": TECHNICAL, "key": TECHNICAL, "name": NAME, "card_masked": MASKED},
        "Tie": {
            "reference": INTERNAL,
            "kind": TECHNICAL,
            "share": INTERNAL,
            "amount": COMMERCIAL,
            "role": INTERNAL,
            "origin": TECHNICAL,
            "case_key": TECHNICAL,
            "label": INTERNAL,
            "link": TECHNICAL,
            "withdrawn": TECHNICAL,
            "reason": FREE_TEXT,
            "recorded_by": ACTOR,
        },
    },
)
