"""TC3-HMAC-SHA256: how Tencent Cloud wants requests signed; its SMS, its faces and its register alike."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit


def signature(
    secret: str, service: str, headers: Mapping[str, str], body: bytes, timestamp: int
) -> tuple[str, str, str]:
    """Return scope, names of the signed headers and signature (hex) that TC3-HMAC-SHA256 asks of a POST to /."""
    day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope, signed = f"{day}/{service}/tc3_request", sorted(headers)
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            "".join(f"{name}:{headers[name].strip().lower()}\n" for name in signed),
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        )
    )
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return scope, ";".join(signed), hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


SIGNED = ("content-type", "host", "x-tc-action")  # the action travels in capitals but is signed in lower case


def authorisation(
    settings: Mapping[str, str], service: str, signed: Mapping[str, str], body: bytes, timestamp: int
) -> str:
    """Return the header by which a call proves itself. `settings`: secret_id, secret_key."""
    scope, names, mark = signature(settings["secret_key"], service, signed, body, timestamp)
    return f"TC3-HMAC-SHA256 Credential={settings['secret_id']}/{scope}, SignedHeaders={names}, Signature={mark}"


def is_signed(settings: Mapping[str, str], service: str, given: Mapping[str, str], body: bytes) -> bool:
    """Tell whether a call with these headers is signed by the keys of `settings`: what the sandboxes ask."""
    signed = {name: given.get(name, "") for name in SIGNED}
    expected = authorisation(settings, service, signed, body, int(given.get("x-tc-timestamp", "0")))
    return hmac.compare_digest(given.get("authorization", "").encode(), expected.encode())


def headers(
    settings: Mapping[str, str], service: str, act: str, version: str, body: bytes, at: datetime
) -> dict[str, str]:
    """Return the headers of a signed call. `settings`: url, secret_id, secret_key; region where the service has one."""
    timestamp = int(at.timestamp())
    signed = {
        "content-type": "application/json; charset=utf-8",
        "host": urlsplit(settings["url"]).netloc,
        "x-tc-action": act.lower(),
    }
    told = {
        "content-type": signed["content-type"],
        "host": signed["host"],
        "x-tc-action": act,
        "x-tc-version": version,
        "x-tc-timestamp": str(timestamp),
        "authorization": authorisation(settings, service, signed, body, timestamp),
    }
    return told | ({"x-tc-region": settings["region"]} if "region" in settings else {})
