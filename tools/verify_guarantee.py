#!/usr/bin/env python3
"""离线核验信枢保函: check a guarantee's proof file, its PDF, or a sealed dossier without the platform that made them.

    python3 -I verify_guarantee.py proof.json --keys xinshu-keys.json [--pdf 保函.pdf] [--at 日期] [--since 时刻]
    python3 -I verify_guarantee.py --dossier 归档.zip --keys xinshu-keys.json

One file, Python 3.9 or newer, standard library only, no network. The keys are published at
PLATFORM/.well-known/xinshu-keys.json: fetch them once over a way that you trust and keep them, for nothing in a proof
file vouches for itself. Exits 0 when every check passes, 1 when one fails, 2 when a file cannot be read.
Sources: SM3 GB/T 32905, SM2 GB/T 32918.2, trees RFC 6962 with SM3, checkpoints C2SP tlog-checkpoint, signatures of PDF
ETSI EN 319 142 (P-256 or RSA, SHA-256).
What it cannot tell: whether the platform kept silent about an entry of this guarantee. The platform signs a list that
it calls complete; two signed lists that contradict each other convict it, and only a newer proof tells what came later.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import struct
import sys
import zipfile

# Curves y² = x³ - 3x + b over p, base point (x, y) of order n: sm2p256v1 (GB/T 32918.5), P-256 (SEC 2).
SM2 = (
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)
P256 = (
    0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
TELLS = {
    "guarantee.delivered": "in_force",
    "guarantee.released": "released",
    "guarantee.expired": "expired",
    "guarantee.exhausted": "exhausted",
}
WORDS = {"in_force": "在保", "released": "已解保", "expired": "已到期", "exhausted": "已付尽", "surrendered": "已退保"}
BESIDE = {"manifest.json", "evidence.json", "README.txt"}  # what a dossier's list does not list
PAST_ANY_PDF = 64 * 1024 * 1024  # bytes unpacked per member: a dossier is no bomb


class Wrong(Exception):
    """One check does not pass; says why."""


def must(holds: object, why: str) -> None:
    if not holds:
        raise Wrong(why)


def sm3(data: bytes) -> bytes:
    """SM3 from OpenSSL where Python has it (large files), else by hand below."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        return sm3_by_hand(data)


def sm3_by_hand(data: bytes) -> bytes:
    def turn(word: int, by: int) -> int:
        return (word << by % 32 | word >> (32 - by % 32) % 32) & 0xFFFFFFFF

    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack(">Q", len(data) * 8)
    for start in range(0, len(padded), 64):
        w = list(struct.unpack(">16I", padded[start : start + 64]))
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            first = turn(turn(a, 12) + e + turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) & 0xFFFFFFFF, 7)
            ff, gg = (a ^ b ^ c, e ^ f ^ g) if j < 16 else (a & b | a & c | b & c, e & f | ~e & g)
            one = ff + d + (first ^ turn(a, 12)) + (w[j] ^ w[j + 4]) & 0xFFFFFFFF
            two = gg + h + first + w[j] & 0xFFFFFFFF
            a, b, c, d, e, f, g, h = one, a, turn(b, 9), c, two ^ turn(two, 9) ^ turn(two, 17), e, turn(f, 19), g
        v = [old ^ new for old, new in zip(v, (a, b, c, d, e, f, g, h))]  # noqa: B905
    return struct.pack(">8I", *v)


def plus(one, two, p):
    """Add two points; None is the point at infinity."""
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2 and (y1 + y2) % p == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, p) if one == two else (y2 - y1) * pow(x2 - x1, -1, p)
    x3 = (slope * slope - x1 - x2) % p
    return x3, (slope * (x1 - x3) - y1) % p


def times(factor: int, point, p: int):
    result = None
    for bit in bin(factor)[2:]:
        result = plus(result, result, p)
        result = plus(result, point, p) if bit == "1" else result
    return result


def key_of(encoded: bytes, curve):
    """Return the point 04 || x || y; None where it is no point of the curve."""
    x, y = int.from_bytes(encoded[1:33], "big"), int.from_bytes(encoded[33:], "big")
    p, b = curve[:2]
    good = len(encoded) == 65 and encoded[0] == 4 and max(x, y) < p and (y * y - x**3 + 3 * x - b) % p == 0
    return (x, y) if good else None


