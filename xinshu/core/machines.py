"""Who may read what is meant for measuring programs: who brings the token, or without one only this machine."""

import hmac

from django.conf import settings

LOOPBACK = {"127.0.0.1", "::1"}


def may_measure(address: str, authorization: str, *, forwarded: bool) -> bool:
    """Say whether a program at `address` may read figures. `forwarded`: a proxy stands between, so `address` is its."""
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(authorization.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return address in LOOPBACK and not forwarded
