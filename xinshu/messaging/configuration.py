"""What of a channel's settings may be shown: names and plain values; of secrets only whether they are set."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

LABELS = {
    "url": (_("接口地址"), False),
    "key_id": ("AccessKey ID", True),
    "key_secret": ("AccessKey Secret", True),
    "secret_id": ("SecretId", True),
    "secret_key": ("SecretKey", True),
    "app_id": ("AppID", False),
    "secret": ("AppSecret", True),
    "token": (_("回调令牌 Token"), True),
    "app_key": ("AppKey", True),
    "master_secret": ("Master Secret", True),
    "sign": (_("短信签名"), False),
    "region": (_("地域"), False),
    "host": (_("SMTP 服务器"), False),
    "port": (_("端口（STARTTLS）"), False),
    "user": (_("登录名"), True),
    "password": (_("密码"), True),
    "sender": (_("发件人"), False),
    "authority": (_("自有 CA 证书"), False),
}


@dataclass(frozen=True)
class Row:
    """One setting: `value` is empty for secrets."""

    label: str
    is_secret: bool
    is_set: bool
    value: str


def rows(channel: str) -> list[Row]:
    """Return the settings of `channel`, without any secret in them."""
    found = []
    for name, value in settings.MESSAGING.get(channel, {}).items():
        if name in LABELS:
            label, is_secret = LABELS[name]
            found.append(Row(str(label), is_secret, bool(value), "" if is_secret else value))
    return found
