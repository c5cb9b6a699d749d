"""Signed requests: what exactly is signed, and how a signature is made and checked. Clients do the same on their side.

The canonical request is six lines: method, path, sorted query, digest of the body (hex), seconds since 1970, nonce.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from xinshu.core.sm import Sm2Key, hmac_sm3, sm3, verify_sm2

HMAC_SM3, HMAC_SHA256, SM2 = "XINSHU-HMAC-SM3", "XINSHU-HMAC-SHA256", "XINSHU-SM2"
SCHEMES = (HMAC_SM3, HMAC_SHA256, SM2)
WINDOW = 300  # seconds that a clock may be off, either way
_PART = re.compile(r'(\w+)="?([^",\s]+)"?')


@dataclass(frozen=True)
class Signed:
    """The parts of an Authorization header of a signed request."""

    scheme: str
    key: str
    timestamp: int
    nonce: str
    signature: bytes


def canonical_query(query: str) -> str:
    """Return a query string in the form that is signed: pairs sorted, everything but unreserved signs in %XX."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~", errors="surrogateescape")


def canonical(scheme: str, method: str, path: str, query: str, body: bytes, timestamp: int, nonce: str) -> bytes:
    """Return the bytes that are signed. `path` as it travels (percent-encoded); SHA-256 digests only in its scheme."""
    digest = hashlib.sha256(body).hexdigest() if scheme == HMAC_SHA256 else sm3(body).hex()
    return "\n".join((method.upper(), path, canonical_query(query), digest, str(timestamp), nonce)).encode()


def sign(scheme: str, secret: str, message: bytes) -> bytes:
    """Return the signature: `secret` is the HMAC secret, or the private scalar (hex) for SM2."""
    if scheme == SM2:
        return Sm2Key.from_hex(secret).sign(message)
    if scheme == HMAC_SM3:
        return hmac_sm3(secret.encode(), message)
    return hmac.digest(secret.encode(), message, "sha256")


def holds(scheme: str, secret: str, public_hex: str, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` over `message` is that of the key: HMAC by its secret, SM2 by its public half."""
    if scheme == SM2:
        return verify_sm2(public_hex, message, signature)
    return hmac.compare_digest(sign(scheme, secret, message), signature)


def header(scheme: str, key: str, timestamp: int, nonce: str, signature: bytes) -> str:
    """Return the Authorization header."""
    encoded = base64.b64encode(signature).decode()
    return f'{scheme} key="{key}", timestamp="{timestamp}", nonce="{nonce}", signature="{encoded}"'


def read_header(text: str) -> Signed | None:
    """Return the parts of an Authorization header; None when it is none of ours."""
    scheme, _space, rest = text.partition(" ")
    parts = dict(_PART.findall(rest[:1_000]))
    if scheme.upper() not in SCHEMES or not {"key", "timestamp", "nonce", "signature"} <= set(parts):
        return None
    timestamp, nonce = parts["timestamp"], parts["nonce"]
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return None
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", nonce):
        return None
    try:
        signature = base64.b64decode(parts["signature"], validate=True)
    except (binascii.Error, ValueError):
        return None
    return Signed(scheme.upper(), parts["key"], int(timestamp), nonce, signature)


def authorization(
    scheme: str, key: str, secret: str, method: str, path: str, *, timestamp: int, nonce: str, query: str = "",
    body: bytes = b"",
) -> str:  # fmt: skip
    """Return the Authorization header of one request: the client's side in one call."""
    message = canonical(scheme, method, path, query, body, timestamp, nonce)
    return header(scheme, key, timestamp, nonce, sign(scheme, secret, message))
