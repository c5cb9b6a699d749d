"""Which provider serves which channel, with its keys: from the environment; a demo talks to the sandbox."""

import os

from django.core.exceptions import ImproperlyConfigured

from xinshu.config.environment import DATA, ENVIRONMENT, LIVE_PORT

SANDBOX_PORT = int(os.environ.get("XINSHU_SANDBOX_PORT") or LIVE_PORT + 1)  # HTTP; SMTP is the next one
PROVIDERS = {"sms": ("aliyun", "tencent"), "mail": ("smtp",), "wechat": ("wechat",), "push": ("jpush",)}
_HTTP = f"http://127.0.0.1:{SANDBOX_PORT}"
# provider: name -> (variable, what the sandbox takes, what it is in production when the variable is not set)
VARIABLES: dict[str, dict[str, tuple[str, str, str]]] = {
    "aliyun": {
        "url": ("XINSHU_ALIYUN_URL", f"{_HTTP}/aliyun", "https://dysmsapi.aliyuncs.com"),
        "key_id": ("XINSHU_ALIYUN_KEY_ID", "sandbox-key-id", ""),
        "key_secret": ("XINSHU_ALIYUN_KEY_SECRET", "sandbox-key-secret", ""),
        "sign": ("XINSHU_SMS_SIGN", "信枢", ""),
    },
    "tencent": {
        "url": ("XINSHU_TENCENT_URL", f"{_HTTP}/tencent", "https://sms.tencentcloudapi.com"),
        "secret_id": ("XINSHU_TENCENT_SECRET_ID", "sandbox-secret-id", ""),
        "secret_key": ("XINSHU_TENCENT_SECRET_KEY", "sandbox-secret-key", ""),
        "app_id": ("XINSHU_TENCENT_SMS_APP_ID", "1400006666", ""),
        "region": ("XINSHU_TENCENT_REGION", "ap-guangzhou", "ap-guangzhou"),
        "sign": ("XINSHU_SMS_SIGN", "信枢", ""),
    },
    "smtp": {
        "host": ("XINSHU_MAIL_HOST", "localhost", ""),
        "port": ("XINSHU_MAIL_PORT", str(SANDBOX_PORT + 1), "587"),
        "user": ("XINSHU_MAIL_USER", "sandbox", ""),
        "password": ("XINSHU_MAIL_PASSWORD", "sandbox-password", ""),
        "sender": ("XINSHU_MAIL_FROM", "信枢 <notice@sandbox.invalid>", ""),
        "authority": ("XINSHU_MAIL_CA", str(DATA / "sandbox" / "smtp.pem"), ""),  # a CA of one's own, if any
    },
    "wechat": {
        "url": ("XINSHU_WECHAT_URL", f"{_HTTP}/wechat", "https://api.weixin.qq.com"),
        "app_id": ("XINSHU_WECHAT_APP_ID", "wxsandbox00000001", ""),
        "secret": ("XINSHU_WECHAT_SECRET", "sandbox-secret", ""),
        "token": ("XINSHU_WECHAT_TOKEN", "sandbox-token", ""),
    },
    "jpush": {
        "url": ("XINSHU_JPUSH_URL", f"{_HTTP}/jpush", "https://api.jpush.cn"),
        "app_key": ("XINSHU_JPUSH_APP_KEY", "sandboxappkey", ""),
        "master_secret": ("XINSHU_JPUSH_MASTER_SECRET", "sandboxmastersecret", ""),
    },
}
OPTIONAL = {"authority", "user", "password"}


def channels() -> dict[str, dict[str, str]]:
    """Return {channel: {"provider": name, its settings}}; a channel that is switched off is absent.

    Raises ImproperlyConfigured for a provider that does not exist, or one whose settings are incomplete.
    """
    found = {}
    for channel, offered in PROVIDERS.items():
        variable = f"XINSHU_{channel.upper()}"
        provider = os.environ.get(variable) or (offered[0] if ENVIRONMENT == "demo" else "off")
        if provider == "off":
            continue
        if provider not in offered:
            raise ImproperlyConfigured(f"{variable} must be one of {', '.join(offered)} or off, not {provider!r}.")
        found[channel] = {"provider": provider, **_settings(provider)}
    return found


def _settings(provider: str) -> dict[str, str]:
    values = {}
    for name, (variable, sandbox, otherwise) in VARIABLES[provider].items():
        values[name] = os.environ.get(variable) or (sandbox if ENVIRONMENT == "demo" else otherwise)
        if not values[name] and name not in OPTIONAL:
            raise ImproperlyConfigured(f"{variable} is not set, which {provider} needs.")
    return values


def sandbox_keys() -> dict[str, dict[str, str]]:
    """Return the keys that the sandbox takes, by provider."""
    return {provider: {name: row[1] for name, row in names.items()} for provider, names in VARIABLES.items()}


def sandbox_serves() -> bool:
    """Return whether some channel of this demo talks to the sandbox."""
    return ENVIRONMENT == "demo" and any(
        setting.get("url", "").startswith(_HTTP) or setting.get("port") == str(SANDBOX_PORT + 1)
        for setting in channels().values()
    )


def face() -> tuple[str, dict[str, str]]:
    """Return who verifies faces and with which settings; ("", {}) where nobody does.

    Raises ImproperlyConfigured for an unknown provider, incomplete settings, or the sandbox in production.
    """
    return _tencent_or_sandbox("FACE", "xinshu.accounts.faces", "faceid", ("rule",))


def register() -> tuple[str, dict[str, str]]:
    """Return who compares firms with the register and with which settings, as `face` does."""
    return _tencent_or_sandbox("REGISTER", "xinshu.certification.registry", "ocr", ())


def real_names() -> tuple[str, dict[str, str]]:
    """Return who compares people's names and numbers and with which settings, as `face` does."""
    return _tencent_or_sandbox("REAL_NAME", "xinshu.accounts.realnames", "faceid", ())


def _tencent_or_sandbox(what: str, module: str, service: str, more: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Return class and settings by XINSHU_`what`: tencent, off, or (never in production) the sandbox."""
    provider = os.environ.get(f"XINSHU_{what}") or ("off" if ENVIRONMENT == "production" else "sandbox")
    if provider == "off":
        return "", {}
    if provider == "sandbox" and ENVIRONMENT != "production":
        keys = {"secret_id": "sandbox-secret-id", "secret_key": "sandbox-secret-key", **dict.fromkeys(more, "1")}
        return f"{module}.sandbox.Sandbox", {"url": f"https://{service}.sandbox.invalid", **keys}
    if provider != "tencent":
        raise ImproperlyConfigured(f"XINSHU_{what} must be tencent or off, not {provider!r}.")
    variables = {
        "secret_id": "XINSHU_TENCENT_SECRET_ID",
        "secret_key": "XINSHU_TENCENT_SECRET_KEY",
        **{name: f"XINSHU_TENCENT_{what}_{name.upper()}" for name in more},
    }
    found = {
        "url": os.environ.get(f"XINSHU_TENCENT_{what}_URL") or f"https://{service}.tencentcloudapi.com",
        **{name: os.environ.get(variable, "") for name, variable in variables.items()},
    }
    for name, variable in variables.items():
        if not found[name]:
            raise ImproperlyConfigured(f"{variable} is not set, which XINSHU_{what}=tencent needs.")
    return f"{module}.tencent.Tencent", found
