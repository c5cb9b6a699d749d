"""Pages for what no view answered: 400 to 413, 500, 503, an expired session. 500 and 503 ask no database."""

import logging
import secrets
import sys

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from xinshu.web.refusals import Told, answer, wants_json

logger = logging.getLogger(__name__)
RETRY_AFTER = "5"  # seconds


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what arrived cannot be read."""
    if isinstance(exception, RequestDataTooBig):
        return too_big(request)
    if isinstance(exception, SessionInterrupted) and _database_was_away(exception):
        return unavailable(request)
    return _tell(
        request,
        Told(
            400,
            "bad_request",
            _("这次提交没有读懂"),
            _("提交的内容不完整，或格式不对，没有办理，业务没有变化。"),
            _("请返回上一页，刷新后重新填写提交。"),
        ),
    )


def too_big(request: HttpRequest) -> HttpResponse:
    """413: more than the limit was sent."""
    return _tell(
        request,
        Told(
            413,
            "too_big",
            _("提交的内容太大"),
            _("超过了大小限制，没有接收，业务没有变化。"),
            _("请把文件压缩或分开上传，单份不超过 50 MB。"),
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not this person's page."""
    return _tell(
        request,
        Told(
            403,
            "not_permitted",
            _("没有操作权限"),
            _("您没有查看这个页面的权限。"),
            _("需要查看的，请联系本机构管理员开通。"),
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not for this person."""
    return _tell(
        request,
        Told(
            404,
            "unknown",
            _("没有找到"),
            _("这个地址没有内容，或者不对您开放。"),
            _("请核对地址；也可以从工作台或台账重新进入。"),
        ),
    )


def not_that_way(request: HttpRequest, refused: HttpResponseBase) -> HttpResponse:
    """405: an address that only a form's button leads to was opened by hand, or after a sign-in in between."""
    response = _tell(
        request,
        Told(
            405,
            "not_that_way",
            _("这个地址不能直接打开"),
            _("它只接受页面上的按钮提交，没有办理，业务没有变化。"),
            _("请从工作台或台账重新进入这笔业务，再点一次按钮。"),
        ),
    )
    if "Allow" in refused:
        response["Allow"] = refused["Allow"]
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the page is older than the sign-in, or cookies are off."""
    return _tell(
        request,
        Told(
            403,
            "expired",
            _("页面停留过久，需要刷新"),
            _("为防止他人冒用，这次提交没有办理，业务没有变化。"),
            _("请返回上一页，刷新后再提交；仍然不行的，请允许浏览器使用 Cookie 后重新登录。"),
        ),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer. Shown without asking it anything.

    One that dies while it commits may have committed, and its copy knows: of a submission nobody can say what became.
    """
    number = {"number": number_of(request)}
    words = {
        "title": _("系统正忙，请稍候"),
        "message": _("数据库暂时没有响应，这一页没有打开，业务没有变化。"),
        "advice": _("请过几秒刷新页面；还是不行的，请把报错编号 %(number)s 告诉客服。") % number,
    }
    if request.method not in {"GET", "HEAD"}:
        words["message"] = _("数据库在办理时没有了响应，还不能确定这次操作有没有办成。之前办成的都在。")
        words["advice"] = (
            _("请过几秒打开这笔业务看一看，没有办成的再办一次；有疑问请把报错编号 %(number)s 告诉客服。") % number
        )
    response = _plain(request, 503, "unavailable", words)
    response["Retry-After"] = RETRY_AFTER
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """500: a bug. A number links what the person reports with our log."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    number = number_of(request)
    logger.error("page %s broke, number %s", request.path, number, exc_info=sys.exc_info()[1])
    words = {
        "title": _("这一页没有打开"),
        "message": _("处理时出了差错，我们已经记下。没有看到办理结果的操作，就没有生效。"),
        "advice": _("请返回上一页再试一次；还是不行的，请把报错编号 %(number)s 告诉客服。") % {"number": number},
    }
    return _plain(request, 500, "broken", words)


def number_of(request: HttpRequest) -> str:
    """Return the number under which the log knows this request."""
    return str(getattr(request, "number", "") or secrets.token_hex(4).upper())


def _database_was_away(error: BaseException | None) -> bool:
    """Say whether the database's silence is behind `error`: Django takes it for a session that somebody ended."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _tell(request: HttpRequest, told: Told) -> HttpResponse:
    try:
        return answer(request, told)
    except (OperationalError, InterfaceError):
        return unavailable(request)
    except (BadRequest, SuspiciousOperation, MultiPartParserError):  # not even the page around it can read the request
        words = {"title": told.title, "message": told.message, "advice": told.advice}
        return _plain(request, told.status, told.name, words)


def _plain(request: HttpRequest, status: int, name: str, words: dict[str, str]) -> HttpResponse:
    if wants_json(request):
        body = {"error": name, **words, "fields": {}, "changes": []}
        return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(render_to_string("web/plain_note.html", words), status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "innerHTML"
        return response
    return HttpResponse(render_to_string("web/plain.html", words), status=status)
