"""How the interface says no: RFC 9457 problem details, out of the same refusals that pages show."""

import json
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Refusal
from xinshu.web.refusals import Told, told_of

CONTENT_TYPE = "application/problem+json"
DOCS = "/api/v1/docs"

PLAIN = {
    # status   name               title                       detail
    400: ("bad_request",     _("请求没有读懂"),      _("请求的内容不完整，或格式不对，没有办理。")),
    404: ("unknown",         _("没有找到"),          _("这个地址没有内容，或者不对您开放。")),
    405: ("no_such_method",  _("不支持这种请求方法"), _("这个地址不接受这种请求方法，没有办理。")),
    413: ("too_big",         _("请求的内容太大"),    _("超过了大小限制，没有接收。")),
    500: ("broken",          _("处理时出了差错"),    _("没有办理，业务没有变化。可以用同一个幂等键重试。")),
    503: ("unavailable",     _("系统正忙，请稍候"),  _("数据库没有响应，不能确定有没有办成。请用同一个幂等键重试。")),
}  # fmt: skip


def problem(told: Told) -> HttpResponse:
    """Return `told` as problem details: type, title, status, detail; advice, fields and changes where there are any."""
    body: dict[str, Any] = {
        "type": f"{DOCS}#{told.name}",
        "title": told.title,
        "status": told.status,
        "detail": told.message,
        "advice": told.advice,
        "fields": told.fields,
        "changes": told.changes,
    }
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    response = HttpResponse(content, status=told.status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def refused(refusal: Refusal, member: Member | None) -> HttpResponse:
    """Return a refusal as problem details, as far as `member` may know."""
    return problem(told_of(refusal, member))


def plain(status: int) -> HttpResponse:
    """Return the problem for what no operation answered: wrong address, wrong method, our own failure."""
    name, title, detail = PLAIN.get(status, PLAIN[500 if status >= 500 else 400])
    return problem(Told(status, name, str(title), str(detail)))


def is_problem(response: Any) -> bool:
    """Tell whether `response` already says no in our form."""
    return bool(response.headers.get("Content-Type", "").startswith(CONTENT_TYPE))


def unreadable(errors: list[dict[str, Any]]) -> HttpResponse:
    """Return the problem for what does not have the described shape; `errors` as pydantic tells them."""
    fields = {".".join(str(part) for part in error["loc"][1:]) or "body": str(error["msg"])[:200] for error in errors}
    return problem(
        Told(422, "invalid", say("填写的内容需要修改"), say("请求的内容不符合接口说明，没有办理。"), fields=fields)
    )
