"""Where providers ring: delivery receipts, and what people send to the official account. Nobody is signed in here.

Aliyun and Tencent sign nothing: the secret part of the address is what they prove themselves by. WeChat signs.
"""

import hashlib
import json
import secrets
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from xinshu.core import clock
from xinshu.core.sm import hmac_sm3
from xinshu.messaging.preferences import bind_wechat
from xinshu.messaging.receipts import Report, take_report

LARGEST = 256 * 1024
MOST = 500  # reports in one call


def callback_secret(provider: str) -> str:
    """Return the secret part of a provider's callback address."""
    return hmac_sm3(settings.SECRET_KEY.encode(), f"xinshu.messaging.callback.{provider}".encode()).hex()[:32]


def callback_address(provider: str) -> str:
    """Return the whole address that is to be entered at the provider."""
    given = [] if provider == "wechat" else [callback_secret(provider)]
    return settings.PUBLIC_URL.rstrip("/") + reverse(f"messaging:from_{provider}", args=given)


@csrf_exempt
@require_POST
def from_aliyun(request: HttpRequest, secret: str) -> HttpResponse:
    """Take Aliyun's SmsReport."""
    for told in _reports(request, "aliyun", secret):
        report = Report(
            _text(told, "biz_id"), _text(told, "out_id"), told.get("success") is True, _text(told, "err_code")
        )
        take_report("aliyun", report, at=clock.now())
    return JsonResponse({"code": 0, "msg": "接收成功"}, json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@require_POST
def from_tencent(request: HttpRequest, secret: str) -> HttpResponse:
    """Take Tencent's delivery reports."""
    for told in _reports(request, "tencent", secret):
        arrived = told.get("report_status") == "SUCCESS"
        take_report("tencent", Report(_text(told, "sid"), "", arrived, _text(told, "errmsg")), at=clock.now())
    return JsonResponse({"result": 0, "errmsg": "OK"})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def from_wechat(request: HttpRequest) -> HttpResponse:
    """Answer WeChat's check of the address, take its reports, bind people who send us their code."""
    token = settings.MESSAGING.get("wechat", {}).get("token", "")
    parts = sorted([token, request.GET.get("timestamp", ""), request.GET.get("nonce", "")])
    expected = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324  WeChat's choice
    given = request.GET.get("signature", "")
    if not token or not given.isascii() or not secrets.compare_digest(expected, given):
        raise Http404
    if request.method == "GET":
        return HttpResponse(request.GET.get("echostr", "")[:200], content_type="text/plain")
    told = _xml(request)
    if told.get("Event") == "TEMPLATESENDJOBFINISH":
        status = told.get("Status", "")
        take_report("wechat", Report(told.get("MsgID", ""), "", status == "success", status), at=clock.now())
    elif told.get("MsgType") == "text" and told.get("FromUserName"):
        bound = bind_wechat(told.get("Content", "").strip(), told["FromUserName"][:64], at=clock.now())
        return HttpResponse(_reply(told, bound), content_type="text/xml")
    return HttpResponse("success", content_type="text/plain")


def _reports(request: HttpRequest, provider: str, secret: str) -> list[dict[str, Any]]:
    if not secret.isascii() or not secrets.compare_digest(secret, callback_secret(provider)):
        raise Http404
    try:
        told = json.loads(_body(request))
    except (ValueError, RecursionError):  # also of brackets without end
        return []
    return [one for one in told[:MOST] if isinstance(one, dict)] if isinstance(told, list) else []


def _body(request: HttpRequest) -> bytes:
    """Return what came, b"" for a form: no provider sends one, and Django has taken its body apart by now."""
    try:
        return request.body[:LARGEST]
    except RawPostDataException:
        return b""


def _text(told: dict[str, Any], name: str) -> str:
    return str(told.get(name) or "").replace("\0", "")[:80]


def _xml(request: HttpRequest) -> dict[str, str]:
    """Return the flat fields of a message in XML; nothing of one with a document type (entities could grow)."""
    body = _body(request)
    if b"<!" in body.replace(b"<![CDATA[", b""):
        return {}
    try:
        return {child.tag: child.text or "" for child in ElementTree.fromstring(body)}  # noqa: S314  no document type
    except ElementTree.ParseError:
        return {}


def _reply(told: dict[str, str], bound: bool) -> str:
    words = (
        "绑定成功，今后的业务消息会发到这里。"
        if bound
        else "没有找到这个绑定码，或已失效。请在“消息设置”页面重新获取。"
    )
    fields = {
        "ToUserName": told["FromUserName"],
        "FromUserName": told.get("ToUserName", ""),
        "MsgType": "text",
        "Content": words,
    }
    inner = "".join(f"<{name}><![CDATA[{value.replace(']]>', '')}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}<CreateTime>{int(clock.now().timestamp())}</CreateTime></xml>"
