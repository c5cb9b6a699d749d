"""Classes of fields: a house's models are its business; the values of a case may hold what only its parties know."""

from xinshu.core.classification import ACTOR, COMMERCIAL, DATA, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "scoring",
    {
        "DataSet": {
            "name": INTERNAL, "origin": TECHNICAL, "columns": INTERNAL, "looks": DATA, "bad_value": INTERNAL,
            "row_count": INTERNAL, "bad_count": INTERNAL, "note": FREE_TEXT, "brought_by": ACTOR,
        },
        "RiskModel": {"name": INTERNAL, "purpose": TECHNICAL},
        "ModelVersion": {
            "number": TECHNICAL, "round": TECHNICAL, "form": TECHNICAL, "seed": TECHNICAL, "parameters": TECHNICAL,
            "code": TECHNICAL, "data_sm3": TECHNICAL, "progress": TECHNICAL, "figures": INTERNAL,
            "model_sm3": TECHNICAL, "hands": TECHNICAL, "begun_by": ACTOR, "proposed_by": ACTOR, "promoted_by": ACTOR,
            "why": FREE_TEXT, "trained_at": INTERNAL,
        },
        "Score": {
            "subject_key": INTERNAL, "subject_name": INTERNAL, "cause": TECHNICAL, "values": DATA, "result": DATA,
            "grade": INTERNAL, "probability": COMMERCIAL, "sm3": TECHNICAL, "asked_by": ACTOR, "at": INTERNAL,
        },
        "Drift": {"column": INTERNAL, "label": INTERNAL, "psi": INTERNAL, "rows": INTERNAL, "month": INTERNAL},
    },
)  # fmt: skip
