"""Who holds the keys: what a signer must be able to do, wherever its keys lie (file, PKCS#12, HSM, signing service)."""

from functools import cache
from typing import Protocol

from asn1crypto import x509
from django.conf import settings
from django.utils.module_loading import import_string

from xinshu.accounts.models import Organisation


class Signer(Protocol):
    """One organisation's seal: an X.509 key for PDF readers everywhere, an SM2 key for 国密."""

    def __hash__(self) -> int: ...

    @property
    def certificate(self) -> x509.Certificate: ...
    @property
    def chain(self) -> tuple[x509.Certificate, ...]: ...
    @property
    def sm2_public(self) -> str:
        """The SM2 public key, 04 || x || y in hex; empty for a timestamp signer."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign SHA-256 of `data` as the certificate's algorithm asks: ECDSA in DER, or RSA PKCS#1 v1.5."""
        ...

    def sign_sm2(self, message: bytes) -> bytes:
        """Return r || s, 64 bytes, under the default user id."""
        ...


class Authority(Protocol):
    """Where signers come from. Holds keys for as long as the process lives; may be shared by threads."""

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The certificates that we trust when somebody uploads a file to be examined."""
        ...

    @property
    def timestamps(self) -> Signer:
        """The local time-stamping signer."""
        ...

    def signer_of(self, organisation: Organisation) -> Signer: ...
    def sm2_keys_of(self, organisation: Organisation) -> frozenset[str]:
        """Every SM2 public key that this organisation ever sealed with, in hex."""
        ...


def authority() -> Authority:
    """Return the authority that settings.SEALING_AUTHORITY names; the demo's own unless production says otherwise.

    A real one is a class with the same four members, made without arguments: it finds its PKCS#12 files, HSM slot or
    signing service from its own settings. Raises ImproperlyConfigured when production would use the demo's keys.
    """
    name = getattr(settings, "SEALING_AUTHORITY", "xinshu.documents.sealing.demo.DemoAuthority")
    return _made(name, str(settings.DATA))


@cache
def _made(name: str, data: str) -> Authority:
    return import_string(name)()
