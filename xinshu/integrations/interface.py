"""The interface's frame: refusals become problems, the description says what the door asks. config adds the routers."""

from copy import deepcopy
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyHeader

from xinshu.core.refusals import Refusal
from xinshu.integrations import problems
from xinshu.integrations.door import NotSignedIn
from xinshu.integrations.schemas import Problem

PROBLEMS = frozenset({400, 401, 403, 404, 409, 413, 422, 429})
DESCRIPTION = """信枢开放接口。金额是十进制字符串并带币种，日期是 ISO 8601，时刻是 UTC。

每个对象都带有 version 和 actions：现在由您办理、可以办理的步骤。
办理时送回您看到的 version，已被他人改过的答 409，不会覆盖。
所有写请求都要带 Idempotency-Key：同一个键、同样的内容，无论重发几次，只办一次，答复相同。
"""


class Signed(APIKeyHeader):
    """The door has looked at the Authorization header; here it is only asked what it found."""

    param_name = "Authorization"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return who calls. Raises NotSignedIn."""
        member = getattr(request, "member", None)
        if member is None:
            raise NotSignedIn(_("请求没有带密钥或签名。"), advice=_("写法见接口说明。"))
        return member


class Interface(NinjaAPI):
    """NinjaAPI whose description tells of problems as problem+json, and of idempotency keys."""

    _described: dict[str, Any] | None = None

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the OpenAPI 3.1 description, made once per process."""
        if self._described is None:
            self._described = _completed(super().get_openapi_schema(**options))
        return self._described


def _completed(schema: Any) -> Any:
    schema = deepcopy(schema)
    for item in schema["paths"].values():
        for method, operation in item.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and "application/json" in response.get("content", {}):
                    response["content"] = {problems.CONTENT_TYPE: response["content"]["application/json"]}
            if method == "post" and operation.get("security"):
                operation.setdefault("parameters", []).append(
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "required": True,
                        "description": "每件事一个，重试时不变",
                        "schema": {"type": "string", "minLength": 8, "maxLength": 80, "pattern": "^[!-~]+$"},
                    }
                )
    return schema


def responses(model: Any) -> dict[Any, Any]:
    """Return the `response=` of an operation: the model when it went well, a problem otherwise."""
    return {200: model, PROBLEMS: Problem}


def file_response(description: str, *media: str) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation that answers with a file."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media}
    return {"responses": {200: {"description": description, "content": content}}}


def raw_body(description: str, *media: str) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation that takes a file as its whole body."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media}
    return {"requestBody": {"required": True, "description": description, "content": content}}


_made: list[Interface] = []


def current() -> Interface:
    """Return the interface of this process, with its operations (config/api.py)."""
    return _made[-1]


def make_interface() -> Interface:
    """Return the interface without operations."""
    api = Interface(
        title="信枢开放接口",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        urls_namespace="api",
        auth=Signed(),
    )

    @api.exception_handler(Refusal)
    def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return problems.refused(refusal, getattr(request, "member", None))

    @api.exception_handler(ValidationError)
    def _misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problems.unreadable(error.errors)

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return problems.refused(NotSignedIn(_("请求没有带密钥或签名。")), None)

    @api.exception_handler(HttpError)
    def _unread(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problems.plain(error.status_code)

    @api.exception_handler(Http404)
    def _absent(request: HttpRequest, _error: Http404) -> HttpResponse:
        return problems.plain(404)

    _made.append(api)
    return api
