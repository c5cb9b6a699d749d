"""Examining an evidence file that somebody hands in: what holds, what fails, never what it should have said."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.sm import sm3
from xinshu.ledger import merkle, notes
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.notes import Tip
from xinshu.ledger.queries import CLEARED, FORMAT
from xinshu.ledger.tombstones import TOLD
from xinshu.ledger.tree import StoredTree, stored_size

LIMIT = 512 * 1024  # bytes
_FIELDS = {"id", "kind", "subject", "actor", "actor_label", "at", "recorded_at", "sealed_until", "data", "salt"}


@dataclass(frozen=True)
class Check:
    """One check: passed, failed, or None when it cannot be made."""

    passed: bool | None
    title: str
    detail: str = ""


@dataclass
class Examination:
    """The verdict on one evidence file."""

    checks: list[Check] = field(default_factory=list)
    entry: dict[str, Any] = field(default_factory=dict)
    position: int = 0
    tip: Tip | None = None
    problem: str = ""  # why the file could not be read at all

    @property
    def genuine(self) -> bool:
        return not self.problem and all(check.passed is not False for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.passed is False]


class Malformed(ValueError):
    """The file is not an evidence file; says why in words."""


def examine(content: bytes) -> Examination:
    """Examine the bytes of an evidence file against the platform's keys and its present history. Never raises."""
    result = Examination()
    try:
        evidence = _read(content)
    except Malformed as error:
        result.problem = str(error)
        return result
    result.entry, result.position = evidence["entry"], evidence["position"]
    text, lines, result.tip = evidence["note"]
    result.checks = [
        _included(evidence, result.tip),
        _signed(text, lines),
        _witnessed(text, lines),
        _consistent(result.tip),
    ]
    if evidence["tombstone"] is not None:
        result.checks.insert(1, _cleared(evidence))
    return result


def _read(content: bytes) -> dict[str, Any]:
    if len(content) > LIMIT:
        raise Malformed(_("文件超过 512 KB，存证文件不会这么大。"))
    if not content.strip():
        raise Malformed(_("没有收到内容。请选择存证文件，或把文件内容粘贴进来。"))
    try:
        evidence = json.loads(content.decode("utf-8-sig"), parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError):
        raise Malformed(_("内容不是完整的 JSON 文本，可能没有复制全。")) from None
    return _parsed(evidence, cleared=True)


def _parsed(evidence: Any, *, cleared: bool) -> dict[str, Any]:
    """Return the parts of an evidence file; `cleared`: it may be that of an entry whose content was cleared."""
    is_cleared = cleared and isinstance(evidence, dict) and evidence.get("format") == CLEARED
    if not isinstance(evidence, dict) or (evidence.get("format") != FORMAT and not is_cleared):
        raise Malformed(_("这不是信枢的存证文件（缺少格式标识 %s）。") % FORMAT)
    entry, position, proof = evidence.get("entry"), evidence.get("position"), evidence.get("proof")
    if not isinstance(entry, dict) or set(entry) != _FIELDS or type(entry["id"]) is not int:
        raise Malformed(_("存证文件里的记录不完整，或多出了项目。"))
    if type(position) is not int or not 0 <= position < 2**62:
        raise Malformed(_("存证文件里的封存位置不是数字。"))
    if not isinstance(proof, list) or len(proof) > 64:
        raise Malformed(_("存证文件里的证明路径不能读取。"))
    try:
        path = [bytes.fromhex(step) for step in proof]
        rest = merkle.leaf_hash(sm3, canonical_json(entry).encode())
        leaf = bytes.fromhex(str(evidence.get("leaf"))) if is_cleared else rest
    except (ValueError, TypeError, RecursionError):
        raise Malformed(_("存证文件里的证明路径不能读取。")) from None
    try:
        text, lines = notes.split(str(evidence.get("checkpoint")))
        tip = notes.read(text)
    except notes.Unreadable:
        raise Malformed(_("存证文件里的检查点不能读取。")) from None
    found = {"entry": entry, "position": position, "path": path, "leaf": leaf, "note": (text, lines, tip)}
    told = _parsed(evidence.get("tombstone"), cleared=False) if is_cleared else None
    return {**found, "rest": rest, "tombstone": told}


def _no_float(text: str) -> float:
    raise ValueError(text)


def _included(evidence: dict[str, Any], tip: Tip) -> Check:
    title = _("记录内容与证明路径")
    try:
        merkle.check_inclusion(sm3, evidence["position"], tip.size, evidence["leaf"], evidence["path"], tip.root)
    except merkle.NotProven:
        return Check(False, title, _("记录内容、封存位置或证明路径与检查点不符，至少有一处被改动。"))
    return Check(True, title, _("未被改动，SM3 %s") % f"{evidence['leaf'].hex()[:8]}…{evidence['leaf'].hex()[-8:]}")


def _cleared(evidence: dict[str, Any]) -> Check:
    """The entry that tells of the clearing must be in the ledger itself, and list this leaf and what remains."""
    title, told = _("到期清除的记录"), evidence["tombstone"]
    text, lines, tip = told["note"]
    stated = told["entry"]["data"] if isinstance(told["entry"]["data"], dict) else {}
    listed = [evidence["entry"]["id"], evidence["leaf"].hex(), evidence["rest"].hex()]
    if (
        told["entry"]["kind"] != TOLD
        or listed not in (stated.get("entries") or [])
        or not _included(told, tip).passed
        or not notes.is_signed(text, lines, platform_key().public_hex)
    ):
        return Check(False, title, _("没有与这条记录相符的、已封存的清除记录。"))
    who = {name: str(stated.get(name, "")) for name in ("proposed_by", "approved_by", "months")}
    words = _("内容已按留存 %(months)s 个月的规则清除，%(proposed_by)s 申请，%(approved_by)s 批准") % who
    return Check(True, title, words)


def _signed(text: str, lines: list[str]) -> Check:
    title = _("平台签名")
    if notes.is_signed(text, lines, platform_key().public_hex):
        return Check(True, title, _("检查点由平台以国密 SM2 签名"))
    return Check(False, title, _("签名缺失，或不是平台的密钥签的。"))


def _witnessed(text: str, lines: list[str]) -> Check:
    title = _("见证人签名")
    if notes.is_cosigned(text, lines, witness_key().public_hex):
        return Check(True, title, _("见证人确认历史只增不改"))
    if any(line.startswith(f"— {notes.WITNESS} ") for line in lines):
        return Check(False, title, _("见证人的签名不正确。"))
    return Check(None, title, _("这个检查点还没有见证人签名，可稍后重新下载存证文件。"))


def _consistent(tip: Tip) -> Check:
    """Compare with the present tree: it must still begin with what the checkpoint states."""
    title = _("平台现存历史")
    if tip.size < 1 or tip.size > stored_size():
        return Check(False, title, _("检查点比平台现有的记录还多。"))
    try:
        root = merkle.range_root(sm3, StoredTree().subtree, 0, tip.size)
    except merkle.NotProven:
        return Check(False, title, _("平台的证明树有缺损，请联系平台运营核验总账。"))
    if root != tip.root:
        return Check(False, title, _("检查点不在平台的历史之中。"))
    return Check(True, title, _("检查点 %s 在平台的历史之中") % f"{tip.size:,}")
