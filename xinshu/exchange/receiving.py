"""What receivers tell us on their own: results in an SM2/SM3 envelope (2.3, 2.7, receipts of
projects), status reports (tsrv.018, .019).

Only for submissions that went to that very system. Who cannot sign for it learns nothing, not even whether there is
such a system; an envelope seen before, or too old, is refused.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from xinshu.exchange import adapters
from xinshu.exchange.actions.submissions import take_reply
from xinshu.exchange.adapters import Reply, Unusable
from xinshu.exchange.adapters.bank_bid.envelope import Opened, close, open_envelope, read_stamp
from xinshu.exchange.adapters.bank_bid.messages import RESULT, SURRENDERED, problems
from xinshu.exchange.adapters.iso20022 import mapping as tables
from xinshu.exchange.adapters.iso20022.adapter import reply_of
from xinshu.exchange.adapters.iso20022.messages import Fields, read
from xinshu.exchange.adapters.iso20022.reading import parse
from xinshu.exchange.adapters.iso20022.signature import check
from xinshu.exchange.adapters.projects import reply_of as reply_of_project
from xinshu.exchange.destinations import Destination, destinations, exchange_key
from xinshu.exchange.lifecycle import SETTLED
from xinshu.exchange.models import InLine, OpenedEnvelope, ProjectMessage, Submission

FRESH = timedelta(minutes=10)
KEPT = 2 * FRESH  # longer than an envelope may be off, both ways
ENDINGS = ("release", "expiry")


def take_envelope(code: str, text: str, *, at: datetime) -> dict[str, str]:
    """Take a bank's result, or a receipt for a project; return the envelope of our answer. Raises Unusable."""
    to = _destination(code, "bank_bid", "projects")
    opened = open_envelope(text, key=exchange_key(), sender=to.public_key)
    _must_be_new(to, opened, at)
    submission, reply = _receipt(to, opened) if to.adapter == "projects" else _result(to, opened)
    told = {"status": "1"}
    if submission is None:
        told = {"status": "0", "ackMsg": "没有这份等待结果的报送"}
    else:
        take_reply(submission, reply, at=at)
    return close(told, key=exchange_key(), to=to.public_key, answers=opened)


def take_report(code: str, content: bytes, *, at: datetime) -> Submission:
    """Take a status report of an ISO 20022 system. Raises Unusable; the same report again changes nothing."""
    to = _destination(code, "iso20022")
    root = parse(content)
    check(root, to.public_key)
    mapping, told = read(root, tables.TRADE_STATUS, tables.STATUS)
    found = Submission.objects.filter(destination=to.code, message=str(told["original_message"] or ""))
    submission = found.select_related("guarantee__project").first()
    if submission is None:
        raise Unusable("没有这份报文")
    take_reply(submission, reply_of(told) if mapping is tables.TRADE_STATUS else _decision(told), at=at)
    submission.refresh_from_db()
    return submission


def _decision(told: Fields) -> Reply:
    """tsrv.019: what became of the guarantee at the receiver."""
    reason = "；".join(told["reasons"])[:500]
    if told["status"] == "ACCP":
        if not told["receipt"]:
            raise Unusable("状态为 ACCP 而没有回执编号")
        return Reply(adapters.FILED, receipt=str(told["receipt"])[:80], reason=reason)
    if told["status"] == "REJT":
        return Reply(adapters.RETURNED, reason=reason or "对方没有说明原因")
    return Reply(adapters.RECEIVED)


def _receipt(to: Destination, opened: Opened) -> tuple[InLine | None, Reply]:
    """Return the message about a project that a receipt names, and what it means."""
    asked = ProjectMessage.objects.filter(destination=to.code, message=str(opened.data.get("message") or ""))
    return asked.select_related("project").first(), reply_of_project(opened.data)


def _result(to: Destination, opened: Opened) -> tuple[InLine | None, Reply]:
    """Return the submission that a 2.3 or 2.7 is about, the foremost open one of its order, and what it means."""
    data = opened.data
    kind = SURRENDERED if "result" in data else RESULT
    if wrong := problems(kind, data):
        raise Unusable("报文不合接口规定：" + "；".join(wrong))
    line = Submission.objects.filter(destination=to.code, order=str(data["order_no"]))
    line = line.filter(event__in=ENDINGS) if kind is SURRENDERED else line.exclude(event__in=ENDINGS)
    submission = line.exclude(state__in=SETTLED).select_related("guarantee__project").order_by("number").first()
    if kind is SURRENDERED:
        good, reason, number = str(data["result"]) == "1", data.get("remark"), data["guarantee_no"]
    else:
        good, reason, number = str(data["status"]) == "1", data.get("note"), data.get("guarantee_no")
    if good:
        return submission, Reply(adapters.SUBMITTED, receipt=str(number)[:80])
    return submission, Reply(adapters.RETURNED, reason=str(reason or "对方没有说明原因")[:500])


def _destination(code: str, *allowed: str) -> Destination:
    found = destinations().get(code)
    if found is None or found.adapter not in allowed:
        raise Unusable("签名不对")
    return found


def _must_be_new(to: Destination, opened: Opened, at: datetime) -> None:
    written = read_stamp(opened.stamp)
    if written is None or abs(written - at) > FRESH:
        raise Unusable("报文的时间戳已过期")
    try:
        with transaction.atomic():
            OpenedEnvelope.objects.create(destination=to.code, nonce=opened.nonce, at=at)
    except IntegrityError:
        raise Unusable("这个信封已经收过") from None
