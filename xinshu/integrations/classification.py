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
            "noted": TECHNICAL,
        },
        "Call": {
            "method": TECHNICAL,
            "path": TECHNICAL,
            "operation": TECHNICAL,
            "subject": INTERNAL,
            "query": MASKED,
            "sent": MASKED,
            "status": TECHNICAL,
            "outcome": TECHNICAL,
            "address": NETWORK,
            "milliseconds": TECHNICAL,
            "fields": TECHNICAL,
            "level": TECHNICAL,
            "clear": TECHNICAL,
        },
        "Subscription": {"url": INTERNAL, "kinds": INTERNAL, "sealed": SECRET, "failures": TECHNICAL},
        "Sending": {
            "kind": TECHNICAL,
            "subject": TECHNICAL,
            "event": COMMERCIAL,
            "fields": TECHNICAL,
            "level": TECHNICAL,
            "clear": TECHNICAL,
            "state": TECHNICAL,
        },
        "Attempt": {"status": TECHNICAL, "answer": MASKED, "milliseconds": TECHNICAL, "trace": TECHNICAL},
    },
)
