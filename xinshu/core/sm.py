"""国密 in one place: SM3, HMAC-SM3, SM4 at rest, SM2 signatures and encryption. Whoever needs them calls here.

SM2 runs in the system's libcrypto; where that lacks SM2 (Apple's, some distributions), the same functions fall back to
plain Python (sm2_pure.py), several times slower and with equal results.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from xinshu.core import sm2_pure
from xinshu.core.libcrypto import Key, Libcrypto, NoSm2

USER_ID = b"1234567812345678"  # the default distinguishing id of GB/T 35276
_NONCE, _TAG = 16, 32
_C2 = 97  # where the ciphertext begins in C1 || C3 || C2


class Damaged(ValueError):
    """An encrypted value was altered, cut short, or made with another key."""


def _sm3_of_cryptography(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _hmac_by_hand(key: bytes, data: bytes) -> bytes:
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in key) + data)
    return sm3(bytes(byte ^ 0x5C for byte in key) + inner)


def _sm3_of_hashlib(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _hmac_of_hashlib(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sm3")


class Running(Protocol):
    """A digest under way."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _RunningOfCryptography:
    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.copy().finalize()


def sm3_running() -> Running:
    """Return an SM3 digest that takes its data piece by piece."""
    return hashlib.new("sm3") if _HASHLIB else _RunningOfCryptography()


_HASHLIB = "sm3" in hashlib.algorithms_available
sm3: Callable[[bytes], bytes] = _sm3_of_hashlib if _HASHLIB else _sm3_of_cryptography
hmac_sm3: Callable[[bytes, bytes], bytes] = _hmac_of_hashlib if _HASHLIB else _hmac_by_hand


def sm4_encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt with a 16-byte key: SM4-CTR, then HMAC-SM3. Returns nonce (16) || ciphertext || tag (32)."""
    for_secrecy, for_truth = _sm4_keys(key)
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + _sm4_ctr(for_secrecy, nonce, data)
    return sealed + hmac_sm3(for_truth, sealed)


def sm4_decrypt(key: bytes, data: bytes) -> bytes:
    """Undo sm4_encrypt. Raises Damaged unless every byte is as it was written with this key."""
    for_secrecy, for_truth = _sm4_keys(key)
    sealed, tag = data[:-_TAG], data[-_TAG:]
    if len(sealed) < _NONCE or not hmac.compare_digest(hmac_sm3(for_truth, sealed), tag):
        raise Damaged("the encrypted value does not match its tag")
    return _sm4_ctr(for_secrecy, sealed[:_NONCE], sealed[_NONCE:])


@lru_cache(maxsize=8)
def _sm4_keys(key: bytes) -> tuple[bytes, bytes]:
    """Two keys from one, so that the cipher and the tag share none."""
    if len(key) != 16:
        raise ValueError("an SM4 key has 16 bytes")
    return hmac_sm3(key, b"xinshu sm4-ctr")[:16], hmac_sm3(key, b"xinshu hmac-sm3")


def _sm4_ctr(key: bytes, nonce: bytes, data: bytes) -> bytes:
    stream = Cipher(algorithms.SM4(key), modes.CTR(nonce)).encryptor()
    return stream.update(data) + stream.finalize()


class Sm2Key:
    """A private SM2 key: signs, and tells its public key. Threads may share it."""

    def __init__(self, scalar: int) -> None:
        if not 1 <= scalar <= sm2_pure.N - 2:
            raise ValueError("an SM2 private key lies between 1 and n-2")
        self._scalar = scalar
        self._fast: Key | None = None
        if library := _libcrypto():
            self._fast = library.private_key(scalar.to_bytes(32, "big"))
            point = self._fast.public_point()
        else:
            point = b"\x04" + b"".join(part.to_bytes(32, "big") for part in sm2_pure.public_point(scalar))
        self.public_hex = point.hex()

    @classmethod
    def from_hex(cls, scalar: str) -> "Sm2Key":
        """Return the key of a private scalar in hex. Raises ValueError when it is none."""
        return cls(int(scalar, 16))

    def __repr__(self) -> str:
        return f"Sm2Key({self.public_hex[:18]}…)"  # never the scalar: reprs end up in logs

    def sign(self, message: bytes) -> bytes:
        """Sign SM3(Z || message) under the default user id; returns r || s, 64 bytes."""
        if self._fast:
            return _from_der(self._fast.sign(message, USER_ID))
        e = sm2_pure.digest(_point(bytes.fromhex(self.public_hex)), message, USER_ID, sm3)
        r, s = sm2_pure.sign(self._scalar, e, hmac_sm3)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def decrypt(self, sealed: bytes) -> bytes:
        """Undo sm2_encrypt. Raises Damaged unless every byte is as it was written for this key."""
        if len(sealed) <= _C2 or sealed[0] != 4:
            raise Damaged("this is no SM2 ciphertext")
        if self._fast:
            x, y = int.from_bytes(sealed[1:33], "big"), int.from_bytes(sealed[33:65], "big")
            parts = _integers(x, y) + _octets(sealed[65:_C2]) + _octets(sealed[_C2:])
            try:
                return self._fast.decrypt(b"\x30" + _length(len(parts)) + parts)
            except NoSm2:
                raise Damaged("the SM2 ciphertext was altered or is not for this key") from None
        data = sm2_pure.decrypt(self._scalar, sealed, sm3)
        if data is None:
            raise Damaged("the SM2 ciphertext was altered or is not for this key")
        return data


def sm2_encrypt(public_hex: str, data: bytes) -> bytes:
    """Encrypt for the holder of a public key (04 || x || y): C1 || C3 || C2 of GB/T 32918.4, C1 with its 04.

    Raises ValueError for a key that is none, and for no data.
    """
    point = bytes.fromhex(public_hex)
    if len(point) != 65 or point[0] != 4 or not sm2_pure.on_curve(_point(point)):
        raise ValueError("an SM2 public key is 04 || x || y, a point of the curve")
    if not data:
        raise ValueError("SM2 encrypts at least one byte")
    if _libcrypto() and (key := _public_key(point)):
        return _raw(key.encrypt(data))
    while True:
        sealed = sm2_pure.encrypt(_point(point), data, secrets.randbelow(sm2_pure.N - 2) + 1, sm3)
        if sealed is not None:
            return sealed


def verify_sm2(public_hex: str, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` (r || s) over `message` is that of the holder of `public_hex` (04 || x || y).

    Anything that is not a key or a signature at all is simply not genuine: False, never an exception.
    """
    try:
        point = bytes.fromhex(public_hex)
    except (ValueError, TypeError):
        return False
    if len(point) != 65 or point[0] != 4 or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if _libcrypto():
        key = _public_key(point)
        return key is not None and key.verify(message, _der(r, s), USER_ID)
    return sm2_pure.verify(_point(point), sm2_pure.digest(_point(point), message, USER_ID, sm3), r, s)


