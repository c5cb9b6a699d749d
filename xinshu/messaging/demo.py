"""Templates of the demo city: SMS and WeChat say nothing without one that the provider knows."""

from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.messaging.kinds import SMS, WECHAT, MessageKind, kinds
from xinshu.messaging.templates import activate_template, draft_template

FIELDS = {  # what WeChat calls the placeholders
    "applicant": "thing1",
    "kind": "thing2",
    "number": "character_string3",
    "amount": "amount4",
    "fee": "amount5",
    "reason": "thing6",
    "count": "number7",
    "beneficiary": "thing8",
    "guarantee": "thing9",
    "payable": "amount10",
    "due": "thing11",
    "firm": "thing12",
    "what": "thing13",
    "day": "date14",
    "pattern": "thing15",
    "grade": "phrase16",
    "title": "thing17",
    "name": "thing18",
    "score": "number19",
}
SHORT = {"digest": "您有${count}条新消息，请登录信枢查看。"}


def make_templates(at: datetime) -> None:
    """Write and activate a template of every kind for SMS and WeChat, as the operator's person of the demo would."""
    operator = next(member for member in Member.objects.acting() if "operator" in member.roles)
    for number, kind in enumerate(kinds()):
        for channel in (SMS, WECHAT):
            if channel in kind.channels:
                _make(kind, channel, number, operator, at)


def _make(kind: MessageKind, channel: str, number: int, by: Member, at: datetime) -> None:
    if channel == SMS:
        text, code = SHORT.get(kind.code, kind.text), f"SMS_2811{number:03d}1"
    else:
        text = "\n".join(f"{FIELDS[name]}=${{{name}}}" for name in kind.samples if name in FIELDS)
        code = f"sandbox-template-{number:03d}"
    template = draft_template(kind.code, channel, subject="", text=text, provider_code=code, by=by, at=at)
    template.change(approval="approved", approval_at=at)  # as the sandbox would say if it were asked
    activate_template(template, by=by, at=at)
