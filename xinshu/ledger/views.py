"""Pages: 存证核验 for everybody, 系统日志 for auditors, 任务投递 for system administrators."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.ledger import operations
from xinshu.ledger.evidence import LIMIT, Examination, examine
from xinshu.ledger.forms import EvidenceForm, SearchForm
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.kinds import name_of, named_kinds, reaction_of
from xinshu.ledger.log import export_log, lines_of
from xinshu.ledger.log_lines import export_lines
from xinshu.ledger.models import Delivery, Entry, Verification
from xinshu.ledger.queries import evidence_of, latest_checkpoint
from xinshu.ledger.retrying import retry_delivery
from xinshu.ledger.veils import Secrecy

PER_PAGE = 50
OFFLINE = Path(__file__).parent / "offline" / "verify_evidence.py"
VIEWS = ("parked", "failing", "waiting", "done")


@csrf_protect
@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest) -> HttpResponse:
    """Explain evidence, and examine what is handed in."""
    examined = _examined(request) if request.method == "POST" else None
    if examined is not None:
        told = {"examined": examined, "facts": _facts(examined), "now": clock.now()}
        return render(request, "ledger/evidence_verdict.html", told)
    return render(
        request,
        "ledger/evidence.html",
        {
            "checkpoint": latest_checkpoint(),
            "platform_key": platform_key().public_hex,
            "witness_key": witness_key().public_hex,
        },
    )


def _examined(request: HttpRequest) -> Examination:
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return Examination(problem=_("没有收到可以读取的内容。请选择存证文件，或把文件内容粘贴进来。"))
    upload = form.cleaned_data["file"]
    return examine(upload.read(LIMIT + 1) if upload else form.cleaned_data["text"].encode(errors="replace"))


def _facts(examined: Examination) -> list[tuple[str, str]]:
    """Return what the entry in an evidence file states."""
    if not examined.entry:
        return []
    entry = examined.entry
    stated = entry["data"] if isinstance(entry["data"], dict) else {}
    return [
        (_("记录编号"), f"#{entry['id']}"),
        (_("事项"), name_of(str(entry["kind"]))),
        (_("操作人"), str(entry["actor_label"])),
        (_("时间"), str(entry["at"])),
        (_("对象"), str(entry["subject"])),
        *((str(key), str(value)) for key, value in stated.items()),
    ]


@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest checkpoint as a signed note."""
    latest = latest_checkpoint()
    if latest is None:
        raise Http404
    return HttpResponse(latest.note, content_type="text/plain; charset=utf-8")


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """The stand-alone verifier, handed out with this platform's public keys in it."""
    script = OFFLINE.read_text(encoding="utf-8")
    for name, key in (("PLATFORM_KEY", platform_key()), ("WITNESS_KEY", witness_key())):
        script = script.replace(f'{name} = ""', f'{name} = "{key.public_hex}"', 1)
    response = HttpResponse(script, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_evidence.py"'
    return response


@require_GET
@needs("ledger.audit")
def log(request: HttpRequest) -> HttpResponse:
    """Search the system log."""
    at = clock.now()
    form = SearchForm(request.GET)
    lines, earlier = [], ""
    if form.is_valid():
        found = form.search().found(at)
        if form.cleaned_data["before"]:
            found = found.filter(pk__lt=form.cleaned_data["before"])
        entries = list(found[: PER_PAGE + 1])
        secrecy = Secrecy(at)
        lines = lines_of(entries[:PER_PAGE], secrecy)
        earlier = str(lines[-1].number) if len(entries) > PER_PAGE else ""
    context: dict[str, Any] = {"form": form, "lines": lines, "earlier": earlier, "kinds": named_kinds()}
    return render(request, "ledger/log.html", context)


@require_POST
@needs("ledger.audit")
def log_export(request: HttpRequest) -> HttpResponse:
    """Take what the log's filters find away as an Excel file."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('ledger:log')}?{request.GET.urlencode()}")
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    content = export_log(form.search(), by=member, member=member, at=at)
    response = HttpResponse(content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f'attachment; filename="log-{clock.local_day(at):%Y%m%d}.xlsx"'
    return response


@require_POST
@needs("ledger.audit")
def log_lines(request: HttpRequest) -> HttpResponseBase:
    """Take what the log's filters find away as JSON Lines, every line with its proof; sent while it is read."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('ledger:log')}?{request.GET.urlencode()}")
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    content = export_lines(form.search(), by=member, member=member, at=at)
    response = StreamingHttpResponse(content, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="log-{clock.local_day(at):%Y%m%d}.jsonl"'
    return response


@require_GET
@needs("ledger.audit")
def log_evidence(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the evidence of an entry that an auditor may see."""
    entry = get_object_or_404(Entry, pk=number) if number < 2**62 else None
    if entry is None or Secrecy(clock.now()).covers(entry):
        raise Http404
    response = JsonResponse(evidence_of(entry), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="evidence-{number}.json"'
    return response


@require_GET
@needs("ledger.operate")
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show deliveries, workers and sealing."""
    at, counts = clock.now(), operations.counts()
    secrecy = Secrecy(at)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "parked"
    found = operations.deliveries(view)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and int(before[:18]):
        found = found.filter(pk__lt=int(before[:18]))
    shown = list(found[: PER_PAGE + 1])
    return render(
        request,
        "ledger/deliveries.html",
        {
            "view": view,
            "counts": counts,
            "rows": [(delivery, secrecy.covers(delivery.entry)) for delivery in shown[:PER_PAGE]],
            "earlier": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
            "workers": operations.workers_alive(),
            "sealing": operations.sealing(),
            "rounds": operations.rounds_open(),
            "verification": Verification.objects.order_by("-pk").first(),
            "name_of": name_of,
            "reaction_of": reaction_of,
            "now": at,
        },
    )


@require_POST
@needs("ledger.operate")
def retry(request: HttpRequest, number: int) -> HttpResponse:
    """Have one delivery tried again."""
    delivery = get_object_or_404(Delivery, pk=min(number, 2**62))
    retry_delivery(delivery, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("已重新排队，一秒左右会再试一次。"))
    return redirect("ledger:deliveries")


@require_POST
@needs("ledger.operate")
def verify_now(request: HttpRequest) -> HttpResponse:
    """Have the whole ledger recomputed."""
    operations.request_verification(by=request.member, at=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("已开始核验总账，结果会显示在本页。"))
    return redirect("ledger:deliveries")
