"""Classes of fields: what is demanded and owed is the parties' business; accounts are covered in exports."""

from xinshu.core.classification import ACCOUNT, ACTOR, COMMERCIAL, DATA, FREE_TEXT, INTERNAL, TECHNICAL, classify

classify(
    "claims",
    {
        "Demand": {
            "amount": COMMERCIAL,
            "reserved_amount": COMMERCIAL,
            "payable_amount": COMMERCIAL,
            "statement": FREE_TEXT,
            "payee_name": INTERNAL,
            "payee_bank": INTERNAL,
            "payee_account": ACCOUNT,
            "to_complete": FREE_TEXT,
            "due_rule": INTERNAL,
            "due_provisional": TECHNICAL,
            "findings": DATA,
            "proposal": DATA,
        },
        "Paper": {},
        "RefusalNotice": {
            "number": INTERNAL,
            "refused_amount": COMMERCIAL,
            "discrepancies": DATA,
            "digest": TECHNICAL,
            "late": TECHNICAL,
            "given_by": ACTOR,
        },
        "Position": {"stance": INTERNAL, "text": FREE_TEXT, "by_label": ACTOR},
        "Payout": {
            "order_number": INTERNAL,
            "channel": TECHNICAL,
            "account": ACCOUNT,
            "amount": COMMERCIAL,
            "state": TECHNICAL,
            "reason": FREE_TEXT,
            "receipt": INTERNAL,
        },
        "Injunction": {"court": INTERNAL, "document_number": INTERNAL, "file_sm3": TECHNICAL, "suit": INTERNAL},
        "Recourse": {
            "paid_amount": COMMERCIAL,
            "annual_rate": COMMERCIAL,
            "rate_basis": INTERNAL,
            "costs_amount": COMMERCIAL,
            "interest_amount": COMMERCIAL,
            "principal_amount": COMMERCIAL,
            "written_off_amount": COMMERCIAL,
            "recovered_amount": COMMERCIAL,
        },
        "RecourseEntry": {
            "kind": INTERNAL,
            "number": INTERNAL,
            "amount": COMMERCIAL,
            "to_costs": COMMERCIAL,
            "to_interest": COMMERCIAL,
            "to_principal": COMMERCIAL,
            "note": FREE_TEXT,
            "by_label": ACTOR,
        },
    },
)
