"""Classes of fields: titles of houses are known, their accounts and telephones are not, amounts are the parties'."""

from xinshu.core.classification import (
    ACCOUNT,
    COMMERCIAL,
    FREE_TEXT,
    INTERNAL,
    LOGIN,
    NAME,
    OPEN,
    PHONE,
    TECHNICAL,
    classify,
)

TITLE = {
    "kind": INTERNAL, "title": OPEN, "tax_number": OPEN, "address": FREE_TEXT, "phone": PHONE, "bank": INTERNAL,
    "account": ACCOUNT, "mail": LOGIN,
}  # fmt: skip
classify(
    "billing",
    {
        "BuyerTitle": TITLE,
        "ReserveMethod": {
            "unearned_rate": INTERNAL,
            "claims_rate": INTERNAL,
            "claims_cap": INTERNAL,
            "opening_amount": COMMERCIAL,
            "source": INTERNAL,
            "set_by": NAME,
        },
        "BankFile": {"name": FREE_TEXT, "sm3": TECHNICAL, "count": INTERNAL, "known": INTERNAL, "imported_by": NAME},
        "BankLine": {
            "reference": INTERNAL,
            "row": TECHNICAL,
            "amount": COMMERCIAL,
            "payer": INTERNAL,
            "remark": FREE_TEXT,
            "bank_number": INTERNAL,
            "note": INTERNAL,
        },
        "Match": {"way": INTERNAL, "score": INTERNAL, "reason": INTERNAL, "decided_by": NAME},
        "Invoice": {
            **TITLE,
            "amount": COMMERCIAL,
            "tax_rate": COMMERCIAL,
            "net_amount": COMMERCIAL,
            "tax_amount": COMMERCIAL,
            "serial": TECHNICAL,
            "number": INTERNAL,
            "code": TECHNICAL,
            "reason": FREE_TEXT,
            "red_amount": COMMERCIAL,
            "red_serial": TECHNICAL,
            "red_number": INTERNAL,
            "red_reason": FREE_TEXT,
        },
    },
)
