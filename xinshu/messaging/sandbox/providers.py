"""The providers' HTTP interfaces as they answer from outside. Signatures are computed anew, not taken on trust."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from xinshu.core.tc3 import signature
from xinshu.messaging.channels import aliyun
from xinshu.messaging.sandbox.cases import Case, case_of

DROP = -1  # as a status: break the line without an answer


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True)
class Callback:
    """One receipt on its way to us: path below the callback address, query, content type, body."""

    provider: str
    body: bytes
    content_type: str = "application/json"
    query: str = ""


Answer = tuple[int, dict[str, Any]]


@dataclass
class World:
    """What the sandbox knows: its keys, what was sent through it, what it has yet to report."""

    keys: dict[str, dict[str, str]]
    sent: list[dict[str, Any]] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)  # the traceparent of each request that brought one
    callbacks: list[Callback] = field(default_factory=list)
    limited: set[str] = field(default_factory=set)
    known: dict[str, Answer] = field(default_factory=dict)  # answers by idempotency key
    tokens: dict[str, float] = field(default_factory=dict)  # WeChat's, and until when
    cids: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        with self.lock:
            self.traces += [request.headers["traceparent"]] if "traceparent" in request.headers else []
            provider = request.path.strip("/").split("/")[0]
            handler = HANDLERS.get(provider)
            return handler(self, request) if handler else (404, {"error": "no such provider"})

    def keep(self, provider: str, address: str, what: Any) -> None:
        self.sent.append({"provider": provider, "address": address, "what": what})

    def limits(self, address: str, case: Case) -> bool:
        """Return whether this is the first time for an address that is limited once."""
        if not case.limited or address in self.limited:
            return False
        self.limited.add(address)
        return True


def _serial() -> str:
    return f"{time.time_ns() // 1000}{secrets.randbelow(1000):03d}"


def _approval(code: str) -> str:
    """Return how a template of this number stands: those ending in 8 wait, in 9 were refused."""
    return {"8": "pending", "9": "refused"}.get(code[-1:], "approved")


# ── Aliyun ──

ALIYUN_REFUSALS = {
    "invalid": ("isv.MOBILE_NUMBER_ILLEGAL", "invalid mobile number"),
    "blacklisted": ("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单管控"),
    "busy": ("isp.SYSTEM_ERROR", "SYSTEM_ERROR"),
}


def _aliyun(world: World, request: Request) -> Answer:
    keys, parameters = world.keys["aliyun"], request.parameters
    given = request.headers.get("authorization", "")
    signed = {name: request.headers.get(name, "") for name in _between(given, "SignedHeaders=", ",").split(";")}
    _names, expected = aliyun.signature(
        keys["key_secret"], request.method, request.path, parameters, signed, request.body
    )
    here = {"RequestId": secrets.token_hex(16).upper()}
    if _between(given, "Credential=", ",") != keys["key_id"]:
        return 404, {"Code": "InvalidAccessKeyId.NotFound", "Message": "Specified access key is not found.", **here}
    if not hmac.compare_digest(_between(given, "Signature=", ","), expected):
        return 400, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched.", **here}
    act = request.headers.get("x-acs-action")
    if act == "QuerySmsTemplate":
        state = {"pending": 0, "approved": 1, "refused": 2}[_approval(parameters["TemplateCode"])]
        reason = "模板内容与签名用途不符" if state == 2 else ""
        return 200, {"Code": "OK", "Message": "OK", "TemplateStatus": state, "Reason": reason, **here}
    if act != "SendSms":
        return 404, {"Code": "InvalidAction.NotFound", "Message": "Specified api is not found.", **here}
    number = parameters.get("PhoneNumbers", "")
    case = case_of(number)
    code, told = "", ""
    if world.limits(number, case):
        code, told = "isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"
    elif case.refuses:
        code, told = ALIYUN_REFUSALS[case.refuses]
    elif len(number) != 11:
        code, told = ALIYUN_REFUSALS["invalid"]
    elif not parameters.get("TemplateCode", "").startswith("SMS_"):
        code, told = "isv.SMS_TEMPLATE_ILLEGAL", "模板不合法(不存在或被拉黑)"
    elif parameters.get("SignName") != keys["sign"]:
        code, told = "isv.SMS_SIGNATURE_ILLEGAL", "签名不合法(不存在或被拉黑)"
    if code:
        return 200, {"Code": code, "Message": told, **here}
    serial = f"{_serial()}^0"
    world.keep("aliyun", number, json.loads(parameters.get("TemplateParam") or "{}"))
    report = {
        "phone_number": number,
        "send_time": time.strftime("%Y-%m-%d %H:%M:%S"),
        "report_time": time.strftime("%Y-%m-%d %H:%M:%S"),
        "success": not case.undelivered,
        "err_code": "UNDELIVRD" if case.undelivered else "DELIVERED",
        "err_msg": "用户未接收" if case.undelivered else "用户接收成功",
        "sms_size": "1",
        "biz_id": serial,
        "out_id": parameters.get("OutId", ""),
    }
    world.callbacks += [Callback("aliyun", json.dumps([report], ensure_ascii=False).encode())] * case.reports
    return (DROP, {}) if case.drops else (200, {"Code": "OK", "Message": "OK", "BizId": serial, **here})


# ── Tencent ──

TENCENT_REFUSALS = {
    "invalid": ("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number"),
    "blacklisted": ("FailedOperation.PhoneNumberInBlacklist", "phone number in blacklist"),
    "busy": ("InternalError.Timeout", "request timeout"),
}


def _tencent(world: World, request: Request) -> Answer:
    keys, given = world.keys["tencent"], request.headers.get("authorization", "")
    here = secrets.token_hex(16)
    names = _between(given, "SignedHeaders=", ",").split(";")
    signed = {name: request.headers.get(name, "") for name in names}
    at = int(request.headers.get("x-tc-timestamp", "0"))
    scope, _names, expected = signature(keys["secret_key"], "sms", signed, request.body, at)
    if _between(given, "Credential=", ",") != f"{keys['secret_id']}/{scope}":
        return 200, _fault("AuthFailure.SecretIdNotFound", "The SecretId is not found.", here)
    if not hmac.compare_digest(_between(given, "Signature=", ","), expected):
        return 200, _fault("AuthFailure.SignatureFailure", "The provided credentials could not be validated.", here)
    asked = json.loads(request.body)
    if request.headers.get("x-tc-action") == "DescribeSmsTemplateList":
        number = str(asked["TemplateIdSet"][0])
        state = {"pending": 1, "approved": 0, "refused": -1}[_approval(number)]
        told = {"TemplateId": int(number), "StatusCode": state, "ReviewReply": "内容不合规" if state == -1 else ""}
        return 200, {"Response": {"DescribeTemplateStatusSet": [told], "RequestId": here}}
    number = asked["PhoneNumberSet"][0]
    case = case_of(number)
    code, told_code = "Ok", "send success"
    if world.limits(number, case):
        code, told_code = "LimitExceeded.PhoneNumberThirtySecondLimit", "the number of SMS sent exceeds the limit"
    elif case.refuses:
        code, told_code = TENCENT_REFUSALS[case.refuses]
    elif not str(asked.get("TemplateId", "")).isdecimal():
        code, told_code = "FailedOperation.TemplateIncorrectOrUnapproved", "template is not approved"
    serial = f"5000:{_serial()}" if code == "Ok" else ""
    status = {
        "SerialNo": serial,
        "PhoneNumber": number,
        "Fee": 1 if serial else 0,
        "SessionContext": asked.get("SessionContext", ""),
        "Code": code,
        "Message": told_code,
        "IsoCode": "CN",
    }
    if serial:
        world.keep("tencent", number, asked.get("TemplateParamSet"))
        report = {
            "user_receive_time": time.strftime("%Y-%m-%d %H:%M:%S"),
            "nationcode": "86",
            "mobile": number.removeprefix("+86"),
            "report_status": "FAIL" if case.undelivered else "SUCCESS",
            "errmsg": "UNDELIV" if case.undelivered else "DELIVRD",
            "description": "用户短信未送达" if case.undelivered else "用户短信送达成功",
            "sid": serial,
        }
        world.callbacks += [Callback("tencent", json.dumps([report], ensure_ascii=False).encode())] * case.reports
    if case.drops:
        return DROP, {}
    return 200, {"Response": {"SendStatusSet": [status], "RequestId": here}}


def _fault(code: str, message: str, request_id: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": request_id}}


# ── WeChat ──

WECHAT_REFUSALS = {
    "invalid": (40003, "invalid openid"),
    "blacklisted": (43004, "require subscribe"),
    "busy": (-1, "system error"),
}
TOKEN_LIVES = 7200


def _wechat(world: World, request: Request) -> Answer:
    keys, asked = world.keys["wechat"], request.parameters
    if request.path.endswith("/cgi-bin/token"):
        if asked.get("appid") != keys["app_id"]:
            return 200, {"errcode": 40013, "errmsg": "invalid appid"}
        if asked.get("secret") != keys["secret"]:
            return 200, {"errcode": 40125, "errmsg": "invalid appsecret"}
        token = secrets.token_hex(32)
        world.tokens = {token: time.time() + TOKEN_LIVES}  # the one before is void from now on
        return 200, {"access_token": token, "expires_in": TOKEN_LIVES}
    until = world.tokens.get(asked.get("access_token", ""))
    if until is None:
        return 200, {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
    if until < time.time():
        return 200, {"errcode": 42001, "errmsg": "access_token expired"}
    body = json.loads(request.body)
    case, key = case_of(body["touser"]), str(body.get("client_msg_id", ""))
    if key in world.known:
        return world.known[key]
    if case.stale and body["touser"] not in world.limited:
        world.limited.add(body["touser"])
        return 200, {"errcode": 42001, "errmsg": "access_token expired"}
    if world.limits(body["touser"], case):
        return 200, {"errcode": 45011, "errmsg": "api minute-quota reach limit, mustslower, retry next minute"}
    if case.refuses:
        code, told = WECHAT_REFUSALS[case.refuses]
        return 200, {"errcode": code, "errmsg": told}
    if not body.get("template_id"):
        return 200, {"errcode": 40037, "errmsg": "invalid template_id"}
    serial = _serial()
    world.keep("wechat", body["touser"], body["data"])
    status = "failed:user block" if case.undelivered else "success"
    told_xml = (
        f"<xml><ToUserName><![CDATA[gh_sandbox]]></ToUserName><FromUserName><![CDATA[{body['touser']}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{serial}</MsgID>"
        f"<Status><![CDATA[{status}]]></Status></xml>"
    )
    world.callbacks += [wechat_callback(keys["token"], told_xml)] * case.reports
    answer: Answer = 200, {"errcode": 0, "errmsg": "ok", "msgid": int(serial)}
    if key:
        world.known[key] = answer
    return (DROP, {}) if case.drops else answer


def wechat_callback(token: str, xml: str) -> Callback:
    """Return a callback signed as WeChat signs them."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
    mark = hashlib.sha1("".join(sorted([token, timestamp, nonce])).encode()).hexdigest()  # noqa: S324  WeChat's choice
    return Callback("wechat", xml.encode(), "text/xml", f"signature={mark}&timestamp={timestamp}&nonce={nonce}")


