"""Classes of fields: amounts and terms are the business of the parties."""

from xinshu.core.classification import ACCOUNT, COMMERCIAL, DATA, FREE_TEXT, INTERNAL, OPEN, TECHNICAL, classify

classify(
    "guarantees",
    {
        "Tariff": {
            "kind": INTERNAL,
            "number": TECHNICAL,
            "annual_rate": COMMERCIAL,
            "period": COMMERCIAL,
            "basis": COMMERCIAL,
            "minimum_amount": COMMERCIAL,
        },
        "Authority": {"kind": INTERNAL, "auto_amount": COMMERCIAL, "person_amount": COMMERCIAL, "waives": COMMERCIAL},
        "Guarantee": {
            "kind": INTERNAL,
            "number": INTERNAL,
            "verify_code": INTERNAL,
            "currency": OPEN,
            "amount": COMMERCIAL,
            "base_amount": COMMERCIAL,
            "base_source": INTERNAL,
            "findings": COMMERCIAL,
            "reviewed_by_key": TECHNICAL,
            "fee_amount": COMMERCIAL,
            "fee_lines": COMMERCIAL,
            "nature": INTERNAL,
            "clauses": COMMERCIAL,
            "letter_values": DATA,
            "available_amount": COMMERCIAL,
            "reserved_amount": COMMERCIAL,
            "paid_amount": COMMERCIAL,
            "lapsed_amount": COMMERCIAL,
        },
        "Payment": {
            "order_number": INTERNAL,
            "channel": TECHNICAL,
            "account": ACCOUNT,
            "amount": COMMERCIAL,
            "state": TECHNICAL,
            "reason": FREE_TEXT,
        },
        "Attachment": {"title": FREE_TEXT},
        "PublicCheck": {"number": INTERNAL, "way": TECHNICAL, "verdict": TECHNICAL},
    },
)
