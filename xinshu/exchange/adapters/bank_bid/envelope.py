"""The envelope: business JSON as a string, encrypted to the receiver's SM2 key, signed SM3WithSM2 by the sender.

`sign` covers the values of all other keys, the keys in dictionary order, joined without anything between them. The
manual leaves the form of ciphertext and signature open beyond "Hex": here C1 || C3 || C2 with its leading 04 (GB/T
32918.4), and r || s. An answer repeats nonceStr and timeStamp of its question.
"""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xinshu.core.clock import CHINA
from xinshu.core.sm import Damaged, Sm2Key, sm2_encrypt, verify_sm2
from xinshu.exchange.adapters import Unusable

KEYS = ("data", "encrypt", "nonceStr", "timeStamp")  # in dictionary order, as they are signed
STAMP = "%Y%m%d%H%M%S"
LARGEST = 512 * 1024  # characters of an envelope
_NONCE = re.compile(r"[0-9A-Za-z]{1,32}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


@dataclass(frozen=True)
class Opened:
    """What was inside: the business data, and which question it belongs to."""

    data: dict[str, Any]
    nonce: str
    stamp: str


def close(
    data: dict[str, Any], *, key: Sm2Key, to: str, at: datetime | None = None, answers: Opened | None = None,
    plain: bool = False,
) -> dict[str, str]:  # fmt: skip
    """Return the envelope of `data` for the holder of the public key `to`; as the answer to an opened one if given."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if answers is not None:
        nonce, stamp = answers.nonce, answers.stamp
    else:
        assert at is not None
        nonce, stamp = secrets.token_hex(16), at.astimezone(CHINA).strftime(STAMP)
    told = {
        "data": text if plain else sm2_encrypt(to, text.encode()).hex(),
        "encrypt": "0" if plain else "1",
        "nonceStr": nonce,
        "timeStamp": stamp,
    }
    return {**told, "sign": key.sign(_signed(told)).hex()}


def open_envelope(text: str, *, key: Sm2Key, sender: str) -> Opened:
    """Return what `sender` (a public key) wrote to us. Raises Unusable unless it is whole, theirs and for us."""
    if len(text) > LARGEST:
        raise Unusable("报文超过允许的长度")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Unusable("报文不是 JSON") from None
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in (*KEYS, "sign")):
        raise Unusable("信封缺少字段，应有 data、encrypt、nonceStr、timeStamp、sign")
    if told["encrypt"] not in {"0", "1"} or not _NONCE.fullmatch(told["nonceStr"]) or len(told["timeStamp"]) > 64:
        raise Unusable("信封的 encrypt、nonceStr 或 timeStamp 不合规定")
    if not _HEX.fullmatch(told["sign"]) or not verify_sm2(sender, _signed(told), bytes.fromhex(told["sign"])):
        raise Unusable("签名不对")
    return Opened(_inside(told, key), told["nonceStr"], told["timeStamp"])


def read_stamp(stamp: str) -> datetime | None:
    """Return the moment of an envelope; None when it cannot be read."""
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=CHINA)
    except ValueError:
        return None


def _inside(told: dict[str, str], key: Sm2Key) -> dict[str, Any]:
    content = told["data"]
    if told["encrypt"] == "1":
        if not _HEX.fullmatch(content):
            raise Unusable("密文不是十六进制")
        try:
            content = key.decrypt(bytes.fromhex(content)).decode()
        except (Damaged, UnicodeDecodeError):
            raise Unusable("密文解不开，可能用错了公钥") from None
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise Unusable("业务数据不是 JSON") from None
    if not isinstance(data, dict):
        raise Unusable("业务数据应是一个 JSON 对象")
    return data


def _signed(told: dict[str, str]) -> bytes:
    return "".join(told[name] for name in KEYS).encode("utf-8", "surrogatepass")
