"""The centre (沙箱交易中心): what a department's or trading centre's system does with our messages.

It keeps what it was told, knows a repetition by its number, verifies what is revealed against the commitment, and
answers as `moods` say, one after the other, the last one for ever. Results of its own wait in `outbox`.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import Unusable, projects
from xinshu.exchange.adapters.bank_bid import messages as bank
from xinshu.exchange.adapters.bank_bid.envelope import Opened, close, open_envelope
from xinshu.exchange.adapters.iso20022 import mapping as tables
from xinshu.exchange.adapters.iso20022.messages import read, to_bytes, write
from xinshu.exchange.adapters.iso20022.reading import parse
from xinshu.exchange.adapters.iso20022.signature import check, sign
from xinshu.exchange.content import reveals

STRANGER = Sm2Key(0x1234567890ABCDEF)  # whose signature is never the right one


@dataclass(frozen=True)
class Said:
    """An answer: HTTP status and body."""

    status: int
    text: str


@dataclass
class Centre:
    """One receiving system. `memory` is all it knows: {"orders": {order: [...]}, "messages": {number: fields}}."""

    key: Sm2Key
    platform: str  # the public key whose messages it believes
    name: str = "沙箱交易中心"
    moods: list[str] = field(default_factory=lambda: ["good"])
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    file: Path | None = None
    outbox: list[dict[str, str]] = field(default_factory=list)
    times: int = 0  # how often it was asked
    memory: dict[str, Any] = field(default_factory=lambda: {"orders": {}, "messages": {}})
    _lock: Any = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            self.memory = json.loads(self.file.read_text())

    def answer(self, path: str, body: bytes) -> Said:
        """Return what it says to a message that was posted to `path`."""
        with self._lock:
            self.times += 1
            mood = self.moods.pop(0) if len(self.moods) > 1 else self.moods[0]
            if mood == "broken":
                return Said(503, "sandbox is down")
            if mood == "garbage":
                return Said(200, "<<<{{{ \u0000 not a message")
            last = path.strip("/").split("/")
            if last[-1] == projects.PATH:
                told = self._project(body, mood)
            else:
                told = self._bank(last[-1], body, mood) if last[-1] in bank.KINDS else self._iso(last, body, mood)
            if self.file is not None:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self.file.write_text(json.dumps(self.memory, ensure_ascii=False))
            return told

    # the bank's interface

    def _bank(self, path: str, body: bytes, mood: str) -> Said:
        signer = STRANGER if mood == "wrong_signature" else self.key
        try:
            opened = open_envelope(body.decode("utf-8", "replace"), key=self.key, sender=self.platform)
        except Unusable:
            return Said(400, "signature or envelope refused")
        refusal = "；".join(bank.problems(bank.KINDS[path], opened.data))
        refusal = refusal or (self._revealed(opened.data) if path == bank.REVEAL.path else "")
        if mood == "refuse":
            refusal = refusal or "沙箱按要求拒绝"
        if not refusal:
            self._keep(path, opened.data)
            self._result(path, opened.data, mood)
        told = {"status": "0", "ackMsg": refusal} if refusal else {"status": "1"}
        answers = Opened({}, "0" * 32, opened.stamp) if mood == "wrong_question" else opened
        return Said(200, json.dumps(close(told, key=signer, to=self.platform, answers=answers)))

    def _keep(self, path: str, data: dict[str, Any]) -> None:
        for item in data.get("guaranteeList", [data]):
            known = self.memory["orders"].setdefault(item["order_no"], [])
            if [path, item] not in known:  # the same again is no second order
                known.append([path, item])

    def _revealed(self, data: dict[str, Any]) -> str:
        """Say what is wrong with a reveal: it must be what was committed to under this order."""
        for item in data["guaranteeList"]:
            known = self.memory["orders"].get(item["order_no"], [])
            commitment = next((told["commitment"] for _path, told in known if told.get("commitment")), "")
            try:
                content = json.loads(item.get("content") or "null")
            except ValueError:
                content = None
            if not commitment or not reveals(commitment, content, item.get("key") or ""):
                return "还原内容与密文登记不符"
        return ""

    def _result(self, path: str, data: dict[str, Any], mood: str) -> None:
        if mood == "silent":
            return
        if path == bank.ORDER.path:
            good = mood != "decline"
            self.push(result_of(data["order_no"], good=good, at=self.clock()))
        elif path == bank.SURRENDER.path:
            number = data["guarantee_no"]
            self.push({"guarantee_no": number, "order_no": data["order_no"], "result": "1", "remark": ""})
        if mood == "duplicate" and self.outbox:
            self.outbox.append(self.outbox[-1])

    def push(self, data: dict[str, Any]) -> dict[str, str]:
        """Write an envelope to the platform and put it into the outbox."""
        envelope = close(data, key=self.key, to=self.platform, at=self.clock())
        self.outbox.append(envelope)
        return envelope

    # projects

    def _project(self, body: bytes, mood: str) -> Said:
        """Answer a project with its receipt: at once, later, twice, or not; the same message is known by its number."""
        signer = STRANGER if mood == "wrong_signature" else self.key
        try:
            opened = open_envelope(body.decode("utf-8", "replace"), key=self.key, sender=self.platform)
        except Unusable:
            return Said(400, "signature or envelope refused")
        told = opened.data
        receipt = {"message": told["message"], "status": "1", "receipt": f"XMHZ-{told['message'][:12].upper()}"}
        if mood == "refuse":
            answer = {"status": "0", "remark": "沙箱按要求拒绝"}
        else:
            known = self.memory.setdefault("projects", {}).setdefault(told["order"], [])
            if told["message"] not in [one["message"] for one in known]:
                known.append(told)
            answer = {"status": "2"} if mood in ("later", "silent") else receipt
            if mood in ("later", "duplicate"):
                self.push(receipt)
            if mood == "duplicate":
                self.push(receipt)
        answers = Opened({}, "0" * 32, opened.stamp) if mood == "wrong_question" else opened
        return Said(200, json.dumps(close(answer, key=signer, to=self.platform, answers=answers)))

    # ISO 20022

    def _iso(self, path: list[str], body: bytes, mood: str) -> Said:
        try:
            root = parse(body)
            check(root, self.platform)
            mapping, told = read(root)
        except Unusable as why:
            return Said(400, str(why))
        number = path[-1]
        self.memory["messages"].setdefault(number, {"kind": mapping.identifier, "number": told["number"]})
        status = {"refuse": "REJT", "silent": "RCVD", "later": "PEND"}.get(mood, "ACTC")
        asked = "0" * 32 if mood == "wrong_question" else number
        report = self.report(
            tables.TRADE_STATUS, mapping.identifier, asked, status, "沙箱按要求拒绝" * (status == "REJT")
        )
        return Said(200, self.signed(report, mood).decode())

    def report(self, kind: tables.Mapping, original: str, number: str, status: str, reason: str = "") -> Any:
        """Return a status report (tsrv.018 or .019), unsigned."""
        fields = {
            "original_kind": original,
            "original_from": "信枢",
            "original_to": self.name,
            "original_message": number,
            "original_at": self.clock(),
            "status": status,
            "category": "ISSU",
            "reasons": [reason] if reason else [],
            "receipt": f"HZ-{number[:12].upper()}" if status in {"ACTC", "ACCP"} else "",
            "reporter_name": self.name,
            "number": self.memory["messages"].get(number, {}).get("number", "-"),
            "guarantor_name": "-",
        }
        return write(kind, fields)

    def signed(self, report: Any, mood: str = "good") -> bytes:
        """Return a report as it travels."""
        signer = STRANGER if mood == "wrong_signature" else self.key
        return to_bytes(sign(report, key=signer, signer=self.name))


def result_of(order: str, *, good: bool, at: datetime) -> dict[str, Any]:
    """Return a 2.3: accepted under a number of the centre's own, or not."""
    if not good:
        return {"order_no": order, "status": "2", "note": "沙箱审核不通过"}
    day = f"{at:%Y-%m-%d}"
    return {
        "order_no": order,
        "status": "1",
        "guarantee_no": f"HZ-{order}",
        "guarantor": "-",
        "out_guarantee_time": f"{at:%Y-%m-%d %H:%M:%S}",
        "guarantee_start_date": day,
        "guarantee_end_date": day,
    }
