"""运行状况 for system administrators; readiness and measurements for machines."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.machines import may_measure
from xinshu.ledger import operations as ledger
from xinshu.ledger.kinds import name_of, reaction_of
from xinshu.operations import queries
from xinshu.operations.interfaces import interfaces, modules, pages_seen
from xinshu.operations.measurements import exposition
from xinshu.operations.state import LATE, NEEDED, house, readiness
from xinshu.operations.traces import chain, trace_named

BACKUP_LATE = 86_400  # seconds: a day without a backup is said so


@require_GET
@needs("ledger.operate")
def overview(request: HttpRequest) -> HttpResponse:
    """Show queues, processes, sealing, space, backups, modules, interfaces and slow pages."""
    at, pages = clock.now(), pages_seen()
    context = {
        "house": house(at),
        "rounds": ledger.rounds_open(),
        "streams": queries.live_streams(),
        "modules": modules(pages),
        "interfaces": interfaces(pages),
        "pages": queries.slowest_pages(),
        "late": LATE.total_seconds(),
        "backup_late": BACKUP_LATE,
        "now": at,
    }
    return render(request, "operations/overview.html", context)


@require_GET
@needs("ledger.operate")
def trace(request: HttpRequest) -> HttpResponse:
    """Show what came of a request: by its number (报错编号), its trace, or a partner's traceparent."""
    at, asked = clock.now(), request.GET.get("q", "").strip()[:200]
    context = {
        "asked": asked,
        "chain": chain(trace_named(asked), at) if asked else None,
        "name_of": name_of,
        "reaction_of": reaction_of,
    }
    return render(request, "operations/trace.html", context)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether this process should get requests: 503 unless database, migrations and storage hold.

    A missing worker or late sealing is told, yet pages go on: taking every web process out for it would end them.
    """
    found = readiness()
    ready = all(found[name] for name in NEEDED)
    return JsonResponse(
        {"ok": ready, "degraded": ready and not all(found.values()), "checks": found}, status=200 if ready else 503
    )


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Measurements in Prometheus' text format, for those who may; for others there is no such page."""
    forwarded = any(request.headers.get(name) for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    if not may_measure(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("Authorization", ""), forwarded=forwarded
    ):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
