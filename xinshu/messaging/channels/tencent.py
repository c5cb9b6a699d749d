"""Tencent SMS (腾讯云短信, API 2021-01-11), signed with TC3-HMAC-SHA256.

It knows no idempotency key. Template variables are counted, not named: the order of the placeholders in our text.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from xinshu.core import clock, tc3
from xinshu.messaging.channels import Accepted, Approval, Letter, Outcome, Refused, Unclear
from xinshu.messaging.channels.wire import Answer, NoAnswer, NotReached, call

VERSION = "2021-01-11"
WORDS = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": ("该号码 30 秒内已收到短信，服务商限制了频率", True),
    "LimitExceeded.PhoneNumberOneHourLimit": ("该号码 1 小时内收到的短信过多", True),
    "LimitExceeded.PhoneNumberDailyLimit": ("该号码今天收到的短信过多", True),
    "InvalidParameterValue.IncorrectPhoneNumber": ("手机号不是有效号码", False),
    "FailedOperation.PhoneNumberInBlacklist": ("号码在服务商黑名单中", False),
    "FailedOperation.TemplateIncorrectOrUnapproved": ("模板不存在或未通过审核", False),
    "FailedOperation.SignatureIncorrectOrUnapproved": ("短信签名不存在或未通过审核", False),
    "FailedOperation.InsufficientBalanceInSmsPackage": ("短信套餐余额不足", True),
    "InternalError.Timeout": ("服务商系统繁忙", True),
    "RequestLimitExceeded": ("调用过于频繁", True),
}
APPROVALS = {0: "approved", 1: "pending", -1: "refused"}


class Tencent:
    """SMS by Tencent Cloud."""

    provider = "tencent"
    repeatable = timedelta(0)

    def __init__(self, channel: str, settings: Mapping[str, str]) -> None:
        self.channel, self.settings = channel, settings

    def new_key(self, reference: str, message: Any = None) -> str:
        return reference

    def send(self, letter: Letter) -> Outcome:
        number = letter.address if letter.address.startswith("+") else f"+86{letter.address}"
        body = {
            "PhoneNumberSet": [number],
            "SmsSdkAppId": self.settings["app_id"],
            "SignName": self.settings["sign"],
            "TemplateId": letter.provider_code,
            "TemplateParamSet": list(letter.values.values()),
            "SessionContext": letter.reference,
        }
        try:
            answer = self._ask("SendSms", body, {**body, "TemplateParamSet": "***"}, letter.message)
        except NotReached as error:
            return Refused(f"没有连上服务商：{error}", temporary=True)
        except NoAnswer as error:
            return Unclear(f"服务商没有答复：{error}")
        told = answer.data.get("Response", {})
        status = (told.get("SendStatusSet") or [{}])[0]
        if status.get("Code") == "Ok":
            return Accepted(str(status.get("SerialNo", "")))
        fault = told.get("Error") or status
        code = str(fault.get("Code", ""))
        if not code:
            return Unclear(f"服务商的答复无法辨认（HTTP {answer.status}）")
        words, temporary = WORDS.get(code, (str(fault.get("Message", "")) or "服务商拒绝", False))
        return Refused(f"{words}（{code}）", temporary)

    def approval(self, provider_code: str) -> Approval | None:
        if not provider_code.isdecimal():
            return Approval("refused", "腾讯云的模板编号是数字")
        body = {"International": 0, "TemplateIdSet": [int(provider_code)]}
        try:
            answer = self._ask("DescribeSmsTemplateList", body, body)
        except (NotReached, NoAnswer):
            return None
        found = answer.data.get("Response", {}).get("DescribeTemplateStatusSet") or []
        if not found:
            return Approval("refused", "服务商没有这个模板")
        return Approval(APPROVALS.get(found[0].get("StatusCode"), "pending"), str(found[0].get("ReviewReply", "")))

    def _ask(self, act: str, body: dict[str, Any], shown: dict[str, Any], message: Any = None) -> Answer:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = tc3.headers(self.settings, "sms", act, VERSION, content, clock.now())
        text = json.dumps(shown, ensure_ascii=False)
        return call(
            self, act, "POST", self.settings["url"], shown=text, message=message, headers=headers, content=content
        )
