"""A certificate authority for demo and tests, made on first use under DATA/pki. Production refuses it."""

import json
import os
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from xinshu.accounts.models import Organisation
from xinshu.core.sm import Sm2Key, hmac_sm3, sm3, sm4_decrypt, sm4_encrypt

# Wide, so that the movable clock of the demo city may issue letters in the past and verify them in the future.
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
_SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


class HeldKeys:
    """A certificate and its private key in memory, loaded once: loading it again costs more than signing."""

    def __init__(self, certificate: bytes, key: bytes, chain: tuple[asn1.Certificate, ...], sm2: Sm2Key | None) -> None:
        private = serialization.load_der_private_key(key, password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise ValueError("the demo signs with P-256")
        self._private, self._sm2 = private, sm2
        self.certificate, self.chain = asn1.Certificate.load(certificate), chain
        self.sm2_public = sm2.public_hex if sm2 else ""

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data, ec.ECDSA(hashes.SHA256()))

    def sign_sm2(self, message: bytes) -> bytes:
        if self._sm2 is None:
            raise ValueError("this signer has no SM2 key")
        return self._sm2.sign(message)


class DemoAuthority:
    """One root, one time-stamping certificate, one certificate per organisation; keys encrypted with FILE_KEY.

    P-256 throughout: readers verify it as they do RSA-2048, it signs ten times faster, and a key is made in no time.
    Safe for many processes starting at once: whoever links its file into place first has made it for all.
    """

    def __init__(self) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured("Production does not sign with demo keys: set XINSHU_SEALING_AUTHORITY.")
        self._folder = Path(settings.DATA) / "pki"
        root = self._kept("root", self._make_root)
        self._root = x509.load_der_x509_certificate(bytes.fromhex(root["certificate"]))
        self._root_key = _key(root)
        self.roots = (asn1.Certificate.load(bytes.fromhex(root["certificate"])),)
        public = self._folder / "root.pem"  # for people who want their PDF reader to trust the demo
        if not public.exists():
            public.write_bytes(self._root.public_bytes(serialization.Encoding.PEM))
        stamps = self._kept("timestamps", self._make_timestamps)
        self.timestamps = HeldKeys(bytes.fromhex(stamps["certificate"]), _key_bytes(stamps), self.roots, None)
        self._signer = lru_cache(maxsize=2048)(self._make_signer)

    def signer_of(self, organisation: Organisation) -> HeldKeys:
        return self._signer(organisation.pk, organisation.name, organisation.uscc or "")

    def sm2_keys_of(self, organisation: Organisation) -> frozenset[str]:
        return frozenset({self.signer_of(organisation).sm2_public})

    def _make_signer(self, number: int, name: str, uscc: str) -> HeldKeys:
        identity = f"{number}|{name}|{uscc}"
        subject = [
            (NameOID.COMMON_NAME, name[:64]),
            (NameOID.ORGANIZATION_NAME, name[:64]),
            (NameOID.COUNTRY_NAME, "CN"),
        ]
        if uscc:
            subject.append((NameOID.SERIAL_NUMBER, uscc))
        kept = self._kept(sm3(identity.encode()).hex()[:32], lambda: self._issue(subject, stamps=False))
        seed = hmac_sm3(bytes.fromhex(settings.SEAL_KEY), b"xinshu organisation seal|" + identity.encode())
        sm2 = Sm2Key(int.from_bytes(seed + sm3(seed), "big") % (_SM2_ORDER - 2) + 1)
        return HeldKeys(bytes.fromhex(kept["certificate"]), _key_bytes(kept), self.roots, sm2)

    def _kept(self, name: str, make: Any) -> dict[str, str]:
        path = self._folder / f"{name}.json"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_name(f".{name[:8]}-{secrets.token_hex(6)}")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(make()))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process was first: its keys are the ones
            finally:
                draft.unlink()
        return json.loads(path.read_text())

    def _make_root(self) -> dict[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name([(NameOID.COMMON_NAME, "信枢演示根证书 Xinshu Demo Root"), (NameOID.COUNTRY_NAME, "CN")])
        builder = _builder(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        usage = _usage(key_cert_sign=True, crl_sign=True)
        return _pair(builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()), key)

    def _make_timestamps(self) -> dict[str, str]:
        return self._issue(
            [(NameOID.COMMON_NAME, "信枢演示时间戳 Xinshu Demo TSA"), (NameOID.COUNTRY_NAME, "CN")], stamps=True
        )

    def _issue(self, subject: list[tuple[x509.ObjectIdentifier, str]], *, stamps: bool) -> dict[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = _usage(digital_signature=True, content_commitment=not stamps)
        builder = (
            _builder(_name(subject), self._root.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()), critical=False
            )
        )
        if stamps:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return _pair(builder.sign(self._root_key, hashes.SHA256()), key)


def _name(parts: list[tuple[x509.ObjectIdentifier, str]]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), _FROM, _UNTIL)
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(**granted: bool) -> x509.KeyUsage:
    names = """digital_signature content_commitment key_encipherment data_encipherment key_agreement
        key_cert_sign crl_sign encipher_only decipher_only"""
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names.split()})


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    wrapped = sm4_encrypt(bytes.fromhex(settings.FILE_KEY), plain)
    return {"certificate": certificate.public_bytes(serialization.Encoding.DER).hex(), "key": wrapped.hex()}


def _key_bytes(pair: dict[str, str]) -> bytes:
    return sm4_decrypt(bytes.fromhex(settings.FILE_KEY), bytes.fromhex(pair["key"]))


def _key(pair: dict[str, str]) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(_key_bytes(pair), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the demo signs with P-256")
    return key
