"""Kinds of messages (消息种类): what other contexts announce, with placeholders, priority, channels. A register."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xinshu.core.refusals import Invalid

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SMS, MAIL, WECHAT, PUSH = "sms", "mail", "wechat", "push"
CHANNELS: dict[str, "StrOrPromise"] = {SMS: _("短信"), MAIL: _("邮件"), WECHAT: _("微信公众号"), PUSH: _("App 推送")}
LOW, NORMAL, HIGH, CRITICAL = 1, 2, 3, 4
PRIORITIES: dict[int, "StrOrPromise"] = {LOW: _("一般"), NORMAL: _("普通"), HIGH: _("重要"), CRITICAL: _("必达")}
PLACEHOLDER = re.compile(r"\$\{([A-Za-z]\w*)\}")


@dataclass(frozen=True)
class MessageKind:
    """What is announced under `code`; `samples` names every placeholder with an example for previews and test sends."""

    code: str
    label: "StrOrPromise"
    text: str  # with ${placeholders}: what mail and push say while nobody has written a template
    samples: Mapping[str, str] = field(default_factory=dict)
    channels: Sequence[str] = ()
    priority: int = NORMAL
    secret: bool = False  # what it says opens a door: forgotten once the provider has it
    topic: str = ""  # topics.py; empty: by the code


_kinds: dict[str, MessageKind] = {}


def declare_kind(kind: MessageKind) -> None:
    """Add `kind` to the register. Called when the declaring module is imported."""
    _kinds[kind.code] = kind


def kinds() -> list[MessageKind]:
    """Return every kind that goes out on some channel, by code."""
    return [_kinds[code] for code in sorted(_kinds) if _kinds[code].channels]


def kind_of(code: str) -> MessageKind | None:
    return _kinds.get(code)


def placeholders_of(text: str) -> list[str]:
    """Return the placeholders in `text` in the order of their first appearance (Tencent counts them like that)."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders filled; one without a value stays empty."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1], "")), text)


def wechat_fields(text: str) -> dict[str, str]:
    """Return the fields of a WeChat template, written one a line as `thing1=${kind}`. Raises Invalid."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(re.fullmatch(r"[a-z_]+\d*\.?(?:DATA)?=.+", line) for line in lines):
        message = str(_("微信模板每行写一个字段，例如 thing1=${kind}。"))
        raise Invalid(message, fields={"text": message})
    return dict(line.split("=", 1) for line in lines)


declare_kind(
    MessageKind(
        "address.confirm",
        _("确认邮箱"),
        "验证码 ${code}，15 分钟内有效。请在“消息设置”页面填写。不是您本人操作的，不用理会。",
        {"code": "482913"},
        (MAIL,),
        CRITICAL,
    )
)
declare_kind(
    MessageKind(
        "account.code",
        _("短信验证码"),
        "验证码${code}，用于${purpose}，5分钟内有效。请勿转告他人。",
        {"code": "482913", "purpose": "登录"},
        (SMS,),
        CRITICAL,
        secret=True,
    )
)
declare_kind(
    MessageKind(
        "digest",
        _("消息汇总"),
        "您有 ${count} 条消息：\n${lines}",
        {"count": "3", "lines": "· 履约保函已签发"},
        tuple(CHANNELS),
    )
)
