"""The sandbox: answers as Tencent's faceid does, signatures checked; the demo's page 演示人脸核验 says how it ends.

Nobody's face is looked at, so it refuses to work in production.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.faces.tencent import Tencent
from xinshu.accounts.models import SandboxFace
from xinshu.core import clock
from xinshu.core.sm import sm4_decrypt, sm4_encrypt
from xinshu.core.tc3 import is_signed

KEPT = 50
SKEW = 300  # seconds by which a request's clock may be off
OUTCOMES = {
    "passed": _("是本人"),
    "late": _("是本人，结果晚一步"),
    "silent": _("是本人，第一次查询断线"),
    "fake": _("不是真人"),
    "stranger": _("不是同一个人"),
    "another": _("是别人的核验结果"),
    "expired": _("放着不做，直到过期"),
}
CODES = {"fake": (1002, 0, 1002), "stranger": (2016, 2016, 0)}  # ErrCode, Comparestatus, LiveStatus


class Sandbox(Tencent):
    """The provider's own client, over a line that ends in this process."""

    def __init__(self, settings_: Mapping[str, str]) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured("The sandbox looks at nobody's face: production needs a real XINSHU_FACE.")
        super().__init__(settings_, transport=Line(settings_))


class Line(httpx.BaseTransport):
    """The other end of the line."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self.keys = keys

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        told = {**self._answer(request, body), "RequestId": secrets.token_hex(16)}
        return httpx.Response(200, json={"Response": told})

    def _answer(self, request: httpx.Request, body: bytes) -> dict[str, Any]:
        if fault := self._unsigned(request, body):
            return fault
        asked = json.loads(body)
        if asked.get("RuleId") != self.keys["rule"]:
            return _fault("InvalidParameterValue.RuleIdNotExist", "RuleId不存在")
        if request.headers["x-tc-action"] == "DetectAuth":
            return _begin(asked)
        if request.headers["x-tc-action"] == "GetDetectInfoEnhanced":
            return _result(asked, request)
        return _fault("InvalidAction", "The request action is invalid.")

    def _unsigned(self, request: httpx.Request, body: bytes) -> dict[str, Any]:
        if abs(clock.now().timestamp() - int(request.headers.get("x-tc-timestamp", "0"))) > SKEW:
            return _fault("AuthFailure.SignatureExpire", "The provided credentials have expired.")
        if not is_signed(self.keys, "faceid", request.headers, body):
            return _fault("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
        return {}


def _begin(asked: dict[str, Any]) -> dict[str, Any]:
    if len(str(asked.get("IdCard", ""))) != 18:
        return _fault("FailedOperation.IdFormatError", "输入的身份证号有误")
    token = secrets.token_hex(16).upper()
    content = sm4_encrypt(bytes.fromhex(settings.FILE_KEY), json.dumps(asked).encode())
    newest = SandboxFace.objects.create(token=token, asked=content, at=clock.now())
    SandboxFace.objects.filter(pk__lte=newest.pk - KEPT).delete()
    return {"BizToken": token, "Url": f"/demo/face/?token={token}"}


def _result(asked: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    found = SandboxFace.objects.filter(token=asked.get("BizToken", "")).first()
    if found is None:
        return _fault("InvalidParameterValue.BizTokenIllegal", "BizToken不合法")
    if found.outcome:
        SandboxFace.objects.filter(pk=found.pk).update(queries=F("queries") + 1)
    if found.outcome == "expired":
        return _fault("InvalidParameterValue.BizTokenExpired", "BizToken过期")
    if found.outcome == "silent" and not found.queries:
        raise httpx.ReadTimeout("the line broke", request=request)
    if not found.outcome or (found.outcome == "late" and not found.queries):
        return {"Text": {"ErrCode": 17, "ErrMsg": "本次流程未完成", "LivenessDetail": []}}
    begun = json.loads(sm4_decrypt(bytes.fromhex(settings.FILE_KEY), bytes(found.asked)))
    code, compared, live = CODES.get(found.outcome, (0, 0, 0))
    return {
        "Text": {
            "ErrCode": code,
            "ErrMsg": "成功" if code == 0 else "失败",
            "IdCard": begun["IdCard"],
            "Name": begun["Name"],
            "LiveStatus": live,
            "LiveMsg": "成功" if live == 0 else "疑似非真人录制",
            "Comparestatus": compared,
            "Comparemsg": "成功" if compared == 0 else "无法判断为同一人",
            "Sim": "20.10" if compared else "96.52",
            "Extra": "another" if found.outcome == "another" else begun["Extra"],
        },
        "IdCardData": None,
        "BestFrame": None,
        "VideoData": None,
    }


def _fault(code: str, message: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}
