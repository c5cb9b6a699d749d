"""Whom TLS trusts when the platform calls others."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """Return whom TLS trusts: read once, for that takes longer than most answers."""
    return httpx.create_ssl_context(trust_env=False)
