"""Ways out of the house: one Protocol, one class per provider, each speaking the provider's own format.

Nobody calls these but tasks. Whether a call may be repeated is the provider's business: `repeatable` says for how long
it tells repetitions by our key; zero means never, and an unclear end is then a person's to decide.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings


@dataclass(frozen=True)
class Letter:
    """What goes out: to whom, what, and under which reference and key."""

    reference: str  # ours; handed back in receipts where the provider does that
    key: str  # by which the provider tells repetitions, from `new_key`
    address: str
    subject: str
    text: str
    provider_code: str = ""
    values: dict[str, str] = field(default_factory=dict)  # in the order of the placeholders
    link: str = ""  # the whole address of a page of ours
    message: Any = None  # for the log of calls


@dataclass(frozen=True)
class Accepted:
    """The provider took it."""

    serial: str


@dataclass(frozen=True)
class Refused:
    """The provider did not take it; `temporary`: it may do so later."""

    reason: str
    temporary: bool = False


@dataclass(frozen=True)
class Unclear:
    """It may have been taken: the line broke before the answer."""

    reason: str


Outcome = Accepted | Refused | Unclear


@dataclass(frozen=True)
class Approval:
    """What the provider says of a template: one of lifecycle.APPROVALS, and why."""

    state: str
    note: str = ""


class Channel(Protocol):
    """A way to reach people."""

    provider: str
    repeatable: timedelta

    def new_key(self, reference: str, message: Any = None) -> str:
        """Return a key for a message that has not been tried yet; may call the provider, on behalf of `message`."""

    def send(self, letter: Letter) -> Outcome:
        """Hand one letter over. Never raises for what the other side does."""

    def approval(self, provider_code: str) -> Approval | None:
        """Return what the provider says of a template; None where it approves none, or does not answer."""


CLASSES = {
    "aliyun": "aliyun.Aliyun",
    "tencent": "tencent.Tencent",
    "smtp": "mail.Mail",
    "wechat": "wechat.WeChat",
    "jpush": "jpush.JPush",
}
NEEDS_TEMPLATE = {"sms", "wechat"}  # channels on which nothing goes out but templates that the provider knows
NEEDS_APPROVAL = {"sms"}


def provider_of(channel: str) -> str:
    """Return the provider that serves `channel`, "" when it is switched off."""
    return settings.MESSAGING.get(channel, {}).get("provider", "")


def channel_named(channel: str) -> Channel:
    """Return the way out for `channel`. Raises KeyError when it is switched off."""
    configured = settings.MESSAGING[channel]
    made: Channel = _class(configured["provider"])(channel, configured)
    return made


@cache
def _class(provider: str) -> Any:
    module, name = CLASSES[provider].split(".")
    return getattr(import_module(f"xinshu.messaging.channels.{module}"), name)
