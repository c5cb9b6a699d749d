"""Where receiving systems ring: results in an SM2/SM3 envelope, ISO 20022 status reports. Nobody is signed in here.

A caller proves itself by the signature inside. Every refusal is 400 with words; nothing that exists is told.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from xinshu.core import clock
from xinshu.core.refusals import Refusal
from xinshu.exchange.adapters import Unusable
from xinshu.exchange.receiving import take_envelope, take_report

LARGEST = 512 * 1024


@csrf_exempt
@require_POST
def results(request: HttpRequest, receiver: str) -> HttpResponse:
    """Take a result (2.3, 2.7) of the bank bid guarantee interface; answer in its envelope."""
    try:
        return JsonResponse(take_envelope(receiver, _body(request).decode("utf-8", "replace"), at=clock.now()))
    except (Unusable, Refusal) as why:
        return JsonResponse(
            {"status": "0", "ackMsg": str(why)[:256]}, status=400, json_dumps_params={"ensure_ascii": False}
        )


@csrf_exempt
@require_POST
def reports(request: HttpRequest, receiver: str) -> HttpResponse:
    """Take a status report (tsrv.018, tsrv.019)."""
    try:
        take_report(receiver, _body(request), at=clock.now())
    except (Unusable, Refusal) as why:
        return HttpResponse(str(why)[:256], status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> bytes:
    """Return what came, b"" for a form: no system sends one, and Django has taken its body apart by now."""
    try:
        body = request.body
    except (RawPostDataException, UnreadablePostError):
        return b""
    if len(body) > LARGEST:
        raise Unusable("报文超过允许的长度")
    return body
