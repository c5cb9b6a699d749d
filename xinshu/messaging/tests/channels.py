"""What the tests of channels stand on: a sandbox, people with addresses, and a kind of message of their own."""

from datetime import timedelta

from xinshu.accounts.models import Member, Organisation, User
from xinshu.ledger.worker import drain
from xinshu.messaging.kinds import HIGH, MessageKind, declare_kind
from xinshu.messaging.models import Address, Message, MessageTemplate, digest_of, seal
from xinshu.messaging.notices import notify_members
from xinshu.messaging.views.callbacks import callback_secret

KIND = MessageKind(
    "test.approved", "保函通过", "${kind}已通过，保费 ${fee} 元。", {"kind": "履约保函", "fee": "300.00"},
    ("sms", "mail", "wechat", "push"), HIGH,
)  # fmt: skip
declare_kind(KIND)
VALUES = {"kind": "履约保函", "fee": "300.00"}
TEXT = {"sms": "${kind}已通过，保费${fee}元", "wechat": "thing1=${kind}\namount2=${fee}"}
CODES = {"sms": "SMS_1001", "wechat": "wx-template-1"}


def person(number: int, *, channels=("sms",), ending="1234", name="经办") -> Member:
    """Return a member reached on `channels` only, at addresses that end in `ending` (sandbox/cases.py)."""
    firm, _new = Organisation.objects.get_or_create(name=f"测试企业{number}", kind=Organisation.Kind.ENTERPRISE)
    phone = f"1390000{ending}" if "sms" in channels else ""
    user = User.objects.create(username=f"p{number}", name=name, phone=phone)
    at = {"mail": f"someone{ending}@example.cn", "wechat": f"oWx000000000{ending}", "push": f"19{number:08d}{ending}"}
    for channel in channels:
        if channel != "sms":
            Address.objects.create(
                user=user, channel=channel, sealed=seal(at[channel]), digest=digest_of(at[channel]),
                masked=f"{at[channel][:4]}***", confirmed_at="2026-11-01T00:00:00Z",
            )  # fmt: skip
    return Member.objects.create(user=user, organisation=firm, roles=["applicant"])


def template(channel: str, at, code="") -> MessageTemplate:
    return MessageTemplate.objects.create(
        kind=KIND.code, channel=channel, number=1, state="active", text=TEXT[channel], approval="approved",
        provider_code=code or CODES[channel], created_at=at,
    )  # fmt: skip


def tell(member: Member, at, key="k", **more) -> None:
    from django.db import transaction

    with transaction.atomic():
        notify_members([member], "履约保函已通过", key=key, at=at, kind=KIND.code, values=VALUES, **more)


def only(channel: str) -> Message:
    return Message.objects.get(channel=channel)


def later(at, **more):
    """Let the worker work at a later moment."""
    drain(at + timedelta(**more))


def report_back(sandbox, client) -> list:
    """Post the receipts that the sandbox has ready, as it would itself."""
    answers = []
    for one in sandbox.take_callbacks():
        where = f"/callbacks/{one.provider}/"
        if one.provider != "wechat":
            where += f"{callback_secret(one.provider)}/"
        answers.append(client.post(f"{where}?{one.query}", one.body, content_type=one.content_type))
    return answers
