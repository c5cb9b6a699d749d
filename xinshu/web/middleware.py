"""The one handler that shows a "no": every refusal that a view lets rise becomes a page, a fragment or JSON."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.http.multipartparser import MultiPartParserError

from xinshu.core.refusals import Refusal
from xinshu.web import errors
from xinshu.web.refusals import answer, told_of

logger = logging.getLogger(__name__)


NUL = "\0"


def has_nul(values: QueryDict) -> bool:
    """Tell whether any name or value of a query or form holds a NUL character."""
    return any(NUL in name or any(NUL in value for value in found) for name, found in values.lists())


class RefusalMiddleware:
    """Last in the list, so that it is the first to hear of what a view raised. Bugs rise past it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        return errors.not_that_way(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        # PostgreSQL takes no NUL in text: here is one place to say so, instead of every search field
        if NUL in request.path_info or has_nul(request.GET) or (request.method == "POST" and has_nul(request.POST)):
            return errors.bad_request(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match exception:
            case Refusal():
                return answer(request, told_of(exception, getattr(request, "member", None)))
            case Http404():
                return errors.not_found(request, exception)
            case PermissionDenied():
                return errors.forbidden(request, exception)
            case RequestDataTooBig():
                return errors.too_big(request)
            case SuspiciousOperation() | BadRequest() | MultiPartParserError():
                logger.info("refused a malformed request to %s: %s", request.path, type(exception).__name__)
                return errors.bad_request(request, exception)
            case OperationalError() | InterfaceError():
                logger.error("the database did not answer", exc_info=exception)
                return errors.unavailable(request)
        return None
