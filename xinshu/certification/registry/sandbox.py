"""The sandbox: Tencent's own client over a line that ends in this process, signatures checked.

The register it keeps is what firms hand in, but for what the names say: a firm with 试错 in its name has another
representative there, 注销 is struck off, 断线 never answers. So a demo shows every case and a test can choose one.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from xinshu.certification.registry.tencent import ACTIVE, SERVICE, Tencent
from xinshu.core.tc3 import is_signed


class Sandbox(Tencent):
    """A register for laptops, demos and tests."""

    label = "登记机关（沙箱）"
    takes = (2, 3, 4)

    def __init__(self, settings_: Mapping[str, str]) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured("The sandbox compares with nothing: production needs a real XINSHU_REGISTER.")
        super().__init__(settings_, transport=Line(settings_))


class Line(httpx.BaseTransport):
    """The other end of the line."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self.keys = keys

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        told = self._answer(request, body)
        return httpx.Response(200, json={"Response": {**told, "RequestId": "sandbox"}})

    def _answer(self, request: httpx.Request, body: bytes) -> dict[str, Any]:
        if not is_signed(self.keys, SERVICE, request.headers, body):
            return {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "signature"}}
        asked = json.loads(body)
        if "断线" in asked["EntName"]:
            raise httpx.ReadTimeout("the line is silent", request=request)
        same = "试错" not in asked["EntName"]
        return {
            "StatusCode": 0, "VerifyResult": 1 if same else 2, "IsCreditCodeConsistent": True,
            "IsEntNameConsistent": True, "IsLrNameConsistent": same, "IsIdNumConsistent": same,
            "OperatingStatus": "0" if "注销" in asked["EntName"] else ACTIVE, "OperatingPeriod": "2015-01-01/",
        }  # fmt: skip
