"""Checkpoints as signed notes (C2SP tlog-checkpoint, signed-note, tlog-cosignature), with SM2 as the signature.

A checkpoint's text is three lines: origin, size, base64 of the root. A signature line is an em dash, the key's name and
base64(key id || signature). C2SP has assigned no type byte to SM2; as it asks, ours is 0xff followed by a longer name:
key id = SHA-256(name || 0x0A || 0xff || "SM2-SM3" || public key)[:4], with the public key as 65 bytes 04 || x || y. The
signature is r || s (64 bytes) over the text, with SM3 and the default user id (GB/T 32918, GB/T 35276). A witness signs
"cosignature/v1", a line "time <seconds>" and the text; its type is "SM2-SM3 cosignature/v1", and eight bytes of time
stand before its signature.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from xinshu.core.sm import Sm2Key, verify_sm2

ORIGIN = "xinshu"  # also the name of the platform's key
WITNESS = "xinshu-witness"
_SIGNS, _COSIGNS = b"\xffSM2-SM3", b"\xffSM2-SM3 cosignature/v1"


class Unreadable(ValueError):
    """A note is not of the form that C2SP gives it."""


@dataclass(frozen=True)
class Tip:
    """Size and root of a tree, as a checkpoint states them."""

    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{ORIGIN}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, kind: bytes, public_hex: str) -> bytes:
    """Return the four bytes that stand for a key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + kind + bytes.fromhex(public_hex)).digest()[:4]


def sign(text: str, key: Sm2Key) -> str:
    """Return the platform's signature line over `text`."""
    return _line(ORIGIN, key_id(ORIGIN, _SIGNS, key.public_hex) + key.sign(text.encode()))


def cosign(text: str, key: Sm2Key, seconds: int) -> str:
    """Return the witness's signature line: it saw `text` at that moment (Unix time), consistent with all before it."""
    signature = key.sign(_cosigned(text, seconds))
    return _line(WITNESS, key_id(WITNESS, _COSIGNS, key.public_hex) + struct.pack(">Q", seconds) + signature)


def _line(name: str, content: bytes) -> str:
    return f"— {name} {base64.b64encode(content).decode()}\n"


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def split(note: str) -> tuple[str, list[str]]:
    """Return a note's text and its signature lines. Raises Unreadable."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise Unreadable("There is no blank line before the signatures.")
    return text + "\n", lines.splitlines(keepends=True)


def read(text: str) -> Tip:
    """Return what a checkpoint's text states. Raises Unreadable."""
    try:
        origin, size, root, rest = text.split("\n")
        tip = Tip(int(size), base64.b64decode(root, validate=True))
    except (ValueError, binascii.Error) as error:
        raise Unreadable("These are not the three lines of a checkpoint.") from error
    if origin != ORIGIN or rest or tip.text != text:
        raise Unreadable("This is not a checkpoint of this ledger.")
    return tip


def is_signed(text: str, lines: list[str], public_hex: str) -> bool:
    """Return whether one of the lines is the platform's signature over `text`."""
    for content in _contents(lines, ORIGIN, key_id(ORIGIN, _SIGNS, public_hex)):
        if len(content) == 64 and verify_sm2(public_hex, text.encode(), content):
            return True
    return False


def is_cosigned(text: str, lines: list[str], public_hex: str) -> bool:
    """Return whether one of the lines is the witness's signature over `text`."""
    for content in _contents(lines, WITNESS, key_id(WITNESS, _COSIGNS, public_hex)):
        if len(content) == 72:
            (seconds,) = struct.unpack(">Q", content[:8])
            if verify_sm2(public_hex, _cosigned(text, seconds), content[8:]):
                return True
    return False


def _contents(lines: list[str], name: str, number: bytes) -> list[bytes]:
    found = []
    for line in lines[:16]:
        dash, _space, rest = line.rstrip("\n").partition(" ")
        signer, _space, encoded = rest.partition(" ")
        try:
            content = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            continue
        if dash == "—" and signer == name and content[:4] == number:
            found.append(content[4:])
    return found