# ── JPush ──

JPUSH_REFUSALS = {
    "invalid": (400, 1011, "cannot find user by this audience"),
    "blacklisted": (400, 2003, "app_key is blocked"),
    "busy": (500, 1000, "Internal error"),
}


def _jpush(world: World, request: Request) -> Answer:
    keys = world.keys["jpush"]
    expected = base64.b64encode(f"{keys['app_key']}:{keys['master_secret']}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {expected}":
        return 401, {"error": {"code": 1004, "message": "Authen failed!"}}
    if request.path.endswith("/cid"):
        made = f"{keys['app_key']}-{secrets.token_hex(16)}"
        world.cids.add(made)
        return 200, {"cidlist": [made]}
    body = json.loads(request.body)
    address, cid = body["audience"]["registration_id"][0], str(body.get("cid", ""))
    if cid and cid not in world.cids:
        return 400, {"error": {"code": 1003, "message": "cid is invalid"}}
    if cid in world.known:
        return world.known[cid]
    case = case_of(address)
    if world.limits(address, case):
        return 429, {"error": {"code": 2002, "message": "API v3 QPS overlimit"}}
    if case.refuses:
        status, code, told = JPUSH_REFUSALS[case.refuses]
        return status, {"error": {"code": code, "message": told}}
    world.keep("jpush", address, body["notification"]["alert"])
    answer: Answer = 200, {"sendno": "0", "msg_id": _serial()}
    world.known[cid] = answer
    return (DROP, {}) if case.drops else answer


def _between(text: str, start: str, end: str) -> str:
    found = text.partition(start)[2].partition(end)[0]
    return unquote(found.strip())


HANDLERS: dict[str, Callable[[World, Request], Answer]] = {
    "aliyun": _aliyun,
    "tencent": _tencent,
    "wechat": _wechat,
    "jpush": _jpush,
}
