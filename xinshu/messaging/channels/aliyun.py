"""Aliyun SMS (阿里云短信, Dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256.

It knows no idempotency key: our reference travels as OutId and comes back in the receipt (SmsReport).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from xinshu.core import clock
from xinshu.messaging.channels import Accepted, Approval, Letter, Outcome, Refused, Unclear
from xinshu.messaging.channels.wire import Answer, NoAnswer, NotReached, call

VERSION = "2017-05-25"
WORDS = {  # the provider's code: in our words, and whether later may be better
    "isv.BUSINESS_LIMIT_CONTROL": ("该号码短时间内收到的短信过多，服务商限制了频率", True),
    "isv.DAY_LIMIT_CONTROL": ("已达到服务商的日发送限额", True),
    "isv.MOBILE_NUMBER_ILLEGAL": ("手机号不是有效号码", False),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("号码在服务商黑名单中", False),
    "isv.SMS_TEMPLATE_ILLEGAL": ("模板不存在或未通过审核", False),
    "isv.SMS_SIGNATURE_ILLEGAL": ("短信签名不存在或未通过审核", False),
    "isv.TEMPLATE_MISSING_PARAMETERS": ("模板缺少变量", False),
    "isv.AMOUNT_NOT_ENOUGH": ("短信账户余额不足", True),
    "isp.SYSTEM_ERROR": ("服务商系统繁忙", True),
    "Throttling.User": ("调用过于频繁", True),
}
APPROVALS = {0: "pending", 1: "approved", 2: "refused", 10: "refused"}


def signature(
    secret: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> tuple[str, str]:
    """Return the names of the signed headers and the signature (hex) that ACS3-HMAC-SHA256 asks for."""
    signed = sorted(name for name in headers if name == "host" or name == "content-type" or name.startswith("x-acs-"))
    canonical = "\n".join(
        (
            method,
            path,
            "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in sorted(query.items())),
            "".join(f"{name}:{headers[name].strip()}\n" for name in signed),
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        )
    )
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return ";".join(signed), hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Aliyun:
    """SMS by Aliyun."""

    provider = "aliyun"
    repeatable = timedelta(0)

    def __init__(self, channel: str, settings: Mapping[str, str]) -> None:
        self.channel, self.settings = channel, settings

    def new_key(self, reference: str, message: Any = None) -> str:
        return reference

    def send(self, letter: Letter) -> Outcome:
        query = {
            "PhoneNumbers": letter.address,
            "SignName": self.settings["sign"],
            "TemplateCode": letter.provider_code,
            "TemplateParam": json.dumps(letter.values, ensure_ascii=False, separators=(",", ":")),
            "OutId": letter.reference,
        }
        try:
            answer = self._ask("SendSms", query, letter.message)
        except NotReached as error:
            return Refused(f"没有连上服务商：{error}", temporary=True)
        except NoAnswer as error:
            return Unclear(f"服务商没有答复：{error}")
        code = str(answer.data.get("Code", ""))
        if code == "OK":
            return Accepted(str(answer.data.get("BizId", "")))
        if not code:
            return Unclear(f"服务商的答复无法辨认（HTTP {answer.status}）")
        words, temporary = WORDS.get(code, (str(answer.data.get("Message", "")) or "服务商拒绝", False))
        return Refused(f"{words}（{code}）", temporary)

    def approval(self, provider_code: str) -> Approval | None:
        try:
            answer = self._ask("QuerySmsTemplate", {"TemplateCode": provider_code})
        except (NotReached, NoAnswer):
            return None
        if answer.data.get("Code") != "OK":
            return Approval("refused", str(answer.data.get("Message", "")))
        state = APPROVALS.get(int(answer.data.get("TemplateStatus", 0)), "pending")
        return Approval(state, str(answer.data.get("Reason", "")))

    def _ask(self, act: str, query: dict[str, str], message: Any = None) -> Answer:
        url = urlsplit(self.settings["url"])
        path = f"{url.path.rstrip('/')}/"
        headers = {
            "host": url.netloc,
            "x-acs-action": act,
            "x-acs-version": VERSION,
            "x-acs-date": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }
        signed, mark = signature(self.settings["key_secret"], "POST", path, query, headers, b"")
        headers["authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={self.settings['key_id']},SignedHeaders={signed},Signature={mark}"
        )
        hidden = {name: "***" if name == "TemplateParam" else value for name, value in query.items()}
        shown = json.dumps(hidden, ensure_ascii=False)
        encoded = "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in sorted(query.items()))
        address = f"{url.scheme}://{url.netloc}{path}?{encoded}"
        return call(self, act, "POST", address, shown=shown, message=message, headers=headers)
