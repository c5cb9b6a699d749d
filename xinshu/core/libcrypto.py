"""SM2 through the system libcrypto (OpenSSL 3, EVP) by ctypes: constant-time, and much faster than plain Python."""

import ctypes
import ctypes.util
import os
import sys
from contextlib import suppress
from typing import Any

_EC = 408  # EVP_PKEY_EC, as which OpenSSL stores SM2 keys
_OID = bytes.fromhex("06072a8648ce3d020106082a811ccf5501822d")  # id-ecPublicKey, sm2p256v1
_PRIVATE = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d0427302502010104 20".replace(" ", ""))
_PUBLIC = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


class NoSm2(Exception):
    """This machine has no libcrypto that can do SM2."""


class Libcrypto:
    """The handful of libcrypto's functions that SM2 takes. Threads may share one. Raises NoSm2 where there is none."""

    def __init__(self) -> None:
        self.lib = lib = _load()
        for name, result, arguments in _FUNCTIONS:
            try:
                function = getattr(lib, name)
            except AttributeError as error:
                raise NoSm2(f"libcrypto lacks {name}") from error
            function.restype, function.argtypes = result, arguments
        if lib.OpenSSL_version_num() < 0x30000000:
            raise NoSm2("libcrypto is older than OpenSSL 3")
        self.sm3 = lib.EVP_sm3()
        if not self.sm3:
            raise NoSm2("libcrypto lacks SM3")

    def private_key(self, scalar: bytes) -> "Key":
        """Load a private key from its 32 bytes; libcrypto derives the public point. Raises NoSm2 when it refuses."""
        return self._key(self.lib.d2i_PrivateKey, _PRIVATE + scalar, _EC)

    def public_key(self, point: bytes) -> "Key":
        """Load a public key from 04 || x || y. Raises NoSm2 when it is not a point of the curve."""
        return self._key(self.lib.d2i_PUBKEY, _PUBLIC + point)

    def _key(self, load: Any, der: bytes, *kind: int) -> "Key":
        start = ctypes.c_char_p(der)
        handle = load(*kind, None, ctypes.byref(start), len(der))
        if not handle:
            self.lib.ERR_clear_error()
            raise NoSm2("libcrypto does not take this SM2 key")
        return Key(self.lib, self.sm3, handle)


class Key:
    """One EVP_PKEY, freed with its Python object."""

    def __init__(self, lib: Any, sm3: int, handle: int) -> None:
        self._lib, self._sm3, self._handle = lib, sm3, handle

    def __del__(self) -> None:
        self._lib.EVP_PKEY_free(self._handle)

    def public_point(self) -> bytes:
        """Return 04 || x || y."""
        out, size = ctypes.create_string_buffer(65), ctypes.c_size_t()
        if self._lib.EVP_PKEY_get_octet_string_param(self._handle, b"pub", out, 65, ctypes.byref(size)) != 1:
            self._lib.ERR_clear_error()
            raise NoSm2("libcrypto gives no public key")
        return out.raw[: size.value]

    def sign(self, message: bytes, user_id: bytes) -> bytes:
        """Return the DER signature over SM3(Z || message)."""
        out, size = ctypes.create_string_buffer(80), ctypes.c_size_t(80)
        with _Digest(self._lib, self._handle, user_id) as context:
            done = (
                self._lib.EVP_DigestSignInit(context, None, self._sm3, None, self._handle) == 1
                and self._lib.EVP_DigestSign(context, out, ctypes.byref(size), message, len(message)) == 1
            )
        if not done:
            self._lib.ERR_clear_error()
            raise NoSm2("libcrypto could not sign")
        return out.raw[: size.value]

    def verify(self, message: bytes, signature: bytes, user_id: bytes) -> bool:
        """Say whether the DER signature is this key's over the message."""
        with _Digest(self._lib, self._handle, user_id) as context:
            good = (
                self._lib.EVP_DigestVerifyInit(context, None, self._sm3, None, self._handle) == 1
                and self._lib.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1
            )
        if not good:
            self._lib.ERR_clear_error()
        return bool(good)

    def encrypt(self, data: bytes) -> bytes:
        """Return the DER of SM2 encryption (GB/T 35276: x, y, SM3, ciphertext). Raises NoSm2."""
        return self._convert("encrypt", data)

    def decrypt(self, der: bytes) -> bytes:
        """Undo `encrypt`. Raises NoSm2 for what was altered, or meant for somebody else."""
        return self._convert("decrypt", der)

    def _convert(self, way: str, data: bytes) -> bytes:
        begin, go = getattr(self._lib, f"EVP_PKEY_{way}_init"), getattr(self._lib, f"EVP_PKEY_{way}")
        context, size = self._lib.EVP_PKEY_CTX_new(self._handle, None), ctypes.c_size_t()
        try:
            if begin(context) == 1 and go(context, None, ctypes.byref(size), data, len(data)) == 1:
                out = ctypes.create_string_buffer(size.value)
                if go(context, out, ctypes.byref(size), data, len(data)) == 1:
                    return out.raw[: size.value]
            self._lib.ERR_clear_error()
            raise NoSm2(f"libcrypto could not {way}")
        finally:
            self._lib.EVP_PKEY_CTX_free(context)


