"""One-time passwords by time (RFC 6238, SHA-1, 30 seconds, six digits), as every authenticator app computes them."""

import hmac
import secrets
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote

STEP = 30  # seconds
SKEW = 1  # steps by which the phone's clock may be off, either way


def new_secret() -> bytes:
    """Return 160 random bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def code_of(secret: bytes, step: int, digits: int = 6) -> str:
    """Return the code of one time step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(at: datetime) -> int:
    """Return the time step in which `at` lies."""
    return int(at.timestamp()) // STEP


def matching_step(secret: bytes, code: str, at: datetime, *, after: int) -> int | None:
    """Return the step around `at`, later than `after`, whose code this is; None when there is none."""
    now = step_of(at)
    found = None
    for step in range(now - SKEW, now + SKEW + 1):  # all of them, so that the time taken says nothing
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def readable(secret: bytes) -> str:
    """Return the secret as people type it into an app: base 32 in groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(secret: bytes, account: str, issuer: str) -> str:
    """Return the otpauth address for a QR code."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?secret={b32encode(secret).decode()}&issuer={quote(issuer)}&digits=6&period={STEP}"
