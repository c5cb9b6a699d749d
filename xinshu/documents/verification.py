"""What a PDF that somebody uploads turns out to be: ours to the byte, ours but changed, somebody else's, no PDF."""

import json
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.refusals import NotNow
from xinshu.core.sm import sm3, verify_sm2
from xinshu.documents.models import SealedDocument
from xinshu.documents.sealing.keys import authority

LIMIT = 20 * 1024 * 1024  # bytes; a letter of ours has a hundredth of it
_SECONDS = 15
_ROOT = Path(__file__).resolve().parents[2]  # where `xinshu` is importable from
_readers = threading.BoundedSemaphore(2)  # reading takes half a second of a core: strangers may not take them all


@dataclass(frozen=True)
class Signature:
    """One signature found in a PDF. `holds`: sound, by a signer we trust, timestamped, and nothing came after it."""

    signer: str
    serial: str
    timestamp: datetime | None
    holds: bool
    intact: bool
    trusted: bool
    whole: bool  # covers the file to its last byte

    @property
    def finding(self) -> str:
        """Say in one sentence, for the page, what is right or wrong with it."""
        if self.holds:
            return _("签章有效，签章后没有改动。")
        if not self.intact:
            return _("签章与文件内容不符，文件被改动过。")
        if not self.whole:
            return _("签章之后又追加了内容。")
        if not self.trusted:
            return _("签章证书不是平台认可的机构颁发的。")
        return _("签章之后页面被改动过，或者缺少可信时间戳。")


@dataclass(frozen=True)
class Examination:
    """What we found. `sealed`: the document of ours that has exactly these bytes."""

    sm3: str
    size: int
    sealed: SealedDocument | None = None
    sm2_holds: bool = False  # the SM2 signature that we keep beside `sealed`
    readable: bool = True
    problem: str = ""  # why it could not be read, for the person
    pages: int = 0
    number: str = ""  # the guarantee number that the file gives for itself
    fields: dict[str, str] = field(default_factory=dict)  # value names -> what the page says
    text: str = ""
    signatures: tuple[Signature, ...] = ()

    @property
    def genuine(self) -> bool:
        """Say whether this is, to the byte, a document that we sealed."""
        return self.sealed is not None and self.sm2_holds

    @property
    def altered(self) -> bool:
        """Say whether it carries a seal of somebody we trust but is not what was sealed."""
        return not self.genuine and any(s.trusted or not s.intact for s in self.signatures)


@dataclass(frozen=True)
class Difference:
    """One field in which an uploaded letter differs from the one issued. `found` is empty when the page lacks it."""

    name: str
    label: str
    issued: str
    found: str


def examine(content: bytes) -> Examination:
    """Examine an upload. Never raises for what is in it; NotNow when too many are being read at once.

    A document of ours is recognised by its SM3 alone and not parsed at all; its signature is known from the record.
    """
    digest = sm3(content)
    found = SealedDocument.objects.select_related("organisation", "file").filter(pdf_sm3=digest.hex()).first()
    if found is not None:
        return _ours(found, digest, len(content))
    known: dict[str, Any] = {"sm3": digest.hex(), "size": len(content)}
    if len(content) > LIMIT:
        return Examination(**known, readable=False, problem=_("文件超过 20 MB，不是平台签发的函件。"))
    if content[:1024].find(b"%PDF-") < 0:
        return Examination(**known, readable=False, problem=_("这不是 PDF 文件。"))
    answer = _read_apart(content)
    if not answer.get("readable"):
        problem = _("文件加了密码，无法读取。") if answer.get("encrypted") else _("文件已损坏，无法读取。")
        return Examination(**known, readable=False, problem=problem)
    text = answer["text"]
    fields = fields_of(text)
    return Examination(
        **known,
        pages=answer["pages"],
        number=fields.get("number") or answer["keywords"].strip(),
        fields=fields,
        text=text,
        signatures=tuple(_signature(finding) for finding in answer["signatures"]),
    )


