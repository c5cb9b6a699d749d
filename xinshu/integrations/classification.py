"""Classes of fields: keys are secret, the log of calls is kept covered."""

from xinshu.core.classification import COMMERCIAL, INTERNAL, MASKED, NETWORK, OPEN, SECRET, TECHNICAL, classify

classify(
    "integrations",
    {
        "ApiClient": {"name": INTERNAL, "scopes": INTERNAL, "networks": INTERNAL, "per_minute": TECHNICAL},
        "ApiKey": {"code": INTERNAL, "kind": TECHNICAL, "digest": SECRET, "sealed": SECRET, "public_hex": OPEN},
        "Nonce": {"value": TECHNICAL},
        "Meter": {"name": TECHNICAL, "full_at": TECHNICAL},
        "Reply": {
            "key": TECHNICAL,
            "fingerprint": TECHNICAL,
            "status": TECHNICAL,
            "content_type": TECHNICAL,
            "body": SECRET,
        },
        "Call": {
            "method": TECHNICAL,
            "path": TECHNICAL,
            "query": MASKED,
            "sent": MASKED,
            "status": TECHNICAL,
            "outcome": TECHNICAL,
            "address": NETWORK,
            "milliseconds": TECHNICAL,
            "fields": TECHNICAL,
            "level": TECHNICAL,
        },
        "Subscription": {"url": INTERNAL, "kinds": INTERNAL, "sealed": SECRET, "failures": TECHNICAL},
        "Sending": {
            "kind": TECHNICAL,
            "subject": TECHNICAL,
            "event": COMMERCIAL,
            "fields": TECHNICAL,
            "state": TECHNICAL,
        },
        "Attempt": {"status": TECHNICAL, "answer": MASKED, "milliseconds": TECHNICAL, "trace": TECHNICAL},
    },
)
