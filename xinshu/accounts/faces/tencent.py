"""Tencent face verification (腾讯云慧眼人脸核身, API 2018-03-01): DetectAuth and GetDetectInfoEnhanced, TC3-signed.

Of the result only the text is fetched (InfoType 1): no image, no frame, no video ever comes to us.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from django.utils.translation import gettext as _

from xinshu.accounts.faces import Begun, NotBegun, Passed, Refused, Verdict, Waiting
from xinshu.core import clock, tc3
from xinshu.core.tls import trusted

VERSION = "2018-03-01"
TIMEOUT = httpx.Timeout(8.0, connect=4.0)
TEXT_ONLY = "1"
NOT_FINISHED, SUCCESS = 17, 0
NUMBER_FAULTS = {"FailedOperation.IdFormatError", "FailedOperation.NameFormatError", "FailedOperation.IdNameMisMatch"}
TOKEN_FAULTS = {"InvalidParameterValue.BizTokenExpired", "InvalidParameterValue.BizTokenIllegal"}
NOT_LIVE = {1002, 1301}
NOT_THE_SAME = {2006, 2011, 2015, 2016}
EXPIRED, EXHAUSTED = 15, 16


class Tencent:
    """Face verification by Tencent Cloud."""

    def __init__(self, settings: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        self.settings, self.transport = settings, transport

    def begin(self, name: str, number: str, extra: str) -> Begun:
        asked = {"RuleId": self.settings["rule"], "IdCard": number, "Name": name, "Extra": extra}
        try:
            told = self._ask("DetectAuth", asked)
        except httpx.HTTPError as error:
            raise NotBegun(_("人脸核验服务没有答复")) from error
        code = _fault(told)
        if code in NUMBER_FAULTS:
            raise NotBegun(_("姓名与身份证号码不一致"), about_number=True)
        token, url = str(told.get("BizToken") or ""), str(told.get("Url") or "")
        if code or not token or not url:
            raise NotBegun(_("人脸核验服务没有受理（%(code)s）") % {"code": code or _("答复不完整")})
        return Begun(token, url)

    def result(self, token: str) -> Verdict:
        asked = {"BizToken": token, "RuleId": self.settings["rule"], "InfoType": TEXT_ONLY}
        try:
            told = self._ask("GetDetectInfoEnhanced", asked)
        except httpx.HTTPError:
            return Waiting(_("人脸核验服务没有答复"))
        fault = _fault(told)
        if fault in TOKEN_FAULTS:
            return Refused(_("这次人脸核验已过期"), fault)
        if fault:
            return Waiting(_("人脸核验服务没有给出结果（%(code)s）") % {"code": fault})
        text = told.get("Text")
        code = text.get("ErrCode") if isinstance(text, dict) else None
        if not isinstance(text, dict) or not isinstance(code, int) or isinstance(code, bool) or code == NOT_FINISHED:
            return Waiting(_("人脸核验还没有完成"))
        # Each stage says so itself: the sum of them alone is not taken on trust.
        if code == SUCCESS and (text.get("LiveStatus"), text.get("Comparestatus")) == (SUCCESS, SUCCESS):
            return Passed(str(text.get("Name")), str(text.get("IdCard")), str(text.get("Extra")))
        return Refused(_words(code), str(code))

    def _ask(self, act: str, body: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = tc3.headers(self.settings, "faceid", act, VERSION, content, clock.now())
        with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=trusted(), transport=self.transport) as web:
            answer = web.post(self.settings["url"], headers=headers, content=content)
        try:
            told = answer.json()["Response"]
        except (ValueError, KeyError, TypeError):
            told = None
        return told if isinstance(told, dict) else {"Error": {"Code": f"HTTP {answer.status_code}"}}


def _fault(told: dict[str, Any]) -> str:
    fault = told.get("Error")
    return str(fault.get("Code", "")) if isinstance(fault, dict) else ""


def _words(code: int) -> str:
    if code in NOT_LIVE:
        return _("没有检测到真人")
    if code in NOT_THE_SAME:
        return _("与身份证照片比对不一致")
    if code == EXPIRED:
        return _("这次人脸核验已过期")
    return _("人脸核验重试次数已用完") if code == EXHAUSTED else _("人脸核验没有通过")