def sm2_holds(public_hex: str, message: bytes, signature: bytes) -> bool:
    """SM2 with SM3 and the default user id; signature r || s, 64 bytes."""
    p, b, gx, gy, n = SM2
    key = key_of(bytes.fromhex(public_hex), SM2)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % n
    if key is None or len(signature) != 64 or not (0 < r < n and 0 < s < n and t):
        return False
    bound = b"\0\x801234567812345678" + b"".join(i.to_bytes(32, "big") for i in (p - 3, b, gx, gy, *key))
    e = int.from_bytes(sm3(sm3(bound) + message), "big")
    point = plus(times(s, (gx, gy), p), times(t, key, p), p)
    return point is not None and (e + point[0]) % n == r


def canonical(value) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def root_of(leaf: bytes, index: int, size: int, path: list) -> bytes:
    """Follow an inclusion proof (RFC 9162, 2.1.3.2)."""
    must(0 <= index < size, "位置不在这个检查点之内")
    last = size - 1
    for sibling in path:
        must(last, "证明路径过长")
        if index & 1 or index == last:
            leaf = sm3(b"\1" + sibling + leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = sm3(b"\1" + leaf + sibling)
        index, last = index >> 1, last >> 1
    must(not last, "证明路径过短")
    return leaf


def tree(leaves: list) -> bytes:
    """The root above leaf hashes (RFC 6962, 2.1)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sm3(b"")
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sm3(b"\1" + tree(leaves[:half]) + tree(leaves[half:]))


def signatures(lines: list, name: str, kind: bytes, public_hex: str) -> list:
    number = hashlib.sha256(name.encode() + b"\n" + kind + bytes.fromhex(public_hex)).digest()[:4]
    parts = [line.split(" ") for line in lines[:16]]
    found = [base64.b64decode(part[2]) for part in parts if len(part) == 3 and part[:2] == ["—", name]]
    return [content[4:] for content in found if content[:4] == number]


def checkpoint_of(note: str, keys: dict):
    """Return (size, root, Unix time at which the witness saw it) of a checkpoint that both signed."""
    text, blank, tail = note.rpartition("\n\n")
    text, lines = text + "\n", tail.splitlines()
    origin, size, root, rest = text.split("\n")
    must(blank and origin == "xinshu" and not rest, "不是信枢总账的检查点")
    signed = signatures(lines, "xinshu", b"\xffSM2-SM3", keys["checkpoint"])
    must(any(sm2_holds(keys["checkpoint"], text.encode(), one) for one in signed), "检查点不是平台公布的密钥签的")
    for one in signatures(lines, "xinshu-witness", b"\xffSM2-SM3 cosignature/v1", keys["witness"]):
        (seconds,) = struct.unpack(">Q", one[:8])
        if sm2_holds(keys["witness"], f"cosignature/v1\ntime {seconds}\n{text}".encode(), one[8:]):
            return int(size), base64.b64decode(root), seconds
    raise Wrong("检查点没有见证人的会签，或会签不正确")


def der(data: bytes) -> list:
    """Split DER into (tag, content, the whole element)."""
    found, at = [], 0
    while at < len(data) and data[at]:  # zeros pad the place that a PDF keeps for its signature
        tag, length, head = data[at], data[at + 1], 2
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(data[at + 2 : at + head], "big")
        found.append((tag, data[at + head : at + head + length], data[at : at + head + length]))
        at += head + length
    return found


def pdf_signed(pdf: bytes, pinned: list):
    """Check the PDF's own signature; return "" when it holds, else why that could not be checked. Raises Wrong."""
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    must(len(ranges) == 1, "PDF 里没有、或不止一个签名")
    a, b, c, d = (int(number) for number in ranges[0])
    must(a == 0 and c + d == len(pdf) and b < c, "PDF 签名没有覆盖整个文件")
    cms = bytes.fromhex(pdf[b:c].strip(b"<> \r\n").decode("ascii"))
    parts = der(der(der(der(cms)[0][1])[1][1])[0][1])
    info = der(der(parts[-1][1])[0][1])
    attributes = next(part for part in info if part[0] == 0xA0)
    algorithm, value = (part[1] for part in info[info.index(attributes) + 1 : info.index(attributes) + 3])
    digests = [der(der(one[1])[1][1])[0][1] for one in der(attributes[1]) if one[1][2:11].hex() == "2a864886f70d010904"]
    must(digests == [hashlib.sha256(pdf[a:b] + pdf[c : c + d]).digest()], "PDF 内容与签名里的摘要不符")
    for _tag, _content, whole in der(next(part for part in parts if part[0] == 0xA0)[1]):
        tbs = der(der(der(whole)[0][1])[0][1])
        if tbs[3][2] + tbs[1][2] == info[1][1]:  # issuer and serial number name the signer
            break
    else:
        raise Wrong("PDF 签名里没有签章人的证书")
    (_t, kind, _w), (_t, bits, _w) = der(tbs[6][1])
    signed, point = int.from_bytes(hashlib.sha256(b"\x31" + attributes[2][1:]).digest(), "big"), bits[1:]
    if "2a8648ce3d030107" in kind.hex():
        p, _b, gx, gy, n = P256
        key, (r, s) = key_of(point, P256), (int.from_bytes(part[1], "big") for part in der(der(value)[0][1]))
        must(key and 0 < r < n and 0 < s < n, "PDF 签名不正确")
        inverse = pow(s, -1, n)
        sum_ = plus(times(signed * inverse % n, (gx, gy), p), times(r * inverse % n, key, p), p)
        must(sum_ and sum_[0] % n == r, "PDF 签名不正确")
    elif "2a864886f70d0101" in kind.hex():
        modulus, exponent = (int.from_bytes(part[1], "big") for part in der(der(point)[0][1]))
        size = (modulus.bit_length() + 7) // 8
        tail = bytes.fromhex("003031300d060960864801650304020105000420") + signed.to_bytes(32, "big")
        padded = (b"\0\1" + b"\xff" * (size - 2 - len(tail)) + tail).hex()
        must(pow(int.from_bytes(value, "big"), exponent, modulus) == int(padded, 16), "PDF 签名不正确")
    else:
        return f"证书算法 {algorithm.hex()} 不在本脚本之内，请用 PDF 阅读器核对"
    return (
        "" if hashlib.sha256(whole).hexdigest() in pinned else "签名成立，但证书不在公布之列，请用 PDF 阅读器核对证书"
    )


class Report:
    """Prints each check as it is made and remembers whether one failed."""

    def __init__(self) -> None:
        self.failed = 0

    def check(self, title: str, doing, *given) -> object:
        try:
            told = doing(*given)
        except Wrong as wrong:
            self.failed += 1
            self.say("✗ 不通过", title, str(wrong))
            return None
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, StopIteration, struct.error) as error:
            self.failed += 1
            self.say("✗ 不通过", title, f"内容不能读取（{type(error).__name__}）")
            return None
        self.say("✓ 通过  ", title, told if isinstance(told, str) else "")
        return told

    def say(self, mark: str, title: str, detail: str = "") -> None:
        print(f"{mark} {title}{'：' + detail if detail else ''}")