_LABELS = {  # as the letters print them -> name of the value (letters/values.py)
    "受益人": "beneficiary",
    "申请人": "applicant",
    "担保人": "guarantor",
    "保证人": "guarantor",
    "开立人": "guarantor",
    "保险人": "guarantor",
    "招标项目": "project",
    "工程项目": "project",
    "项目编号": "project_number",
    "最高担保金额": "amount",
    "最高金额": "amount",
    "保险金额": "amount",
    "有效期": "period",
    "保证期间": "period",
    "保险期间": "period",
    "交单地点": "expiry_place",
    "索赔地点": "expiry_place",
    "适用规则": "law",
    "适用法律": "law",
}
_NAMES = {
    "number": "保函编号",
    "beneficiary": "受益人",
    "applicant": "申请人",
    "guarantor": "出函机构",
    "project": "项目",
    "project_number": "项目编号",
    "amount": "金额",
    "amount_in_words": "大写金额",
    "effective_on": "生效日",
    "expires_on": "到期日",
    "issued_on": "签发日期",
}
_DAY = r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"


def fields_of(text: str) -> dict[str, str]:
    """Return what the text of a letter says, under the names of letters/values.py; what is missing is left out."""
    text = unicodedata.normalize("NFKC", text)
    found: dict[str, str] = {}
    if number := re.search(r"编号:\s*([A-Z0-9][A-Z0-9-]{5,40})", text):
        found["number"] = number[1]
    head = re.split(r"\n\s*一、", text)[0]  # the table stands before the first clause
    labels = "|".join(sorted(_LABELS, key=len, reverse=True))
    for label, value in re.findall(rf"^({labels})\s+(.*?)(?=^(?:{labels})\s|\Z)", head, re.MULTILINE | re.DOTALL):
        found.setdefault(_LABELS[label], re.sub(r"\s*\n\s*", "", value).strip())
    if amount := re.search(r"([\d,]+\.\d{2})", found.get("amount", "")):
        if words := re.search(r"大写:\s*(\S+)", found["amount"]):
            found["amount_in_words"] = words[1]
        found["amount"] = amount[1]
    days = re.findall(_DAY, found.pop("period", ""))
    if len(days) == 2:
        found["effective_on"], found["expires_on"] = (f"{y}-{int(m):02d}-{int(d):02d}" for y, m, d in days)
    if issued := re.search(rf"签发日期:\s*{_DAY}", text):
        found["issued_on"] = f"{issued[1]}-{int(issued[2]):02d}-{int(issued[3]):02d}"
    return found


def differences(examination: Examination, issued: Mapping[str, Any]) -> list[Difference]:
    """Return where an uploaded letter says something else than the one issued with the values `issued`.

    Compares what people rely on: number, parties, project, amount in both forms, days. Blanks, widths of characters and
    line breaks do not count.
    """
    found = examination.fields
    return [
        Difference(name, label, str(issued[name]), found.get(name, ""))
        for name, label in _NAMES.items()
        if issued.get(name) and _bare(str(issued[name])) != _bare(found.get(name, ""))
    ]


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _ours(document: SealedDocument, digest: bytes, size: int) -> Examination:
    keys = authority().sm2_keys_of(document.organisation)
    holds = document.sm2_public in keys and verify_sm2(
        document.sm2_public, digest, bytes.fromhex(document.sm2_signature)
    )
    signature = Signature(
        signer=document.organisation.name,
        serial=document.certificate_serial,
        timestamp=document.sealed_at,
        holds=True,
        intact=True,
        trusted=True,
        whole=True,
    )
    return Examination(digest.hex(), size, sealed=document, sm2_holds=holds, signatures=(signature,))


def _signature(finding: dict[str, Any]) -> Signature:
    stamp = finding["timestamp"]
    return Signature(**{**finding, "timestamp": datetime.fromisoformat(stamp) if stamp else None})


def _read_apart(content: bytes) -> dict[str, Any]:
    """Let pdf_reading.py read it in a process that holds no key and is ended when it takes too long."""
    if not _readers.acquire(timeout=_SECONDS):
        raise NotNow(_("正在查验的文件较多，这一份还没有查验。"), advice=_("请稍候片刻再上传一次。"))
    question = json.dumps({"roots": [root.dump().hex() for root in authority().roots]}).encode() + b"\n"
    folder = str(_ROOT)
    try:
        child = subprocess.run(
            [sys.executable, "-m", "xinshu.documents.pdf_reading"],
            input=question + content,
            capture_output=True,
            timeout=_SECONDS,
            cwd=folder,
            env={"PYTHONPATH": folder, "LC_ALL": "C.UTF-8"},
            check=True,
        )
        answer: dict[str, Any] = json.loads(child.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"readable": False}
    finally:
        _readers.release()
    return answer
