"""Tencent Cloud 企业四要素核验: VerifyBizLicenseEnterprise4 (ocr, API 2018-11-19), signed by TC3.

Source: cloud.tencent.com/document/product/866/129072. StatusCode 0 is an answer.
That OperatingStatus 1 means 在营 is read from the example there, not from its list (unverified).
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from django.utils.translation import gettext as _

from xinshu.certification.registry import Elements, NoWord, Word
from xinshu.core import clock, tc3
from xinshu.core.tls import trusted

SERVICE, ACT, VERSION = "ocr", "VerifyBizLicenseEnterprise4", "2018-11-19"
TIMEOUT = httpx.Timeout(8.0, connect=4.0)
ASKED = {"CreditCode": "uscc", "EntName": "name", "LrName": "representative", "IdNum": "number"}
TOLD = {
    "IsCreditCodeConsistent": "uscc", "IsEntNameConsistent": "name", "IsLrNameConsistent": "representative",
    "IsIdNumConsistent": "number",
}  # fmt: skip
ACTIVE = "1"


class Tencent:
    """The register as Tencent Cloud asks it."""

    label = "登记机关（腾讯云企业四要素核验）"
    takes: tuple[int, ...] = (4,)

    def __init__(self, settings: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        self.settings, self.transport = settings, transport

    def compare(self, elements: Elements) -> Word:
        content = json.dumps({name: getattr(elements, of) for name, of in ASKED.items()}, ensure_ascii=False).encode()
        headers = tc3.headers(self.settings, SERVICE, ACT, VERSION, content, clock.now())
        try:
            with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=trusted(), transport=self.transport) as web:
                answer = web.post(self.settings["url"], headers=headers, content=content)
            told = answer.json()["Response"]
        except httpx.TimeoutException as error:
            raise NoWord(_("登记机关超时没有答复")) from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise NoWord(_("登记机关没有给出可以读的答复")) from error
        return _word(told)


def _word(told: Any) -> Word:
    fault = told.get("Error") if isinstance(told, dict) else {"Code": "?"}
    if fault is not None:
        raise NoWord(_("登记机关没有受理（%(code)s）") % {"code": str(fault.get("Code", ""))[:60]})
    if told.get("StatusCode") != 0:
        raise NoWord(_("登记机关没有查到结果"))
    agrees = {of: told[name] for name, of in TOLD.items() if isinstance(told.get(name), bool)}
    standing = str(told.get("OperatingStatus") or "")
    return Word(agrees, standing == ACTIVE if standing else None)