def day(at: str) -> str:
    return at[:19].replace("T", " ") + " (UTC)"


def check_proof(proof: dict, keys: dict, report: Report, pdf=None, at: str = "", since: str = "") -> None:
    """Check a proof file: signatures first, then the tree, then what follows from the entries."""
    stated, letter = proof["statement"], proof["letter"]
    guarantor = next((one for one in keys["guarantors"] if one["uscc"] == stated["guarantor"]["uscc"]
                      and one["name"] == stated["guarantor"]["name"]), {"sm2": [], "certificates": []})  # fmt: skip
    tip: list = []

    def signed() -> str:
        must(stated["format"] == "xinshu-statement/1" and proof["format"] == "xinshu-proof/1", "不是信枢的证明文件")
        message = b"xinshu-statement/1\n" + canonical(stated)
        must(
            sm2_holds(keys["seal"], message, bytes.fromhex(proof["signature"])), "不是平台公布的密钥签的，或内容被改动"
        )
        return f"{stated['number']}，截至 {day(stated['as_of'])}"

    def seal() -> str:
        must(letter["public_key"] in guarantor["sm2"], "签章公钥不是这家保证人公布的")
        digest = bytes.fromhex(letter["sm3"])
        must(sm2_holds(letter["public_key"], digest, bytes.fromhex(letter["signature"])), "SM2 签章不成立")
        must(letter["sm3"] == stated["letter"], "签章的函件不是声明所指的函件")
        return f"{guarantor['name']}，SM3 {letter['sm3'][:8]}…{letter['sm3'][-8:]}"

    def witnessed() -> str:
        size, root, seconds = checkpoint_of(proof["checkpoint"], keys)
        must(size == stated["size"] and root.hex() == stated["root"], "检查点不是声明所指的检查点")
        if since:
            from datetime import datetime, timezone

            seen = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")  # noqa: UP017
            must(seen >= since, f"检查点会签于 {day(seen)}，早于您要求的 {since}；请下载新的证明文件")
        tip.extend((size, root))
        return f"总账共 {size:,} 条记录"

    def included() -> str:
        must(tip, "没有可信的检查点")
        listed = [[one["position"], one["leaf"]] for one in proof["entries"]]
        must(listed == stated["entries"], "记录与平台签名的清单不一致：有记录被去掉、调换或添加")
        must(listed == sorted(listed), "记录的次序不对")
        for one in proof["entries"]:
            leaf = bytes.fromhex(one["leaf"])
            if "entry" in one:
                must(sm3(b"\0" + canonical(one["entry"])) == leaf, f"第 {one['position']} 位的记录内容被改动")
                must(one["entry"]["subject"] == stated["subject"], f"第 {one['position']} 位是另一笔保函的记录")
            path = [bytes.fromhex(step) for step in one["proof"]]
            must(root_of(leaf, one["position"], tip[0], path) == tip[1], f"第 {one['position']} 位的记录不在总账里")
        open_ = sum("entry" in one for one in proof["entries"])
        return f"{len(listed)} 条记录都在总账里，其中 {open_} 条内容公开、{len(listed) - open_} 条只给加盐摘要"

    def follows() -> str:
        told = [one["entry"] for one in proof["entries"] if "entry" in one]
        delivered = [entry for entry in told if entry["kind"] == "guarantee.delivered"]
        must(len(delivered) == 1, "没有唯一的送达记录")
        must(delivered[0]["data"]["letter"] == letter["sm3"], "送达的不是这份函件")
        must(delivered[0]["data"]["number"] == stated["number"], "送达记录的编号不是声明的编号")
        state, asked = "", at + "T23:59:59.999999Z" if len(at) == 10 else at
        for entry in told:
            said = entry["data"].get("state") if entry["kind"] == "guarantee.state_told" else TELLS.get(entry["kind"])
            if said and (not asked or entry["at"] <= asked):
                state = said
        if asked:
            must(asked <= stated["as_of"] or (len(at) == 10 and at <= stated["as_of"][:10]), "证明文件没有到这个时刻")
            return f"截至 {at}：{WORDS.get(state, state) or '尚未送达'}"
        must(state == stated["state"], f"由记录得出“{WORDS.get(state, state)}”，声明却是“{stated['state']}”")
        over = "（担保期已过）" if stated["as_of"][:10] > stated["expires_on"] and state == "in_force" else ""
        terms = f"金额 {stated['amount'] / 100:,.2f} 元，{stated['effective_on']} 至 {stated['expires_on']}"
        return f"{WORDS.get(state, state)}{over}，{terms}"

    report.check("平台的声明", signed)
    report.check("保证人签章", seal)
    report.check("检查点与见证人", witnessed)
    report.check("记录在总账里", included)
    report.check("保函状态", follows)
    if pdf is None:
        report.say("– 未核验", "函件文件", "没有给出 PDF；请加 --pdf 核对手里的文件")
        return
    report.check(
        "函件逐字节一致",
        lambda: must(sm3(pdf).hex() == letter["sm3"], "PDF 与签发的函件不是同一个文件，至少改了一个字节"),
    )
    why = report.check("PDF 数字签名（PAdES）", pdf_signed, pdf, guarantor["certificates"])
    if why:
        report.say("– 提示  ", "PDF 数字签名", str(why))


