#!/usr/bin/env python3
"""Verify an evidence file of Xinshu (信枢) without Xinshu: one file, Python 3.9 or newer, nothing to install.

    python3 verify_evidence.py evidence.json [--platform-key HEX] [--witness-key HEX]
    python3 verify_evidence.py log.jsonl ...          every line of an exported log

It recomputes the entry's leaf (SM3 over its canonical JSON), follows the inclusion proof (RFC 6962) to the root that
the checkpoint states, and checks the SM2 signatures of the platform and of its witness over that checkpoint. Exits 0
when all holds, 1 when something does not (saying what), 2 when the file cannot be read. The public keys are those that
this script was handed out with; compare them with the ones that the platform publishes elsewhere. Without any it takes
the keys named in the file, and says so: that proves consistency, not origin.
"""

# ruff: noqa: T201, B905  (it prints, and runs on Pythons older than ours)

import argparse
import base64
import functools
import hashlib
import json
import struct
import sys
from collections.abc import Iterator

PLATFORM_KEY = ""
WITNESS_KEY = ""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


class Wrong(Exception):
    """One check fails."""


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905): from OpenSSL where it has it, else computed here."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        return sm3_by_hand(data)


def sm3_by_hand(data: bytes) -> bytes:
    """SM3 in plain Python."""

    def turn(word: int, by: int) -> int:
        by %= 32
        return (word << by | word >> 32 - by) & 0xFFFFFFFF

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack(">Q", len(data) * 8)
    for start in range(0, len(padded), 64):
        w = list(struct.unpack(">16I", padded[start : start + 64]))
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            first = turn(turn(a, 12) + e + turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) & 0xFFFFFFFF, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            one = ff + d + (first ^ turn(a, 12)) + (w[j] ^ w[j + 4]) & 0xFFFFFFFF
            two = gg + h + first + w[j] & 0xFFFFFFFF
            a, b, c, d, e, f, g, h = one, a, turn(b, 9), c, two ^ turn(two, 9) ^ turn(two, 17), e, turn(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]
    return struct.pack(">8I", *state)


def add(one: "tuple | None", two: "tuple | None") -> "tuple | None":
    """Add two points of the curve; None is the point at infinity."""
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(factor: int, point: tuple) -> "tuple | None":
    """Multiply a point of the curve."""
    result: tuple | None = None
    for bit in bin(factor)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


