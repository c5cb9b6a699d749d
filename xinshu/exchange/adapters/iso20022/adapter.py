"""Submissions as tsrv messages, answered by a trade status report (tsrv.018).

RCVD and PEND say that it came; ACTC is the receipt, with the receiver's number in AddtlInf; REJT gives it back. The
status of the guarantee itself (tsrv.019) may follow later: see receiving.py.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from xinshu.core.clock import local_day
from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import RECEIVED, RETURNED, SUBMITTED, Message, Outgoing, Reply, Unusable
from xinshu.exchange.adapters.iso20022 import mapping as tables
from xinshu.exchange.adapters.iso20022.messages import Fields, read, to_bytes, write
from xinshu.exchange.adapters.iso20022.reading import parse
from xinshu.exchange.adapters.iso20022.signature import check, sign
from xinshu.exchange.content import Content
from xinshu.exchange.destinations import Destination

PLATFORM = "信枢"
CAUSES = {"release": "BUFI", "expiry": "WOEX"}


class Iso20022:
    """The adapter. It has no sealed kind: a bid guarantee goes to such a system after the opening."""

    EVENTS = frozenset({"issue", "amendment", "demand", "refusal", "release", "expiry"})

    def write(self, message: Message, to: Destination, key: Sm2Key, at: datetime) -> Outgoing:
        """Return the signed message. The path carries its number: tsrv messages have none of their own."""
        mapping, fields_of = WRITERS[message.event]
        root = sign(write(mapping, fields_of(message)), key=key, signer=PLATFORM)
        return Outgoing(f"{mapping.identifier}/{message.message}", to_bytes(root), "application/xml; charset=UTF-8")

    def read(self, text: str, message: Message, sent: Outgoing, to: Destination) -> Reply:
        """Return what a status report means for `message`."""
        root = parse(text.encode("utf-8", "surrogatepass"))
        check(root, to.public_key)
        _mapping, told = read(root, tables.TRADE_STATUS)
        if told["original_message"] != message.message:
            raise Unusable("状态报告说的不是这一份报文")
        return reply_of(told)


def reply_of(told: Fields) -> Reply:
    """Return what the fields of a tsrv.018 mean."""
    reason = "；".join(told["reasons"])[:500]
    if told["status"] == "REJT":
        return Reply(RETURNED, reason=reason or "对方没有说明原因")
    if told["status"] == "ACTC":
        if not told["receipt"]:
            raise Unusable("状态为 ACTC 而没有回执编号")
        return Reply(SUBMITTED, receipt=told["receipt"])
    return Reply(RECEIVED)


def issuance_of(told: Content) -> Fields:
    """Return the fields of tsrv.001."""
    project = told["project"]
    return {
        "number": told["number"],
        "kind": told["kind"],
        **_parties(told, "applicant", "guarantor", "beneficiary"),
        "issued_on": _local(told["issued_at"]),
        "amount": (told["amount"], told["currency"]),
        "effective_on": date.fromisoformat(told["effective_on"]),
        "expires_on": date.fromisoformat(told["expires_on"]),
        "nature": told["nature"],
        "project_kind": project["kind"],
        "region_code": project["region_code"],
        "project_texts": [text for text in (project["name"], project["number"]) if text],
        "wording": "\n".join(told["clauses"]),
        "letter": told["letter"],
    }


def termination_of(told: Content, event: str) -> Fields:
    """Return the fields of tsrv.012."""
    return {
        **_undertaking(told),
        "happened_on": _local(told["happened_at"]),
        "cause": CAUSES[event],
        "reason": told["reason"],
    }


def amendment_of(told: Content) -> Fields:
    """Return the fields of tsrv.005; `told` also has sequence, change (分, + or -), new_expires_on, new_wording."""
    change = told.get("change") or 0
    new_end = told.get("new_expires_on")
    return {
        **_undertaking(told),
        "sequence": str(told["sequence"]),
        "happened_on": _local(told["happened_at"]),
        "increase": (change, told["currency"]) if change > 0 else None,
        "decrease": (-change, told["currency"]) if change < 0 else None,
        "expires_on": date.fromisoformat(new_end) if new_end else None,
        "wording": told.get("new_wording") or "",
        "needs_consent": bool(told.get("needs_consent", True)),
        "reason": told["reason"],
    }


def demand_of(told: Content) -> Fields:
    """Return the fields of tsrv.013; `told` also has demand, demanded (分), wanted_expiry, complete, statement."""
    wanted = told.get("wanted_expiry")
    return {
        **_undertaking(told),
        "demand": told["demand"],
        "demand_type": "PAEX" if wanted else "PAYM",
        "amount": (told["demanded"], told["currency"]),
        "happened_on": _local(told["happened_at"]),
        "wanted_expiry": date.fromisoformat(wanted) if wanted else None,
        "complete": bool(told.get("complete", True)),
        "statement": told.get("statement") or "",
    }


def refusal_of(told: Content) -> Fields:
    """Return the fields of tsrv.016; `told` also has demand, demanded, presented_at, discrepancies (texts)."""
    return {
        **_undertaking(told),
        "demand": told["demand"],
        "presented_at": datetime.fromisoformat(told["presented_at"]),
        "amount": (told["demanded"], told["currency"]),
        "discrepancies": [
            {"number": str(number), "text": text} for number, text in enumerate(told["discrepancies"], start=1)
        ],
        "documents": told.get("documents") or "",
    }


Writer = Callable[[Message], Fields]
WRITERS: dict[str, tuple[tables.Mapping, Writer]] = {
    "issue": (tables.ISSUANCE, lambda message: issuance_of(message.content)),
    "amendment": (tables.AMENDMENT, lambda message: amendment_of(message.content)),
    "demand": (tables.DEMAND, lambda message: demand_of(message.content)),
    "refusal": (tables.REFUSAL, lambda message: refusal_of(message.content)),
    "release": (tables.TERMINATION, lambda message: termination_of(message.content, "release")),
    "expiry": (tables.TERMINATION, lambda message: termination_of(message.content, "expiry")),
}


def _undertaking(told: Content) -> Fields:
    return {"number": told["number"], **_parties(told, "guarantor")}


def _parties(told: Content, *names: str) -> dict[str, Any]:
    return {f"{name}_{part}": told[name][part] for name in names for part in ("name", "uscc")}


def _local(moment: str) -> date:
    return local_day(datetime.fromisoformat(moment))