def check_dossier(content: bytes, keys: dict, report: Report) -> None:
    """Check a sealed dossier: its signed manifest, every file in it, its entry in the ledger, and the proof inside."""
    box = zipfile.ZipFile(io.BytesIO(content))
    names = [info.filename for info in box.infolist()]
    manifest = json.loads(read(box, "manifest.json"))
    head, rows = manifest["header"], manifest["items"]
    disclosed = [row["item"] for row in rows if "item" in row]

    def listed() -> str:
        must(head["format"] == "xinshu-dossier/1", "不是信枢的归档文件")
        message = b"xinshu-dossier/1\n" + canonical(head)
        must(
            sm2_holds(keys["seal"], message, bytes.fromhex(manifest["signature"])),
            "目录不是平台公布的密钥签的，或被改动",
        )
        leaves = [sm3(b"\0" + canonical(row["item"])) if "item" in row else bytes.fromhex(row["leaf"]) for row in rows]
        must(len(leaves) == head["count"] and tree(leaves).hex() == head["root"], "目录里有文件被去掉、添加或改动")
        hidden = len(rows) - len(disclosed)
        return f"{head['number']} 第 {head['number_in_series']} 版，{len(rows)} 件" + (
            f"，其中 {hidden} 件不向您公开" if hidden else ""
        )

    def whole() -> str:
        must(len(names) == len(set(names)), "压缩包里有同名文件")
        extra = set(names) - BESIDE - {item["path"] for item in disclosed}
        must(not extra, f"多出了目录里没有的文件：{'、'.join(sorted(extra))}")
        for item in disclosed:
            must(item["path"] in names, f"缺少 {item['path']}")
            data = read(box, item["path"])
            good = len(data) == item["size"] and hashlib.sha256(data).hexdigest() == item["sha256"]
            must(good and sm3(data).hex() == item["sm3"], f"{item['path']} 与目录里的摘要不符")
        return f"{len(disclosed)} 个文件与目录一致"

    def told() -> str:
        evidence = json.loads(read(box, "evidence.json"))
        size, root, _seconds = checkpoint_of(evidence["checkpoint"], keys)
        path = [bytes.fromhex(step) for step in evidence["proof"]]
        must(
            root_of(sm3(b"\0" + canonical(evidence["entry"])), evidence["position"], size, path) == root,
            "封存记录不在总账里",
        )
        data = evidence["entry"]["data"]
        must(
            evidence["entry"]["kind"] == "archive.sealed" and data["manifest"] == sm3(canonical(head)).hex(),
            "封存记录说的不是这份目录",
        )
        return f"记录 #{evidence['entry']['id']}"

    report.check("归档目录", listed)
    report.check("归档文件", whole)
    if "evidence.json" in names:
        report.check("封存记录在总账里", told)
    else:
        report.say("– 未核验", "封存记录", "压缩包里没有封存记录的证明")
    proof = next((item["path"] for item in disclosed if item["path"] == "proof.json"), None)
    if proof:
        pdf = next((item["path"] for item in disclosed if item["path"].startswith("letter/")), None)
        proven = json.loads(read(box, proof))
        report.check(
            "归档与证明同属一笔",
            lambda: must(proven["statement"]["subject"] == head["subject"], "里面是另一笔保函的证明"),
        )
        check_proof(proven, keys, report, read(box, pdf) if pdf in names else None)


