"""Tencent faceid (API 2018-03-01): IdCardVerification (two elements) and PhoneVerification (three), TC3-signed.

Result "0" is yes, "-1" and "-2" (PhoneVerification: "-4" too) are no; everything else is no answer.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from django.utils.translation import gettext as _

from xinshu.accounts.realnames import NoWord, Word
from xinshu.core import clock, tc3
from xinshu.core.tls import trusted

SERVICE, VERSION = "faceid", "2018-03-01"
TWO, THREE = "IdCardVerification", "PhoneVerification"
TIMEOUT = httpx.Timeout(8.0, connect=4.0)
YES, NO = "0", {"-1", "-2", "-4"}


class Tencent:
    """Real names as Tencent Cloud compares them."""

    label = "实名核验（腾讯云）"

    def __init__(self, settings: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        self.settings, self.transport = settings, transport

    def compare(self, name: str, number: str, phone: str = "") -> Word:
        asked = {"Name": name, "IdCard": number, **({"Phone": phone} if phone else {})}
        told = self._ask(THREE if phone else TWO, asked)
        result = str(told.get("Result", ""))
        if result == YES:
            return Word(True)
        if result in NO:
            return Word(False, _("姓名、身份证号码与手机号不一致") if phone else _("姓名与身份证号码不一致"))
        raise NoWord(_("实名核验服务没有查到结果"))

    def _ask(self, act: str, body: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = tc3.headers(self.settings, SERVICE, act, VERSION, content, clock.now())
        try:
            with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=trusted(), transport=self.transport) as web:
                answer = web.post(self.settings["url"], headers=headers, content=content)
            told = answer.json()["Response"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise NoWord(_("实名核验服务没有答复")) from error
        if not isinstance(told, dict) or told.get("Error"):
            raise NoWord(_("实名核验服务没有受理"))
        return told
