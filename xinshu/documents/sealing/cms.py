"""CMS by hand: the signed data of a PAdES signature (ETSI EN 319 142) and of an RFC 3161 timestamp, in DER.

asn1crypto builds the same in 35 ms, nearly all of it spent encoding anew what it had encoded before; here the parts
that never change are encoded once per signer. What comes out is checked in tests by pyHanko.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import algos, cms, core, x509
from pyhanko.sign.general import as_signing_certificate_v2

from xinshu.documents.sealing.keys import Signer

_SEQUENCE, _SET, _INTEGER, _OCTETS, _GENERALIZED_TIME = 0x30, 0x31, 0x02, 0x04, 0x18
_SIGNED_DATA = cms.ContentType("signed_data").dump()
_DATA, _TST_INFO = cms.ContentType("data").dump(), cms.ContentType("tst_info").dump()
_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_TIMESTAMP_POLICY = core.ObjectIdentifier("2.25.279011418164287").dump()  # UUID arc: needs no registration


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _set(tag: int, *parts: bytes) -> bytes:
    return _der(tag, *sorted(parts))


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _attribute(name: str, value: bytes) -> bytes:
    return _der(_SEQUENCE, cms.CMSAttributeType(name).dump(), _der(_SET, value))


@dataclass(frozen=True)
class _Parts:
    """What never changes for one signer, encoded."""

    identifier: bytes  # issuer and serial number
    algorithm: bytes
    certificates: bytes
    subject: bytes
    content_type: bytes  # attributes
    certificate_attribute: bytes


@lru_cache(maxsize=4096)
def _parts(signer: Signer, timestamp: bool) -> _Parts:  # signers live as long as the process
    certificate = signer.certificate
    family = "ecdsa" if certificate.public_key.algorithm == "ec" else "rsa"
    # A timestamp carries its own certificate only: the chain stands in the signature around it.
    chain = {certificate.dump(), *(() if timestamp else (link.dump() for link in signer.chain))}
    return _Parts(
        identifier=_der(_SEQUENCE, certificate.issuer.dump(), _integer(certificate.serial_number)),
        algorithm=algos.SignedDigestAlgorithm({"algorithm": f"sha256_{family}"}).dump(),
        certificates=_set(0xA0, *chain),
        subject=_der(0xA0, x509.GeneralName(name="directory_name", value=certificate.subject).dump()),
        content_type=_attribute("content_type", _TST_INFO if timestamp else _DATA),
        certificate_attribute=_attribute("signing_certificate_v2", as_signing_certificate_v2(certificate).dump()),
    )


_MESSAGE_DIGEST = cms.CMSAttributeType("message_digest").dump()
_TIMESTAMP_TOKEN = cms.CMSAttributeType("signature_time_stamp_token").dump()


def _sign(signer: Signer, parts: _Parts, digest: bytes) -> tuple[bytes, bytes]:
    """Return (signed attributes as they stand in the SignerInfo, signature over them)."""
    message_digest = _der(_SEQUENCE, _MESSAGE_DIGEST, _der(_SET, _der(_OCTETS, digest)))
    attributes = _set(_SET, parts.content_type, message_digest, parts.certificate_attribute)
    return b"\xa0" + attributes[1:], signer.sign(attributes)


def _signed_data(version: int, content: bytes, parts: _Parts, signer_info: bytes) -> bytes:
    data = _der(_SEQUENCE, _integer(version), _der(_SET, _SHA256), content, parts.certificates, _der(_SET, signer_info))
    return _der(_SEQUENCE, _SIGNED_DATA, _der(0xA0, data))


def timestamp(digest: bytes, signer: Signer, at: datetime) -> bytes:
    """Return an RFC 3161 token: `digest` (SHA-256) existed at the moment `at`."""
    parts = _parts(signer, True)
    moment = at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()
    info = _der(
        _SEQUENCE,
        _integer(1),
        _TIMESTAMP_POLICY,
        _der(_SEQUENCE, _SHA256, _der(_OCTETS, digest)),
        _integer(secrets.randbits(63)),
        _der(_GENERALIZED_TIME, moment),
        parts.subject,
    )
    attributes, signature = _sign(signer, parts, hashlib.sha256(info).digest())
    signer_info = _der(
        _SEQUENCE, _integer(1), parts.identifier, _SHA256, attributes, parts.algorithm, _der(_OCTETS, signature)
    )
    content = _der(_SEQUENCE, _TST_INFO, _der(0xA0, _der(_OCTETS, info)))
    return _signed_data(3, content, parts, signer_info)


def signature(digest: bytes, signer: Signer, timestamps: Signer, at: datetime) -> bytes:
    """Return a detached CAdES-T signature over the document bytes whose SHA-256 is `digest`."""
    parts = _parts(signer, False)
    attributes, value = _sign(signer, parts, digest)
    token = timestamp(hashlib.sha256(value).digest(), timestamps, at)
    signer_info = _der(
        _SEQUENCE,
        _integer(1),
        parts.identifier,
        _SHA256,
        attributes,
        parts.algorithm,
        _der(_OCTETS, value),
        _der(0xA1, _der(_SEQUENCE, _TIMESTAMP_TOKEN, _der(_SET, token))),
    )
    return _signed_data(1, _der(_SEQUENCE, _DATA), parts, signer_info)