def read(box: zipfile.ZipFile, name: str) -> bytes:
    must(box.getinfo(name).file_size <= PAST_ANY_PDF, f"{name} 过大")
    return box.read(name)


def main() -> int:
    parser = argparse.ArgumentParser(description="信枢保函离线核验")
    parser.add_argument("proof", nargs="?", help="证明文件 proof.json")
    parser.add_argument("--keys", required=True, help="平台公布的公钥 xinshu-keys.json（请另行取得并妥善保存）")
    parser.add_argument("--pdf", help="收到的电子函")
    parser.add_argument("--at", default="", help="看这一天为止的状态，例如 2026-12-31")
    parser.add_argument("--since", default="", help="检查点不得早于这个时刻，例如 2026-11-22T08:00:00")
    parser.add_argument("--dossier", help="归档压缩包")
    asked, report = parser.parse_args(), Report()
    try:
        with open(asked.keys, encoding="utf-8") as file:
            keys = json.load(file)
        must(keys["format"] == "xinshu-keys/1", "--keys 不是信枢的公钥文件")
        if asked.dossier:
            with open(asked.dossier, "rb") as file:
                check_dossier(file.read(), keys, report)
        else:
            with open(asked.proof, encoding="utf-8") as file:
                proof = json.load(file)
            pdf = None
            if asked.pdf:
                with open(asked.pdf, "rb") as file:
                    pdf = file.read()
            check_proof(proof, keys, report, pdf, asked.at, asked.since)
    except (
        Wrong,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        zipfile.BadZipFile,
    ) as error:
        report.say("✗ 不能读取", str(error) if isinstance(error, Wrong) else repr(error))
        return 2
    report.say("══ 结论", f"有 {report.failed} 项不通过，请不要据此办理" if report.failed else "全部通过")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