@cache
def _libcrypto() -> Libcrypto | None:
    """Return libcrypto if it does SM2, shown by the example signature of GM/T 0003.5, else None."""
    try:
        library = Libcrypto()
        key = library.private_key(bytes.fromhex(_EXAMPLE_KEY))
        r, s = (int(part, 16) for part in _EXAMPLE_SIGNATURE)
        if key.verify(b"message digest", _der(r, s), USER_ID) and len(key.public_point()) == 65:
            return library
    except NoSm2:
        pass
    return None


@lru_cache(maxsize=512)
def _public_key(point: bytes) -> Key | None:
    library = _libcrypto()
    try:
        return library.public_key(point) if library else None
    except NoSm2:
        return None


def _point(encoded: bytes) -> sm2_pure.Point:
    return int.from_bytes(encoded[1:33], "big"), int.from_bytes(encoded[33:], "big")


def _der(r: int, s: int) -> bytes:
    """SEQUENCE of two INTEGERs; both below 2**256, so every length fits one byte."""
    parts = _integers(r, s)
    return bytes([0x30, len(parts)]) + parts


def _integers(*numbers: int) -> bytes:
    parts = b""
    for number in numbers:
        content = number.to_bytes(number.bit_length() // 8 + 1, "big")
        parts += bytes([2, len(content)]) + content
    return parts


def _octets(content: bytes) -> bytes:
    return b"\x04" + _length(len(content)) + content


def _length(size: int) -> bytes:
    if size < 128:
        return bytes([size])
    told = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(told)]) + told


def _raw(der: bytes) -> bytes:
    """C1 || C3 || C2 of libcrypto's SEQUENCE of x, y, digest, ciphertext."""
    parts, place = [], _after_length(der, 1)[0]
    while place < len(der):
        place, size = _after_length(der, place + 1)
        parts.append(der[place : place + size])
        place += size
    x, y, digest, hidden = parts
    return b"\x04" + b"".join(int.from_bytes(part, "big").to_bytes(32, "big") for part in (x, y)) + digest + hidden


def _after_length(der: bytes, place: int) -> tuple[int, int]:
    """Return where the content begins whose length stands at `place`, and the length."""
    if der[place] < 128:
        return place + 1, der[place]
    told = der[place] & 0x7F
    return place + 1 + told, int.from_bytes(der[place + 1 : place + 1 + told], "big")


def _from_der(der: bytes) -> bytes:
    length = der[3]
    r, s = int.from_bytes(der[4 : 4 + length], "big"), int.from_bytes(der[6 + length :], "big")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


_EXAMPLE_KEY = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
_EXAMPLE_SIGNATURE = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
)
