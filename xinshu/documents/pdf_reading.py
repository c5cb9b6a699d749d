"""Reads a PDF that a stranger uploaded, in a process of its own: no database, no keys, little memory, little time.

Run as `python -m xinshu.documents.pdf_reading`: a line of JSON ({"roots": [certificates in hex]}), then the PDF, on
standard input; a line of JSON on standard output. Whatever a PDF does to its parser, it does here. Imports no Django.
"""

import io
import json
import logging
import resource
import sys
import warnings
from typing import Any

MEMORY, SECONDS, PAGES, TEXT = 1024 * 1024 * 1024, 10, 50, 60_000


def read(content: bytes, roots: list[str]) -> dict[str, Any]:
    """Return {"readable", "pages", "text", "keywords", "signatures"} of a PDF; {"readable": False} if it is none."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            return {"readable": False, "encrypted": True}
        pages = len(reader.pages)
        text = "\n".join(page.extract_text() or "" for page in reader.pages[:PAGES])
        keywords = str(reader.metadata.get("/Keywords", "")) if reader.metadata else ""
    except Exception:  # noqa: BLE001 - a parser may fail in any way on a file made to make it fail
        return {"readable": False, "encrypted": False}
    return {
        "readable": True,
        "pages": pages,
        "text": text[:TEXT],
        "keywords": keywords[:500],
        "signatures": _signatures(content, roots),
    }


def _signatures(content: bytes, roots: list[str]) -> list[dict[str, Any]]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        embedded = PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures
        return [_signature(signature, roots) for signature in embedded[:10] if signature.sig_object_type == "/Sig"]
    except Exception:  # noqa: BLE001
        return []


def _signature(signature: Any, roots: list[str]) -> dict[str, Any]:
    """Judge one signature as of the moment that its own timestamp proves; without a trusted one it does not count."""
    from asn1crypto import x509
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    certificate = signature.signer_cert
    name = certificate.subject.native
    found = {
        "signer": str(name.get("organization_name") or name.get("common_name") or ""),
        "serial": f"{certificate.serial_number:x}",
        "holds": False,
        "intact": False,
        "trusted": False,
        "whole": False,
        "timestamp": None,
    }
    try:
        anchors = [x509.Certificate.load(bytes.fromhex(root)) for root in roots]
        stamped = _stamped_at(signature)

        def context() -> ValidationContext:
            return ValidationContext(
                trust_roots=anchors, moment=stamped, allow_fetching=False, best_signature_time=stamped
            )

        status = validate_pdf_signature(signature, context(), ts_validation_context=context())
    except Exception:  # noqa: BLE001
        return found
    stamp = status.timestamp_validity
    proven = stamp.timestamp.isoformat() if stamp is not None and stamp.valid and stamp.trusted else None
    whole = status.coverage is not None and status.coverage.name == "ENTIRE_FILE"
    return found | {
        "holds": bool(status.bottom_line and proven and whole),
        "intact": bool(status.intact and status.valid),
        "trusted": bool(status.trusted),
        "whole": whole,
        "timestamp": proven,
    }


def _stamped_at(signature: Any) -> Any:
    """Return the time in the signature's timestamp token, if it has one; whether to believe it is judged after."""
    for attribute in signature.signer_info["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            token = attribute["values"][0]["content"]
            return token["encap_content_info"]["content"].parsed["gen_time"].native
    return None


def main() -> None:
    """Limit this process, read, answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    logging.disable()
    question = json.loads(sys.stdin.buffer.readline())
    answer = read(sys.stdin.buffer.read(), question["roots"])
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