@functools.lru_cache(maxsize=16)
def sm2_holds(public_hex: str, message: bytes, signature: bytes) -> bool:
    """SM2 with SM3 and the default user id (GB/T 32918.2); public key 04 || x || y, signature r || s."""
    public = bytes.fromhex(public_hex)
    if len(public) != 65 or public[0] != 4 or len(signature) != 64:
        return False
    key = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    if max(key) >= P or (key[1] ** 2 - key[0] ** 3 - A * key[0] - B) % P:
        return False
    user = b"1234567812345678"
    identity = struct.pack(">H", len(user) * 8) + user
    numbers = b"".join(number.to_bytes(32, "big") for number in (A, B, *G, *key))
    e = int.from_bytes(sm3(sm3(identity + numbers) + message), "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    point = add(times(s, G), times(t, key))
    return point is not None and (e + point[0]) % N == r


def canonical(entry: dict) -> bytes:
    """The bytes of an entry that its leaf hashes."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def root_of(leaf: bytes, index: int, size: int, path: list) -> bytes:
    """Follow an inclusion proof (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong("位置不在这个检查点之内 / the position lies outside this checkpoint")
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Wrong("证明路径过长 / the proof is too long")
        if place & 1 or place == last:
            root = sm3(b"\1" + sibling + root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = sm3(b"\1" + root + sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("证明路径过短 / the proof is too short")
    return root


def signatures(lines: list, name: str, kind: bytes, public_hex: str) -> list:
    """The signatures in a note (C2SP signed-note) that claim to be by this key."""
    number = hashlib.sha256(name.encode() + b"\n" + kind + bytes.fromhex(public_hex)).digest()[:4]
    found = []
    for line in lines[:16]:
        parts = line.split(" ")
        if len(parts) == 3 and parts[0] == "—" and parts[1] == name:
            content = base64.b64decode(parts[2])
            if content[:4] == number:
                found.append(content[4:])
    return found


def check(evidence: dict, platform_key: str, witness_key: str) -> Iterator:
    """Yield one line per check that holds. Raises Wrong at the first that does not."""
    text, blank, tail = evidence["checkpoint"].rpartition("\n\n")
    if not blank:
        raise Wrong("检查点没有签名 / the checkpoint is not signed")
    text, lines = text + "\n", tail.splitlines()
    origin, size, root = text.split("\n")[:3]
    if origin != "xinshu":
        raise Wrong("检查点不是信枢的 / the checkpoint is of another log")
    if any(
        len(signature) == 64 and sm2_holds(platform_key, text.encode(), signature)
        for signature in signatures(lines, "xinshu", b"\xffSM2-SM3", platform_key)
    ):
        yield "平台签名正确 / the platform signed this checkpoint"
    else:
        raise Wrong("平台签名不正确 / the platform's signature does not hold")
    for content in signatures(lines, "xinshu-witness", b"\xffSM2-SM3 cosignature/v1", witness_key):
        seconds = struct.unpack(">Q", content[:8])[0]
        if sm2_holds(witness_key, f"cosignature/v1\ntime {seconds}\n{text}".encode(), content[8:]):
            yield "见证人签名正确 / the witness co-signed it"
            break
        raise Wrong("见证人签名不正确 / the witness's signature does not hold")
    else:
        yield "（没有见证人签名 / no witness has co-signed it）"
    rest = sm3(b"\0" + canonical(evidence["entry"]))
    leaf = bytes.fromhex(evidence["leaf"]) if "leaf" in evidence else rest
    path = [bytes.fromhex(step) for step in evidence["proof"]]
    if root_of(leaf, evidence["position"], int(size), path) != base64.b64decode(root):
        raise Wrong("记录与检查点不符：内容、位置或证明路径被改动 / the entry is not in this log as it stands")
    if "tombstone" in evidence:
        told = evidence["tombstone"]
        yield from check(told, platform_key, witness_key)
        listed = [evidence["entry"]["id"], leaf.hex(), rest.hex()]
        if told["entry"]["kind"] != "ledger.redacted" or listed not in told["entry"]["data"]["entries"]:
            raise Wrong("没有与之相符的清除记录 / no entry tells of this clearing")
        who = "{proposed_by} / {approved_by}, {of}, {months}".format(**told["entry"]["data"])
        yield f"内容已到期清除 / the content was cleared when its period had passed: {who}"
    yield f"记录 #{evidence['entry']['id']} 在检查点 {size} 之内，未被改动 / the entry is in the log, unaltered"


def check_lines(text: str, platform_key: str, witness_key: str) -> "tuple[int, dict]":
    """Check every line of an exported log; return how many hold, and the summary that ends it. Raises Wrong."""
    count, summary = 0, {}
    for number, line in enumerate(text.splitlines(), 1):
        evidence = json.loads(line)
        if evidence.get("format") == "xinshu-log/1":
            summary = evidence
            continue
        try:
            list(check(evidence, platform_key or evidence["platform_key"], witness_key or evidence["witness_key"]))
        except Wrong as wrong:
            raise Wrong(f"第 {number} 行 / line {number}: {wrong}") from wrong
        count += 1
    if summary.get("rows") != count:
        raise Wrong("行数与结尾所记不同，文件不完整 / the lines are not as many as the last one says")
    return count, summary


def main() -> int:
    """Read the arguments, check, say what holds."""
    parser = argparse.ArgumentParser(description="信枢存证离线核验 / verify evidence of Xinshu offline")
    parser.add_argument("file")
    parser.add_argument("--platform-key", default=PLATFORM_KEY)
    parser.add_argument("--witness-key", default=WITNESS_KEY)
    asked = parser.parse_args()
    try:
        with open(asked.file, encoding="utf-8") as file:
            text = file.read()
        if '"format": "xinshu-log/1"' in text.rstrip("\n").rpartition("\n")[2]:
            if not asked.platform_key:
                print("注意：公钥取自文件本身 / keys taken from the file itself: proves consistency, not origin")
            count, summary = check_lines(text, asked.platform_key, asked.witness_key)
            print(f"✓ {count} 条记录都在检查点之内，未被改动 / all {count} entries are in the log, unaltered")
            print(f"  其中已到期清除 / of these cleared: {summary.get('cleared', 0)}")
            print(f"  未导出 / left out: 开标前保密 {summary['secret']}, 等待封存 {summary['not_sealed_yet']}")
            print("核验通过 / genuine")
            return 0
        evidence = json.loads(text)
        if not asked.platform_key:
            print("注意：公钥取自文件本身，请与平台公布的公钥核对 / keys taken from the file itself, compare them:")
            print(" ", evidence["platform_key"])
        platform_key = asked.platform_key or evidence["platform_key"]
        witness_key = asked.witness_key or evidence["witness_key"]
        for line in check(evidence, platform_key, witness_key):
            print("✓", line)
    except Wrong as wrong:
        print("✗", wrong)
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        print(f"✗ 文件不能读取 / the file cannot be read: {error!r}")
        return 2
    print("核验通过 / genuine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
