"""The door of /api/: who calls, may they from there, how often, was it asked before; and the log of what passed.

A middleware, so that whatever lies behind can only be reached through it. Sessions count for nothing here.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.http.request import UnreadablePostError
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from xinshu.accounts.stops import is_stopped
from xinshu.accounts.views.arrival import address_of
from xinshu.core import clock
from xinshu.core.masking import text as masked_text
from xinshu.core.refusals import NotPermitted, Refusal
from xinshu.core.sm import sm3, sm4_decrypt
from xinshu.integrations import limits, problems, replies, signing
from xinshu.integrations.leaving import Given, forms, gathered, listed
from xinshu.integrations.masking import masked_body
from xinshu.integrations.models import ApiClient, ApiKey, Call, Caller, Nonce

PREFIX = "/api/"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
UNSIGNED_PER_MINUTE = 60  # of one address: public operations and failed signatures
USED_NOTED_EVERY = timedelta(minutes=1)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class NotSignedIn(Refusal):
    """Nobody proved who calls."""

    status: ClassVar[int] = 401
    title = "没有通过身份验证"


class TooOften(Refusal):
    """The bucket is empty."""

    status: ClassVar[int] = 429
    title = "调用过于频繁"

    def __init__(self, allowance: limits.Allowance) -> None:
        super().__init__(
            _("每分钟最多 %(limit)d 次，这次没有办理。") % {"limit": allowance.limit},
            advice=_("请在 %(seconds)d 秒后重试。") % {"seconds": allowance.seconds},
        )
        self.allowance = allowance


class ApiMiddleware:
    """Guards PREFIX and passes everything else on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        with gathered() as given:
            return _Passage(request, self.get_response, given).go()


class _Passage:
    """One call on its way through the door."""

    def __init__(self, request: HttpRequest, get_response: GetResponse, given: Given) -> None:
        self.request, self.get_response, self.given = request, get_response, given
        self.at, self.began = clock.now(), time.perf_counter()
        self.address = address_of(request)
        self.body = b""
        self.key: ApiKey | None = None
        self.allowance: limits.Allowance | None = None
        self.replayed: replies.Noted | None = None
        request.member = None  # type: ignore[attr-defined]

    def go(self) -> HttpResponseBase:
        try:
            response = self.answer()
        except Refusal as refusal:
            response = problems.refused(refusal, None)
            if isinstance(refusal, NotSignedIn):
                response["WWW-Authenticate"] = ", ".join(("Bearer", *signing.SCHEMES))
            if isinstance(refusal, TooOften):
                self.allowance = refusal.allowance
                response["Retry-After"] = str(refusal.allowance.seconds)
        except (RequestDataTooBig, UnreadablePostError) as error:
            response = problems.plain(413 if isinstance(error, RequestDataTooBig) else 400)
        if response.status_code >= 400 and not problems.is_problem(response):
            response = problems.plain(response.status_code)
        if self.allowance is not None:
            response["RateLimit-Limit"] = str(self.allowance.limit)
            response["RateLimit-Remaining"] = str(self.allowance.remaining)
        self.note(response)
        return response

    def answer(self) -> HttpResponseBase:
        request = self.request
        self.body = read_body(request)
        if "json" in request.headers.get("Content-Type", "") and (b"\\u0000" in self.body or b"\0" in self.body):
            return problems.plain(400)  # PostgreSQL takes no NUL in text
        caller = self.identify()
        if caller is None:
            if request.method in WRITES:  # reading the description costs nothing worth counting
                self.count(f"address:{self.address}", UNSIGNED_PER_MINUTE)
            return self.get_response(request)
        request.member = caller  # type: ignore[attr-defined]
        if request.method not in WRITES:
            return self.get_response(request)
        response, self.replayed = replies.once(
            caller.client, request, self.body, self.at, lambda: self.get_response(request), self.noted
        )
        return response

    def identify(self) -> Caller | None:
        """Return who calls; None where nobody claims to be anybody. Raises NotSignedIn, NotPermitted, TooOften."""
        claim = self.request.headers.get("Authorization", "")
        if not claim:
            return None
        try:
            self.key = key_that_signed(self.request, claim, self.body, self.at)
        except NotSignedIn:
            self.count(f"refused:{self.address}", UNSIGNED_PER_MINUTE)  # nobody tries keys at speed
            raise
        client = self.key.client
        check_network(client, self.address)
        self.count(f"client:{client.pk}", client.per_minute)
        if client.state != "active":
            raise NotPermitted(
                _("接口客户端现在是“%(state)s”，调用没有办理。") % {"state": client.standing.label},
                advice=_("请联系本机构管理员。"),
            )
        if self.key.kind == ApiKey.Kind.BEARER and self.request.method in WRITES:
            raise NotPermitted(_("只读令牌不能办理业务，这次没有办理。"), advice=_("办理业务请用 HMAC 或 SM2 签名。"))
        if is_stopped(client.organisation_id, self.key.code):
            raise NotPermitted(_("接口已被应急停用，调用没有办理。"), advice=_("请联系平台运营。"))
        caller = Caller.objects.acting().filter(pk=client.principal_id).first()
        if caller is None:
            raise NotPermitted(_("代表人的账号已停用，调用没有办理。"), advice=_("请联系本机构管理员更换代表人。"))
        caller.client = client
        if self.key.last_used_at is None or self.at - self.key.last_used_at > USED_NOTED_EVERY:
            ApiKey.objects.filter(pk=self.key.pk).update(last_used_at=self.at)
        return caller

    def count(self, name: str, per_minute: int) -> None:
        self.allowance = limits.take(name, per_minute, self.at)
        if not self.allowance.granted:
            raise TooOften(self.allowance)

    def noted(self) -> replies.Noted:
        """What the log keeps with an answer, and with each repetition of it."""
        return replies.Noted(listed(self.given), self.given.about)

    def note(self, response: Any) -> None:
        """Write the call log. Whoever did not prove to hold a key leaves no line: strangers must not fill the log."""
        if self.key is None:
            return
        outcome = ""
        if problems.is_problem(response):
            outcome = masked_text(told_in(response))[:200]
        request = self.request
        noted = self.replayed or self.noted()
        fields = noted.fields if response.status_code < 400 else []
        Call.objects.create(
            client=self.key.client,
            key=self.key,
            at=self.at,
            method=(request.method or "")[:8],
            operation=operation_of(request)[:120],
            **asdict(noted.about),
            path=masked_text(request.path)[:200],
            query=masked_text(request.META.get("QUERY_STRING", "")).replace("\0", "")[:500],
            sent=masked_body(self.body, request.headers.get("Content-Type", "")),
            status=response.status_code,
            outcome=outcome,
            replayed=self.replayed is not None,
            fields=fields,
            **forms(fields),
            address=self.address[:64],
            milliseconds=int((time.perf_counter() - self.began) * 1_000),
        )


