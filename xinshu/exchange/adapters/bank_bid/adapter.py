"""Submissions as messages of a partner platform (合作方): 2.1 plain and sealed, 2.2, 2.5 at the opening, 2.6.

What is required by the manual and not kept by the platform (the legal representative's papers) is "-". Of a sealed
guarantee everything that could tell who, for what or how much is 密文 or 0; the commitment stands for it until 2.5
brings content and nonce. A status of 1 in the answer to 2.1 and 2.6 says only that it came: the result is a call of
its own (2.3, 2.7), and that is the receipt. 2.2 and 2.5 have none, there the answer is all.
"""

import json
from datetime import datetime
from typing import Any

from xinshu.core.clock import CHINA
from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import RECEIVED, RETURNED, SUBMITTED, Message, Outgoing, Reply, Unusable
from xinshu.exchange.adapters.bank_bid import messages
from xinshu.exchange.adapters.bank_bid.envelope import close, open_envelope
from xinshu.exchange.destinations import Destination, exchange_key
from xinshu.ledger.canonical import canonical_json

CHANNEL = "XINSHU"
UNKNOWN, HIDDEN = "-", "密文"
KINDS = {
    "sealed": messages.ORDER,
    "issue": messages.ORDER,
    "reveal": messages.REVEAL,
    "amendment": messages.STATUS,
    "demand": messages.STATUS,
    "refusal": messages.STATUS,
    "release": messages.SURRENDER,
    "expiry": messages.SURRENDER,
}
ANSWERED_LATER = {messages.ORDER, messages.SURRENDER}
IN_FORCE = "1"  # 订单状态: the manual leaves the list to each bank; this is the one agreed for submissions
STATUSES = {"amendment": "2", "demand": "3", "refusal": "4"}
REASONS = {"release": "受益人解除担保", "expiry": "保函到期"}


class BankBid:
    """The adapter."""

    EVENTS = frozenset(KINDS)

    def write(self, message: Message, to: Destination, key: Sm2Key, at: datetime) -> Outgoing:
        """Return the envelope of the message that tells this."""
        kind = KINDS[message.event]
        data = WRITERS[kind.section](message, to)
        if wrong := messages.problems(kind, data):
            raise Unusable("报文不合接口规定：" + "；".join(wrong))
        envelope = close(data, key=key, to=to.public_key, at=at)
        return Outgoing(kind.path, json.dumps(envelope).encode(), "application/json;charset=UTF-8")

    def read(self, text: str, message: Message, sent: Outgoing, to: Destination) -> Reply:
        """Return what the bank's answer means."""
        opened = open_envelope(text, key=exchange_key(), sender=to.public_key)
        asked = json.loads(sent.body)
        if (opened.nonce, opened.stamp) != (asked["nonceStr"], asked["timeStamp"]):
            raise Unusable("答复的不是这一份报文")
        status, words = str(opened.data.get("status")), str(opened.data.get("ackMsg") or "")[:256]
        if status == "0":
            return Reply(RETURNED, reason=words or "对方没有说明原因")
        if status != "1":
            raise Unusable("答复的 status 应是 1 或 0")
        if KINDS[message.event] in ANSWERED_LATER:
            return Reply(RECEIVED)
        return Reply(SUBMITTED, receipt=f"{message.order}-{message.number}")


def _order(message: Message, to: Destination) -> dict[str, Any]:
    told = message.content
    common = {
        "channel_no": CHANNEL,
        "center_name": to.name,
        "order_no": message.order,
        "order_status": IN_FORCE,
        "guarantee_file_type": "PDF",
    }
    if message.event == "sealed":
        hidden = dict.fromkeys((field.name for field in messages.ORDER.fields if field.required == "M"), HIDDEN)
        return {
            **hidden,
            **common,
            "guarantee_amount": "0",
            "guarantee_type": messages.SEALED,
            "commitment": message.commitment,
        }
    project = told["project"]
    return {
        **common,
        "guarantee_type": messages.PLAIN,
        "zx_order_no": told["number"],
        "project_number": project["number"],
        "project_name": project["name"],
        "block_number": project["number"] or UNKNOWN,
        "block_name": project["name"],
        "address": project["site"] or project["region_code"],
        "project_type": "1",
        "bid_deadline": _local(project["opens_at"]),
        "guarantee_amount": _yuan(told["amount"]),
        "guarantee_end_date": told["expires_on"],
        "creditor": told["beneficiary"]["name"],
        "creditor_scc": told["beneficiary"]["uscc"],
        "principal": told["applicant"]["name"],
        "principal_scc": told["applicant"]["uscc"] or UNKNOWN,
        **dict.fromkeys(
            (
                "principal_legal_person",
                "principal_legal_cert_type",
                "principal_legal_id_card",
                "principal_legal_phone",
            ),
            UNKNOWN,
        ),
        "guarantor": told["guarantor"]["name"],
        "apply_company_social_credit_code": told["guarantor"]["uscc"] or UNKNOWN,
        "guarantee_template_file_id": told["letter"] or UNKNOWN,
        "guarantee_template_file_name": f"{told['number']}.pdf",
    }


def _reveal(message: Message, to: Destination) -> dict[str, Any]:
    told, project = message.content, message.content["project"]
    item = {
        "order_no": message.order,
        "guarantee_no": told["number"],
        "bid_time": _local(project["opens_at"])[:10],
        "key": message.nonce,
        "project_name": project["name"],
        "project_number": project["number"],
        "block_name": project["name"],
        "block_number": project["number"] or UNKNOWN,
        "creditor": told["beneficiary"]["name"],
        "creditor_scc": told["beneficiary"]["uscc"] or UNKNOWN,
        "project_region": project["region_code"] if len(project["region_code"]) == 6 else "",
        "bid_type": "3",
        "project_type": "1",
        "content": canonical_json(told),
    }
    return {"guaranteeList": [item]}


def _status(message: Message, to: Destination) -> dict[str, Any]:
    told = message.content
    return {
        "order_no": message.order,
        "block_number": told["project"]["number"],
        "block_name": told["project"]["name"],
        "principal": told["applicant"]["name"],
        "creditor": told["beneficiary"]["name"],
        "applicant": told["guarantor"]["name"],
        "order_status_old": IN_FORCE,
        "order_status": STATUSES[message.event],
    }


def _surrender(message: Message, to: Destination) -> dict[str, Any]:
    told = message.content
    return {
        "order_no": message.order,
        "guarantee_no": told["number"],
        "reason": told["reason"] or REASONS[message.event],
        "apply_time": _local(told["happened_at"]),
        "principal": told["applicant"]["name"],
        "principal_scc": told["applicant"]["uscc"],
    }


WRITERS = {"2.1": _order, "2.2": _status, "2.5": _reveal, "2.6": _surrender}


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _local(moment: str | None) -> str:
    """A moment in ISO 8601 as the interface writes it: local time to the second, "" for none."""
    return f"{datetime.fromisoformat(moment).astimezone(CHINA):%Y-%m-%d %H:%M:%S}" if moment else ""
