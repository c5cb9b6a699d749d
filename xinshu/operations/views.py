"""运行状况 for system administrators; readiness and measurements for machines."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.machines import may_measure
from xinshu.ledger import operations as ledger
from xinshu.operations import queries
from xinshu.operations.measurements import exposition
from xinshu.operations.state import LATE, NEEDED, house, readiness

BACKUP_LATE = 86_400  # seconds: a day without a backup is said so


@require_GET
@needs("ledger.operate")
def overview(request: HttpRequest) -> HttpResponse:
    """Show queues, processes, sealing, space, backups and slow pages."""
    at = clock.now()
    context = {
        "house": house(at),
        "rounds": ledger.rounds_open(),
        "streams": queries.live_streams(),
        "pages": queries.slowest_pages(),
        "late": LATE.total_seconds(),
        "backup_late": BACKUP_LATE,
        "now": at,
    }
    return render(request, "operations/overview.html", context)


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