class _Digest:
    """An EVP_MD_CTX with the signer's distinguishing id set, as SM2 wants it before the digest begins."""

    def __init__(self, lib: Any, key: int, user_id: bytes) -> None:
        self._lib, self._key, self._user_id = lib, key, user_id

    def __enter__(self) -> int:
        self._settings = self._lib.EVP_PKEY_CTX_new(self._key, None)
        self._context = self._lib.EVP_MD_CTX_new()
        if not self._settings or not self._context:
            raise MemoryError
        self._lib.EVP_PKEY_CTX_set1_id(self._settings, self._user_id, len(self._user_id))
        self._lib.EVP_MD_CTX_set_pkey_ctx(self._context, self._settings)
        return int(self._context)

    def __exit__(self, *_: object) -> None:
        self._lib.EVP_MD_CTX_free(self._context)
        self._lib.EVP_PKEY_CTX_free(self._settings)


def _load() -> Any:
    """Load the library that XINSHU_LIBCRYPTO names ("none": do without), else the first that is found."""
    if named := os.environ.get("XINSHU_LIBCRYPTO"):
        names = [named]
    elif sys.platform == "darwin":  # Apple's own libcrypto ends the process that loads it, so no search by name
        names = [
            "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
            "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
        ]
    elif sys.platform == "win32":
        names = ["libcrypto-3-x64.dll", "libcrypto-3.dll", "libcrypto-3-arm64.dll"]
    else:
        names = ["libcrypto.so.3", "libcrypto.so"]
    for name in names:
        with suppress(OSError):
            return ctypes.CDLL(name)
    if not named and sys.platform not in {"darwin", "win32"} and (found := ctypes.util.find_library("crypto")):
        with suppress(OSError):
            return ctypes.CDLL(found)
    raise NoSm2("no libcrypto found")


_pointer, _bytes, _size, _int = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int
_FUNCTIONS: list[tuple[str, Any, list[Any]]] = [
    ("OpenSSL_version_num", ctypes.c_ulong, []),
    ("ERR_clear_error", None, []),
    ("EVP_sm3", _pointer, []),
    ("d2i_PrivateKey", _pointer, [_int, _pointer, _pointer, ctypes.c_long]),
    ("d2i_PUBKEY", _pointer, [_pointer, _pointer, ctypes.c_long]),
    ("EVP_PKEY_free", None, [_pointer]),
    ("EVP_PKEY_get_octet_string_param", _int, [_pointer, _bytes, _pointer, _size, _pointer]),
    ("EVP_PKEY_CTX_new", _pointer, [_pointer, _pointer]),
    ("EVP_PKEY_CTX_free", None, [_pointer]),
    ("EVP_PKEY_CTX_set1_id", _int, [_pointer, _bytes, _int]),
    ("EVP_PKEY_encrypt_init", _int, [_pointer]),
    ("EVP_PKEY_encrypt", _int, [_pointer, _bytes, _pointer, _bytes, _size]),
    ("EVP_PKEY_decrypt_init", _int, [_pointer]),
    ("EVP_PKEY_decrypt", _int, [_pointer, _bytes, _pointer, _bytes, _size]),
    ("EVP_MD_CTX_new", _pointer, []),
    ("EVP_MD_CTX_free", None, [_pointer]),
    ("EVP_MD_CTX_set_pkey_ctx", None, [_pointer, _pointer]),
    ("EVP_DigestSignInit", _int, [_pointer] * 5),
    ("EVP_DigestSign", _int, [_pointer, _pointer, _pointer, _bytes, _size]),
    ("EVP_DigestVerifyInit", _int, [_pointer] * 5),
    ("EVP_DigestVerify", _int, [_pointer, _bytes, _size, _bytes, _size]),
]
