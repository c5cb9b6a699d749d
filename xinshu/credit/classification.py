"""Classes of fields: what is said of a firm's conduct is between it, its guarantors and the operator."""

from xinshu.core.classification import ACTOR, COMMERCIAL, FREE_TEXT, INTERNAL, NAME, OPEN, TECHNICAL, classify

classify(
    "credit",
    {
        "Card": {
            "side": TECHNICAL, "number": OPEN, "content": INTERNAL, "authors": TECHNICAL, "written_by": ACTOR,
            "activated_by": ACTOR,
        },
        "Effect": {
            "content_sm3": TECHNICAL, "subjects": INTERNAL, "risen": INTERNAL, "fallen": INTERNAL, "moved": INTERNAL,
            "counts": INTERNAL, "measured_by": ACTOR,
        },
        "EffectLine": {"before": COMMERCIAL, "after": COMMERCIAL, "before_band": COMMERCIAL, "after_band": COMMERCIAL},
        "Record": {
            "reference": INTERNAL, "side": TECHNICAL, "score": COMMERCIAL, "band": COMMERCIAL, "tone": TECHNICAL,
        },
        "Behaviour": {
            "reference": INTERNAL, "kind": COMMERCIAL, "case": INTERNAL, "note": FREE_TEXT, "recorded_by": ACTOR,
            "recorded_label": NAME, "recorder": TECHNICAL,
        },
        "ListEntry": {
            "side": TECHNICAL, "colour": INTERNAL, "effect": INTERNAL, "reason": FREE_TEXT, "evidence": INTERNAL,
            "proposed_by": TECHNICAL, "proposed_label": NAME, "confirmed_label": NAME, "lift_asked_by": TECHNICAL,
            "lift_label": NAME, "lift_reason": FREE_TEXT,
        },
        "Appeal": {
            "text": FREE_TEXT, "score": COMMERCIAL, "raised_by": NAME, "due_rule": INTERNAL, "decision": FREE_TEXT,
            "decided_by": NAME,
        },
    },
)  # fmt: skip
