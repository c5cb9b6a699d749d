"""Classes of fields: who a firm is is public, whoever stands for it is personal, the number is nobody's to read."""

from xinshu.core.classification import FREE_TEXT, INTERNAL, MASKED, NAME, OPEN, SEALED, TECHNICAL, classify

classify(
    "certification",
    {
        "Certification": {
            "legal_name": OPEN, "uscc": OPEN, "representative": NAME, "id_number": SEALED, "id_masked": MASKED,
            "reason": FREE_TEXT,
        },
        "Finding": {
            "item": INTERNAL, "check_code": TECHNICAL, "result": INTERNAL, "words": FREE_TEXT, "source": INTERNAL,
        },
        "SmallTransfer": {
            "reference": INTERNAL, "account": SEALED, "account_masked": MASKED, "bank": INTERNAL, "amount": SEALED,
            "state": INTERNAL, "tries": TECHNICAL, "why": FREE_TEXT,
        },
        "Judgement": {"item": INTERNAL, "reason": FREE_TEXT},
    },
)  # fmt: skip
