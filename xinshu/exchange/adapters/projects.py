"""Projects as JSON in the SM2/SM3 envelope of the bank's interface: our own profile, for departments and centres.

Path `projects`. Told: message, order, number (from 1 within the lot), event (project_new, project_changed), content
(projects/facts.py). Answered: {"status": "1", "receipt"} is the counter-receipt; {"status": "2"} says that it came and
the receipt follows by a call to /receivers/<code>/results/ with {"message", "status", "receipt", "remark"}; {"status":
"0", "remark"} returns it.
"""

import json
from datetime import datetime
from typing import Any

from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import RECEIVED, RETURNED, SUBMITTED, Message, Outgoing, Reply, Unusable
from xinshu.exchange.adapters.bank_bid.envelope import close, open_envelope
from xinshu.exchange.destinations import Destination, exchange_key

PATH = "projects"


class Projects:
    """The adapter."""

    EVENTS = frozenset({"project_new", "project_changed"})

    def write(self, message: Message, to: Destination, key: Sm2Key, at: datetime) -> Outgoing:
        """Return the envelope that tells of a project."""
        told = {"message": message.message, "order": message.order, "number": message.number, "event": message.event}
        envelope = close({**told, "content": message.content}, key=key, to=to.public_key, at=at)
        return Outgoing(PATH, json.dumps(envelope).encode(), "application/json;charset=UTF-8")

    def read(self, text: str, message: Message, sent: Outgoing, to: Destination) -> Reply:
        """Return what the receiver's answer means."""
        opened = open_envelope(text, key=exchange_key(), sender=to.public_key)
        asked = json.loads(sent.body)
        if (opened.nonce, opened.stamp) != (asked["nonceStr"], asked["timeStamp"]):
            raise Unusable("答复的不是这一份报文")
        return reply_of(opened.data)


def reply_of(told: dict[str, Any]) -> Reply:
    """Return what status, receipt and remark mean. Raises Unusable for anything else."""
    status, receipt = str(told.get("status")), str(told.get("receipt") or "").strip()
    remark = str(told.get("remark") or "")[:500]
    if status == "0":
        return Reply(RETURNED, reason=remark or "对方没有说明原因")
    if status == "2":
        return Reply(RECEIVED)
    if status != "1" or not receipt or len(receipt) > 80 or not receipt.isprintable():
        raise Unusable("答复的 status 应是 1、2 或 0；为 1 时要有回执编号")
    return Reply(SUBMITTED, receipt=receipt)
