"""The sandbox: Tencent's own client over a line that ends in this process, signatures checked.

Whatever is asked agrees, but for what the last digits of the number's order say: 444 does not agree, 555 never answers.
"""

import json
from collections.abc import Callable, Mapping

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from xinshu.accounts.realnames.tencent import SERVICE, Tencent
from xinshu.core.tc3 import is_signed

OTHER, MUTE = "444", "555"


class Sandbox(Tencent):
    """Real names for laptops, demos and tests."""

    label = "实名核验（沙箱）"

    def __init__(self, settings_: Mapping[str, str]) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured("The sandbox compares nothing: production needs a real XINSHU_REAL_NAME.")
        super().__init__(settings_, transport=httpx.MockTransport(_answering(settings_)))


def _answering(keys: Mapping[str, str]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        body = request.read()
        if not is_signed(keys, SERVICE, request.headers, body):
            return httpx.Response(200, json={"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}})
        order = str(json.loads(body).get("IdCard", ""))[14:17]
        if order == MUTE:
            raise httpx.ReadTimeout("the line is silent", request=request)
        return httpx.Response(200, json={"Response": {"Result": "-1" if order == OTHER else "0"}})

    return answer