def operation_of(request: HttpRequest) -> str:
    """Return the route of what was asked, also where the call was turned away or answered again before it got there."""
    try:
        return resolve(request.path_info).route
    except Resolver404:
        return ""


def told_in(response: Any) -> str:
    """Return title and detail of a problem."""
    told = json.loads(response.content)
    return f"{told['title']}：{told['detail']}"


def read_body(request: HttpRequest) -> bytes:
    """Return the whole body and keep it for whoever reads the request. Raises RequestDataTooBig.

    Material may be as large as an upload on a page, everything else as large as a form.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    material = request.path.endswith(("/materials", "/verify/letter"))
    most = settings.UPLOAD_LIMIT if material else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length.isdecimal() and int(length) > most:
        raise RequestDataTooBig
    if not hasattr(request, "_body"):
        request._body = request.read()  # request.body has one limit for everything
    return request.body


def key_that_signed(request: HttpRequest, claim: str, body: bytes, at: datetime) -> ApiKey:
    """Return the key that `claim` (the Authorization header) proves. Raises NotSignedIn."""
    scheme, _space, token = claim.partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(token.strip(), at)
    signed = signing.read_header(claim)
    if signed is None:
        raise NotSignedIn(_("Authorization 请求头没有读懂。"), advice=_("写法见接口说明。"))
    if abs(at.timestamp() - signed.timestamp) > signing.WINDOW:
        raise NotSignedIn(
            _("请求的时间戳与平台时间相差超过 %(seconds)d 秒。") % {"seconds": signing.WINDOW},
            advice=_("请校准时钟后重新签名。"),
        )
    kind = ApiKey.Kind.SM2 if signed.scheme == signing.SM2 else ApiKey.Kind.HMAC
    key = _live(signed.key, kind, at)
    path, query = request.get_full_path().partition("?")[0], request.META.get("QUERY_STRING", "")
    message = signing.canonical(signed.scheme, request.method or "", path, query, body, signed.timestamp, signed.nonce)
    secret = secret_of(key.sealed) if key.sealed else ""
    if not signing.holds(signed.scheme, secret, key.public_hex, message, signed.signature):
        raise _unproven()
    try:
        with transaction.atomic():
            Nonce.objects.create(key=key, value=signed.nonce, at=at)
    except IntegrityError:
        raise NotSignedIn(_("这个随机数已经用过，请求没有办理。"), advice=_("每次签名请换一个随机数。")) from None
    return key


def _bearer(token: str, at: datetime) -> ApiKey:
    code, _dot, secret = token.partition(".")
    key = _live(code, ApiKey.Kind.BEARER, at)
    if not constant_time_compare(key.digest, sm3(secret.encode("utf-8", "replace")).hex()):
        raise _unproven()
    return key


def _live(code: str, kind: str, at: datetime) -> ApiKey:
    key = (
        ApiKey.objects.select_related("client__organisation")
        .filter(code=code[:24].replace("\0", ""), kind=kind)
        .first()
    )
    if key is None or not key.is_live(at):
        raise _unproven()
    return key


def _unproven() -> NotSignedIn:
    return NotSignedIn(
        _("密钥不存在、已失效，或签名不符。"), advice=_("请核对密钥编号、密钥和签名方法；写法见接口说明。")
    )


def secret_of(sealed: Any) -> str:
    """Return a secret kept encrypted."""
    return sm4_decrypt(bytes.fromhex(settings.FILE_KEY), bytes(sealed)).decode()


def check_network(client: ApiClient, address: str) -> None:
    """Raise NotPermitted unless the client may call from `address`."""
    if not client.networks:
        return
    try:
        here = ip_address(address)
    except ValueError:
        here = None
    here = getattr(here, "ipv4_mapped", None) or here
    if here is None or not any(here in ip_network(network) for network in client.networks):
        raise NotPermitted(_("不接受来自这个网络地址的调用。"), advice=_("请联系本机构管理员登记调用地址。"))
